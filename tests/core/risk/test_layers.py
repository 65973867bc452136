"""Each layer of the judge at its edge, alone and in order; compiled, and interpreted from the same source."""

from __future__ import annotations

from itertools import combinations

import pytest

from core.kernel.records import MARKET, NEVER
from core.risk.verdict import Reason
from tests.fakes.layers_bench import BREAKS, WEIGHERS, Case, Weigh


@pytest.fixture(params=WEIGHERS)
def weigh(request: pytest.FixtureRequest) -> Weigh:
    return WEIGHERS[request.param]


# the last value that passes, then the first that does not, with the limit and what was asked
EDGES = [
    ("state", 0, 1, Reason.REDUCING, 0, 1),
    ("state", 0, 2, Reason.HALTED, 0, 1),
    ("mode_allowed", 1, 0, Reason.MODE, 0, 1),
    ("equity", 9980.00000001, 9980, Reason.DAILY_LOSS, 20, 20),
    ("daily_loss_share", 0.0000000001, 0, Reason.DAILY_LOSS, 0, 0),
    ("day_entries", 19, 20, Reason.DAILY_ENTRIES, 20, 21),
    ("open_entries", 19, 20, Reason.DAILY_ENTRIES, 20, 21),
    ("allowed", 1, 0, Reason.NOT_ALLOWED, 0, 1),
    ("usd", 1.25, 1.26, Reason.ABOVE_MAXIMUM, 50, 50.4),
    ("usd", 0.25, 0.24, Reason.BELOW_MINIMUM, 10, 9.6),
    ("min_order", 40, 40.5, Reason.BELOW_MINIMUM, 40.5, 40),
    ("min_notional", 40, 40.5, Reason.BELOW_MINIMUM, 40.5, 40),
    ("min_quantity", 0.4, 0.5, Reason.BELOW_MINIMUM, 0.5, 0.4),
    ("max_order", 40, 39.5, Reason.ABOVE_MAXIMUM, 39.5, 40),
    ("live_stop", 99.99, 100, Reason.NO_STOP, 100, 100),
    ("live_stop", 1e-9, 0, Reason.NO_STOP, 100, 0),
    ("risk_share", 2**-11, 2**-12, Reason.RISK_AT_STOP, 10_000 / 4096, 4),
    ("reference", 96, 95, Reason.PRICE, 99.75, 100),
    ("price_band", 0, -0.5, Reason.PRICE, 50, 100),
    ("is_stale", 0, 1, Reason.STALE_PRICE, 0, 1),
    ("seen_spread", 0.005, 0.0051, Reason.SPREAD, 0.005, 0.0051),
    ("max_spread", 0, -0.001, Reason.SPREAD, -0.001, 0),
    ("seen_slippage", 0.01, 0.0101, Reason.SLIPPAGE, 0.01, 0.0101),
    ("symbol_share", 0.004, 0.0039, Reason.SYMBOL_SHARE, 39, 40),
    ("max_position", 40, 39.9, Reason.POSITION, 39.9, 40),
    ("total_share", 0.004, 0.0039, Reason.TOTAL_SHARE, 39, 40),
    ("max_exposure", 40, 39.9, Reason.EXPOSURE, 39.9, 40),
    ("hurt_at", 10**12 - 300_000, 10**12 - 240_000, Reason.COOLDOWN, 5, 4),
    ("hurt_at", NEVER, 10**12 + 1, Reason.COOLDOWN, 5, 0),
    ("minute_entries", 9, 10, Reason.ORDER_RATE, 10, 11),
    ("entry_rate", 1, 0, Reason.ORDER_RATE, 0, 1),
]


def test_what_is_held_and_reserved_counts_with_the_order(weigh: Weigh) -> None:
    """2 coins at 100, 9.99 reserved and 40 for this order are 249.99 of 250; all markets hold 750 and 209.99."""
    case = Case().put_in("market", quantity=2, reserved=9.99)
    assert case.weigh(weigh)[0] == 0
    assert case.put_in("market", reserved=10.01).weigh(weigh) == (Reason.POSITION, 250, pytest.approx(250.01))
    case = Case().put_in("account", cash=9040, reserved=0).put_in("limits", max_exposure=1000)
    assert case.weigh(weigh)[0] == 0
    assert case.put_in("account", reserved=0.01).weigh(weigh) == (
        Reason.EXPOSURE,
        1000,
        pytest.approx(1000.01),
    )


def test_the_cash_that_is_free_is_what_open_entries_leave(weigh: Weigh) -> None:
    roomy = {"total_share": 9, "max_exposure": 1e9, "symbol_share": 9, "max_position": 1e9}
    case = Case().put_in("limits", **roomy)
    for cash, reserved in ((40, 0), (10_000, 9960)):
        assert case.put_in("account", cash=cash, reserved=reserved).weigh(weigh)[0] == 0
        answer = case.put_in("account", reserved=reserved + 1e-8).weigh(weigh)
        assert answer == (Reason.BALANCE, pytest.approx(39.99999999), pytest.approx(40))


def test_another_minute_counts_anew(weigh: Weigh) -> None:
    case = Case().put_in("account", minute=10**12 // 60_000, minute_entries=10)
    assert case.weigh(weigh)[0] == Reason.ORDER_RATE
    assert case.put_in("account", now=10**12 + 60_000).weigh(weigh)[0] == 0


@pytest.mark.parametrize(("name", "passes", "fails", "reason", "limit", "asked"), EDGES)
def test_a_layer_at_its_edge(
    weigh: Weigh, name: str, passes: float, fails: float, reason: Reason, limit: float, asked: float
) -> None:
    assert Case().put(name, passes).weigh(weigh)[0] == 0
    assert Case().put(name, fails).weigh(weigh) == (reason, pytest.approx(limit), pytest.approx(asked))


def test_every_reason_has_its_layer(weigh: Weigh) -> None:
    assert set(BREAKS) == set(Reason)
    for reason, (name, value) in BREAKS.items():
        assert Case().put(name, value).weigh(weigh)[0] == reason


@pytest.mark.parametrize(("first", "second"), list(combinations(Reason, 2)), ids=str)
def test_the_first_failing_layer_is_the_answer(first: Reason, second: Reason) -> None:
    assert Case().put(*BREAKS[second]).put(*BREAKS[first]).weigh()[0] == first


def test_the_risk_at_the_stop_has_fees_and_slippage(weigh: Weigh) -> None:
    """0.4 x (100 - 90 x 0.998) and 0.2 % of 0.4 x (100 + 89.82) are 4.072 + 0.151856."""
    case = Case().put("taker", 0.002).put("spread", 0.002).put("slippage", 0.001).put("risk_share", 1e-9)
    assert case.weigh(weigh) == (Reason.RISK_AT_STOP, pytest.approx(1e-5), pytest.approx(4.223856))


def test_a_market_order_is_weighed_at_the_reference(weigh: Weigh) -> None:
    case = Case().put("live_kind", MARKET).put("live_price", 0)
    assert case.weigh(weigh)[0] == 0
    assert case.put("reference", 126).weigh(weigh) == (Reason.ABOVE_MAXIMUM, 50, pytest.approx(50.4))
    assert case.put("reference", 0).weigh(weigh) == (Reason.NO_USD_PRICE, 0, 0)

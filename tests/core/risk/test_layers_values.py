"""The judge's layers over strange numbers, exits and random situations."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.kernel.records import MARKET, NEVER
from core.risk.verdict import Reason
from tests.fakes.layers_bench import BREAKS, INF, NAN, WEIGHERS, Case, Weigh


@pytest.fixture(params=WEIGHERS)
def weigh(request: pytest.FixtureRequest) -> Weigh:
    return WEIGHERS[request.param]


NO_NUMBERS = [
    "equity", "day_start_equity", "cash", "live_price", "live_quantity", "live_stop", "reference", "usd", "taker",
    "spread", "slippage", "price_band",
]  # fmt: skip
CEILINGS = ["max_order", "risk_share", "daily_entries", "daily_loss", "daily_loss_share"]
STRANGE = [
    *((name, value) for name in NO_NUMBERS for value in (NAN, INF, -INF)),
    *((name, value) for name in ("min_quantity", "min_notional", "reserved") for value in (NAN, INF)),
    *((name, NAN) for name in ("max_order", "risk_share")),
    *((name, value) for name in CEILINGS for value in (0, -1)),
    *((name, value) for name in NO_NUMBERS[2:8] for value in (0, -1)),
    ("reserved", -INF),
    ("live_side", 2),
]  # what each has to be is a price, an amount or a limit above zero


@pytest.mark.parametrize(("name", "value"), STRANGE)
def test_what_cannot_be_is_refused(weigh: Weigh, name: str, value: float) -> None:
    assert Case().put("taker", 0.001).put(name, value).weigh(weigh)[0] != 0


def test_price_and_quantity_below_zero_are_no_order(weigh: Weigh) -> None:
    """Their product is a good-looking notional."""
    assert Case().put("live_price", -100).put("live_quantity", -0.4).weigh(weigh)[0] != 0


def exit_case() -> Case:
    return Case().put("live_side", -1).put("held", 0.4).put("live_stop", 0)


def test_an_exit_passes_every_layer_of_entries(weigh: Weigh) -> None:
    case = exit_case()
    for reason, (name, value) in BREAKS.items():
        if reason not in (Reason.HALTED, Reason.MODE, Reason.SIDE):
            case.put(name, value)
    case.put("cash", 0).put("reference", NAN)
    assert case.weigh(weigh)[0] == 0


@pytest.mark.parametrize("reason", [Reason.HALTED, Reason.MODE])
def test_an_exit_stops_at_the_latch_and_the_mode(weigh: Weigh, reason: Reason) -> None:
    assert exit_case().put(*BREAKS[reason]).weigh(weigh)[0] == reason


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("held", 0.39, Reason.SIDE), ("held", 0, Reason.SIDE), ("held", NAN, Reason.SIDE),
        ("live_quantity", 0, Reason.SIDE), ("live_quantity", -1, Reason.SIDE), ("live_quantity", NAN, Reason.SIDE),
        ("live_quantity", INF, Reason.SIDE), ("live_price", 0, Reason.PRICE), ("live_price", -1, Reason.PRICE),
        ("live_price", NAN, Reason.PRICE), ("live_price", INF, Reason.PRICE),
    ],
)  # fmt: skip
def test_an_exit_sells_what_its_slot_holds(weigh: Weigh, name: str, value: float, reason: Reason) -> None:
    assert exit_case().put(name, value).weigh(weigh)[0] == reason


def test_an_exit_at_the_market_needs_a_price(weigh: Weigh) -> None:
    case = exit_case().put("live_kind", MARKET).put("live_price", 0)
    assert case.weigh(weigh)[0] == 0
    for reference in (0, -1, NAN, INF):
        assert case.put("reference", reference).weigh(weigh)[0] == Reason.PRICE


fields = {
    "max_order": st.floats(1, 100), "risk_share": st.floats(0.00001, 0.01), "daily_entries": st.integers(0, 30),
    "daily_loss_share": st.floats(0, 0.1), "daily_loss": st.floats(0, 100), "min_order": st.floats(0, 60),
    "price_band": st.floats(0, 0.2), "max_spread": st.floats(0, 0.01), "max_slippage": st.floats(0, 0.02),
    "symbol_share": st.floats(0, 0.01), "max_position": st.floats(0, 200), "total_share": st.floats(0, 0.02),
    "max_exposure": st.floats(0, 400), "entry_rate": st.integers(0, 12),
}  # fmt: skip
situations = st.fixed_dictionaries(
    {
        "live_price": st.floats(80, 130), "live_quantity": st.floats(0.01, 1), "live_stop": st.floats(0, 130),
        "reference": st.floats(80, 130), "cash": st.floats(0, 200), "reserved": st.floats(0, 100),
        "equity": st.floats(9000, 11_000), "day_entries": st.integers(0, 30), "open_entries": st.integers(0, 5),
        "taker": st.floats(0, 0.01), "live_side": st.sampled_from([1, 1, 1, -1]), "held": st.floats(0, 1),
        "seen_spread": st.floats(0, 0.01), "seen_slippage": st.floats(0, 0.02), "quantity": st.floats(0, 3),
        "minute": st.sampled_from([1, 10**12 // 60_000]), "minute_entries": st.integers(0, 12),
        "is_stale": st.sampled_from([0, 0, 0, 1]), "hurt_at": st.sampled_from([NEVER, 10**12 - 1000, 10**12 - 10**6]),
    }
)  # fmt: skip


def case_of(*values: dict[str, float]) -> Case:
    case = Case()
    for each in values:
        for name, value in each.items():
            case.put(name, value)
    return case


@given(situations, st.fixed_dictionaries(fields), st.sampled_from(sorted(fields)), st.floats(0, 1))
def test_tighter_limits_never_approve_more(
    situation: dict[str, float], limits: dict[str, float], name: str, share: float
) -> None:
    tight = limits[name] / share if name == "min_order" and share > 0.01 else int(limits[name] * share)
    tighter = {**limits, name: max(tight, limits[name]) if name == "min_order" else tight}
    if case_of(situation, tighter).weigh()[0] == 0:
        assert case_of(situation, limits).weigh()[0] == 0


@given(situations, st.fixed_dictionaries(fields))
def test_the_same_snapshot_has_the_same_answer(situation: dict[str, float], limits: dict[str, float]) -> None:
    case = case_of(situation, limits)
    before = [part.tobytes() for part in (case.limits, case.account, case.market, case.slot)]
    answers = {case.weigh(each) for each in (*WEIGHERS.values(), *WEIGHERS.values())}
    assert len(answers) == 1
    assert before == [part.tobytes() for part in (case.limits, case.account, case.market, case.slot)]

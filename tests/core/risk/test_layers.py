"""Each layer of the judge at its edge, alone and in order; compiled, and interpreted from the same source."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numba.core import config

import core.risk.layers
from core.kernel.records import LIMIT, MARKET, account_t, limits_t, market_t, slot_t, verdict_t
from core.risk.verdict import Reason

NAN, INF = float("nan"), float("inf")
Weigh = Callable[..., int]


def interpreted() -> Any:
    """The same file with its functions left in Python, so that branches are seen to be walked."""
    path = Path(core.risk.layers.__file__)
    spec = importlib.util.spec_from_file_location("layers_in_python", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, config.DISABLE_JIT = config.DISABLE_JIT, True
    try:
        spec.loader.exec_module(module)
    finally:
        config.DISABLE_JIT = before
    return module


WEIGHERS: dict[str, Weigh] = {"compiled": core.risk.layers.weigh, "interpreted": interpreted().weigh}


@pytest.fixture(params=WEIGHERS)
def weigh(request: pytest.FixtureRequest) -> Weigh:
    return WEIGHERS[request.param]


def record(dtype: Any, **values: float) -> Any:
    made = np.zeros(1, dtype).view(np.recarray)[0]
    for name, value in values.items():
        made[name] = value
    return made


class Case:
    """A buy of 0.4 at 100 with a stop at 90, which every layer lets pass; without costs unless set."""

    def __init__(self) -> None:
        self.limits = record(
            limits_t, mode_allowed=1, max_order=50, risk_share=0.01, daily_entries=20, daily_loss_share=0.05,
            daily_loss=20, min_order=10, price_band=0.05,
        )  # fmt: skip
        self.account = record(account_t, cash=10_000, equity=10_000, day_start_equity=10_000)
        self.market = record(market_t, usd=1, allowed=1)
        self.slot = record(
            slot_t, live_side=1, live_kind=LIMIT, live_price=100, live_quantity=0.4, live_stop=90
        )
        self.order = record([("reference", "f8")], reference=100)
        self.verdict = record(verdict_t)

    def put(self, name: str, value: float) -> Case:
        """Set a field, wherever it is."""
        for part in (self.limits, self.account, self.market, self.slot, self.order):
            if name in (part.dtype.names or ()):
                part[name] = value
                return self
        raise AssertionError(f"nothing has a {name}")

    def weigh(self, weigh: Weigh = core.risk.layers.weigh) -> tuple[int, float, float]:
        reference = float(self.order["reference"])
        with np.errstate(all="ignore"):  # machine code does not warn either
            code = weigh(self.limits, self.account, self.market, self.slot, reference, self.verdict)
        assert code == self.verdict["reason"]
        return int(code), float(self.verdict["limit"]), float(self.verdict["asked"])


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
    ("cash", 40, 39.99999999, Reason.BALANCE, 39.99999999, 40),
    ("reserved", 9960, 9960.00000001, Reason.BALANCE, 39.99999999, 40),
]


@pytest.mark.parametrize(("name", "passes", "fails", "reason", "limit", "asked"), EDGES)
def test_a_layer_at_its_edge(
    weigh: Weigh, name: str, passes: float, fails: float, reason: Reason, limit: float, asked: float
) -> None:
    assert Case().put(name, passes).weigh(weigh)[0] == 0
    assert Case().put(name, fails).weigh(weigh) == (reason, pytest.approx(limit), pytest.approx(asked))


BREAKS: dict[Reason, tuple[str, float]] = {
    Reason.HALTED: ("state", 2), Reason.MODE: ("mode_allowed", 0), Reason.REDUCING: ("state", 1),
    Reason.DAILY_LOSS: ("equity", 9000), Reason.DAILY_ENTRIES: ("day_entries", 20), Reason.SIDE: ("live_side", 0),
    Reason.NOT_ALLOWED: ("allowed", 0), Reason.NO_USD_PRICE: ("usd", NAN), Reason.BELOW_MINIMUM: ("min_order", 1e6),
    Reason.ABOVE_MAXIMUM: ("max_order", 1), Reason.NO_STOP: ("live_stop", 0),
    Reason.RISK_AT_STOP: ("risk_share", 1e-9), Reason.PRICE: ("price_band", -0.5), Reason.BALANCE: ("reserved", 9999),
}  # fmt: skip


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
    "price_band": st.floats(0, 0.2),
}  # fmt: skip
situations = st.fixed_dictionaries(
    {
        "live_price": st.floats(80, 130), "live_quantity": st.floats(0.01, 1), "live_stop": st.floats(0, 130),
        "reference": st.floats(80, 130), "cash": st.floats(0, 200), "reserved": st.floats(0, 100),
        "equity": st.floats(9000, 11_000), "day_entries": st.integers(0, 30), "open_entries": st.integers(0, 5),
        "taker": st.floats(0, 0.01), "live_side": st.sampled_from([1, 1, 1, -1]), "held": st.floats(0, 1),
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

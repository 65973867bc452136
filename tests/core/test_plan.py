"""A session's plan: what it refuses, and its text that says all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import EPOCH, SystemClock, instant, millis
from core.errors import BadSettings, BadValue
from core.ids import BookId, Symbol
from core.limits import Limits
from core.modes import Mode
from core.plan import MOST_CASH, Costs, Plan
from core.plan_text import plan_from_json, plan_to_json
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, ETH, instrument, plan


@pytest.mark.parametrize("name", ["maker", "taker", "spread", "slippage"])
@pytest.mark.parametrize(
    "value", [Decimal("-0.001"), Decimal("0.1"), Decimal("NaN"), Decimal("Infinity"), 0.001]
)
def test_costs_are_small_exact_shares(name: str, value: Any) -> None:
    with pytest.raises(BadValue, match=name):
        Costs(**{name: value})
    assert getattr(Costs(**{name: Decimal("0.0999")}), name) == Decimal("0.0999")


@pytest.mark.parametrize("value", [Decimal(0), Decimal("1.01"), Decimal("-1"), Decimal("NaN"), 0.5])
def test_participation_is_a_share_of_the_volume(value: Any) -> None:
    with pytest.raises(BadValue, match="participation"):
        Costs(participation=value)
    assert Costs(participation=Decimal(1)).participation == 1


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"timeframe": "7m"}, "No time frame '7m'. Use one of 1m, 3m"),
        ({"cash": Decimal(0)}, "The paper account holds 0. Give it more than 0"),
        ({"cash": Decimal(-1)}, "Give it more than 0"),
        ({"cash": MOST_CASH + 1}, "at most 10000000"),
        ({"instruments": (instrument(BTC), instrument(Symbol("ETH/BTC")))}, "different quote currencies"),
        (
            {"instruments": (instrument(ETH),)},
            "grid:BTC/USDT trades BTC/USDT, which this venue does not have",
        ),
    ],
)
def test_what_no_session_can_run(change: dict[str, Any], fault: str) -> None:
    with pytest.raises(BadSettings, match=fault):
        replace(plan(), **change)


@pytest.mark.parametrize("cash", [10_000.0, Decimal("NaN"), None])
def test_cash_is_exact(cash: Any) -> None:
    with pytest.raises(BadValue, match="the paper account"):
        replace(plan(), cash=cash)


def test_what_a_plan_knows() -> None:
    both = plan(instrument(BTC), instrument(ETH), timeframe="5m")
    assert (both.frame_ms, both.symbols, both.slot_count) == (300_000, (BTC, ETH), 5)


shares = st.decimals("0", "0.09", places=6)
amounts = st.decimals("0.00000001", "10000000", places=8)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    stake = draw(st.decimals("1", "50", places=4))
    wanted = [("grid", BTC, {"stake": stake, "levels": draw(st.integers(1, 50))}), ("ema_cross", ETH, {})]
    cap = draw(st.decimals("1", "50", places=8))
    limits = Limits(
        max_order_usd=cap, min_order_usd=cap, daily_entries=draw(st.integers(0, 20)),
        daily_loss_usd=draw(amounts), allowed_symbols=draw(st.sampled_from([(BTC,), (BTC, ETH)])),
        usd_like=draw(st.sampled_from([("USDT",), ("USD", "USDC")])),
    )  # fmt: skip
    costs = Costs(
        maker=draw(shares), taker=draw(shares), spread=draw(shares), slippage=draw(shares),
        participation=draw(st.decimals("0.01", "1", places=3)),
    )  # fmt: skip
    return Plan(
        book=BookId(draw(st.text(max_size=20))), mode=draw(st.sampled_from(Mode)),
        timeframe=draw(st.sampled_from(["1m", "1d"])),
        instruments=(instrument(BTC, "0.05", "1e-8"), instrument(ETH, "1E+1", "0.25", "0.5")),
        instances=lay_out(wanted), costs=costs, limits=limits, cash=draw(amounts),
    )  # fmt: skip


@given(plans())
def test_its_text_says_all_of_it(one: Plan) -> None:
    told = plan_to_json(one)
    assert plan_from_json(told) == one
    assert plan_to_json(plan_from_json(told)) == told
    assert "e-" not in json.dumps(json.loads(told)["instruments"])  # plain digits


def test_what_has_no_place_in_a_plan() -> None:
    odd = replace(plan(), book=object())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="object has no place in a plan"):
        plan_to_json(odd)


# ---------------------------------------------------------------- time


@given(st.integers(-(10**12), 10**14))
def test_milliseconds_and_back(ms: int) -> None:
    assert millis(instant(ms)) == ms
    assert instant(ms).tzinfo is UTC


def test_time_is_utc() -> None:
    assert instant(0) == EPOCH == datetime(1970, 1, 1, tzinfo=UTC)
    oslo = timezone(timedelta(hours=2))
    assert millis(datetime(1970, 1, 1, 2, 0, 0, 1999, tzinfo=oslo)) == 1
    with pytest.raises(TypeError):
        millis(datetime(1970, 1, 1))  # noqa: DTZ001  # without a zone it is no instant


def test_the_computers_clock_goes_on() -> None:
    clock = SystemClock()
    before = datetime.now(UTC)
    assert before <= clock.now() <= clock.now()
    assert clock.now().tzinfo is UTC

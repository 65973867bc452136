"""The trend strategy: one entry per cross with a stop, one exit below, and what it says meanwhile."""

from __future__ import annotations

import pytest

from core.strategies.contract import BUY, MARKET, SELL
from tests.fakes.step_bench import StepBench

DOWN = [100 - n / 10 for n in range(30)]
UP = [98.0, 99.0, 101.0, 103.0]


def bench() -> StepBench:
    made = StepBench("ema_cross", fast=3, slow=6, atr=2, stop_atr="2", stake="50")
    made.walk(*DOWN)
    return made


def entered(held: float = 0.5) -> StepBench:
    made = bench()
    assert made.walk(*UP[:1]) == [0]
    made.answer(0, "filled", held)
    return made


def test_it_buys_the_cross_with_its_stake_and_a_stop() -> None:
    made = bench()
    assert made.candle(98.0) == [0]
    order = made.orders[0]
    assert (order["active"], order["side"], order["kind"], order["sequence"]) == (1, BUY, MARKET, 1)
    assert order["quantity"] == 50 / 98
    # true ranges: 1 all the way (0.1 between closes), then 98.5 - 97.1
    assert order["stop"] == pytest.approx(98 - 2 * (1 + 1.4) / 2)
    assert order["stop"] < 98


def test_it_does_not_buy_before_it_is_warm() -> None:
    made = StepBench("ema_cross", fast=3, slow=6, atr=2)
    assert [made.candle(close) for close in (10, 9, 8, 20, 30, 40, 50)] == [[]] * 7
    assert made.candle(60) == []  # above since long: it waits for the next cross


def test_one_cross_is_one_order() -> None:
    made = bench()
    made.candle(98.0)
    made.answer(0, "denied")
    assert made.walk(*UP[1:]) == []
    made.walk(*DOWN)
    assert made.candle(99.0) == [0]


def test_it_waits_while_an_order_is_under_way() -> None:
    made = bench()
    made.candle(98.0)
    made.answer(0, "open")
    assert made.walk(90.0, 80.0, 70.0) == []


def test_it_sells_what_it_holds_when_the_fast_falls_below() -> None:
    made = entered(0.123)
    assert made.walk(*UP[1:]) == []
    assert made.walk(95.0, 90.0) == [0]
    order = made.orders[0]
    assert (order["side"], order["kind"], order["quantity"], order["stop"]) == (SELL, MARKET, 0.123, 0)


def test_a_denied_exit_is_wished_again_after_an_hour_of_candles() -> None:
    made = entered()
    assert made.candle(90.0) == [0]
    made.answer(0, "denied")
    waited = 0
    while not made.candle(89.0 - waited / 100):
        waited += 1
    assert waited == 59


@pytest.mark.parametrize("status", ["denied", "cancelled", "refused"])
def test_the_first_exit_never_waits(status: str) -> None:
    """What is held although its entry ended badly is sold at once: a part fill whose rest was cancelled."""
    made = bench()
    made.walk(*[98.0 - n / 100 for n in range(60)])
    made.answer(0, status, 0.2)
    assert made.walk(95.0, 90.0) == [0]
    assert made.orders[0]["side"] == SELL


def test_its_notes() -> None:
    made = StepBench("ema_cross", fast=3, slow=6)
    assert made.note() == "Warming up: 7 more candles."
    made.walk(*DOWN[:6])
    assert made.note() == "Warming up: 1 more candle."
    made = bench()
    assert made.note().startswith("Waits for the fast EMA to cross above the slow, 0.")
    made.candle(98.0)
    made.answer(0, "open")
    assert made.note() == "An order is on its way."
    made.answer(0, "filled", 0.5)
    assert made.note() == "Holds; its stop rests at 95.6. It sells when the fast EMA falls below."
    made.answer(0, "denied", 0.0)
    assert made.note() == "The fast EMA is above the slow already. It buys at the next cross from below."


def test_its_lines() -> None:
    made = bench()
    (fast, fast_at), (slow, slow_at) = made.module.lines(made.state)
    assert (fast, slow) == ("EMA fast", "EMA slow")
    assert DOWN[-1] < fast_at < slow_at < DOWN[0]

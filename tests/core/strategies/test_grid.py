"""The grid: where its lines lie, when they rest, what they sell, and what it says meanwhile."""

from __future__ import annotations

from typing import Any

import pytest

from core.strategies.contract import BUY, LIMIT, POST_ONLY, SELL
from tests.fakes.step_bench import MINUTE, StepBench

FOUR_HOURS = 240
RISE = [100 + n / 100 for n in range(51)]
TOP = RISE[-1]
"""100.5: where the middle is put on the first warm candle."""


def bench(**given: Any) -> StepBench:
    """Three lines, two apart (the candles reach 1), the stop two lines below the lowest."""
    made = StepBench(
        "grid",
        **{"levels": 3, "spacing": "2", "trail": "2", "stop_gaps": "2", "atr": 5, "spike": "0", **given},
    )
    assert made.walk(*RISE[:50]) == []  # not warm
    return made


def rested(**given: Any) -> StepBench:
    made = bench(**given)
    assert made.candle(TOP) == []  # the middle is set
    assert made.candle(TOP) == list(range(len(made.orders)))
    for slot in range(len(made.orders)):
        made.answer(slot, "open")
    return made


def prices(made: StepBench, name: str = "price") -> list[float]:
    return [float(order[name]) for order in made.orders]


def test_lines_at_equal_distances() -> None:
    made = rested()
    assert prices(made) == pytest.approx([TOP - 2, TOP - 4, TOP - 6])
    assert prices(made, "stop") == pytest.approx([TOP - 10] * 3)
    for order in made.orders:
        assert (order["side"], order["kind"], order["sequence"]) == (BUY, POST_ONLY, 1)
        assert order["quantity"] == 45 / order["price"]
        assert 0 < order["stop"] < order["price"] < TOP


def test_lines_at_equal_ratios() -> None:
    made = rested(geometric=1)
    ratio = 1 - 2 / TOP
    assert prices(made) == pytest.approx([TOP * ratio, TOP * ratio**2, TOP * ratio**3])
    assert prices(made, "stop") == pytest.approx([TOP * ratio**5] * 3)


def test_a_line_that_filled_is_sold_one_line_higher() -> None:
    made = rested()
    made.answer(1, "filled", 0.4)
    assert made.candle(TOP - 3.9) == [1]
    order = made.orders[1]
    assert (order["side"], order["kind"], order["quantity"], order["stop"]) == (SELL, LIMIT, 0.4, 0)
    assert order["price"] == pytest.approx(TOP - 2)
    made.answer(1, "open")
    assert made.candle(TOP - 3.9) == []
    made.answer(0, "filled", 0.4)
    assert made.candle(TOP - 3) == [0]
    assert made.orders[0]["price"] == pytest.approx(TOP)  # line 0's sell is the middle


def test_what_is_still_filling_waits_with_its_sell() -> None:
    made = rested()
    made.answer(0, "open", 0.1)
    assert made.candle(TOP - 2.5) == []


def test_after_the_sale_the_line_buys_again() -> None:
    made = rested()
    made.answer(0, "filled", 0.4)
    made.candle(TOP - 1)
    made.answer(0, "filled", 0.0)
    assert made.candle(TOP) == [0]
    assert (made.orders[0]["side"], made.orders[0]["sequence"]) == (BUY, 3)


def test_no_buys_while_the_averages_point_down() -> None:
    made = rested()
    assert made.walk(*[TOP - 5] * 10) == []
    assert made.state["fast"]["value"] < made.state["slow"]["value"]
    assert [int(order["active"]) for order in made.orders] == [0, 0, 0]
    for slot in range(3):
        made.answer(slot, "cancelled")
    assert made.candle(TOP - 5) == []
    assert made.note() == "EMA 20 is below EMA 50: no buys until it is above."
    assert made.walk(*[TOP - 4 + n / 20 for n in range(70)]) == [1, 2, 0]  # line 0 once the price is above it
    assert made.state["fast"]["value"] > made.state["slow"]["value"]


def test_the_middle_follows_upwards_when_nothing_is_held() -> None:
    made = rested()
    middle = float(made.state["middle"])
    made.candle(middle + 4)  # two lines above, not more
    assert made.state["middle"] == middle
    made.candle(middle + 4.1)
    assert made.state["middle"] == pytest.approx(middle + 4.1)
    assert [int(order["active"]) for order in made.orders] == [0, 0, 0]  # all are taken away first
    for slot in range(3):
        made.answer(slot, "cancelled")
    assert made.candle(middle + 4.1) == [0, 1, 2]
    assert made.orders[0]["price"] == pytest.approx(made.state["middle"] - made.state["gap"])


def test_the_middle_stays_while_a_line_holds() -> None:
    made = rested()
    middle = float(made.state["middle"])
    made.answer(2, "filled", 0.4)
    made.candle(middle + 50)
    assert made.state["middle"] == middle


def test_the_middle_follows_downwards_below_the_stop() -> None:
    made = rested()
    middle = float(made.state["middle"])
    made.candle(middle - 10)
    assert made.state["middle"] == middle
    made.candle(middle - 10.1)
    assert made.state["middle"] == pytest.approx(middle - 10.1)


@pytest.mark.parametrize("status", ["denied", "refused", "cancelled"])
def test_a_wish_that_came_to_nothing_waits_four_hours(status: str) -> None:
    made = rested()
    made.answer(0, status)
    asked = int(made.state["asked"][0])
    for _ in range(FOUR_HOURS - 1):
        assert made.candle(TOP + made.ts / MINUTE / 1000) == []
    assert made.ts - asked == FOUR_HOURS * MINUTE
    assert made.candle(TOP + 0.5) == [0]


def test_a_denied_sell_waits_too() -> None:
    made = rested()
    made.answer(0, "filled", 0.4)
    assert made.candle(TOP) == [0]
    made.answer(0, "denied")
    assert made.walk(*[TOP] * (FOUR_HOURS - 1)) == []
    assert made.candle(TOP) == [0]
    assert made.orders[0]["side"] == SELL


def test_lines_above_the_price_do_not_buy() -> None:
    made = bench(spacing="0.5")
    made.candle(TOP)
    assert made.candle(TOP - 0.6) == [1, 2]


@pytest.mark.parametrize("given", [{"spacing": "20"}, {"spacing": "1000000"}])
def test_a_range_wider_than_the_price_is_not_set(given: dict[str, str]) -> None:
    made = bench(**given)
    made.candle(TOP)
    made.candle(TOP)
    assert made.state["middle"] == 0
    assert not any(order["active"] for order in made.orders)


def test_a_market_that_stands_still_has_no_grid() -> None:
    made = StepBench("grid")
    for _ in range(60):
        assert made.candle(100.0, reach=0.0) == []


def test_its_notes() -> None:
    made = StepBench("grid", levels=3, spacing="2", atr=5)
    assert made.note() == "Warming up: 51 more candles."
    made.walk(*RISE)
    assert made.note() == "Sets its lines anew at the next candle."
    made = rested()
    assert made.note() == "Next buy at 98.5, 1.99 % below the price; no line holds."
    made.answer(0, "filled", 0.4)
    assert made.note() == "Next buy at 96.5, 3.98 % below the price; 1 line holds."
    for slot in (1, 2):
        made.answer(slot, "filled", 0.4)
    assert made.note() == "3 of 3 lines hold and wait for their sells."
    made = rested()
    for slot in range(3):
        made.answer(slot, "denied")
    assert made.note() == "Its buys were denied; it asks again 4 h after each."


def test_its_lines() -> None:
    made = rested()
    (fast, fast_at), (slow, slow_at) = made.module.lines(made.state)
    assert (fast, slow) == ("EMA 20", "EMA 50")
    assert 100 < slow_at < fast_at < TOP


def test_a_market_that_becomes_wild_stops_buys_until_it_is_calm() -> None:
    """Candles reach 1 from high to low; then 1.6, which lifts an ATR of 5 candles step by step."""
    made = rested(spike="0.3")
    assert made.walk(*[TOP] * 20) == []  # calm: the lines rest
    assert made.walk(*[TOP] * 5, reach=1.6) == []
    assert [int(order["active"]) for order in made.orders] == [0, 0, 0]
    for slot in range(3):
        made.answer(slot, "cancelled")
    assert made.note() == "The ATR is 37 % above its usual height: no buys until it calms down."
    state = made.state
    while state["atr"]["value"] > state["usual"]["value"] * 1.16:  # below 30 %, and still above half of it
        assert made.candle(TOP) == []
        assert state["is_wild"]
    assert made.walk(*[TOP] * FOUR_HOURS) == [0, 1, 2]
    assert not state["is_wild"]


def test_an_exit_of_a_wild_market_stays() -> None:
    made = rested(spike="0.3")
    made.answer(1, "filled", 0.4)
    made.candle(TOP - 3.9)
    made.answer(1, "open")
    made.walk(*[TOP - 3.9] * 6, reach=4.0)
    assert made.state["is_wild"]
    assert made.orders[1]["active"]


def test_a_spike_below_zero_is_refused() -> None:
    from core.strategies.grid import faults

    assert "spike must be zero or more" in " ".join(faults({"levels": 3, "geometric": 0, "spacing": 1, "trail": 1,
        "stop_gaps": 1, "stake": 1, "atr": 1, "spike": -1}))  # fmt: skip

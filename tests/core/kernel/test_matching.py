"""The fill rules by hand: tick 0.01, takers 0.2 % worse, fees 0.1 % and 0.2 %, half of the volume is ours."""

from __future__ import annotations

import pytest

from tests.fakes.kernel_bench import BTC, FREE, Bench, instrument, plan

CALM = "100 101 99 100"

# what is ordered at a last price of 100, the next candle, and all that the venue then says
ENTRIES = [
    # a market order trades at the open of the next candle, half the spread and the slippage worse
    ("buy market 0 1 stop 90", CALM, ["0 buys 1 at 100.2 as taker", "stop 0 placed 1 at 90"]),
    ("buy market 0 1 stop 90", "200 201 199 200", ["0 buys 1 at 200.4 as taker", "stop 0 placed 1 at 90"]),
    # 100.02 x 1.002 = 100.22004: on the worse tick, not on the nearest
    (
        "buy market 0 1 stop 90",
        "100.02 101 99 100",
        ["0 buys 1 at 100.23 as taker", "stop 0 placed 1 at 90"],
    ),
    # and its stop in the same candle, at the trigger: 99.5 x 0.998 = 99.301
    (
        "buy market 0 1 stop 99.5", CALM,
        ["0 buys 1 at 100.2 as taker", "stop 0 placed 1 at 99.5", "stop 0 sells 1 at 99.3 as taker"],
    ),
    # opened below its stop already: it leaves at the open
    (
        "buy market 0 1 stop 99.5", "95 101 94 100",
        ["0 buys 1 at 95.19 as taker", "stop 0 placed 1 at 99.5", "stop 0 sells 1 at 94.81 as taker"],
    ),
    # a resting limit: a touch is not enough, then its own price as maker, even when the open is far better
    ("buy limit 99 1 stop 90", CALM, []),
    ("buy limit 99 1 stop 90", "100 101 98.99 100", ["0 buys 1 at 99 as maker", "stop 0 placed 1 at 90"]),
    ("buy post-only 99 1 stop 90", CALM, []),
    ("buy post-only 99 1 stop 90", "97 98 96 97", ["0 buys 1 at 99 as maker", "stop 0 placed 1 at 90"]),
    # a limit that the open crosses takes, never beyond its limit
    ("buy limit 101 1 stop 90", CALM, ["0 buys 1 at 100.2 as taker", "stop 0 placed 1 at 90"]),
    ("buy limit 100.1 1 stop 90", CALM, ["0 buys 1 at 100.1 as taker", "stop 0 placed 1 at 90"]),
    ("buy limit 100 1 stop 90", CALM, ["0 buys 1 at 100 as taker", "stop 0 placed 1 at 90"]),
    ("buy limit 99.99 1 stop 90", CALM, ["0 buys 1 at 99.99 as maker", "stop 0 placed 1 at 90"]),
    # the price passed the buy on its way to the stop
    (
        "buy limit 95 1 stop 90", "100 101 90 100",
        ["0 buys 1 at 95 as maker", "stop 0 placed 1 at 90", "stop 0 sells 1 at 89.82 as taker"],
    ),
    ("buy limit 95 1 stop 90", "100 101 90.01 100", ["0 buys 1 at 95 as maker", "stop 0 placed 1 at 90"]),
    # the candle opens below both: bought at the limit, sold at the open, which the stop cannot beat
    (
        "buy post-only 95 1 stop 90", "85 86 84 85",
        ["0 buys 1 at 95 as maker", "stop 0 placed 1 at 90", "stop 0 sells 1 at 84.83 as taker"],
    ),
    # a stop that buys: at its trigger, or at the open beyond it; a touch is enough against us
    ("buy stop 105 1 stop 95", "100 104.99 99 100", []),
    (
        "buy stop 105 1 stop 95",
        "100 105 99 100",
        ["0 buys 1 at 105.21 as taker", "stop 0 placed 1 at 95"],
    ),
    (
        "buy stop 105 1 stop 95",
        "107 108 106 107",
        ["0 buys 1 at 107.22 as taker", "stop 0 placed 1 at 95"],
    ),
    (
        "buy stop 105 1 stop 95", "100 106 95 100",
        ["0 buys 1 at 105.21 as taker", "stop 0 placed 1 at 95", "stop 0 sells 1 at 94.81 as taker"],
    ),
    # without volume nothing trades
    ("buy market 0 1 stop 90", "100 101 80 100 volume 0", []),
    ("buy limit 99 1 stop 90", "100 101 80 100 volume 0", []),
    # half of 1.2 is ours; of 1.1999 the half is below a step more
    (
        "buy market 0 1 stop 90", "100 101 99 100 volume 1.2",
        ["0 buys 0.6 at 100.2 as taker, more to come", "stop 0 placed 0.6 at 90"],
    ),
    (
        "buy limit 99 1 stop 90", "100 101 98 100 volume 1.1999",
        ["0 buys 0.599 at 99 as maker, more to come", "stop 0 placed 0.599 at 90"],
    ),
]  # fmt: skip


def order(bench: Bench, line: str, slot: int = 0) -> list[str]:
    """``side kind price quantity [stop price]``."""
    side, kind, price, quantity, *stop = line.split()
    return bench.order(slot, side, kind, float(price), float(quantity), float(stop[1]) if stop else 0.0)


def candle(bench: Bench, line: str) -> list[str]:
    """``open high low close [volume units]``."""
    prices, _, volume = line.partition(" volume ")
    return bench.candle(prices, float(volume or 1000))


@pytest.mark.parametrize(("entry", "next_candle", "said"), ENTRIES)
def test_how_an_entry_meets_its_first_candle(entry: str, next_candle: str, said: list[str]) -> None:
    bench = Bench()
    assert len(order(bench, entry)) == 1
    assert candle(bench, next_candle) == said


# with one coin bought at 100.2 and its stop at 90, an exit (or none), the next candle, and all that is said
EXITS = [
    (None, "100 101 90.01 100", []),
    (None, "100 101 90 100", ["stop 0 sells 1 at 89.82 as taker"]),
    (None, "85 86 84 85", ["stop 0 sells 1 at 84.83 as taker"]),
    ("sell market 0 1", CALM, ["0 sells 1 at 99.8 as taker", "stop 0 gone 1 at 90"]),
    ("sell market 0 1", "100.02 101 99 100", ["0 sells 1 at 99.81 as taker", "stop 0 gone 1 at 90"]),
    # the market order is first, so it has the open, not the stop
    ("sell market 0 1", "85 86 84 85", ["0 sells 1 at 84.83 as taker", "stop 0 gone 1 at 90"]),
    ("sell limit 101 1", CALM, []),
    ("sell limit 101 1", "100 101.01 99 100", ["0 sells 1 at 101 as maker", "stop 0 gone 1 at 90"]),
    ("sell limit 99 1", CALM, ["0 sells 1 at 99.8 as taker", "stop 0 gone 1 at 90"]),
    ("sell limit 99.9 1", CALM, ["0 sells 1 at 99.9 as taker", "stop 0 gone 1 at 90"]),
    # both were reached: the worse one happened
    ("sell limit 101 1", "100 102 89 100", ["stop 0 sells 1 at 89.82 as taker", "0 gone 1 at 101"]),
    # a stop that sells, above the protective one
    ("sell stop 98 1", "100 101 98 100", ["0 sells 1 at 97.8 as taker", "stop 0 gone 1 at 90"]),
    # an exit in parts: the stop guards the rest
    (
        "sell market 0 1",
        "100 101 99 100 volume 0.8",
        ["0 sells 0.4 at 99.8 as taker, more to come", "stop 0 amended 0.6 at 90"],
    ),
    # a stop in parts: the exit sells no more than is left
    (
        "sell limit 101 1",
        "100 102 89 100 volume 0.8",
        ["stop 0 sells 0.4 at 89.82 as taker, more to come", "0 amended 0.6 at 101"],
    ),
    # a smaller exit has room beside the stop's rest
    (
        "sell limit 101 0.3",
        "100 100 89 100 volume 0.8",
        ["stop 0 sells 0.4 at 89.82 as taker, more to come"],
    ),
    (
        "sell limit 101 0.3",
        "100 100 89 100 volume 1.6",
        ["stop 0 sells 0.8 at 89.82 as taker, more to come", "0 amended 0.2 at 101"],
    ),
]


@pytest.mark.parametrize(("leave", "next_candle", "said"), EXITS)
def test_how_a_held_coin_is_sold(leave: str | None, next_candle: str, said: list[str]) -> None:
    bench = Bench()
    order(bench, "buy market 0 1 stop 90")
    candle(bench, CALM)
    if leave is not None:
        order(bench, leave)
    assert candle(bench, next_candle) == said


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("buy post-only 100.1 1 stop 90", "0 turned down 1 at 100.1"),  # the ask: 100 and half the spread
        ("buy post-only 100.09 1 stop 90", "0 placed 1 at 100.09"),
        ("sell post-only 99.9 1", "0 turned down 1 at 99.9"),
        ("sell post-only 99.91 1", "0 placed 1 at 99.91"),
        ("buy limit 110 1 stop 90", "0 placed 1 at 110"),
    ],
)
def test_post_only_never_takes(line: str, answer: str) -> None:
    bench = Bench()
    assert order(bench, line) == [answer]
    assert bench.is_open(0) == ("placed" in answer)
    if "turned" in answer:
        assert candle(bench, "100 120 80 100") == []


def test_a_market_order_takes_the_rest_at_the_next_open() -> None:
    bench = Bench()
    order(bench, "buy market 0 1 stop 90")
    assert candle(bench, "100 101 99 100 volume 0") == []
    assert candle(bench, "101 102 100 101 volume 0.5")[0] == "0 buys 0.25 at 101.21 as taker, more to come"
    assert candle(bench, "102 103 101 102 volume 1.8") == [
        "0 buys 0.75 at 102.21 as taker", "stop 0 amended 1 at 90",
    ]  # fmt: skip


def test_a_triggered_stop_sells_when_there_is_volume_again() -> None:
    bench = Bench()
    order(bench, "buy market 0 1 stop 90")
    candle(bench, CALM)
    assert candle(bench, "100 101 80 81 volume 0") == []
    assert candle(bench, "95 96 94 95") == ["stop 0 sells 1 at 94.81 as taker"]


def test_the_stop_takes_the_rest_of_its_entry_along() -> None:
    bench = Bench()
    order(bench, "buy limit 95 1 stop 90")
    candle(bench, "100 101 94 95 volume 1")
    assert candle(bench, "95 95 90 91 volume 0.8") == [
        "stop 0 sells 0.4 at 89.82 as taker, more to come", "0 gone 1 at 95",
    ]  # fmt: skip
    assert candle(bench, "91 91 91 91 volume 0.8") == ["stop 0 sells 0.1 at 90.81 as taker"]


def test_a_cancelled_entry_keeps_the_stop_of_what_it_bought() -> None:
    bench = Bench()
    order(bench, "buy limit 95 1 stop 90")
    candle(bench, "100 101 94 95 volume 1")
    assert bench.cancel(0) == ["0 gone 1 at 95"]
    assert bench.cancel(0) == []
    assert candle(bench, "95 95 90 91") == ["stop 0 sells 0.5 at 89.82 as taker"]


def test_each_new_stop_of_a_slot_has_a_sequence_of_its_own() -> None:
    bench = Bench()
    for _ in range(3):
        order(bench, "buy market 0 1 stop 99.5")
        candle(bench, CALM)
    sequences = [int(r["sequence"]) for r in bench.heard if r["flat"] == len(bench.slots) and r["complete"]]
    assert sequences == [1, 2, 3]


def test_all_orders_of_a_symbol_share_the_volume() -> None:
    bench = Bench()
    order(bench, "buy limit 99 0.3 stop 90", slot=0)
    order(bench, "buy limit 99 0.3 stop 90", slot=1)
    order(bench, "buy market 0 0.3 stop 90", slot=4)  # the other strategy
    assert candle(bench, "100 101 98 100 volume 1") == [
        "0 buys 0.3 at 99 as maker", "stop 0 placed 0.3 at 90",
        "1 buys 0.2 at 99 as maker, more to come", "stop 1 placed 0.2 at 90",
    ]  # fmt: skip
    assert candle(bench, "100 101 98 100 volume 0.6") == [
        "1 buys 0.1 at 99 as maker", "stop 1 amended 0.3 at 90",
        "4 buys 0.2 at 100.2 as taker, more to come", "stop 4 placed 0.2 at 90",
    ]  # fmt: skip


def test_buys_come_before_limit_sells() -> None:
    bench = Bench()
    order(bench, "buy market 0 1 stop 90", slot=0)
    candle(bench, CALM)
    order(bench, "sell limit 105 1", slot=0)
    order(bench, "buy limit 95 1 stop 91", slot=1)
    said = candle(bench, "100 106 94 100")
    assert [line for line in said if "placed" not in line] == [
        "1 buys 1 at 95 as maker", "0 sells 1 at 105 as maker", "stop 0 gone 1 at 90",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "cost", "fee"),
    [
        ("buy market 0 0.333 stop 90", 33.3666, 0.0667332),  # 0.333 x 100.2, 0.2 %
        ("buy limit 99 0.333 stop 90", 32.967, 0.032967),  # 0.1 %
    ],
)
def test_cost_and_fee(line: str, cost: float, fee: float) -> None:
    bench = Bench()
    order(bench, line)
    candle(bench, "100 101 98 100")
    assert (bench.heard[1]["cost"], bench.heard[1]["fee"]) == (cost, fee)
    assert bench.account["cash"] == 10_000 - round(cost + fee, 8)


@pytest.mark.parametrize(
    ("line", "open_", "price"),
    [
        ("buy market 0 1 stop 0.5", "1.004", "1.01"),
        ("sell market 0 1", "1.006", "1"),
        ("buy market 0 1 stop 0.5", "1.01", "1.01"),
        ("sell market 0 1", "1.01", "1.01"),
        ("sell market 0 1", "0.007", "0.01"),  # a sale below one tick would be for nothing
    ],
)
def test_a_taker_never_has_a_better_price_than_the_open(line: str, open_: str, price: str) -> None:
    bench = Bench(plan(instrument(BTC, "0.01"), costs=FREE), last=1.0)
    if "sell" in line:
        order(bench, "buy market 0 1 stop 0.001")
        candle(bench, "1 1 1 1")
    order(bench, line)
    assert f" at {price} as taker" in candle(bench, f"{open_} {open_} {open_} {open_}")[0]

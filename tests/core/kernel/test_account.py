"""The account's fold: days, entries, reserves, round trips, equity and drawdown, by hand."""

from __future__ import annotations

from typing import Any

import pytest

from core.kernel.account import DAY_MS, mark, roll_day
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, ETH, FREE, MINUTE, Bench, instrument, plan

FLAT = "100 100 100 100"


def free_bench() -> Bench:
    return Bench(plan(costs=FREE))


def numbers(account: Any, *names: str) -> tuple[float, ...]:
    return tuple(float(account[name]) for name in names)


def test_an_approval_speaks_for_cash_and_an_entry() -> None:
    bench = Bench()
    bench.order(0, "buy", "limit", 99.0, 1.0, 90.0)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (99.198, 1, 0)  # 0.2 % fee
    bench.order(1, "buy", "market", 0.0, 1.0, 90.0)
    assert numbers(bench.account, "reserved", "open_entries") == (199.398, 2)  # at the last price
    bench.cancel(0)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (100.2, 1, 0)


def test_a_fill_in_parts_counts_one_entry_and_frees_its_share() -> None:
    bench = Bench()
    bench.order(0, "buy", "limit", 99.0, 1.0, 90.0)
    bench.candle("100 100 98 100", volume=0.5)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (74.3985, 0, 1)
    bench.candle("100 100 98 100", volume=0.5)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (49.599, 0, 1)
    bench.cancel(0)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (0, 0, 1)
    assert float(bench.slots[0]["paid"]) == 49.5


def test_what_was_turned_down_speaks_for_nothing() -> None:
    bench = Bench()
    bench.order(0, "buy", "post-only", 101.0, 1.0, 90.0)
    assert numbers(bench.account, "reserved", "open_entries", "day_entries") == (0, 0, 0)


def test_exits_and_stops_are_no_entries() -> None:
    bench = free_bench()
    bench.order(0, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle(FLAT)
    bench.order(0, "sell", "market", 0.0, 0.5)
    assert numbers(bench.account, "reserved", "open_entries") == (0, 0)
    bench.candle("100 100 90 90")
    assert numbers(bench.account, "day_entries", "fills") == (1, 3)


@pytest.mark.parametrize(
    ("out", "counts"), [("110", (1, 0, 0)), ("95", (0, 1, 0)), ("100", (0, 0, 1))]
)  # without costs: won, lost, even (A31)
def test_a_round_trip_is_won_lost_or_even(out: str, counts: tuple[int, ...]) -> None:
    bench = free_bench()
    bench.order(0, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle(FLAT)
    bench.order(0, "sell", "market", 0.0, 1.0)
    bench.candle(f"{out} {out} {out} {out}", volume=1)
    assert numbers(bench.account, "day_won", "day_lost", "day_even") == counts
    assert bench.account["day_realised"] == bench.account["realised"] == float(out) - 100


def test_a_trip_ends_when_all_slots_of_an_instance_are_flat() -> None:
    bench = free_bench()
    for slot in (0, 1):
        bench.order(slot, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle(FLAT)
    bench.order(0, "sell", "market", 0.0, 1.0)
    bench.candle("110 110 110 110")
    assert numbers(bench.account, "day_won", "day_lost", "day_even", "realised") == (0, 0, 0, 10)
    bench.order(1, "sell", "market", 0.0, 1.0)
    bench.candle("85 85 85 85")  # 10 won and 15 lost are one trip lost
    assert numbers(bench.account, "day_won", "day_lost", "day_even", "realised") == (0, 1, 0, -5)


def test_a_part_sale_takes_its_share_of_the_cost() -> None:
    bench = Bench()
    bench.order(0, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle(FLAT)
    assert numbers(bench.positions[0], "quantity", "cost") == (1, 100.4004)  # 100.2 and 0.2 %
    bench.order(0, "sell", "market", 0.0, 0.25)
    bench.candle("200 200 200 200")
    # a quarter costs 25.1001; 0.25 x 199.6 = 49.9, less 0.0998
    assert numbers(bench.positions[0], "quantity", "cost", "realised") == (0.75, 75.3003, 24.7001)
    assert numbers(bench.account, "cash", "fees") == (9949.3998, 0.3002)


def test_equity_peak_and_drawdown() -> None:
    bench = free_bench()
    bench.order(0, "buy", "market", 0.0, 50.0, 1.0)
    bench.candle("100 200 100 200")
    assert numbers(bench.account, "cash", "equity", "peak_equity", "drawdown") == (5000, 15_000, 15_000, 0)
    bench.candle("200 200 80 80")
    assert numbers(bench.account, "equity", "peak_equity", "drawdown") == (9000, 15_000, 0.4)
    bench.candle("80 300 80 300")
    assert numbers(bench.account, "equity", "peak_equity", "drawdown") == (20_000, 20_000, 0.4)


def test_the_day_begins_at_midnight_utc_with_the_equity_then() -> None:
    bench = free_bench()
    bench.ts = DAY_MS - 2 * MINUTE
    bench.order(0, "buy", "market", 0.0, 10.0, 90.0)
    bench.candle("100 110 100 110")
    assert numbers(bench.account, "day", "day_start_equity", "day_entries") == (0, 10_000, 1)
    bench.candle("110 120 110 120")  # ends at midnight and belongs to the day that ends
    assert numbers(bench.account, "day", "day_start_equity", "day_entries") == (0, 10_000, 1)
    bench.order(0, "sell", "market", 0.0, 10.0)
    bench.candle("120 120 115 115")
    assert numbers(bench.account, "day", "day_start_equity", "day_entries") == (1, 10_200, 0)
    # a fill of the new day counts in it
    assert numbers(bench.account, "day_realised", "day_won", "realised") == (200, 1, 200)


def test_a_clock_that_goes_back_resets_nothing() -> None:
    bench = free_bench()
    bench.ts = 5 * DAY_MS
    bench.order(0, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle(FLAT)
    for ts in (5 * DAY_MS - 1, 0, DAY_MS, 5 * DAY_MS, 6 * DAY_MS - 1):
        roll_day(bench.account, ts)
        assert numbers(bench.account, "day", "day_entries") == (5, 1)
    roll_day(bench.account, 6 * DAY_MS)
    assert numbers(bench.account, "day", "day_entries") == (6, 0)


def test_a_weeks_hole_is_one_new_day() -> None:
    bench = free_bench()
    bench.candle(FLAT)
    bench.ts = 9 * DAY_MS + 5
    bench.candle(FLAT)
    assert bench.account["day"] == 9


def test_a_candle_of_another_symbol_leaves_the_price_of_this_one() -> None:
    both = lay_out([("grid", BTC, {}), ("ema_cross", ETH, {})])
    bench = Bench(plan(instrument(BTC), instrument(ETH), instances=both, costs=FREE))
    bench.order(0, "buy", "market", 0.0, 1.0, 90.0)
    bench.candle("100 110 100 110")
    mark(
        bench.account, bench.positions, bench.arena.instance_symbol, bench.arena.markets, 1, 0, 60_000, 250.0
    )
    assert numbers(bench.account, "equity", "candles") == (10_010, 2)
    assert list(bench.arena.markets["last"]) == [110, 250]

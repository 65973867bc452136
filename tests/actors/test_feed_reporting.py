"""What the feed tells the window: history, bundles, progress, staleness; without its thread."""

from collections.abc import Iterator
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.feed.stage import Wake
from core.clock import instant
from core.market import Freshness
from core.messages import (
    BarsSeen,
    Begin,
    CandlesClosed,
    CandleSeen,
    Drained,
    FeedEnded,
    FeedProgressed,
)
from tests.fakes.feed_bench import BTC, ETH, MINUTE, NOW, FeedBench, Script, bar, closing


@pytest.fixture
def benches() -> Iterator[Any]:
    made: list[FeedBench] = []

    def make(*args: Any, **more: Any) -> FeedBench:
        made.append(FeedBench(*args, **more))
        return made[-1]

    yield make
    for bench in made:
        bench.feed.finish()


def test_history_comes_first(benches: Any) -> None:
    past = (bar(-2), bar(-1))
    bench = benches(Script([closing(0)], past))
    assert bench.send(Begin())[0] == BarsSeen(BTC, "1m", past)
    assert len(bench.of(BarsSeen)) == 1


def test_every_closed_candle_is_in_one_bundle(benches: Any) -> None:
    events = [closing(minute, symbol) for minute in range(40) for symbol in (BTC, ETH)]
    bench = benches(Script(events))
    bundles = []
    bench.send(Begin())
    bundles += bench.of(CandlesClosed)
    for number in range(1, 81):
        bench.hand.seconds += 0.004
        bench.send(Drained(number))
        bundles += bench.of(CandlesClosed)
    for symbol in (BTC, ETH):
        bars = [bar for bundle in bundles if bundle.symbol == symbol for bar in bundle.bars]
        assert bars == [bar(minute) for minute in range(40)]
    assert 2 * 320 // 50 - 2 <= len(bundles) <= 2 * 320 // 50 + 3
    assert bundles[-1].last_number == 80
    assert not bench.of(CandleSeen)


def test_at_a_pace_closed_candles_are_shown_one_by_one_too(benches: Any) -> None:
    bench = benches(Script([closing(0)]), Pace(60))
    bench.send(Begin())
    (seen,) = bench.of(CandleSeen)
    assert (seen.number, seen.candle.closed, seen.candle.at) == (1, True, instant(0))
    assert len(bench.of(CandlesClosed)) == 1


def test_progress_at_most_ten_times_a_second(benches: Any) -> None:
    bench = benches(Script([closing(minute) for minute in range(1_000)]))
    bench.send(Begin())
    told = bench.progress()
    for number in range(1, 500):
        bench.hand.seconds += 0.005
        bench.send(Drained(number))
        told += bench.progress()
    assert 20 <= len(told) <= 28
    first, second = told[:2]
    assert (first.number, first.total, first.at, first.freshness, first.speed) == (
        0, 1_000, NOW, Freshness.UNKNOWN, "max",
    )  # fmt: skip
    assert (second.number, second.at, second.freshness) == (1, instant(MINUTE), Freshness.FRESH)


def test_the_last_progress_is_the_whole(benches: Any) -> None:
    bench = benches(Script([closing(0), closing(1)]))
    bench.send(Begin(), Drained(1), Drained(2))
    assert isinstance(bench.happened[-1], FeedEnded)
    assert bench.happened[-2] == FeedProgressed(2, 2, instant(2 * MINUTE), Freshness.FRESH, "max")


def test_waiting_does_not_hold_back_a_bundle(benches: Any) -> None:
    bench = benches(Script([closing(0), closing(0, ETH), closing(1)]), Pace(1))
    alarms: list[float] = []
    bench.feed._alarm.set = alarms.append
    bench.send(Begin(), Drained(1), Drained(2))
    assert len(bench.of(CandlesClosed)) == 1
    assert alarms == [pytest.approx(0.05)]
    bench.hand.seconds += 0.05
    (late,) = bench.send(Wake())
    assert late == CandlesClosed(ETH, "1m", (bar(0),), 2)
    assert alarms[1:] == [pytest.approx(59.95)]


@pytest.mark.parametrize(("pace", "budget"), [(Pace(), 10), (Pace(60), 10), (Pace(1), 180)])
def test_silence_is_stale_until_the_next_event(benches: Any, pace: Pace, budget: int) -> None:
    bench = benches(Script([closing(0), closing(1)]), pace)
    bench.send(Begin())
    bench.hand.seconds += budget
    bench.send(Wake())
    assert bench.progress() == []
    bench.hand.seconds += 1
    bench.send(Wake())
    assert bench.progress() == [FeedProgressed(1, 2, instant(MINUTE), Freshness.STALE, str(pace))]
    bench.send(Drained(1))
    assert bench.progress()[-1].freshness is Freshness.FRESH


def test_a_long_wait_for_the_clock_is_silence_too(benches: Any) -> None:
    bench = benches(Script([closing(0), closing(1)]), Pace(1), age_budget=5.0)
    bench.send(Begin(), Drained(1))
    bench.hand.seconds += 5
    bench.send(Wake())
    assert bench.progress() == []
    bench.hand.seconds += 1
    bench.send(Wake())
    assert [told.freshness for told in bench.progress()] == [Freshness.STALE]
    bench.hand.seconds += 54
    bench.send(Wake())
    assert [told.freshness for told in bench.progress()] == [Freshness.FRESH]

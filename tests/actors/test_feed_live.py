"""The feed on a live source: woken, never at its end, past candles as past, held by nothing; without its thread."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.feed.stage import FeedStage, Wake
from actors.hub import FactHub
from core.clock import instant
from core.ids import Symbol
from core.market import Bar, Freshness
from core.messages import (
    BarsSeen,
    Begin,
    CandleDropped,
    CandlesClosed,
    CandleSeen,
    Drained,
    FeedEnded,
    Look,
    QuoteSeen,
    ReportsApplied,
    SymbolAged,
    VenueReported,
)
from core.ports import LiveSource, MarketEvent
from tests.fakes.feed_bench import BTC, ETH, FeedBench, Script, bar, closing, moment


class Live(Script):
    """A live market that has what the test puts into it."""

    label = "Live"

    def __init__(self, *events: MarketEvent) -> None:
        super().__init__([])
        self.total = None
        self.queue = list(events)
        self.last: Mapping[Symbol, int] = {}
        self.wake: Callable[[], None] | None = None
        self.is_closed = False

    def resume(self, last: Mapping[Symbol, int]) -> None:
        assert self.wake is None
        self.last = last

    def start(self, wake: Callable[[], None]) -> None:
        self.wake = wake

    def close(self) -> None:
        self.is_closed = True

    def pull(self) -> MarketEvent | None:
        self.pulled += 1
        return self.queue.pop(0) if self.queue else None


@pytest.fixture
def benches() -> Iterator[Any]:
    made: list[FeedBench] = []

    def make(*args: Any, **more: Any) -> FeedBench:
        made.append(FeedBench(*args, **more))
        return made[-1]

    yield make
    for bench in made:
        bench.feed.finish()


def started(source: Live, start: int, last: dict[Symbol, int]) -> FeedStage:
    """A feed behind a restart."""
    bench = FeedBench(Script([]))
    bench.feed.finish()
    feed = FeedStage(FactHub(), source, lambda *_: [], bench, Pace(), bench.hand, start, last=last)
    feed.begin()
    return feed


def past(minute: int, symbol: Symbol = BTC) -> MarketEvent:
    return MarketEvent(symbol, bar(minute), is_past=True)


def test_it_is_a_live_source_and_a_script_is_none() -> None:
    assert isinstance(Live(), LiveSource)
    assert not isinstance(Script([]), LiveSource)


def test_nothing_is_not_the_end(benches: Any) -> None:
    source = Live()
    bench = benches(source)
    assert bench.note == "Live, 1m, live"
    assert bench.send(Begin()) == []
    assert bench.send(Wake(), Wake()) == []
    source.queue.append(closing(0))
    assert bench.send(Wake())[:2] == [("match", 1, BTC, bar(0)), Look(1, BTC, bar(0))]
    assert bench.send(Drained(1)) == []
    assert not bench.of(FeedEnded)
    source.queue += [closing(1), closing(2)]
    assert bench.send(Wake())[:2] == [("match", 2, BTC, bar(1)), Look(2, BTC, bar(1))]
    assert [what for what in bench.send(Wake()) if isinstance(what, Look)] == []
    assert Look(3, BTC, bar(2)) in bench.send(Drained(2))


def test_the_source_wakes_the_feed(benches: Any) -> None:
    source = Live()
    bench = benches(source)
    bench.send(Begin())
    reminded: list[Any] = []
    bench.feed.remind = reminded.append
    assert source.wake is not None
    source.wake()
    assert reminded == [Wake()]


def test_past_candles_are_matched_and_looked_at_as_past(benches: Any) -> None:
    bench = benches(Live(past(0), past(1), closing(2)), Pace(1), reports={2: 1})
    first = bench.send(Begin())
    assert first[:2] == [("match", 1, BTC, bar(0)), Look(1, BTC, bar(0), True)]
    assert not bench.of(CandleSeen)
    matched, reported = bench.send(Drained(1))[:2]
    assert (matched, type(reported)) == (("match", 2, BTC, bar(1)), VenueReported)
    assert Look(2, BTC, bar(1), True) in bench.send(ReportsApplied(2))
    assert Look(3, BTC, bar(2)) in bench.send(Drained(2))
    (seen,) = bench.of(CandleSeen)
    assert (seen.number, seen.candle.closed, seen.candle.at) == (3, True, instant(120_000))


@pytest.mark.parametrize("pace", [Pace(), Pace(1), Pace(60)])
def test_no_pace_holds_it(benches: Any, pace: Pace) -> None:
    bench = benches(Live(*(closing(minute) for minute in range(5))), pace)
    bench.send(Begin())
    looks = [1]
    for number in range(1, 5):
        looks += [what.number for what in bench.send(Drained(number)) if isinstance(what, Look)]
        assert [seen.candle.closed for seen in bench.of(CandleSeen)] == [True]
    assert looks == [1, 2, 3, 4, 5]


def test_a_halt_does_not_hold_it(benches: Any) -> None:
    bench = benches(Live(closing(0)))
    bench.feed._is_held = lambda: True
    assert Look(1, BTC, bar(0)) in bench.send(Begin())


def test_facts_quotes_and_sentences_go_out_in_order(benches: Any) -> None:
    shown = BarsSeen(BTC, "1m", (bar(-2), bar(-1)))
    aged = SymbolAged(symbol=BTC, freshness=Freshness.FRESH, age=0.2, way="stream")
    dropped = CandleDropped(BTC, instant(0), "3 candles are left out: why")
    events = [
        MarketEvent(BTC, fact=shown), MarketEvent(BTC, dropped=dropped), past(0), moment(1, 5),
        MarketEvent(BTC, fact=aged), closing(1),
    ]  # fmt: skip
    bench = benches(Live(*events))
    assert [type(what) for what in bench.send(Begin())][:4] == [BarsSeen, CandleDropped, tuple, Look]
    happened = bench.send(Drained(1))
    assert [type(what) for what in happened if not isinstance(what, CandlesClosed)] == [
        QuoteSeen, CandleSeen, SymbolAged, tuple, Look, CandleSeen,
    ]  # fmt: skip


def test_it_goes_on_behind_the_last_candles() -> None:
    source = Live()
    feed = started(source, 7, {BTC: 60_000, ETH: 120_000})
    assert source.last == {BTC: 60_000, ETH: 120_000}
    source.queue.append(closing(3))
    feed.receive(Begin())
    assert feed._number == 8
    feed.finish()
    assert source.is_closed


def test_only_prices_are_fresh(benches: Any) -> None:
    """Warm-up and words about the connection say nothing of what the market is worth now."""
    source = Live(past(0))
    bench = benches(source)
    bench.send(Begin())
    assert {told.freshness for told in bench.progress()} == {Freshness.UNKNOWN}
    bench.send(Drained(1))
    source.queue.append(moment(1, 5))
    bench.send(Wake())
    assert [told.freshness for told in bench.progress()] == [Freshness.FRESH]
    bench.hand.seconds += 9
    aged = SymbolAged(symbol=BTC, freshness=Freshness.FRESH, age=9.0, way="stream")
    source.queue.append(MarketEvent(BTC, fact=aged))
    bench.send(Wake())
    assert {told.freshness for told in bench.progress()} == {Freshness.FRESH}
    bench.hand.seconds += 2
    bench.send(Wake())
    assert {told.freshness for told in bench.progress()} == {Freshness.STALE}
    source.queue.append(moment(1, 20))
    bench.send(Wake())
    assert bench.progress()[-1].freshness is Freshness.FRESH


def test_a_candle_of_nonsense_time_does_not_move_the_market(benches: Any) -> None:
    source = Live(
        closing(0), MarketEvent(BTC, dropped=CandleDropped(BTC, instant(10**13), "odd")), moment(1, 5)
    )
    bench = benches(source)
    bench.send(Begin())
    bench.send(Drained(1))
    assert bench.feed._market_time() == instant(65_000)


def test_bundles_that_are_left_over_follow_by_themselves(benches: Any) -> None:
    bench = benches(Live(closing(0), closing(0, ETH)))
    alarms: list[float] = []
    bench.feed._alarm.set = alarms.append
    bench.send(Begin())
    bench.send(Drained(1))
    assert not bench.of(CandlesClosed)
    bench.send(Drained(2))
    assert alarms == [pytest.approx(0.05)]
    bench.hand.seconds += 0.05
    assert bench.send(Wake()) == [CandlesClosed(ETH, "1m", (Bar(*bar(0)),), 2)]


def test_a_crash_closes_the_source() -> None:
    source = Live()
    bench = FeedBench(source)
    bench.feed.on_failure(OSError, OSError("gone"), None)
    assert source.is_closed

"""The feed's barrier and the order of things; without its thread, on a clock by hand."""

from collections.abc import Iterator
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.feed.stage import Wake
from core.clock import instant
from core.errors import BadValue
from core.market import Bar, Freshness
from core.messages import (
    Begin,
    CandleDropped,
    CandlesClosed,
    CandleSeen,
    Drained,
    FeedEnded,
    Look,
    QuoteSeen,
    ReportsApplied,
    VenueReported,
)
from core.ports import MarketEvent
from tests.fakes.feed_bench import BTC, ETH, NOW, FeedBench, Script, bar, closing, moment


@pytest.fixture
def benches() -> Iterator[Any]:
    made: list[FeedBench] = []

    def make(*args: Any, **more: Any) -> FeedBench:
        made.append(FeedBench(*args, **more))
        return made[-1]

    yield make
    for bench in made:
        bench.feed.finish()


def test_the_next_candle_waits_for_the_drain(benches: Any) -> None:
    bench = benches(Script([closing(0), closing(0, ETH), closing(1)]))
    happened = bench.send(Begin())
    assert [what for what in happened if not isinstance(what, CandlesClosed)] == [
        ("match", 1, BTC, bar(0)),
        Look(1, BTC, bar(0)),
    ]
    assert bench.send(Drained(0), Drained(2), ReportsApplied(1), Wake(), Begin()) == []
    assert bench.send(Drained(1)) == [("match", 2, ETH, bar(0)), Look(2, ETH, bar(0))]
    assert bench.send(Drained(1)) == []
    assert bench.send(Drained(2)) == [("match", 3, BTC, bar(1)), Look(3, BTC, bar(1))]
    assert not bench.of(FeedEnded)
    assert bench.send(Drained(3))[-1] == FeedEnded(3)
    assert bench.send(Drained(3), Wake(), Begin(), ReportsApplied(3)) == []


def test_fills_are_applied_before_the_strategy_looks(benches: Any) -> None:
    bench = benches(Script([closing(0), closing(1), closing(2)]), reports={2: 3})
    bench.send(Begin())
    matched, reported = bench.send(Drained(1))
    assert matched == ("match", 2, BTC, bar(1))
    assert isinstance(reported, VenueReported)
    assert (reported.number, len(reported.reports)) == (2, 3)
    assert bench.send(Drained(2), Drained(1), ReportsApplied(1), ReportsApplied(3), Wake()) == []
    assert bench.send(ReportsApplied(2)) == [Look(2, BTC, bar(1))]
    assert bench.send(ReportsApplied(2)) == []
    assert bench.send(Drained(2)) == [("match", 3, BTC, bar(2)), Look(3, BTC, bar(2))]


def test_nothing_is_pulled_before_it_begins(benches: Any) -> None:
    source = Script([closing(0)])
    bench = benches(source)
    assert bench.send(Wake(), Drained(0), ReportsApplied(0)) == []
    assert source.pulled == 0


def test_a_restart_goes_on_behind_its_number(benches: Any) -> None:
    bench = benches(Script([closing(minute) for minute in range(4)]), start=3)
    assert bench.note == "Script, 1m, 4 candles, from candle 4, speed max"
    assert bench.send(Begin())[:2] == [("match", 4, BTC, bar(3)), Look(4, BTC, bar(3))]
    assert bench.progress()[0].number == 3


def test_an_empty_rest_ends_at_once(benches: Any) -> None:
    bench = benches(Script([closing(0)]), start=1)
    assert bench.send(Begin()) == [FeedEnded(1)]
    assert {told.freshness for told in bench.progress()} == {Freshness.UNKNOWN}
    assert {told.at for told in bench.progress()} == {NOW}


def test_quotes_and_forming_candles_pass_at_once(benches: Any) -> None:
    dropped = CandleDropped(ETH, instant(0), "a price is zero or negative")
    events = [moment(0, 5), MarketEvent(ETH, dropped=dropped), moment(0, 10), closing(0), moment(1, 5)]
    bench = benches(Script(events))
    happened = bench.send(Begin())
    kinds = [type(what) for what in happened]
    assert kinds == [QuoteSeen, CandleSeen, CandleDropped, QuoteSeen, CandleSeen, tuple, Look, CandlesClosed]
    seen = happened[1]
    assert (seen.number, seen.candle.closed, seen.candle.timeframe) == (0, False, "1m")
    assert str(seen.candle.close) == "10.5"
    assert str(seen.candle.volume) == "2.00"
    assert [type(what) for what in bench.send(Drained(1))][:2] == [QuoteSeen, CandleSeen]


def test_a_flood_of_quotes_lets_the_inbox_have_its_turn(benches: Any) -> None:
    source = Script([moment(0, 1)] * 150 + [closing(0)])
    bench = benches(source)
    bench.send(Begin())
    assert source.pulled == 64
    assert bench.inbox() == [Wake()]
    bench.send(Wake())
    assert bench.inbox() == [Wake()]
    bench.send(Wake())
    assert bench.of(Look) == [Look(1, BTC, bar(0))]
    assert bench.inbox() == []


def test_at_a_pace_each_event_waits_for_its_time(benches: Any) -> None:
    bench = benches(Script([moment(0, 30), closing(0), closing(1), closing(500)]), Pace(60))
    assert [type(what) for what in bench.send(Begin())] == [QuoteSeen, CandleSeen]
    bench.hand.seconds += 0.4
    assert bench.send(Wake()) == []
    bench.hand.seconds += 0.1
    assert bench.send(Wake())[:2] == [("match", 1, BTC, bar(0)), Look(1, BTC, bar(0))]
    bench.hand.seconds += 0.3
    assert bench.send(Drained(1)) == []
    bench.hand.seconds += 0.7
    assert bench.send(Wake())[:2] == [("match", 2, BTC, bar(1)), Look(2, BTC, bar(1))]
    bench.send(Drained(2))
    bench.hand.seconds += 1.0  # the hole of 498 minutes counts as one
    assert Look(3, BTC, bar(500)) in bench.send(Wake())


def test_a_candle_that_cannot_be_written_down_is_an_error(benches: Any) -> None:
    bad = MarketEvent(BTC, forming=Bar(0, 0.01, 0.02, 0.01, 0.01, 1.0))
    bench = benches(Script([bad]))
    with pytest.raises(BadValue, match="above zero"):
        bench.send(Begin())

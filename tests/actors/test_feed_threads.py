"""The feed in its own thread: a whole market at full speed and at a pace, a stop in the middle, a crash."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.feed.stage import FeedStage
from actors.hub import FactHub
from actors.stage import Address
from actors.venues.sim import SimSource
from core.clock import SystemClock
from core.ids import Symbol
from core.market import Bar
from core.messages import (
    Begin,
    CandlesClosed,
    Drained,
    Fact,
    FeedEnded,
    Look,
    Ping,
    QuoteSeen,
    Report,
    ReportsApplied,
    StageFailed,
    VenueReported,
)
from core.ports import MarketEvent

SYMBOLS = ["BTC/USDT", "ETH/USDT"]


class Short(SimSource):
    """The simulated market, over after ``last`` candles."""

    def __init__(self, last: int, *, quotes: bool) -> None:
        super().__init__(4, SYMBOLS, quotes=quotes)
        self._left = last

    def pull(self) -> MarketEvent | None:  # type: ignore[override]
        if self._left == 0:
            return None
        event = super().pull()
        self._left -= event.bar is not None
        return event


class Line:
    """A feed, an executor that books on another thread and a strategy that drains at once, recorded."""

    name = "strategy"

    def __init__(self, source: Any, pace: Pace) -> None:
        self.order: list[Any] = []
        self.facts: list[Fact] = []
        self.ended = threading.Event()
        self.hub = FactHub()
        self.feed = Address(
            lambda: FeedStage.start(self.hub, source, self._match, self, pace, SystemClock()),
            "feed",
            self.hub,
        )
        self.hub.subscribe(self.feed.tell, Drained, ReportsApplied)
        self.hub.subscribe(self._apply, VenueReported)
        self.hub.subscribe(self.facts.append, QuoteSeen, CandlesClosed, StageFailed)
        self.hub.subscribe(lambda fact: self.ended.set(), FeedEnded, StageFailed)
        self.looked = threading.Semaphore(0)
        self.feed.start()
        self.feed.tell(Begin())

    def _match(self, number: int, symbol: Symbol, bar: Bar) -> list[Report]:
        self.order.append(("match", number))
        return [object()] if number % 3 == 0 else []  # type: ignore[list-item]

    def _apply(self, fact: Any) -> None:
        threading.Timer(0.001, self._applied, [fact.number]).start()

    def _applied(self, number: int) -> None:
        self.order.append(("applied", number))
        self.hub.publish(ReportsApplied(number))

    def tell(self, message: object) -> None:
        assert isinstance(message, Look)
        self.order.append(("look", message.number))
        self.looked.release()
        self.hub.publish(Drained(message.number))


@pytest.fixture
def line() -> Iterator[Callable[..., Line]]:
    lines: list[Line] = []

    def make(source: Any, pace: Pace) -> Line:
        lines.append(Line(source, pace))
        return lines[-1]

    yield make
    for made in lines:
        made.feed.stop(5)


def expected(last: int) -> list[tuple[str, int]]:
    order = []
    for number in range(1, last + 1):
        order += [("match", number), ("applied", number), ("look", number)]
    return [what for what in order if what[0] != "applied" or what[1] % 3 == 0]


@pytest.mark.parametrize(("pace", "quotes"), [(Pace(), False), (Pace(), True), (Pace(60_000), True)])
def test_the_order_is_the_same_at_every_speed(line: Any, pace: Pace, quotes: bool) -> None:
    made = line(Short(200, quotes=quotes), pace)
    assert made.ended.wait(30)
    assert made.order == expected(200)
    bars = dict.fromkeys(SYMBOLS, 0)
    for fact in made.facts:
        if isinstance(fact, CandlesClosed):
            bars[fact.symbol] += len(fact.bars)
    assert bars == dict.fromkeys(SYMBOLS, 100)
    assert sum(isinstance(fact, QuoteSeen) for fact in made.facts) == (2_400 if quotes else 0)


def test_the_pace_is_kept(line: Any) -> None:
    start = time.monotonic()
    made = line(Short(20, quotes=False), Pace(1_200))
    assert made.ended.wait(30)
    assert 9 * 60 / 1_200 <= time.monotonic() - start < 10


def test_waiting_for_the_clock_answers_and_stops_at_once(line: Any) -> None:
    made = line(SimSource(4, SYMBOLS, quotes=False), Pace(1))
    assert made.looked.acquire(timeout=5)
    assert made.looked.acquire(timeout=5)  # both symbols close together; the next minute is a minute away
    assert made.feed.ask(Ping(), timeout=2) == "feed"
    start = time.monotonic()
    made.feed.stop(5)
    assert time.monotonic() - start < 2
    assert not made.feed.is_alive
    assert "feed-alarm" not in {thread.name for thread in threading.enumerate()}


def test_an_endless_market_at_full_speed_stops_at_once(line: Any) -> None:
    made = line(SimSource(4, SYMBOLS, quotes=False), Pace())
    for _ in range(300):
        assert made.looked.acquire(timeout=5)
    made.feed.stop(5)
    many = len(made.order)
    assert not made.feed.is_alive
    assert not made.ended.is_set()
    assert len(made.order) == many


def test_a_broken_source_is_a_failed_stage(line: Any, caplog: pytest.LogCaptureFixture) -> None:
    class Broken(Short):
        def pull(self) -> MarketEvent | None:
            if self._left == 5:
                raise OSError("the disk is gone")
            return super().pull()

    made = line(Broken(10, quotes=False), Pace())
    assert made.ended.wait(10)
    (failed,) = [fact for fact in made.facts if isinstance(fact, StageFailed)]
    assert (failed.stage, failed.why) == ("feed", "OSError: the disk is gone")
    assert made.order == expected(5)
    for thread in threading.enumerate():
        if thread.name == "feed-alarm":
            thread.join(5)
            assert not thread.is_alive()

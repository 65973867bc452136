"""The feed, in its own thread: releases the next candle only when the pipeline has drained the last.

On each closed candle, in this order: the venue matches it, the fills' facts are applied, the strategy looks
(README, "The life of an order").  Waiting for the clock is the alarm's business, so a stop is answered at once at
every speed.  A live source has its own clock: it wakes the feed when there is something, and is never at its end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any, assert_never

from actors.feed.alarm import Alarm
from actors.feed.candle_value import candle_value
from actors.feed.pace import Metronome, Pace
from actors.feed.reporting import Bundles, Progress, is_price
from actors.stage import Stage
from core.clock import Clock, instant, millis
from core.ids import Symbol
from core.market import TIMEFRAME_MS, Bar, Freshness
from core.messages import (
    BarsSeen,
    Begin,
    CandleSeen,
    Drained,
    FeedEnded,
    Look,
    QuoteSeen,
    Report,
    ReportsApplied,
    VenueReported,
)
from core.ports import Hub, LiveSource, Mailbox, MarketEvent, MarketSource

VenueGate = Callable[[int, Symbol, Bar], Sequence[Report]]
"""Lets the simulated venue match a closed candle (its number, symbol and bar); what it says of our orders."""
IN_A_ROW = 64  # events that are no closed candle, before the inbox gets its turn
LEAST_AGE = 10.0
LOOK_AGAIN = 0.05  # seconds between two looks at what holds the market
CANDLES_OF_SILENCE = 3


@dataclass(frozen=True, slots=True)
class Wake:
    """The alarm to the feed: something may be due."""


FeedMessage = Begin | Drained | ReportsApplied | Wake


class Phase(Enum):
    """What the feed waits for."""

    BEGIN = auto()
    NOTHING = auto()
    TIME = auto()
    REPORTS = auto()
    DRAIN = auto()
    ENDED = auto()


class FeedStage(Stage):
    """Owns the source.  ``start_number`` closed candles are skipped: a session goes on behind them.

    While ``is_held`` says so (Belay is halted) a recorded or simulated market stands still; a live one goes on, and
    knows no pace; it goes on behind the candles of ``last`` (open time in ms of each market's last one).
    ``age_budget`` is how many seconds without an event make the prices stale; without it, three candles at
    this pace and at least ten seconds.  ``monotonic`` gives seconds that never go back.
    """

    title = "feed"

    def __init__(
        self,
        hub: Hub,
        source: MarketSource,
        venue_gate: VenueGate,
        onward: Mailbox,
        pace: Pace,
        clock: Clock,
        start_number: int = 0,
        *,
        is_held: Callable[[], bool] = lambda: False,
        last: Mapping[Symbol, int] | None = None,
        age_budget: float | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(hub)
        self._source, self._venue_gate, self._next, self._pace, self._clock = (
            source,
            venue_gate,
            onward,
            pace,
            clock,
        )
        self._number = start_number
        self._is_held = is_held
        self._live = source if isinstance(source, LiveSource) else None
        self._last = last or {}
        self._monotonic = monotonic
        self._candle_ms = TIMEFRAME_MS[source.timeframe]
        slow = (
            0.0 if self._live else CANDLES_OF_SILENCE * self._candle_ms / 1000 / (pace.times or float("inf"))
        )
        self._age_budget = age_budget if age_budget is not None else max(LEAST_AGE, slow)
        self._instruments = {instrument.symbol: instrument for instrument in source.instruments()}
        self._metronome = Metronome(pace, self._candle_ms)
        self._bundles = Bundles(hub.publish, source.timeframe)
        self._progress = Progress(hub.publish, source.total, "live" if self._live else str(pace))
        self._alarm = Alarm(lambda: self.remind(Wake()))
        self._phase = Phase.BEGIN
        self._held: MarketEvent | None = None  # pulled, not yet due
        self._look: Look | None = None  # released to the venue, not yet to the strategy
        self._at_ms: int | None = None
        self._seen: float | None = None

    def begin(self) -> str:
        self._source.skip(self._number)
        self._alarm.start()
        if self._live is not None:
            self._live.resume(self._last)
            self._live.start(lambda: self.remind(Wake()))
            return f"{self._source.label}, {self._source.timeframe}, live"
        many = "" if self._source.total is None else f", {self._source.total:,} candles"
        behind = f", from candle {self._number + 1:,}" if self._number else ""
        return f"{self._source.label}, {self._source.timeframe}{many}{behind}, speed {self._pace}"

    def finish(self) -> None:
        self._let_go()
        self._bundles.publish(self._monotonic())

    def on_failure(self, exception_type: Any, exception_value: Any, traceback: Any) -> None:
        self._let_go()  # pykka calls no on_stop for a stage that crashed
        super().on_failure(exception_type, exception_value, traceback)

    def _let_go(self) -> None:
        self._alarm.stop()
        if self._live is not None:
            self._live.close()

    def receive(self, message: FeedMessage) -> None:
        match message:
            case Drained(number):
                if self._phase is Phase.DRAIN and number == self._number:
                    self._phase = Phase.NOTHING
                    self._run()
            case ReportsApplied(number):
                if self._phase is Phase.REPORTS and number == self._number:
                    self._hand_on()
            case Wake():
                self._wake()
            case Begin():
                if self._phase is Phase.BEGIN:
                    self._open()
            case _:
                assert_never(message)

    def _open(self) -> None:
        for symbol in () if self._live else self._instruments:  # a live source tells its history itself
            bars = tuple(self._source.history(symbol))
            if bars:
                self.hub.publish(BarsSeen(symbol, self._source.timeframe, bars))
        self._tell_progress(Freshness.UNKNOWN, self._monotonic())
        self._phase = Phase.NOTHING
        self._run()

    def _wake(self) -> None:
        now = self._monotonic()
        self._bundles.publish_due(now)
        if self._phase is Phase.TIME:
            self._phase = Phase.NOTHING
        if self._phase is Phase.NOTHING:
            self._run()
            if self._live is None:
                return
        if self._phase is not Phase.ENDED and self._is_silent(now):
            self._tell_progress(Freshness.STALE, now)

    def _is_silent(self, now: float) -> bool:
        return self._seen is not None and now - self._seen > self._age_budget

    def _run(self) -> None:
        """Release what is due, up to the next closed candle."""
        for _ in range(IN_A_ROW):
            if self._live is None and self._is_held():
                self._phase = Phase.TIME
                self._alarm.set(LOOK_AGAIN)
                return
            event = self._held or self._source.pull()
            if event is None:
                self._pause() if self._live else self._end()
                return
            now = self._monotonic()
            at_ms = self._time_of(event)
            if self._live is None and self._metronome.due(at_ms, now) > now:
                self._held = event
                self._wait(at_ms, now)
                return
            self._held = None
            self._metronome.released(at_ms, now)
            self._release(event, at_ms, now)
            if self._phase is not Phase.NOTHING:
                return
        self.remind(Wake())

    def _pause(self) -> None:
        """A live source has nothing yet: it wakes the feed."""
        seconds = self._bundles.wait(self._monotonic())
        if seconds is not None:
            self._alarm.set(seconds)

    def _time_of(self, event: MarketEvent) -> int:
        """When the event happened, in ms: a candle counts from its close."""
        if event.bar is not None:
            return event.bar.ts + self._candle_ms
        if event.quote is not None:
            return millis(event.quote.at)
        if event.dropped is not None and self._live is None:
            return millis(event.dropped.at)
        return self._at_ms or 0

    def _wait(self, at_ms: int, now: float) -> None:
        self._phase = Phase.TIME
        if self._is_silent(now):
            self._tell_progress(Freshness.STALE, now)
        seconds = self._metronome.due(at_ms, now) - now
        bundle = self._bundles.wait(now)
        self._alarm.set(seconds if bundle is None else min(seconds, bundle))

    def _release(self, event: MarketEvent, at_ms: int, now: float) -> None:
        if at_ms or self._live is None:
            self._at_ms = at_ms if self._at_ms is None else max(at_ms, self._at_ms)
        if self._live is None or is_price(event):
            self._seen = now
        if event.fact is not None:
            self.hub.publish(event.fact)
        if event.dropped is not None:
            self.hub.publish(event.dropped)
        if event.quote is not None:
            self.hub.publish(QuoteSeen(event.quote))
        if event.forming is not None:
            self._publish_candle(event.symbol, event.forming, closed=False)
        if event.bar is not None:
            self._release_candle(event.symbol, event.bar, is_past=event.is_past)
        self._bundles.publish_due(now)
        freshness = self._freshness(now)
        if self._progress.is_due(freshness, now):
            self._tell_progress(freshness, now)

    def _freshness(self, now: float) -> Freshness:
        if self._seen is None:
            return Freshness.UNKNOWN
        return Freshness.STALE if self._is_silent(now) else Freshness.FRESH

    def _release_candle(self, symbol: Symbol, bar: Bar, *, is_past: bool) -> None:
        self._number = number = self._number + 1
        reports = self._venue_gate(number, symbol, bar)
        self._look = Look(number, symbol, bar, is_past)
        self._bundles.add(number, symbol, bar)
        if reports:
            self._phase = Phase.REPORTS
            self.hub.publish(VenueReported(number, tuple(reports)))
        else:
            self._hand_on()
        is_one_by_one = not is_past if self._live else not self._pace.is_max
        if is_one_by_one:  # at full speed the bundles are all that anyone could look at
            self._publish_candle(symbol, bar, closed=True)

    def _hand_on(self) -> None:
        assert self._look is not None
        look, self._look = self._look, None
        self._phase = Phase.DRAIN
        self._next.tell(look)

    def _publish_candle(self, symbol: Symbol, bar: Bar, *, closed: bool) -> None:
        value = candle_value(bar, self._instruments[symbol], self._source.timeframe, closed=closed)
        self.hub.publish(CandleSeen(self._number, value))

    def _tell_progress(self, freshness: Freshness, now: float) -> None:
        self._progress.told(self._number, self._market_time(), freshness, now)

    def _market_time(self) -> datetime:
        return self._clock.now() if self._at_ms is None else instant(self._at_ms)

    def _end(self) -> None:
        self._phase = Phase.ENDED
        now = self._monotonic()
        self._bundles.publish(now)
        self._tell_progress(Freshness.UNKNOWN if self._seen is None else Freshness.FRESH, now)
        self.hub.publish(FeedEnded(self._number))

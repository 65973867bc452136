"""A whole pipeline in this process over a candle file, with a spy between the stages and the paper venue."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, get_args

from actors.feed.pace import Pace
from actors.hub import FactHub
from actors.pipeline import Pipeline
from actors.session import new_plan
from actors.venues.replay import ReplaySource
from core.clock import SystemClock
from core.halt import Latch
from core.messages import Fact, FeedEnded
from core.modes import Mode
from core.order import Order
from core.records import Restart
from core.settings import Settings


class SpyVenue:
    """The paper venue, with ``happened`` kept in order; ``place_raises`` answers for it."""

    def __init__(self, venue: Any, happened: list[Any], seen: Any) -> None:
        self._venue, self._happened, self._seen = venue, happened, seen
        self.place_raises: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._venue, name)

    def advance(self, number: int, symbol: Any, bar: Any) -> Any:
        self._happened.append(("candle", number))
        return self._venue.advance(number, symbol, bar)

    def place(self, order: Order) -> None:
        self._seen(order)
        self._happened.append(("place", order))
        if self.place_raises is not None:
            raise self.place_raises
        self._venue.place(order)

    def cancel(self, order: Order) -> None:
        self._happened.append(("cancel", order))
        self._venue.cancel(order)


class SpiedPipeline(Pipeline):
    """Stages and venue as they are, but for the spy in between."""

    happened: list[Any]
    seen: Any

    def _venue(self, restart: Restart) -> None:
        super()._venue(restart)
        self.venue: Any = SpyVenue(self.venue, self.happened, self.seen)

    def _kill_switch(self) -> None:
        """The kill switch has hands of its own, which nobody watches."""
        spied, self.venue = self.venue, self.venue._venue
        super()._kill_switch()
        self.venue = spied


class PipelineBench:
    """``happened`` has all facts, and the candles, orders and cancels that the venue met, as they came.

    ``seen`` is called with each order just before the venue takes it.
    """

    def __init__(self, home: Path, candles: Path, strategies: Sequence[str], *, mode: Mode = Mode.PAPER,
                 pace: Pace | None = None, seen: Any = lambda order: None) -> None:  # fmt: skip
        home.mkdir(exist_ok=True)
        self.home, self.happened = home, []
        self.settings = Settings()
        self.source = ReplaySource([candles], ["BTC/USDT"])
        self.plan = new_plan(self.settings, self.source, "replay", list(strategies), mode=mode)
        self.hub, self.latch = FactHub(), Latch(home)
        self._ended: SimpleQueue[FeedEnded] = SimpleQueue()
        # by type and before the stages subscribe: heard before the next stage acts on it
        self.hub.subscribe(self.happened.append, *get_args(Fact))
        self.hub.subscribe(self._ended.put, FeedEnded)
        self.pipeline = SpiedPipeline(
            home, self.plan, self.source, pace or Pace(), self.settings, self.latch, SystemClock(), self.hub
        )
        self.pipeline.happened, self.pipeline.seen = self.happened, seen

    @contextmanager
    def running(self) -> Any:
        """The pipeline, up inside the block."""
        self.pipeline.start()
        try:
            yield self
        finally:
            self.pipeline.stop()

    def to_the_end(self) -> PipelineBench:
        """Run all candles and stop."""
        with self.running():
            self.wait_for_end()
        return self

    def wait_for_end(self, seconds: float = 60) -> None:
        try:
            self._ended.get(timeout=seconds)
        except Empty:
            raise AssertionError("the candles did not come to their end") from None

    def of(self, kind: type) -> list[Any]:
        return [what for what in self.happened if isinstance(what, kind)]

    def orders(self, what: str) -> list[Order]:
        """The orders that the venue met: ``place`` or ``cancel``."""
        return [each[1] for each in self.happened if isinstance(each, tuple) and each[0] == what]

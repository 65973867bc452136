"""What the feed tells the window: bundles of closed candles and progress, no more often than anyone can look.

The feed's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from core.ids import Symbol
from core.market import Bar, Freshness
from core.messages import CandlesClosed, Fact, FeedProgressed
from core.ports import MarketEvent

BUNDLE_EVERY = 0.05
PROGRESS_EVERY = 0.1


def is_price(event: MarketEvent) -> bool:
    """Whether it says what the market is worth now: a past candle does not, nor does a word on the connection."""
    return (
        event.quote is not None or event.forming is not None or (event.bar is not None and not event.is_past)
    )


class Bundles:
    """Closed candles, published together per symbol at most every 50 ms; each exactly once."""

    def __init__(self, publish: Callable[[Fact], None], timeframe: str) -> None:
        self._publish, self._timeframe = publish, timeframe
        self._open: dict[Symbol, list[Bar]] = {}
        self._number = 0
        self._due = 0.0

    def add(self, number: int, symbol: Symbol, bar: Bar) -> None:
        self._open.setdefault(symbol, []).append(bar)
        self._number = number

    def wait(self, now: float) -> float | None:
        """Seconds until the open bundles may go, None when there are none."""
        return max(self._due - now, 0.0) if self._open else None

    def publish_due(self, now: float) -> None:
        if self._open and now >= self._due:
            self.publish(now)

    def publish(self, now: float) -> None:
        """Publish what is open, due or not."""
        bundles, self._open = self._open, {}
        self._due = now + BUNDLE_EVERY
        for symbol, bars in bundles.items():
            self._publish(CandlesClosed(symbol, self._timeframe, tuple(bars), self._number))


class Progress:
    """FeedProgressed at most ten times a second, at once when the freshness changes."""

    def __init__(self, publish: Callable[[Fact], None], total: int | None, speed: str) -> None:
        self._publish, self._total, self._speed = publish, total, speed
        self._freshness: Freshness | None = None
        self._due = 0.0

    def told(self, number: int, at: datetime, freshness: Freshness, now: float) -> None:
        """Publish now, whenever the last one was."""
        self._freshness, self._due = freshness, now + PROGRESS_EVERY
        self._publish(FeedProgressed(number, self._total, at, freshness, self._speed))

    def is_due(self, freshness: Freshness, now: float) -> bool:
        return now >= self._due or freshness is not self._freshness

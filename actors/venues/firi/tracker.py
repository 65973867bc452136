"""One market's way through time: which closed candles are due from a page of trades, and which are past; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from actors.venues.firi.candles import Page, bar_of, bars_between
from core.clock import instant
from core.ids import Symbol
from core.market import Bar
from core.messages import CandleDropped
from core.ports import MarketEvent

GRACE_MS = 2000
"""How long after its end a candle may still get a trade into Firi's list."""


@dataclass(frozen=True, slots=True)
class Due:
    """What one look brought: events in order (closed candles), and the forming bar if there is one."""

    events: tuple[MarketEvent, ...]
    forming: Bar | None


class Tracker:
    """Never the same candle twice, never one out of order, no hole but one that is told."""

    def __init__(self, symbol: Symbol, span: int, last: int | None = None) -> None:
        """``last`` is the open time (ms) of the candle behind which it goes on."""
        self.symbol, self._span = symbol, span
        self._next = None if last is None else last + span
        self._close: Decimal | None = None

    def is_due(self, now: int) -> bool:
        """Whether a candle has closed by the venue's clock (ms)."""
        return self._next is None or self._closed_until(now, None) > self._next

    def is_covered(self, page: Page) -> bool:
        """Whether the page reaches back to the next candle; a longer one is worth asking for if not."""
        known = page.known_from()
        return page.is_whole or self._next is None or known is None or known <= self._next

    def look(self, page: Page, now: int) -> Due:
        """What the page of trades brings at the venue's time ``now`` (ms), taken before it was read."""
        known = page.known_from()
        if known is None:
            return Due((), None)
        first = -(-known // self._span) * self._span  # the first bar of which the page has every trade
        if page.is_whole:
            first = known // self._span * self._span
        end = self._closed_until(now, page.newest)
        start = first if self._next is None else self._next
        dropped: list[MarketEvent] = []
        if start < first and start < end:
            dropped.append(self._hole(start, first))
            start, self._close = first, None
        bars = bars_between(page, start, end, self._span, self._close) if start < end else []
        self._next = bars[-1].ts + self._span if bars else start
        closes = [trade.price for trade in page.trades if trade.at < self._next]
        self._close = closes[-1] if closes else self._close
        return Due((*dropped, *self._events(bars)), self._forming(page, end))

    def _closed_until(self, now: int, newest: int | None) -> int:
        """The end of the last closed bar: by the clock and a grace, or because a newer bar has begun."""
        by_clock = (now - GRACE_MS) // self._span * self._span
        return by_clock if newest is None else max(by_clock, newest // self._span * self._span)

    def _events(self, bars: Sequence[Bar]) -> list[MarketEvent]:
        newest = bars[-1].ts if bars else None
        return [MarketEvent(self.symbol, bar, is_past=bar.ts != newest) for bar in bars]

    def _hole(self, start: int, first: int) -> MarketEvent:
        count = (first - start) // self._span
        reason = (
            f"Firi tells only its newest trades: {count} candles from "
            f"{instant(start):%Y-%m-%d %H:%M} UTC on are missing"
        )
        return MarketEvent(self.symbol, dropped=CandleDropped(self.symbol, instant(start), reason))

    def _forming(self, page: Page, end: int) -> Bar | None:
        trades = [trade for trade in page.trades if trade.at >= end]
        return bar_of(trades[0].at // self._span * self._span, trades) if trades else None

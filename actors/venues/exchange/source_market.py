"""What the source knows of one market: its candles, its quote, how fresh they are; the connection's thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from actors.venues.exchange.candles import CandleLine
from core.candle_builder import CandleBuilder
from core.clock import instant, millis
from core.errors import BadValue
from core.ids import Symbol
from core.instrument import Instrument
from core.market import Bar, Freshness, Quote
from core.messages import SymbolAged
from core.money import Price

TOLD_EVERY = 5.0
STRIKES = 2
"""Times that REST must know what the stream should have told, before the stream is taken for broken."""


@dataclass(slots=True)
class Asking:
    """Questions to REST for one market: at most one is under way, and after one in vain the next waits longer."""

    is_busy: bool = False
    at: float = float("-inf")
    next: float = float("-inf")
    in_vain: int = 0

    def answered(self, now: float, *, has_news: bool, least: float, most: float) -> None:
        self.is_busy = False
        self.in_vain = 0 if has_news else self.in_vain + 1
        self.next = now + (least if has_news else min(most, max(least, 0.25 * 2.0 ** min(self.in_vain, 10))))


@dataclass(slots=True)
class Market:
    """One symbol; times are arrivals in seconds of a clock that never goes back."""

    symbol: Symbol
    instrument: Instrument
    line: CandleLine
    builder: CandleBuilder | None = None
    builder_epoch: int = -1
    is_built_whole: bool = False
    forming: Bar | None = None
    """The newest that was told."""
    asking: Asking = field(default_factory=Asking)
    is_halted: bool = False
    candle_at: float = float("-inf")
    """The last news of its candles by the stream."""
    quote_at: float = float("-inf")
    quote_polled: float = float("-inf")
    news_at: float | None = None
    """The last news by any way, or an answer that there is none."""
    way: str = "none"
    quote: Quote | None = None
    early: Mapping[str, Any] | None = None
    """A quote from before its past was known: without that, nobody can say when it was."""
    bad_quotes: int = 0
    strikes: dict[str, int] = field(default_factory=dict)
    told_at: float = float("-inf")
    told: tuple[Freshness, str] = (Freshness.UNKNOWN, "")

    def heard(self, now: float, way: str) -> None:
        self.news_at, self.way = now, way

    def strike(self, kind: str) -> bool:
        """REST knew what the stream of this kind should have told; True when that was once too often."""
        self.strikes[kind] = self.strikes.get(kind, 0) + 1
        return self.strikes[kind] >= STRIKES

    def quote_of(self, ticker: Mapping[str, Any], now: datetime) -> Quote | None:
        """A ticker of ccxt in exact numbers; None when it has no bid and ask.  ``BadValue`` for nonsense."""
        bid, ask, last = (ticker.get(name) for name in ("bid", "ask", "last"))
        if bid is None or ask is None:
            return None
        forming = self.line.forming
        if last is None and forming is not None:
            last = f"{forming.close:.{self.instrument.price_places}f}"
        if last is None:
            last = self.quote.last if self.quote is not None else bid
        return Quote(self.symbol, price(bid), price(ask), price(last), self._at(now))

    def _at(self, now: datetime) -> datetime:
        """The present as this market counts it: within the candle that forms, wherever that lies."""
        first = self.line.newest
        if first is None:
            return now
        return instant(min(max(millis(now), first), first + self.line.span_ms - 1))

    def aged(self, now: float, budget: float) -> SymbolAged | None:
        """How fresh it is, when that is worth telling."""
        age = now - self.news_at if self.news_at is not None else 0.0
        freshness = Freshness.UNKNOWN if self.news_at is None else Freshness.FRESH
        if age > budget or self.is_halted:
            freshness = Freshness.STALE
        way = self.way if freshness is Freshness.FRESH else "none"
        if (freshness, way) == self.told and now - self.told_at < TOLD_EVERY:
            return None
        self.told, self.told_at = (freshness, way), now
        return SymbolAged(symbol=self.symbol, freshness=freshness, age=round(age, 1), way=way)


def price(value: Any) -> Price:
    """A price of ccxt, a text or (from order books) a float with few digits; ``BadValue`` for anything else."""
    try:
        return Price(str(value))
    except ArithmeticError as error:
        raise BadValue(f"{value!r} is no price") from error

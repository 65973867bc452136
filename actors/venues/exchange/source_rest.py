"""Candles and quotes by REST: paged, sorted, each candle once; on the connection's loop.

All raise what ``Connection.aread`` raises: ``TryAgain``, ``KeysRefused`` or ``BadData``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.exchange.streams_watch import bar_of, top_of
from core.errors import MISREAD, BadData, BelayError, TryAgain
from core.ids import Symbol
from core.market import Bar, bar_fault

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection

log = structlog.get_logger("feed")

MOST_PAGES = 30
LARGEST_PAGE, USUAL_PAGE = 1_000, 100
SPARE = 2
"""Candles asked for beyond those expected."""


class Rest:
    """One venue's public answers."""

    def __init__(self, connection: Connection, timeframe: str, span_ms: int) -> None:
        self._connection, self._timeframe, self._span = connection, timeframe, span_ms
        self._ways = ["all", "each", "books"]  # of asking for quotes, the one that works in front
        exchange = connection.exchange
        self.has_candles = bool(exchange.has.get("fetchOHLCV"))
        self.pause = float(exchange.rateLimit or 50) / 1000
        """Seconds between two requests that no venue minds."""
        limits = (exchange.features or {}).get("spot") or {}
        told = (limits.get("fetchOHLCV") or {}).get("limit") or USUAL_PAGE
        self._page = min(int(told), LARGEST_PAGE)
        self.refused = set[Symbol]()
        """Markets whose candles the venue did not tell when it was asked last, as if it had none."""

    # ---------------------------------------------------------------- candles

    async def newest(self, symbol: Symbol, wanted: int) -> list[Bar]:
        """The newest ``wanted`` candles, the one that forms among them; fewer if the venue has no more."""
        bars = await self._ask(symbol, None, min(self._page, wanted))
        if not bars or len(bars) >= wanted or len(bars) < min(self._page, wanted) // 2:
            return bars[-wanted:]
        older = await self.after(symbol, bars[-1].ts - wanted * self._span, wanted, until=bars[0].ts)
        return joined(older, bars)[-wanted:]

    async def after(self, symbol: Symbol, last: int, expected: int, until: int | None = None) -> list[Bar]:
        """All candles behind the open time ``last``, the one that forms among them, up to ``until`` if given."""
        bars: list[Bar] = []
        since, limit = last + self._span, max(1, min(self._page, expected + SPARE))
        for _ in range(MOST_PAGES):
            rows = [bar for bar in await self._ask(symbol, since, limit) if bar.ts >= since]
            bars = joined(bars, rows)
            if len(rows) < limit or (until is not None and rows[-1].ts >= until):
                break
            since, limit = rows[-1].ts, self._page
        return bars

    async def _ask(self, symbol: Symbol, since: int | None, limit: int) -> list[Bar]:
        try:
            rows = await self._connection.aread(
                lambda e: e.fetch_ohlcv(symbol, self._timeframe, since, limit)
            )
            bars = joined([], [bar_of(row) for row in rows])
        except BadData:
            self.refused.add(symbol)
            raise
        except MISREAD as error:
            self.refused.add(symbol)
            raise BadData(
                f"{symbol}: the venue's candles cannot be read ({type(error).__name__})."
            ) from error
        self.refused.discard(symbol)
        return bars

    # ---------------------------------------------------------------- quotes

    async def tickers(self, symbols: Sequence[Symbol]) -> dict[Symbol, Mapping[str, Any]]:
        """Best bid and ask of these markets, by the first way that works."""
        error: Exception | None = None
        for way in list(self._ways):
            try:
                found = await self._by(way, symbols)
            except BelayError as fault:
                error = fault
                continue
            if found:
                self._ways.remove(way)
                self._ways.insert(0, way)
                return found
        raise TryAgain("The venue gives no quotes by REST now.") from error

    async def _by(self, way: str, symbols: Sequence[Symbol]) -> dict[Symbol, Mapping[str, Any]]:
        has, read = self._connection.exchange.has, self._connection.aread
        if way == "all":
            if len(symbols) <= 2:
                return {}
            if has.get("fetchBidsAsks"):
                found = await read(lambda e: e.fetch_bids_asks(list(symbols)))
            elif has.get("fetchTickers"):
                found = await read(lambda e: e.fetch_tickers(list(symbols)))
            else:
                return {}
            return {symbol: found[symbol] for symbol in symbols if _has_quote(found.get(symbol))}
        if not has.get({"each": "fetchTicker", "books": "fetchOrderBook"}[way]):
            return {}
        quotes: dict[Symbol, Mapping[str, Any]] = {}
        for symbol in symbols:
            try:
                if way == "each":
                    ticker = await read(lambda e, symbol=symbol: e.fetch_ticker(symbol))  # type: ignore[misc]
                else:
                    ticker = top_of(await read(lambda e, symbol=symbol: e.fetch_order_book(symbol, 5)))  # type: ignore[misc]
            except BadData as fault:  # one market may be gone, and the others are still wanted
                log.info("no quote", symbol=symbol, why=str(fault))
                continue
            if _has_quote(ticker):
                quotes[symbol] = ticker
        return quotes


def _has_quote(ticker: Mapping[str, Any] | None) -> bool:
    return ticker is not None and ticker.get("bid") is not None and ticker.get("ask") is not None


def joined(older: Iterable[Bar], newer: Iterable[Bar]) -> list[Bar]:
    """Both by time, each candle once, the newer answer's."""
    return [bar for _, bar in sorted({bar.ts: bar for bar in (*older, *newer)}.items())]


def is_whole(bars: Sequence[Bar], span_ms: int) -> bool:
    """Whether every candle is there and can be used."""
    return all(bar_fault(bar) is None for bar in bars) and all(
        after.ts - before.ts == span_ms for before, after in pairwise(bars)
    )

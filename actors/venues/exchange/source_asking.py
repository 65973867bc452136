"""When REST is asked: holes, candles that should be over, streams that are down or quiet; on the connection's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any, Protocol

import structlog

from actors.venues.exchange.candles_pace import VenuePace
from actors.venues.exchange.source_market import Market
from actors.venues.exchange.source_rest import Rest
from core.errors import BadData, BelayError
from core.ids import Symbol
from core.market import Bar

log = structlog.get_logger("feed")

LATE_FRAME = 0.15
"""Seconds in which news that was overtaken on its way may still come."""
QUIET = 2.0
"""Seconds after which a candle that should be over is asked for, though its stream says nothing of it."""
QUIET_POLLED = 0.3
QUOTE_QUIET, QUOTE_DOWN = 8.0, 3.0
"""Seconds without a quote after which it is asked for: with its stream up, and without."""
POLL_EVERY = 2.0
LONGEST = 10.0
"""The longest wait between two questions that bring nothing."""
AT_ONCE = 4


class Source(Protocol):
    """What the asker needs of the source."""

    markets: Mapping[Symbol, Market]
    pace: VenuePace
    rest: Rest

    def now(self) -> float: ...

    def is_streamed(self, kind: str, symbol: Symbol) -> bool: ...

    def contradict(self, kind: str, symbol: Symbol, why: str) -> None: ...

    def candles_told(self, market: Market, bars: Sequence[Bar], reached: int | None) -> bool: ...

    def ticker_told(self, market: Market, ticker: Mapping[str, Any]) -> bool: ...

    def is_open(self) -> bool: ...

    def doubt_markets(self) -> None: ...


class Asker:
    """One loop over all markets; at most four questions are under way."""

    def __init__(self, source: Source, tick: float = 0.05) -> None:
        self._source, self._tick = source, tick
        self._limit = asyncio.Semaphore(AT_ONCE)
        self._tasks = set[asyncio.Task[None]]()
        self._failure: BaseException | None = None
        self._quotes_at = float("-inf")
        self._is_asking_quotes = False
        self.repairs: list[float] = []
        """Seconds that the last hundred candles were missing before REST filled them."""

    async def run(self) -> None:
        """Until cancelled."""
        try:
            while True:
                self._look(self._source.now())
                if self._failure is not None:
                    raise self._failure
                await asyncio.sleep(self._tick)
        finally:
            for task in self._tasks:
                task.cancel()

    def _look(self, now: float) -> None:
        markets = [market for market in self._source.markets.values() if not market.is_halted]
        if self._source.rest.has_candles and self._source.is_open():
            for market in markets:
                if not market.asking.is_busy and now >= market.asking.next and self._wants(market, now):
                    market.asking.is_busy, market.asking.at = True, now
                    self._start(self._ask(market))
        # Quotes of halted markets too: they tell when one comes back, and what is held there is worth something.
        old = [market for market in self._source.markets.values() if self._is_old(market, now)]
        if old and not self._is_asking_quotes and now >= self._quotes_at:
            self._is_asking_quotes = True
            self._start(self._ask_quotes(old))

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._failure = task.exception()

    # ---------------------------------------------------------------- candles

    def _wants(self, market: Market, now: float) -> bool:
        line = market.line
        if line.last is None:
            return False  # the warm-up's business
        if line.is_suspect:
            return True
        if line.over_since is not None:
            return now - line.over_since >= LATE_FRAME
        is_up = self._source.is_streamed("candles", market.symbol)
        due = self._source.pace.begins(line.last + 2 * line.span_ms)
        if due is not None and now >= due + (QUIET if is_up else QUIET_POLLED):
            return True
        if not is_up:
            return now - market.asking.at >= self._poll_every()
        return due is None and now - max(market.candle_at, market.asking.at) > line.span_ms / 1000 + QUIET

    def _poll_every(self) -> float:
        return max(POLL_EVERY, 2 * len(self._source.markets) * self._source.rest.pause)

    async def _ask(self, market: Market) -> None:
        source, line = self._source, market.line
        is_up, quiet_for = source.is_streamed("candles", market.symbol), source.now() - market.candle_at
        has_news = False
        try:
            async with self._limit:
                reached, missing_since = source.pace.newest, line.over_since
                last = line.last if line.last is not None else 0
                expected = ((reached or last) - last) // line.span_ms + 1
                bars = await source.rest.after(market.symbol, last, max(1, expected))
            now = source.now()
            has_news = source.candles_told(market, bars, reached)
            if missing_since is not None and line.over_since is None:
                self.repairs = [*self.repairs[-99:], now - missing_since]
            traded = any(bar.volume > 0 for bar in bars[:-1])
            if has_news and is_up and quiet_for > LONGEST and traded and market.strike("candles"):
                source.contradict("candles", market.symbol, "REST has candles that the stream did not tell")
        except BelayError as fault:
            log.info("candles could not be asked for", symbol=market.symbol, why=str(fault))
            if isinstance(fault, BadData):
                source.doubt_markets()
        finally:
            least = LATE_FRAME if is_up else max(0.5, len(source.markets) * source.rest.pause)
            market.asking.answered(source.now(), has_news=has_news, least=least, most=LONGEST)

    # ---------------------------------------------------------------- quotes

    def _is_old(self, market: Market, now: float) -> bool:
        is_up = self._source.is_streamed("quotes", market.symbol)
        at = max(market.quote_at, market.quote_polled)
        return now - at >= (QUOTE_QUIET if is_up else QUOTE_DOWN)

    async def _ask_quotes(self, old: Sequence[Market]) -> None:
        source = self._source
        try:
            async with self._limit:
                found = await source.rest.tickers([market.symbol for market in old])
            now = source.now()
            for market in old:
                if market.symbol not in found or market.quote_at >= now - 1:
                    continue  # the stream has spoken since
                is_up, before = source.is_streamed("quotes", market.symbol), market.quote
                is_new = source.ticker_told(market, found[market.symbol])
                if is_new and is_up and before is not None and market.strike("quotes"):
                    source.contradict("quotes", market.symbol, "REST has quotes that the stream did not tell")
        except BelayError as fault:
            log.info("quotes could not be asked for", why=str(fault))
        finally:
            now = source.now()
            for market in old:
                market.quote_polled = now
            self._quotes_at = now + max(1.0, source.rest.pause)
            self._is_asking_quotes = False

"""The warm-up of all markets: their pasts are fetched, merged by time and put in front of the first live candle."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING

import structlog

from actors.venues.exchange.source_market import Market
from actors.venues.exchange.source_outbox import Outbox
from actors.venues.exchange.source_warm import Past, fetch_past
from core.clock import instant
from core.errors import BadData, BelayError
from core.ids import Symbol
from core.market import Bar
from core.messages import BarsSeen, CandleDropped
from core.ports import MarketEvent

if TYPE_CHECKING:
    from actors.venues.exchange.source_life import Life

log = structlog.get_logger("feed")

AT_ONCE = 4
PATIENCE = 15.0
"""Seconds without a further market's past, after which the others go on and it follows by itself."""
AGAIN_FIRST, AGAIN_MOST = 0.5, 30.0
UNTOLD = 30.0
"""Seconds after which a past that the venue does not tell at all is done without, where its stream tells candles."""
UNTOLD_AGAIN = 5.0


class Start:
    """Runs once; markets whose past does not come go on being asked for it."""

    def __init__(self, life: Life, outbox: Outbox, last: Mapping[Symbol, int]) -> None:
        self._life, self._outbox, self._last = life, outbox, last
        self._limit = asyncio.Semaphore(AT_ONCE)
        self.shown: dict[Symbol, tuple[Bar, ...]] = {}

    async def run(self) -> None:
        waiting = {asyncio.create_task(self._fetch(market)): market for market in self._life.markets.values()}
        ready: list[tuple[Market, Past]] = []
        is_first = True
        try:
            while waiting:
                done, _ = await asyncio.wait(waiting, timeout=PATIENCE, return_when=asyncio.FIRST_COMPLETED)
                ready += [(waiting.pop(task), task.result()) for task in done]
                if waiting and not done and is_first:
                    late = ", ".join(market.symbol for market in waiting.values())
                    log.warning(f"No past of {late} came yet: the other markets begin without it.")
                    is_first = False
                if ready and (not waiting or not is_first):
                    self._put(ready)
                    ready = []
        finally:
            for task in waiting:
                task.cancel()

    async def _fetch(self, market: Market) -> Past:
        wait, untold_since = AGAIN_FIRST, self._life.now()
        while True:
            most = AGAIN_MOST
            try:
                async with self._limit:
                    last = self._last.get(market.symbol)
                    past = await fetch_past(self._life.rest, market.symbol, market.line.span_ms, last)
                if past is not None:
                    return past
                why = "the venue has no candles of it yet"
            except BelayError as fault:
                why = str(fault)
                if isinstance(fault, BadData):
                    most = UNTOLD_AGAIN
                    patience = UNTOLD if self._life.rest.has_candles else 0.0
                    if self._life.now() - untold_since >= patience and (begun := self._begun(market, why)):
                        return begun
            log.info("no past yet", symbol=market.symbol, why=why)
            wait = min(most, wait)
            await asyncio.sleep(wait)
            wait = min(most, 2 * wait)

    def _begun(self, market: Market, why: str) -> Past | None:
        """No past at all: on with the second candle that the stream tells, for the first may lack its beginning."""
        first = market.line.first
        if first is None:
            return None
        last = max(first.ts, self._last.get(market.symbol, first.ts))
        log.warning(
            f"{market.symbol}: the venue tells no past candles, so the session begins with what its stream tells.",
            symbol=market.symbol, why=why,
        )  # fmt: skip
        missing = f"the venue tells no past candles ({why.rstrip('.')}): the session begins without any"
        return Past((), (), (CandleDropped(market.symbol, instant(last), missing),), last, None)

    def _put(self, ready: list[tuple[Market, Past]]) -> None:
        events: list[MarketEvent] = []
        for market, past in ready:
            self.shown[market.symbol] = past.shown
            if past.shown:
                shown = BarsSeen(market.symbol, self._life.timeframe, past.shown)
                events.append(MarketEvent(market.symbol, fact=shown))
            events += [MarketEvent(market.symbol, dropped=dropped) for dropped in past.dropped]
        candles = [
            MarketEvent(market.symbol, bar, is_past=True) for market, past in ready for bar in past.seen
        ]
        events += sorted(candles, key=lambda event: event.bar.ts if event.bar is not None else 0)
        self._outbox.put_history(events)
        for market, past in ready:
            self._life.warmed(market, past.last, past.close)

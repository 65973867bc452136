"""Looks now and then which markets the venue still trades; on the connection's loop."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.exchange.source_market import Market
from actors.venues.exchange.source_streams import Streams
from core.errors import BelayError
from core.ids import Symbol

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection
    from actors.venues.exchange.link import Link

log = structlog.get_logger("feed")

PAUSE = 60.0
"""Seconds between two looks at least, and no more while a market is halted or an answer was not believed."""


class MarketRefresh:
    """Halts markets that the venue trades no more, and lets them go on when it does again."""

    def __init__(
        self,
        connection: Connection,
        link: Link,
        markets: Mapping[Symbol, Market],
        streams: Streams,
        every: float,
    ) -> None:
        self._connection, self._link = connection, link
        self._markets, self._streams, self._every = markets, streams, every
        self._doubt = asyncio.Event()
        self._is_disbelieved = False

    def doubt(self) -> None:
        """An answer says that a market may be gone: look soon."""
        self._doubt.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            if not self._is_disbelieved and not any(one.is_halted for one in self._markets.values()):
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._doubt.wait(), self._every)
            self._doubt.clear()
            await self.refresh()
            await asyncio.sleep(min(PAUSE, self._every))

    async def refresh(self) -> None:
        """Ask once."""
        try:
            is_news = await self._connection.aread(self._reload)
        except BelayError as fault:
            log.info("markets could not be refreshed", why=str(fault))
            return
        if is_news == self._is_disbelieved:
            self._is_disbelieved = not is_news
            if not is_news:
                log.warning(
                    f"{self._link.title} tells less than half of its markets, which is not believed: "
                    "those known so far stay, and it is asked again every minute."
                )
        if is_news:
            self._mark()

    async def _reload(self, exchange: Any) -> bool:
        """False: the answer is none to believe, and what was known stays."""
        fresh = self._connection.make_exchange()
        try:
            fresh.has["fetchCurrencies"] = exchange.has.get("fetchCurrencies")
            await fresh.load_markets(True)
            known, told = set(exchange.markets or {}), set(fresh.markets or {})
            if not told or 2 * len(known - told) > len(known):
                return False
            exchange.set_markets_from_exchange(fresh)
            self._link.take_markets(fresh)
            return True
        finally:
            await self._connection.drop(fresh)

    def _mark(self) -> None:
        for market in self._markets.values():
            told = (self._connection.exchange.markets or {}).get(market.symbol)
            is_halted = told is None or told.get("active") is False
            if is_halted != market.is_halted:
                market.is_halted = is_halted
                what = "trades no more" if is_halted else "trades again"
                log.warning(f"{market.symbol} {what} on {self._link.title}.", symbol=market.symbol)
        self._streams.keep({market.symbol for market in self._markets.values() if not market.is_halted})

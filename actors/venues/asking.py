"""The last prices of a real venue, asked once and without keys; blocks for a bounded time, any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actors.venues.opening import firi_link, link_to
from actors.venues.venue_ids import FIRI, checked_venue
from core.clock import SystemClock, instant
from core.errors import BadData, BadValue
from core.ids import Symbol
from core.money import Price
from core.settings import Settings


@dataclass(frozen=True, slots=True)
class LastPrice:
    """What a market traded at last, and when the venue says so."""

    last: Price
    at: datetime


def last_prices(venue: str, settings: Settings, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, LastPrice]:
    """Of each market that the venue knows; ``TryAgain`` when it cannot be reached, ``BadData`` for no price."""
    if checked_venue(venue) == FIRI:
        return _firi(settings, symbols)
    from actors.venues.exchange.connection import Connection

    async def tickers(exchange: Any) -> dict[Symbol, Any]:
        known = [symbol for symbol in symbols if symbol in exchange.markets]
        return {symbol: await exchange.fetch_ticker(symbol) for symbol in known}

    connection = Connection(link_to(venue, settings, None, None), "prices")
    try:
        connection.open()
        told = connection.read(tickers)
    finally:
        connection.close()
    return {symbol: _told(symbol, ticker) for symbol, ticker in told.items()}


def _told(symbol: Symbol, ticker: Mapping[str, Any]) -> LastPrice:
    """From ccxt's ticker, whose numbers are texts."""
    at = ticker.get("timestamp")
    return LastPrice(
        _price(symbol, ticker.get("last") or ticker.get("close")),
        instant(int(at)) if at is not None else SystemClock().now(),
    )


def _price(symbol: Symbol, last: object) -> Price:
    try:
        return Price(str(last))
    except BadValue:
        raise BadData(f"The venue tells no price of {symbol}; perhaps nothing is traded there now.") from None


def _firi(settings: Settings, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, LastPrice]:
    from actors.venues.firi.shapes import market_of, rows

    link = firi_link(settings, None)
    try:
        listed = {
            str(row.get("id", "")).upper(): row for row in rows(link.read("/v2/markets"), "list of markets")
        }
        at = link.now()
    finally:
        link.close()
    return {
        symbol: LastPrice(_price(symbol, row.get("last")), at)
        for symbol in symbols
        if (row := listed.get(market_of(symbol))) is not None
    }

"""The last prices of a real venue, asked once and without keys; blocks for a bounded time, any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog

from actors.venues.opening import firi_link, link_to
from actors.venues.venue_ids import FIRI, checked_venue
from core.clock import SystemClock, instant
from core.errors import BadData, BadValue, BelayError, KeysRefused
from core.ids import Symbol
from core.money import Price
from core.settings import Settings

if TYPE_CHECKING:
    from actors.venues.exchange.connection import Connection

log = structlog.get_logger("venue")


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

    async def known(exchange: Any) -> tuple[Symbol, ...]:
        return tuple(symbol for symbol in symbols if symbol in exchange.markets)

    connection = Connection(link_to(venue, settings, None, None), "prices")
    try:
        connection.open()
        wanted = connection.read(known)
        told = _together(connection, wanted) if len(wanted) > 1 else {}
        return {symbol: told.get(symbol) or _asked(connection, symbol) for symbol in wanted}
    finally:
        connection.close()


def _together(connection: Connection, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, LastPrice]:
    """Those that one question for all tells: some venues allow few questions, and a restart has others to ask."""

    async def tickers(exchange: Any) -> Mapping[str, Any]:
        if exchange.has.get("fetchTickers") is not True:
            return {}
        found: Mapping[str, Any] = await exchange.fetch_tickers(list(symbols))
        return found

    try:
        told = connection.read(tickers)
        return {one: _made(one, *_of(told[one])) for one in symbols if one in told and _of(told[one])[0]}
    except KeysRefused:
        raise
    except BelayError as fault:
        log.info("no prices together", why=str(fault))
        return {}


def _asked(connection: Connection, symbol: Symbol) -> LastPrice:
    """By the first way that tells one: the ticker, the best bid, the last candle's close."""
    faults: list[BelayError] = []
    for way in _WAYS:
        try:
            last, at = connection.read(lambda exchange, way=way: way(exchange, symbol))  # type: ignore[misc]
            return _made(symbol, last, at)
        except KeysRefused:
            raise
        except BelayError as fault:
            log.info("no price this way", symbol=symbol, why=str(fault))
            faults.append(fault)
    raise faults[0]


Asked = tuple[object, int | None]
"""A price in the venue's own text (ccxt's numbers are texts here), and its time in ms if told."""


def _of(ticker: Mapping[str, Any]) -> Asked:
    return ticker.get("last") or ticker.get("close"), ticker.get("timestamp")


async def _ticker(exchange: Any, symbol: Symbol) -> Asked:
    return _of(await exchange.fetch_ticker(symbol))


async def _best_bid(exchange: Any, symbol: Symbol) -> Asked:
    book = await exchange.fetch_order_book(symbol, 5)
    bids = book.get("bids") or book.get("asks")
    return bids[0][0] if bids else None, book.get("timestamp")


async def _last_candle(exchange: Any, symbol: Symbol) -> Asked:
    rows = await exchange.fetch_ohlcv(symbol, "1m", None, 2)
    return (rows[-1][4], int(rows[-1][0])) if rows else (None, None)


_WAYS = (_ticker, _best_bid, _last_candle)


def _made(symbol: Symbol, last: object, at: int | None) -> LastPrice:
    return LastPrice(_price(symbol, last), instant(at) if at else SystemClock().now())


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

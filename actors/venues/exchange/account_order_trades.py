"""The executions of one order, without regard to any time; coroutines on the network's loop.

A venue's candles and its trades may be of different times, and then no moment says from where on to ask.
"""

from __future__ import annotations

from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_reads import listed, unreadable
from actors.venues.exchange.account_trades import PAGE, PAGES, Rows, endless, in_order, keyed, trade_of
from actors.venues.exchange.account_values import fee_of
from actors.venues.exchange.client_ids import ClientIds
from core.errors import MISREAD
from core.ids import Symbol
from core.venue import VenueTrade


async def trades_of(
    exchange: Any, venue_id: str, symbol: Symbol, ids: ClientIds, *, page: int = PAGE
) -> tuple[VenueTrade, ...] | None:
    """Oldest first, all of them; None where the venue has no such question."""
    rows = await _rows(exchange, venue_id, symbol, page)
    if rows is not None and any(fee_of(row, symbol) is None for row in rows.values()):  # not told yet
        rows = await _rows(exchange, venue_id, symbol, page)
    if rows is None:
        return None
    own = (row for row in rows.values() if str(row.get("order")) == venue_id)
    return in_order(trade_of(row, ids) for row in own)


async def _rows(exchange: Any, venue_id: str, symbol: Symbol, page: int) -> Rows | None:
    if exchange.id.startswith("binance"):
        return await _binance(exchange, venue_id, symbol, page)
    if exchange.id == "kraken":
        return await _kraken(exchange, venue_id)
    if exchange.has.get("fetchOrderTrades") is True:
        return keyed(await listed(exchange.fetch_order_trades(venue_id, symbol)))
    return None


async def _binance(exchange: Any, venue_id: str, symbol: Symbol, page: int) -> Rows:
    found: Rows = {}
    asked: dict[str, Any] = {"orderId": venue_id, "limit": page}
    for _ in range(PAGES):
        rows = keyed(await listed(raw.binance_trades(exchange, symbol, asked)))
        is_news = bool(rows.keys() - found.keys())
        found |= rows
        if len(rows) < page or not is_news:
            return found
        asked["fromId"] = max(int(trade_id) for trade_id in rows) + 1
    raise endless(exchange)


async def _kraken(exchange: Any, venue_id: str) -> Rows | None:
    from ccxt.base.errors import BaseError

    try:
        rows = await raw.kraken_trades_of(exchange, venue_id)
    except BaseError:
        raise
    except MISREAD as misread:
        raise unreadable(exchange) from misread
    return None if rows is None else keyed(rows)

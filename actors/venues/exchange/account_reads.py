"""What is asked of the account: orders, trades and balances; coroutines on the network's loop.

A read is certain or it fails: an answer that cannot be read is never an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_requests import feature, lists_stops_apart
from actors.venues.exchange.account_values import balances_from, order_from
from actors.venues.exchange.client_ids import ClientIds
from core.errors import MISREAD, BadData
from core.ids import Currency, Symbol
from core.venue import Balance, VenueOrder

MANY = 13
"""Markets from which Binance's one big question weighs less than one for each (80 against 6)."""


async def open_orders(exchange: Any, symbols: tuple[Symbol, ...], ids: ClientIds) -> tuple[VenueOrder, ...]:
    """All open orders in these markets, stops too."""
    wanted: list[Symbol | None] = [None]
    known = feature(exchange, "fetchOpenOrders")
    if known.get("symbolRequired") or (exchange.id.startswith("binance") and len(symbols) <= MANY):
        wanted = list(symbols)
    found: dict[str, Mapping[str, Any]] = {}
    for params in ({}, {"trigger": True}) if lists_stops_apart(exchange) else ({},):
        rows = await _listed(exchange, wanted, params)
        limit = known.get("limit")
        if wanted == [None] and limit and len(rows) >= int(limit):  # the list may have been cut off
            rows = await _listed(exchange, list(symbols), params)
        found |= {f"{row.get('symbol')} {row.get('id')}": row for row in rows}
    return tuple(order_of(row, ids) for row in found.values() if row.get("symbol") in symbols)


async def _listed(exchange: Any, wanted: list[Any], params: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = []
    for symbol in wanted:
        if exchange.id == "binance":
            rows += await listed(raw.binance_open(exchange, symbol))
        elif exchange.id == "kraken":
            rows += await listed(raw.kraken_open(exchange, {}))
        else:
            rows += await listed(exchange.fetch_open_orders(symbol, None, None, dict(params)))
    return rows


async def balances(exchange: Any) -> dict[Currency, Balance]:
    """Every currency of the account."""
    from ccxt.base.errors import BaseError

    try:
        answer = await exchange.fetch_balance()
        told = answer["info"]
        needed = {"binance": "balances", "kraken": "result"}.get(exchange.id)
        held = told[needed] if needed and isinstance(told, Mapping) else told
        if not isinstance(held, Mapping | list):
            raise unreadable(exchange)
        return balances_from(answer)
    except BaseError:
        raise
    except MISREAD as misread:
        raise unreadable(exchange) from misread


async def listed(call: Any) -> list[Mapping[str, Any]]:
    """A list that ccxt parsed; a passing fault when the answer was something else."""
    from ccxt.base.errors import BadResponse, BaseError

    try:
        rows = await call
        if not isinstance(rows, list) or not all(isinstance(row, Mapping) for row in rows):
            raise BadResponse("the answer is no list")
    except BaseError:
        raise
    except MISREAD as misread:
        raise BadResponse("the answer cannot be read") from misread
    return rows


def order_of(row: Any, ids: ClientIds) -> VenueOrder:
    """One order; a passing fault when it cannot be read."""
    from ccxt.base.errors import BadResponse

    try:
        return order_from(row, ids)
    except (BadData, *MISREAD) as misread:
        raise BadResponse(f"an order cannot be read: {misread}") from misread


def unreadable(exchange: Any, why: str = "the answer cannot be read") -> Exception:
    from ccxt.base.errors import BadResponse

    made: Exception = BadResponse(f"{exchange.id}: {why}")
    return made

"""What is asked of the account: orders, trades and balances; coroutines on the network's loop.

A read is certain or it fails: an answer that cannot be read is never an empty list.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_requests import MISREAD, feature, lists_stops_apart
from actors.venues.exchange.account_values import balances_from, order_from
from actors.venues.exchange.client_ids import ClientIds
from core.errors import BadData
from core.ids import Currency, Symbol
from core.intent import Kind
from core.order import Order
from core.venue import Balance, VenueOrder

MANY = 13
"""Markets from which Binance's one big question weighs less than one for each (80 against 6)."""
PAGES = 20


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


async def find(exchange: Any, order: Order, ids: ClientIds, *, can_find: bool) -> VenueOrder | None:
    """The order in any state, None only if the venue says that it knows none."""
    if exchange.id == "kraken":
        return await _find_on_kraken(exchange, order, ids)
    symbol = order.identity.symbol
    params: dict[str, Any] = (
        {"trigger": True} if order.kind is Kind.STOP and lists_stops_apart(exchange) else {}
    )
    if can_find:
        asked = params | {"clientOrderId": ids.to_venue(order.client_order_id)}
        found = await _one(exchange, "", symbol, asked, ids)
        if found is not None:
            return found
    if venue_id := order.venue_id or ids.venue_id(order.client_order_id):
        found = await _one(exchange, venue_id, symbol, params, ids)
        if found is not None or can_find:
            return found
    return None if can_find else await _find_in_lists(exchange, order, params, ids)


async def _one(
    exchange: Any, venue_id: str, symbol: Symbol, params: dict[str, Any], ids: ClientIds
) -> VenueOrder | None:
    from ccxt.base.errors import BaseError, OrderNotFound

    try:
        return order_of(await exchange.fetch_order(venue_id, symbol, params), ids)
    except OrderNotFound:
        return None
    except BaseError:
        raise
    except MISREAD as misread:
        raise _unreadable(exchange) from misread


async def _find_on_kraken(exchange: Any, order: Order, ids: ClientIds) -> VenueOrder | None:
    """By the venue's id, else among open and closed orders, in this order: an order only goes from here to there."""
    if venue_id := order.venue_id or ids.venue_id(order.client_order_id):
        found = await _one(exchange, venue_id, order.identity.symbol, {}, ids)
        if found is not None:
            return found
    client = order.client_order_id
    asked = {"cl_ord_id": ids.to_venue(client)}
    for row in await listed(raw.kraken_open(exchange, asked)):
        if (found := order_of(row, ids)).client_order_id == client:
            return found
    seen: set[str] = set()
    for _ in range(PAGES):
        rows = await listed(raw.kraken_closed(exchange, asked | {"ofs": str(len(seen))}))
        for row in rows:
            if (found := order_of(row, ids)).client_order_id == client:
                return found
        fresh = {str(row.get("id")) for row in rows} - seen
        if len(rows) < KRAKEN_PAGE or not fresh:
            return None
        seen |= fresh
    raise _unreadable(exchange, f"order {client} is not among the newest {len(seen)} closed orders")


KRAKEN_PAGE = 50


async def _find_in_lists(
    exchange: Any, order: Order, params: dict[str, Any], ids: ClientIds
) -> VenueOrder | None:
    """For venues without a question by our id: everything open, then everything that has ended."""
    symbol, has = order.identity.symbol, exchange.has
    names = ["fetch_open_orders"]
    if has.get("fetchOrders") is True:
        names.append("fetch_orders")
    else:
        ended = {"fetch_closed_orders": "fetchClosedOrders", "fetch_canceled_orders": "fetchCanceledOrders"}
        names += [name for name, known in ended.items() if has.get(known)]
    for name in names:
        for row in await listed(getattr(exchange, name)(symbol, None, None, dict(params))):
            if (found := order_of(row, ids)).client_order_id == order.client_order_id:
                return found
    if len(names) < 2:
        raise _unreadable(exchange, "it has no list of orders that have ended")
    return None


async def balances(exchange: Any) -> dict[Currency, Balance]:
    """Every currency of the account."""
    from ccxt.base.errors import BaseError

    try:
        answer = await exchange.fetch_balance()
        told = answer["info"]
        needed = {"binance": "balances", "kraken": "result"}.get(exchange.id)
        held = told[needed] if needed and isinstance(told, Mapping) else told
        if not isinstance(held, Mapping | list):
            raise _unreadable(exchange)
        return balances_from(answer)
    except BaseError:
        raise
    except MISREAD as misread:
        raise _unreadable(exchange) from misread


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


def _unreadable(exchange: Any, why: str = "the answer cannot be read") -> Exception:
    from ccxt.base.errors import BadResponse

    made: Exception = BadResponse(f"{exchange.id}: {why}")
    return made

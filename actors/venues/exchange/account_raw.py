"""Lists of orders and trades on the first-class venues, from the raw answers: an answer without its list is a fault.

ccxt makes an empty list of an answer that lacks what it should hold, and "no open orders" must never be a guess.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from core.ids import Symbol

Rows = list[Mapping[str, Any]]
KRAKEN_AT_ONCE = 20
"""Trades that one question may name."""


async def binance_open(exchange: Any, symbol: Symbol | None) -> Rows:
    """Open orders of one market, or of all."""
    asked = {} if symbol is None else {"symbol": exchange.market_id(symbol)}
    return await _binance(exchange.privateGetOpenOrders, asked, exchange.parse_order)


async def binance_trades(exchange: Any, symbol: Symbol, asked: Mapping[str, Any]) -> Rows:
    """One page of own trades."""
    given = {"symbol": exchange.market_id(symbol), **asked}
    return await _binance(exchange.privateGetMyTrades, given, exchange.parse_trade)


async def kraken_open(exchange: Any, asked: Mapping[str, Any]) -> Rows:
    """All open orders."""
    return await _kraken(exchange.privatePostOpenOrders, asked, "open", exchange.parse_order)


async def kraken_closed(exchange: Any, asked: Mapping[str, Any]) -> Rows:
    """One page of orders that have ended, newest first."""
    return await _kraken(exchange.privatePostClosedOrders, asked, "closed", exchange.parse_order)


async def kraken_orders(exchange: Any, venue_ids: Sequence[str]) -> Rows:
    """Those of these orders that the venue knows, in any state."""
    from ccxt.base.errors import InvalidOrder, OrderNotFound

    try:
        answer = await exchange.privatePostQueryOrders({"txid": ",".join(venue_ids)})
    except (OrderNotFound, InvalidOrder):  # one that is unknown spoils the whole answer
        if len(venue_ids) == 1:
            return []
        return [row for one in venue_ids for row in await kraken_orders(exchange, [one])]
    found = answer["result"]
    if not isinstance(found, Mapping):
        raise TypeError("the answer has no orders")
    return [exchange.parse_order({"id": name, **row}) for name, row in found.items()]


async def kraken_trades(exchange: Any, asked: Mapping[str, Any]) -> Rows:
    """One page of own trades of all markets, newest first.

    Unless asked not to, Kraken merges the fills of a taker, and their ids are then not those of the stream.
    """
    given = {"consolidate_taker": "false", **asked}
    return await _kraken(exchange.privatePostTradesHistory, given, "trades", exchange.parse_trade)


async def kraken_trades_of(exchange: Any, venue_id: str) -> Rows | None:
    """All own trades of one order; None where the venue does not name them."""
    asked = {"txid": venue_id, "trades": "true", "consolidate_taker": "false"}
    order = (await exchange.privatePostQueryOrders(asked))["result"][venue_id]
    if "trades" not in order:
        return [] if not float(order["vol_exec"]) else None
    rows: Rows = []
    names = [str(name) for name in order["trades"]]
    for at in range(0, len(names), KRAKEN_AT_ONCE):
        some = names[at : at + KRAKEN_AT_ONCE]
        found = (await exchange.privatePostQueryTrades({"txid": ",".join(some)}))["result"]
        rows += [exchange.parse_trade({"id": name, **found[name]}) for name in some]
    return rows


async def _binance(
    ask: Callable[[Mapping[str, Any]], Awaitable[Any]], asked: Mapping[str, Any], parse: Callable[[Any], Any]
) -> Rows:
    answer = await ask(asked)
    if not isinstance(answer, list):
        raise TypeError("the answer is no list")
    return [parse(row) for row in answer]


async def _kraken(
    ask: Callable[[Mapping[str, Any]], Awaitable[Any]],
    asked: Mapping[str, Any],
    name: str,
    parse: Callable[[Any], Any],
) -> Rows:
    answer = await ask(asked)
    found = answer["result"][name]
    if isinstance(found, list) and not found:
        return []
    if not isinstance(found, Mapping):
        raise TypeError(f"the answer has no {name}")
    return [parse({"id": venue_id, **row}) for venue_id, row in found.items()]

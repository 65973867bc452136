"""Own trades since a moment, all pages of them; coroutines on the network's loop."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_reads import listed
from actors.venues.exchange.account_values import exact_of, fee_of, trade_from
from actors.venues.exchange.client_ids import ClientIds
from core.clock import DAY_MS, millis
from core.errors import MISREAD, BadData
from core.ids import Symbol
from core.venue import VenueTrade

PAGE = 1000
KRAKEN_PAGE = 50
PAGES = 400
"""Pages at most: a venue that goes on for ever is cut off with an error."""

Rows = dict[str, Mapping[str, Any]]


async def trades(
    exchange: Any, since: Mapping[Symbol, datetime], ids: ClientIds, *, page: int = PAGE
) -> tuple[VenueTrade, ...]:
    """Own executions of each market from its moment on, those of one market oldest first.

    Kraken has one list for all markets: it is read once.
    """
    if exchange.id == "kraken":
        rows = await _kraken(exchange, millis(min(since.values())))
        return tuple(trade for symbol, at in since.items() for trade in of_market(rows, symbol, at, ids))
    return tuple(
        [trade for symbol, at in since.items() for trade in await _of_one(exchange, symbol, at, ids, page)]
    )


async def _of_one(
    exchange: Any, symbol: Symbol, since: datetime, ids: ClientIds, page: int
) -> tuple[VenueTrade, ...]:
    """A fee that is not told yet is asked for once more."""
    ask = _binance if exchange.id.startswith("binance") else _any
    rows = await ask(exchange, symbol, millis(since), page)
    if any(fee_of(row, symbol) is None for row in rows.values()):
        rows = await ask(exchange, symbol, millis(since), page)
    return of_market(rows, symbol, since, ids)


def of_market(rows: Rows, symbol: Symbol, since: datetime, ids: ClientIds) -> tuple[VenueTrade, ...]:
    """Those of one market from ``since`` on, oldest first."""
    found = (trade_of(row, ids) for row in rows.values() if row.get("symbol") in (symbol, None))
    return in_order(trade for trade in found if trade.at >= since and trade.symbol == symbol)


def in_order(found: Iterable[VenueTrade]) -> tuple[VenueTrade, ...]:
    """Oldest first."""
    return tuple(sorted(found, key=lambda trade: (trade.at, _rank(trade.trade_id))))


async def _kraken(exchange: Any, since: int) -> Rows:
    """By offset; ``start`` excludes its own second, and new trades push old ones down, never away."""
    found: Rows = {}
    for _ in range(PAGES):
        # One whole second earlier; what is too old is left out at the end.
        asked = {"start": str(max(0, since // 1000 - 1)), "ofs": str(len(found))}
        rows = await listed(raw.kraken_trades(exchange, asked))
        before, found = len(found), found | keyed(rows)
        if len(rows) < KRAKEN_PAGE or len(found) == before or _goes_back_to(rows, since):
            return found
    raise endless(exchange)


def _goes_back_to(rows: Sequence[Mapping[str, Any]], since: int) -> bool:
    """Whether a list, newest first, has come to what is too old: not every venue heeds ``start``."""
    newest, oldest = (exact_of(rows[at].get("timestamp")) for at in (0, -1))
    return newest is not None and oldest is not None and oldest <= newest and oldest < since


async def _binance(exchange: Any, symbol: Symbol, since: int, page: int) -> Rows:
    """Forward by id to the newest, then back by time to ``since``: a full first page may lie at either end."""

    async def asked(**words: int) -> Rows:
        return keyed(await listed(raw.binance_trades(exchange, symbol, {**words, "limit": page})))

    async def from_id(number: int) -> Rows:
        onward: Rows = {}
        for _ in range(PAGES):
            fresh = await asked(fromId=number)
            onward |= fresh
            if len(fresh) < page:
                return onward
            number = _newest_id(fresh) + 1
        raise endless(exchange)

    found = await asked(startTime=since)
    if len(found) < page:
        return found
    first = _oldest(found)
    found |= await from_id(_newest_id(found) + 1)
    for _ in range(PAGES):
        start = max(since, first - DAY_MS + 1)  # a window may span a day at most
        fresh = await asked(startTime=start, endTime=first)
        before, found = len(found), found | fresh
        if len(fresh) < page:
            if start <= since:
                return found
            first = start
        elif len(found) > before:
            first = _oldest(found)
        else:  # more trades in one millisecond than a page holds: from the account's first one on
            return await from_id(0)
    raise endless(exchange)


async def _any(exchange: Any, symbol: Symbol, since: int, _: int) -> Rows:
    """By time: each page begins where the last one ended."""
    found: Rows = {}
    start = since
    for _ in range(PAGES):
        rows = keyed(await listed(exchange.fetch_my_trades(symbol, start, None, {})))
        fresh = rows.keys() - found.keys()
        found |= rows
        if not fresh:
            return found
        start = max(start, *(int(row["timestamp"]) for row in rows.values() if row.get("timestamp")))
    raise endless(exchange)


def keyed(rows: list[Mapping[str, Any]]) -> Rows:
    return {str(row.get("id")): row for row in rows}


def _newest_id(found: Rows) -> int:
    return max(int(trade_id) for trade_id in found)


def _oldest(found: Rows) -> int:
    return min(int(row["timestamp"]) for row in found.values())


def _rank(trade_id: str) -> tuple[int, str]:
    return (int(trade_id), "") if trade_id.isdigit() else (0, trade_id)


def trade_of(row: Mapping[str, Any], ids: ClientIds) -> VenueTrade:
    from ccxt.base.errors import BadResponse

    try:
        return trade_from(row, ids)
    except (BadData, *MISREAD) as misread:
        raise BadResponse(f"a trade cannot be read: {misread}") from misread


def endless(exchange: Any) -> Exception:
    from ccxt.base.errors import BadResponse

    made: Exception = BadResponse(f"{exchange.id}: the list of own trades has no end")
    return made

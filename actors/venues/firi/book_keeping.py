"""What the account did: its open and closed orders and its executions, read page by page; any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any

import structlog

from actors.venues.firi.attribution import attributed
from actors.venues.firi.capabilities import FEE
from actors.venues.firi.executions import (
    Execution,
    completed,
    from_trades,
    from_transactions,
)
from actors.venues.firi.identities import Identities
from actors.venues.firi.link import FiriLink
from actors.venues.firi.shapes import FiriOrder, market_of, orders_of, rows
from core.errors import TryAgain
from core.ids import Symbol
from core.instrument import split_symbol
from core.money import Price, Quantity, to_amount
from core.venue import VenueTrade

PAGES = (500, 10_000)
"""How many closed orders or trades are asked for: first the newest, then as many as anyone may have."""
EDGE = timedelta(days=1)
MOST_MONTHS = 3
LONGEST_LIFE = timedelta(days=30)
PATIENCE = 30.0
"""Seconds for which an execution waits for an order that has matched it."""
MAKER_AFTER = timedelta(seconds=1)

log = structlog.get_logger("firi")


class Account:
    """Reads of one account; ``BadData`` is the caller's to turn into ``TryAgain``."""

    def __init__(self, link: FiriLink, identities: Identities, memory: ExecutionMemory) -> None:
        self._link, self._ids, self._memory = link, identities, memory

    def order(self, venue_id: str, symbol: Symbol) -> FiriOrder | None:
        """One order by the venue's id; None where the venue does not know it."""
        found = self._link.read(f"/v2/order/{venue_id}", is_private=True)
        orders = () if found is None else orders_of(found, market_of(symbol))
        self._ids.note(orders)
        return next((order for order in orders if order.id == venue_id), None)

    def open(self, symbols: tuple[Symbol, ...], *, is_urgent: bool = False) -> tuple[FiriOrder, ...]:
        """All open orders in these markets."""
        markets = {market_of(symbol) for symbol in symbols}
        found = self._link.read("/v2/orders", is_private=True, is_urgent=is_urgent)
        if found is not None:
            orders = tuple(order for order in orders_of(found) if order.market in markets)
        else:
            orders = tuple(
                order for market in sorted(markets) for order in self._open_in(market, is_urgent=is_urgent)
            )
        self._ids.note(orders)
        return orders

    def closed(self, symbol: Symbol, since: datetime) -> tuple[FiriOrder, ...]:
        """The filled and cancelled orders of a market, all that were made after ``since``; ``TryAgain``."""
        market = market_of(symbol)
        for count in PAGES:
            orders = orders_of(self._closed_page(market, count), market)
            newest_first = len(orders) < 2 or orders[0].created >= orders[-1].created
            if len(orders) < count or (newest_first and orders[-1].created < since):
                self._ids.note(orders)
                return orders
        raise TryAgain(
            f"Firi's history of {symbol} is longer than {PAGES[-1]:,} orders; Belay cannot see it all."
        )

    def executions(self, symbol: Symbol, since: datetime) -> tuple[VenueTrade, ...]:
        """Executions in a market from ``since`` on, oldest first, each with its order."""
        found = self._found(symbol, since)
        wanted = [one for one in found if one.at >= since]
        if not all(self._memory.has(symbol, one.id) for one in wanted):
            # The orders are read after the executions, so what they have matched covers them; and the open ones
            # first, so that none slips through between the two lists.
            horizon = min(one.at for one in found) - LONGEST_LIFE
            orders = {order.id: order for order in self.open((symbol,))}
            orders |= {order.id: order for order in self.closed(symbol, horizon)}
            self._memory.extend(symbol, found, orders, self._link.monotonic())
        told: list[VenueTrade] = []
        for one in sorted(wanted, key=lambda one: (one.at, one.id)):
            trade = self._memory.told(symbol, one.id)
            if trade is None:
                break  # whoever asks for what came after the last one must not miss this one
            told.append(replace(trade, client_order_id=self._ids.owner(trade.venue_id)))
        return tuple(told)

    def _found(self, symbol: Symbol, since: datetime) -> list[Execution]:
        base, quote = split_symbol(symbol)
        trades = self._trades(symbol, since)
        entries = self._transactions(since)
        if entries is not None:
            return completed(from_transactions(entries, base, quote), trades or [])
        if trades is None:
            raise TryAgain("Firi tells neither transactions nor trades of this account; nothing is booked.")
        log.warning("Firi tells no fees: the usual rate is booked", symbol=symbol)
        return trades

    def _open_in(self, market: str, *, is_urgent: bool) -> tuple[FiriOrder, ...]:
        found = self._link.read(f"/v2/orders/{market}", is_private=True, is_urgent=is_urgent)
        if found is None:
            raise TryAgain(f"Firi does not tell the open orders of {market}; Belay tries again.")
        return orders_of(found, market)

    def _closed_page(self, market: str, count: int) -> Any:
        asked = {"count": str(count)}
        found = self._link.read(f"/v2/orders/{market}/history", asked, is_private=True)
        if found is None:
            asked["type"] = "both"
            found = self._link.read(f"/v2/history/orders/{market}", asked, is_private=True)
        if found is None:
            raise TryAgain(f"Firi does not tell the closed orders of {market}; Belay tries again.")
        return found

    def _transactions(self, since: datetime) -> list[Mapping[str, Any]] | None:
        """All entries from ``since`` on (and more), by months or years; None where the venue tells none."""
        start, end = since - EDGE, self._link.now() + EDGE
        months = [(at // 12, at % 12 + 1) for at in range(_month(start), _month(end) + 1)]
        if len(months) <= MOST_MONTHS:
            paths = [f"/{month}/{year}" for year, month in months]
        else:
            paths = [f"/{year}" for year in range(max(start.year, 2017), end.year + 1)]
        pages = [self._link.read(f"/v2/history/transactions{path}", is_private=True) for path in paths]
        if all(page is None for page in pages):
            pages = [self._link.read("/v2/history/transactions", {"count": str(PAGES[-1])}, is_private=True)]
        if all(page is None for page in pages):
            return None
        entries = [entry for page in pages if page is not None for entry in rows(page, "transactions")]
        return list({str(entry.get("id", number)): entry for number, entry in enumerate(entries)}.values())

    def _trades(self, symbol: Symbol, since: datetime) -> list[Execution] | None:
        """The list of trades, where the venue still has it; None otherwise."""
        market, quote = market_of(symbol), split_symbol(symbol)[1]
        trades: list[Execution] | None = None
        for count in PAGES:
            found = self._link.read("/v2/history/trades", {"count": str(count)}, is_private=True)
            if found is None:
                return None
            entries = rows(found, "trades")
            trades = from_trades(entries, market, quote, FEE)
            if len(entries) < count or any(trade.at < since for trade in trades):
                break
        return trades


class ExecutionMemory:
    """Executions and their orders as they were told once, which stays; shared by all connections of one key."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._told: dict[tuple[Symbol, str], VenueTrade] = {}
        self._held: dict[tuple[Symbol, str], float] = {}

    def has(self, symbol: Symbol, execution_id: str) -> bool:
        with self._lock:
            return (symbol, execution_id) in self._told

    def told(self, symbol: Symbol, execution_id: str) -> VenueTrade | None:
        """The execution, or None where its order cannot be named yet."""
        with self._lock:
            return self._told.get((symbol, execution_id))

    def extend(
        self, symbol: Symbol, found: list[Execution], orders: Mapping[str, FiriOrder], now: float
    ) -> None:
        """Find the orders of executions that have none yet; ``now`` in seconds that never go back.

        One that suits orders which have not matched so much is held back for a while, and is then of no order.
        """
        with self._lock:
            known = {key[1]: trade.venue_id for key, trade in self._told.items() if key[0] == symbol}
            owners = attributed(found, tuple(orders.values()), known)
            for one in found:
                owner, since = owners[one.id], self._held.setdefault((symbol, one.id), now)
                if owner is None and now - since > PATIENCE:
                    owner = ""
                if owner is not None and one.id not in known:
                    self._told[symbol, one.id] = _trade(symbol, one, owner, orders.get(owner))


def _trade(symbol: Symbol, one: Execution, owner: str, order: FiriOrder | None) -> VenueTrade:
    is_maker = one.is_maker
    if is_maker is None:
        is_maker = order is not None and one.at - order.created > MAKER_AFTER
    return VenueTrade(
        trade_id=one.id,
        venue_id=owner,
        client_order_id="",
        symbol=symbol,
        side=one.side,
        price=Price(one.price or _price(one, order)),
        quantity=Quantity(one.quantity),
        cost=one.cost,
        fee=one.fee,
        is_maker=is_maker,
        at=one.at,
    )


def _price(one: Execution, order: FiriOrder | None) -> Price:
    """The price that cost and quantity tell, to eight places (the cost is what is booked).

    A limit that explains the cost is the price: a maker gets its own.
    """
    raw = to_amount(one.cost / one.quantity)
    if order is None:
        return Price(raw)
    return order.price if one.off(order) is not None else Price(raw)


def _month(at: datetime) -> int:
    return at.year * 12 + at.month - 1

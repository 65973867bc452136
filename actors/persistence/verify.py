"""Proof of the books: orders, fills, positions, trades and ledger agree to the last digit; any thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from peewee import SqliteDatabase

from actors.persistence import restart, rows
from actors.persistence.queries import columns, tuples
from actors.persistence.reading import reading
from actors.persistence.tables import FillRow, OrderRow, PostingRow, TradeRow
from core.errors import BadValue
from core.ids import BookId, ClientOrderId, InstanceId, Symbol
from core.ledger import CAPITAL, Ledger, fill_postings, venue_account
from core.money import text
from core.order import Fill, Order, OrderState
from core.position import OpenTrip, Portfolio, Position, carried, trip_after
from core.records import RoundTrip

Place = tuple[InstanceId, Symbol]


def verify_books(home: Path, book: BookId) -> list[str]:
    """The faults of ``book`` in sentences; an empty list is the proof that all adds up to the last digit."""
    with reading(home) as database, database.atomic():  # one snapshot
        orders = {order.client_order_id: order for order in _orders(database, book)}
        fills = list(_fills(database, book))
        folded = _Folded(orders)
        for fill in fills:
            folded.add(fill)
        return [
            *folded.faults,
            *_order_faults(orders, folded),
            *_position_faults(database, book, folded.portfolio),
            *_trade_faults(database, book, folded.trips),
            *_ledger_faults(database, book, fills),
        ]


def _orders(database: SqliteDatabase, book: BookId) -> Iterator[Order]:
    query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS)).where(OrderRow.book == book)
    return map(rows.order_from_row, tuples(query.order_by(OrderRow.id), database))


def _fills(database: SqliteDatabase, book: BookId) -> Iterator[Fill]:
    query = FillRow.select(*columns(FillRow, rows.FILL_COLUMNS)).where(FillRow.book == book)
    return map(rows.fill_from_row, tuples(query.order_by(FillRow.id), database))


class _Folded:
    """Everything that follows from the fills, folded anew."""

    def __init__(self, orders: dict[ClientOrderId, Order]) -> None:
        self._orders = orders
        self.portfolio = Portfolio()
        self.trips: list[RoundTrip] = []
        self.sums: dict[ClientOrderId, tuple[Decimal, Decimal, Decimal]] = {}
        self.faults: list[str] = []
        self._open: dict[Place, OpenTrip] = {}

    def add(self, fill: Fill) -> None:
        quantity, cost, fee = self.sums.get(fill.client_order_id, (Decimal(0),) * 3)
        self.sums[fill.client_order_id] = (
            quantity + fill.quantity,
            cost + fill.cost,
            fee + fill.fee_in_quote,
        )
        order = self._orders.get(fill.client_order_id)
        if order is None:
            self.faults.append(f"Fill {fill.execution_id} belongs to no order ({fill.client_order_id}).")
            return
        if (order.identity, order.side) != (fill.identity, fill.side):
            self.faults.append(f"Fill {fill.execution_id} is not of the order {fill.client_order_id}.")
        place = (fill.identity.instance, fill.identity.symbol)
        try:
            self.portfolio = self.portfolio.after(fill)
            trip = trip_after(self._open.get(place), fill, order)
        except BadValue as error:
            self.faults.append(f"Fill {fill.execution_id} does not fit: {error}.")
            return
        if isinstance(trip, RoundTrip):
            self.trips.append(trip)
            left = carried(trip)
            self._open.pop(place, None)
            if left is not None:
                self._open[place] = left
        else:
            self._open[place] = trip


def _order_faults(orders: dict[ClientOrderId, Order], folded: _Folded) -> Iterator[str]:
    for order_id, order in orders.items():
        sums = folded.sums.get(order_id, (Decimal(0),) * 3)
        if (order.filled, order.cost, order.fee) != sums:
            said = ", ".join(map(text, (order.filled, order.cost, order.fee)))
            found = ", ".join(map(text, sums))
            yield f"Order {order_id} says filled, cost, fee {said}; its fills say {found}."
        if order.quantity and (order.status is OrderState.FILLED) != (order.filled == order.quantity):
            part = f"{text(order.filled)} of {text(order.quantity)}"
            yield f"Order {order_id} is {order.status.value} with {part} filled."


def _position_faults(database: SqliteDatabase, book: BookId, folded: Portfolio) -> Iterator[str]:
    stored = {(p.instance, p.symbol): p for p in restart.positions(database, book)}
    for place in sorted(stored.keys() | folded.positions.keys()):
        if stored.get(place) != folded.positions.get(place):
            said, sums = stored.get(place), folded.positions.get(place)
            where = f"Position {place[0]} {place[1]}"
            yield f"{where}: the row says {_money(said)}; the fills say {_money(sums)}."


def _money(position: Position | None) -> str:
    if position is None:
        return "nothing"
    amounts = (position.quantity, position.cost, position.realised, position.fees)
    return "quantity, cost, realised, fees " + ", ".join(map(text, amounts))


def _trade_faults(database: SqliteDatabase, book: BookId, folded: list[RoundTrip]) -> Iterator[str]:
    query = TradeRow.select(*columns(TradeRow, rows.TRADE_COLUMNS)).where(TradeRow.book == book)
    stored = [rows.trade_from_row(row) for row in tuples(query.order_by(TradeRow.id), database)]
    if stored != folded:
        yield f"The {len(stored)} trades on record are not the {len(folded)} that the fills make."


def _ledger_faults(database: SqliteDatabase, book: BookId, fills: list[Fill]) -> Iterator[str]:
    """Each entry sums to zero, and beside the deposits there is exactly what the fills moved."""
    query = PostingRow.select(*columns(PostingRow, rows.POSTING_COLUMNS)).where(PostingRow.book == book)
    ledger, expected = Ledger(), Ledger()
    for row in tuples(query.order_by(PostingRow.id), database):
        posting = rows.posting_from_row(row)
        ledger.add((posting,))
        if posting.account == CAPITAL:
            there = venue_account(posting.currency)
            expected.add((posting, replace(posting, account=there, amount=-posting.amount)))
    try:
        ledger.check()
    except BadValue as error:
        yield f"The {error}."
    for fill in fills:
        expected.add(fill_postings(fill, 0))
    wrong = set(ledger.balances()) ^ set(expected.balances())
    for account, currency in sorted({(account, currency) for account, currency, _ in wrong}):
        said, sums = (text(each.balance(account, currency)) for each in (ledger, expected))
        yield f"Account {account}: the ledger has {said} {currency}, the fills make {sums} {currency}."

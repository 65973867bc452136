"""Counts that several readers ask for; any thread, on the connection it is given."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from peewee import SqliteDatabase, fn

from actors.persistence.queries import count, scalar, tuples
from actors.persistence.tables import BookRow, FillRow, OrderEventRow, OrderRow, PositionRow, TradeRow
from core.figures import plural
from core.ids import BookId
from core.order import WORKING, OrderState
from core.records import Counts, Totals


def counts(database: SqliteDatabase, book: BookId) -> Counts:
    """Orders by state, fills, denials by reason."""
    return Counts(_by_state(database, book), _fills(database, book), _denials(database, book))


def _by_state(database: SqliteDatabase, book: BookId) -> tuple[tuple[str, int], ...]:
    query = OrderRow.select(OrderRow.status, fn.COUNT(OrderRow.id)).where(OrderRow.book == book)
    return _pairs(query.group_by(OrderRow.status).order_by(OrderRow.status), database)


def _pairs(query: Any, database: SqliteDatabase) -> tuple[tuple[str, int], ...]:
    return tuple((name, number) for name, number in tuples(query, database))


def _fills(database: SqliteDatabase, book: BookId) -> int:
    return count(FillRow.select().where(FillRow.book == book), database)


def _events(database: SqliteDatabase, book: BookId, happening: str) -> int:
    query = OrderEventRow.select().where(OrderEventRow.book == book, OrderEventRow.happening == happening)
    return count(query, database)


def _denials(database: SqliteDatabase, book: BookId) -> tuple[tuple[str, int], ...]:
    reason = OrderEventRow.reason
    query = OrderEventRow.select(reason, fn.COUNT(OrderEventRow.id))
    query = query.where(OrderEventRow.book == book, OrderEventRow.happening == "denied")
    return _pairs(query.group_by(reason).order_by(reason), database)


def totals(database: SqliteDatabase, book: BookId) -> Totals:
    """The numbers of the summary, over the whole life of the book."""
    by_state = dict(_by_state(database, book))
    paid: dict[str, Decimal] = {}
    query = FillRow.select(FillRow.fee_currency, FillRow.fee).where(FillRow.book == book)
    for currency, fee in tuples(query, database):
        paid[currency] = paid.get(currency, Decimal(0)) + Decimal(fee)
    return Totals(
        candles=scalar(BookRow.select(BookRow.drained).where(BookRow.book == book), database) or 0,
        signals=_events(database, book, "signal"),
        orders=sum(by_state.values()) - by_state.get(OrderState.DENIED.value, 0),
        fills=_fills(database, book),
        trades=count(TradeRow.select().where(TradeRow.book == book), database),
        denials=dict(_denials(database, book)),
        fees=paid,
    )


def loaded_note(database: SqliteDatabase, book: BookId) -> str:
    """What the records of ``book`` hold, in one line."""
    by_state = dict(_by_state(database, book))
    working = sum(by_state.get(state.value, 0) for state in WORKING)
    held = PositionRow.select().where(PositionRow.book == book, PositionRow.quantity != "0")
    return (
        f"{book}: {plural(sum(by_state.values()), 'order')} ({working} working), "
        f"{plural(_fills(database, book), 'fill')}, {plural(count(held, database), 'open position')}"
    )

"""What a book holds at start, read in one consistent look; any thread, its own read-only connection."""

from __future__ import annotations

from pathlib import Path

from peewee import SqliteDatabase, fn

from actors.persistence import rows
from actors.persistence.queries import columns, first, tuples
from actors.persistence.questions import counts
from actors.persistence.reading import reading
from actors.persistence.tables import BookRow, CheckpointRow, FillRow, OrderRow, PositionRow
from core.ids import BookId, InstanceId, Symbol
from core.modes import Mode
from core.order import UNACKNOWLEDGED, WORKING, Fill, Order, OrderState
from core.position import Position
from core.records import Restart


def load_restart(home: Path, book: BookId) -> Restart:
    """The newest whole state of ``book``; empty for a new one.

    Call it once the persistence stage is up, which recovers a damaged file.  ``RecordsLost`` in one sentence.
    """
    with reading(home) as database, database.atomic():  # one snapshot, whatever the writer does
        place = (BookRow.number, BookRow.drained)
        number, drained = first(BookRow.select(*place).where(BookRow.book == book), database) or (0, 0)
        piece = (CheckpointRow.key, CheckpointRow.value)
        pieces = CheckpointRow.select(*piece).where(CheckpointRow.book == book)
        return Restart(
            book=book,
            number=number,
            drained=drained,
            pieces={key: bytes(value) for key, value in tuples(pieces, database)},
            working=_working(database, book),
            positions=positions(database, book),
            sequences=_sequences(database, book),
            newest=_newest(database, book),
            counts=counts(database, book),
            filled=_filled(database, book),
        )


def _working(database: SqliteDatabase, book: BookId) -> tuple[Order, ...]:
    states = [state.value for state in WORKING]
    query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS)).where(
        OrderRow.book == book, OrderRow.status.in_(states)
    )
    return tuple(map(rows.order_from_row, tuples(query.order_by(OrderRow.id), database)))


def positions(database: SqliteDatabase, book: BookId) -> tuple[Position, ...]:
    """All positions of ``book``, flat ones too."""
    query = PositionRow.select(*columns(PositionRow, rows.POSITION_COLUMNS)).where(PositionRow.book == book)
    query = query.order_by(PositionRow.strategy, PositionRow.symbol)
    return tuple(map(rows.position_from_row, tuples(query, database)))


def _sequences(database: SqliteDatabase, book: BookId) -> dict[tuple[InstanceId, Symbol, int], int]:
    """The highest sequence of each slot that was ever written ahead: a denied wish may come again."""
    place = (OrderRow.strategy, OrderRow.symbol, OrderRow.slot)
    query = OrderRow.select(*place, fn.MAX(OrderRow.sequence)).group_by(*place)
    query = query.where(OrderRow.book == book, OrderRow.status != OrderState.DENIED.value)
    found = tuples(query, database)
    return {(InstanceId(strategy), Symbol(symbol), slot): top for strategy, symbol, slot, top in found}


def _newest(database: SqliteDatabase, book: BookId) -> tuple[Order, ...]:
    """The order of the highest sequence in each slot."""
    place = (OrderRow.strategy, OrderRow.symbol, OrderRow.slot)
    tops = OrderRow.select(fn.MAX(OrderRow.id)).where(OrderRow.book == book).group_by(*place)
    query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS)).where(OrderRow.id.in_(tops))
    return tuple(map(rows.order_from_row, tuples(query, database)))


def _filled(database: SqliteDatabase, book: BookId) -> tuple[tuple[Order, Fill], ...]:
    """Every execution of a live book with its order, in the order of booking; paper books restart from their pieces."""
    if not book.startswith(f"{Mode.LIVE}/"):
        return ()
    query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS)).where(OrderRow.book == book)
    orders = {one.client_order_id: one for one in map(rows.order_from_row, tuples(query, database))}
    fills = (
        FillRow.select(*columns(FillRow, rows.FILL_COLUMNS)).where(FillRow.book == book).order_by(FillRow.id)
    )
    found = map(rows.fill_from_row, tuples(fills, database))
    return tuple((orders[fill.client_order_id], fill) for fill in found)


def newest_unanswered(home: Path, book: BookId) -> int:
    """When the newest order was written (ms) whose request has no answer on record; 0 when there is none."""
    states = [state.value for state in UNACKNOWLEDGED]
    query = OrderRow.select(fn.MAX(OrderRow.written_at)).where(
        OrderRow.book == book, OrderRow.status.in_(states)
    )
    with reading(home) as database:
        found = first(query, database)
    return int(found[0]) if found is not None and found[0] is not None else 0

"""The records of one book for the window and the command line: values, newest first; any thread.

Each question opens a read-only connection of its own, so no thread waits for another or for the writer.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.log_reading import read_log
from actors.persistence import questions, restart, rows
from actors.persistence.export import export
from actors.persistence.queries import columns, first, scalar, tuples
from actors.persistence.reading import reading
from actors.persistence.tables import BookRow, FillRow, MetricRow, OrderEventRow, OrderRow, TradeRow
from core.clock import instant, millis
from core.ids import BookId, ClientOrderId, Symbol
from core.order import Fill, Order
from core.position import Position
from core.records import Counts, EquityPoint, LogLine, OrderEvent, RoundTrip, Totals

SEARCHED = ("client_order_id", "symbol", "side", "kind", "status", "strategy", "reason")


class RecordBooks:
    """Implements ``core.ports.Books``.  Without records yet, every answer is empty.

    ``RecordsLost`` or ``Refused`` in one sentence where they cannot be read.
    """

    def __init__(self, home: Path, book: BookId) -> None:
        self._home, self._book = home, book

    def orders(
        self, *, states: Iterable[str] = (), text: str = "", limit: int = 500, offset: int = 0
    ) -> list[Order]:
        """Orders in these states (none: all) that have ``text`` in one of the columns a person sees."""
        query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS)).where(OrderRow.book == self._book)
        wanted = list(states)
        if wanted:
            query = query.where(OrderRow.status.in_(wanted))
        if text:
            found: Any = None
            for field in columns(OrderRow, SEARCHED):
                found = field.contains(text) if found is None else found | field.contains(text)
            query = query.where(found)
        return self._values(query.order_by(OrderRow.id.desc()), rows.order_from_row, limit, offset)

    def order(self, client_order_id: ClientOrderId) -> Order | None:
        """One order, None when there is none with this id."""
        query = OrderRow.select(*columns(OrderRow, rows.ORDER_COLUMNS))
        query = query.where(OrderRow.book == self._book, OrderRow.client_order_id == client_order_id)
        return next(iter(self._values(query, rows.order_from_row, 1, 0)), None)

    def order_events(self, client_order_id: ClientOrderId) -> list[OrderEvent]:
        """The life of one order, newest step first."""
        names = ("client_order_id", "written_at", "time", "happening", "detail")
        query = OrderEventRow.select(*columns(OrderEventRow, names))
        query = query.where(
            OrderEventRow.book == self._book, OrderEventRow.client_order_id == client_order_id
        )
        with reading(self._home) as database:
            return [
                OrderEvent(client_order_id, instant(written), instant(at), happening, detail)
                for _, written, at, happening, detail in tuples(
                    query.order_by(OrderEventRow.id.desc()), database
                )
            ]

    def fills(self, *, symbol: Symbol | None = None, limit: int = 500, offset: int = 0) -> list[Fill]:
        query = FillRow.select(*columns(FillRow, rows.FILL_COLUMNS)).where(FillRow.book == self._book)
        if symbol is not None:
            query = query.where(FillRow.symbol == symbol)
        return self._values(query.order_by(FillRow.id.desc()), rows.fill_from_row, limit, offset)

    def trades(self, *, limit: int = 500, offset: int = 0) -> list[RoundTrip]:
        query = TradeRow.select(*columns(TradeRow, rows.TRADE_COLUMNS)).where(TradeRow.book == self._book)
        return self._values(query.order_by(TradeRow.id.desc()), rows.trade_from_row, limit, offset)

    def _values(self, query: Any, make: Any, limit: int, offset: int) -> list[Any]:
        with reading(self._home) as database:
            return [make(row) for row in tuples(query.limit(limit).offset(offset), database)]

    def positions(self) -> tuple[Position, ...]:
        """What each instance holds, flat ones too."""
        with reading(self._home) as database:
            return restart.positions(database, self._book)

    def equity(self, *, since: datetime | None = None) -> list[EquityPoint]:
        """The equity line, oldest first."""
        query = MetricRow.select(MetricRow.time, MetricRow.equity).where(MetricRow.book == self._book)
        if since is not None:
            query = query.where(MetricRow.time >= millis(since))
        with reading(self._home) as database:
            found = tuples(query.order_by(MetricRow.time), database)
            return [EquityPoint(instant(at), Decimal(equity)) for at, equity in found]

    def counts(self) -> Counts:
        with reading(self._home) as database:
            return questions.counts(database, self._book)

    def totals(self) -> Totals:
        """The numbers of the summary, over the whole life of the book."""
        with reading(self._home) as database:
            return questions.totals(database, self._book)

    def saved_at(self) -> datetime | None:
        """When the database last took a row, by the computer's own time."""
        with reading(self._home) as database:
            written = scalar(BookRow.select(BookRow.written_at).where(BookRow.book == self._book), database)
        return None if written is None else instant(written)

    def log(self, *, limit: int = 500, text: str = "", levels: Iterable[str] = ()) -> list[LogLine]:
        return read_log(self._home, limit=limit, text=text, levels=levels)

    def export(self, what: str, kind: str, out: Path) -> int:
        """Write fills, trades, orders, logs or ledger as csv or jsonl; the number of rows."""
        return export(self._home, self._book, what, kind, out)


def all_books(home: Path) -> list[BookId]:
    """Every book of ``home``, oldest first; none without records."""
    with reading(home) as database:
        return [BookId(book) for (book,) in tuples(BookRow.select(BookRow.book), database)]


def latest_book(home: Path) -> BookId | None:
    """The book that was written last, None before the first."""
    with reading(home) as database:
        row = first(BookRow.select(BookRow.book).order_by(BookRow.written_at.desc()), database)
    return None if row is None else BookId(row[0])

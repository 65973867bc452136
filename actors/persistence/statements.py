"""The statements of the write path: SQL that peewee makes once and the connection runs in bundles; pure."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import Model, SqliteDatabase

from actors.persistence import rows
from actors.persistence.queries import columns, query_text
from actors.persistence.tables import (
    AlertRow,
    AuditRow,
    BookRow,
    CheckpointRow,
    EventRow,
    FillRow,
    MetricRow,
    OrderEventRow,
    OrderRow,
    PositionRow,
    PostingRow,
    TradeRow,
)

Names = tuple[str, ...]
WRITTEN = ("book", "written_at")


def _insert(database: SqliteDatabase, table: type[Model], names: Names) -> str:
    fields = columns(table, names)
    return query_text(table.insert_many([(None,) * len(fields)], fields=fields), database)


def _upsert(database: SqliteDatabase, table: type[Model], key: Names, names: Names, kept: Names = ()) -> str:
    """Insert, or replace all but ``key`` and what is ``kept`` from the first time."""
    fields, target = columns(table, names), columns(table, key)
    query = table.insert_many([(None,) * len(fields)], fields=fields)
    others = columns(table, tuple(name for name in names if name not in (*key, *kept)))
    return query_text(query.on_conflict(conflict_target=target, preserve=others), database)


def _find(database: SqliteDatabase, table: type[Model], names: Names, key: Names) -> str:
    query = table.select(*columns(table, names))
    for field in columns(table, key):
        query = query.where(field == "")
    return query_text(query, database)


@dataclass(frozen=True, slots=True)
class Statements:
    """One SQL text per kind of row: the columns of ``rows``, behind them mode, book and ``written_at``."""

    book: str
    order: str
    order_event: str
    fill: str
    trade: str
    position: str
    metric: str
    posting: str
    piece: str
    alert: str
    event: str
    audit: str
    known_fill: str
    known_order: str

    @classmethod
    def of(cls, database: SqliteDatabase) -> Statements:
        def insert(table: type[Model], *names: str) -> str:
            return _insert(database, table, names)

        def upsert(table: type[Model], key: Names, *names: str) -> str:
            return _upsert(database, table, key, names)

        place = ("book", "strategy", "symbol")
        return cls(
            book=upsert(BookRow, ("book",), "book", "mode", "number", "drained", "written_at"),
            order=_upsert(
                database, OrderRow, ("book", "client_order_id"), (*rows.ORDER_COLUMNS, *WRITTEN), WRITTEN
            ),
            order_event=insert(
                OrderEventRow, "client_order_id", "time", "happening", "reason", "detail", "mode", *WRITTEN
            ),
            fill=insert(FillRow, *rows.FILL_COLUMNS, "mode", *WRITTEN),
            trade=insert(TradeRow, *rows.TRADE_COLUMNS, "book"),
            position=upsert(PositionRow, place, *rows.POSITION_COLUMNS, "trip", "time", "mode", "book"),
            metric=upsert(
                MetricRow, ("book", "time"), "time", "equity", "trades", "wins", "profit", "mode", "book"
            ),
            posting=insert(PostingRow, *rows.POSTING_COLUMNS, "mode", "book"),
            piece=upsert(CheckpointRow, ("book", "key"), "book", "mode", "key", "number", "value"),
            alert=insert(AlertRow, "time", "severity", "kind", "text", "mode", "book"),
            event=insert(EventRow, "kind", "text", "detail", "mode", "book", "written_at"),
            audit=insert(AuditRow, "time", "who", "what", "detail", "mode", "book"),
            known_fill=_find(database, FillRow, ("id",), ("book", "symbol", "execution_id")),
            known_order=_find(database, OrderRow, ("status", "filled"), ("book", "client_order_id")),
        )

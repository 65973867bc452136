"""Where peewee's untyped world ends: queries bound to a database and run; the thread of the connection."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from peewee import SqliteDatabase

from actors.persistence.rows import Row


def tuples(query: Any, database: SqliteDatabase) -> Iterator[Row]:
    """The rows of a query one by one, never all in memory."""
    found: Iterator[Row] = query.bind(database).tuples().iterator(database)
    return found


def first(query: Any, database: SqliteDatabase) -> Row | None:
    """The first row of a query."""
    return next(tuples(query.limit(1), database), None)


def scalar(query: Any, database: SqliteDatabase) -> Any:
    """The first value of the first row, None without a row."""
    return query.bind(database).scalar(database)


def count(query: Any, database: SqliteDatabase) -> int:
    """How many rows a query has."""
    return int(query.bind(database).count(database))


def columns(table: Any, names: tuple[str, ...]) -> list[Any]:
    """The fields of a table by name, in this order."""
    return [table._meta.fields[name] for name in names]


def pragma(database: SqliteDatabase, name: str) -> Any:
    """The first value that a pragma answers."""
    return connection(database).execute(f"PRAGMA {name}").fetchone()[0]


def connection(database: SqliteDatabase) -> sqlite3.Connection:
    """The driver's own connection behind peewee's database."""
    any_database: Any = database
    made: sqlite3.Connection = any_database.connection()
    return made


def query_text(query: Any, database: SqliteDatabase) -> str:
    """The SQL of a query with its places for values."""
    return str(query.bind(database).sql()[0])

"""A read-only look at the records with their errors as sentences; any thread, a connection of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from peewee import SqliteDatabase

from actors.persistence.failures import DATABASE_ERRORS, sentence
from actors.persistence.opening import DATABASE_FILE, open_for_reading
from core.errors import RecordsLost


@contextmanager
def reading(home: Path) -> Iterator[SqliteDatabase]:
    """The records of ``home`` while the block runs; empty ones when there are none yet.

    ``RecordsLost`` or ``Refused`` with one sentence when they cannot be read.
    """
    database = open_for_reading(home)
    try:
        yield database
    except DATABASE_ERRORS as error:
        raise RecordsLost(sentence(error, home / DATABASE_FILE)) from error
    finally:
        database.close()

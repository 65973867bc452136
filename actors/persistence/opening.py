"""Opening the records: check, recover, back up, migrate, or one sentence why not; the opener's thread."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from peewee import SchemaManager, SqliteDatabase

from actors.persistence.backups import DAMAGED, back_up, newest_good, put_back
from actors.persistence.failures import DATABASE_ERRORS, primary_code, sentence
from actors.persistence.migrations import APPLICATION_ID, migrate, refuse_newer, version
from actors.persistence.queries import connection, pragma
from actors.persistence.tables import TABLES
from core.errors import BadData, RecordsLost

DATABASE_FILE = "belay.db"
BUSY_SECONDS = 2
PRAGMAS = {"journal_mode": "wal", "synchronous": "full", "cache_size": -8000}


@dataclass(frozen=True, slots=True)
class Opened:
    """An open database.  ``recovered`` is the sentence about what was lost, empty when nothing was."""

    database: SqliteDatabase
    recovered: str
    backup: Path | None


def open_records(home: Path, now: datetime) -> Opened:
    """The records of ``home``, whole, backed up and of this version; the connection is the calling thread's.

    ``RecordsLost`` (locked, full, not writable), ``BadData`` (no database, damaged without a backup) or
    ``Refused`` (written by a newer Belay).
    """
    path = home / DATABASE_FILE
    try:
        home.mkdir(parents=True, exist_ok=True)
        recovered = _recover(home, path, now)
        database = SqliteDatabase(str(path), timeout=BUSY_SECONDS, pragmas=PRAGMAS)
        with ExitStack() as undo:
            undo.callback(database.close)
            opened = Opened(database, recovered, _prepare(database, home, now))
            undo.pop_all()
        return opened
    except DATABASE_ERRORS as error:
        raise RecordsLost(sentence(error, path)) from error
    except OSError as error:
        raise RecordsLost(
            f"The folder {home} cannot take the records ({error.strerror}). Choose one that this user may "
            "write to, for example with --home."
        ) from error


def _prepare(database: SqliteDatabase, home: Path, now: datetime) -> Path | None:
    """Refuse, back up, migrate; the path of the backup, None for a new database."""
    refuse_newer(database)
    made = back_up(connection(database), home, now) if version(database) else None
    migrate(database, lambda name: back_up(connection(database), home, now, name))
    return made


def _recover(home: Path, path: Path, now: datetime) -> str:
    """Put the newest good backup in the place of a damaged or missing file; what was lost, in a sentence."""
    fault = _fault(path)
    backup = newest_good(home) if fault else None
    if backup is None:
        if fault == "missing":
            return ""  # a first start
        if fault:
            raise BadData(
                f"The file {path} is {fault}, and there is no backup. Move it away to start afresh."
            )
        return ""
    aside = put_back(backup, path, now)
    kept = f" The old file is kept as {aside.name}." if aside else ""
    return (
        f"The records were {fault}. Belay put back the backup {backup.name}: orders and fills written after "
        f"it are missing here, so compare with the venue before you trade.{kept}"
    )


def _fault(path: Path) -> str:
    """What is wrong with the file, empty when nothing is; ``BadData`` for another program's database."""
    if not path.exists() or not path.stat().st_size:
        return "missing"
    database = SqliteDatabase(str(path), timeout=BUSY_SECONDS)
    try:
        if pragma(database, "application_id") != APPLICATION_ID and database.get_tables():
            raise BadData(f"The file {path} is a database of another program. Move it away and start again.")
        return "" if pragma(database, "quick_check(1)") == "ok" else "damaged"
    except DATABASE_ERRORS as error:
        if primary_code(error) not in DAMAGED:
            raise
        return "no database" if primary_code(error) == sqlite3.SQLITE_NOTADB else "damaged"
    finally:
        database.close()


def open_for_reading(home: Path) -> SqliteDatabase:
    """A read-only connection of the calling thread; an empty one in memory while there are no records.

    Close it after use.  ``RecordsLost`` or ``Refused`` with one sentence.
    """
    path = home / DATABASE_FILE
    if not path.exists() or not path.stat().st_size:
        empty = SqliteDatabase(":memory:")
        for table in TABLES:
            SchemaManager(table, database=empty).create_all()
        return empty
    database = SqliteDatabase(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)
    with ExitStack() as undo:
        undo.callback(database.close)
        try:
            refuse_newer(database)
            if not version(database):
                raise BadData(f"The file {path} holds no records of Belay. Move it away and start Belay.")
        except DATABASE_ERRORS as error:
            raise RecordsLost(sentence(error, path)) from error
        undo.pop_all()
    return database

"""What SQLite's errors mean for a person: one sentence each that says what to do; pure, for any thread."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import peewee

DATABASE_ERRORS = (sqlite3.Error, peewee.PeeweeException)
"""Whatever the driver or peewee raise."""

_SENTENCES = {
    sqlite3.SQLITE_FULL: "The disk is full: the records in {path} take no more rows, so nothing more is "
    "traded. Free some space and start Belay again; if it is halted, re-arm it.",
    sqlite3.SQLITE_BUSY: "Another program holds the records in {path} locked. Close it and start Belay "
    "again; if it is halted, re-arm it.",
    sqlite3.SQLITE_READONLY: "The records in {path} may not be written. Give this user the right to write "
    "to the file and its folder.",
    sqlite3.SQLITE_CANTOPEN: "The records in {path} cannot be opened. Check that the folder exists and "
    "that this user may write to it.",
    sqlite3.SQLITE_IOERR: "The disk reports an error with the records in {path}. Check the disk, then "
    "start Belay again; if it is halted, re-arm it.",
    sqlite3.SQLITE_CORRUPT: "The records in {path} are damaged. Start Belay again: it puts back the newest "
    "good backup.",
    sqlite3.SQLITE_NOTADB: "The file {path} is no database. Move it away, or put a backup from the folder "
    "backups in its place.",
}
_SENTENCES[sqlite3.SQLITE_LOCKED] = _SENTENCES[sqlite3.SQLITE_BUSY]
_SENTENCES[sqlite3.SQLITE_PERM] = _SENTENCES[sqlite3.SQLITE_READONLY]


def sentence(error: Exception, path: Path) -> str:
    """What befell the records in ``path`` and what to do about it."""
    known = _SENTENCES.get(primary_code(error))
    if known is not None:
        return known.format(path=path)
    return f"The records in {path} refuse a row ({cause(error)}). Nothing more is traded; start Belay again."


def cause(error: Exception) -> Exception:
    """The driver's own error behind peewee's."""
    inner = getattr(error, "orig", None)
    return inner if isinstance(inner, Exception) else error


def primary_code(error: Exception) -> int:
    """SQLite's primary result code, -1 when there is none (extended codes hold it in the low byte)."""
    code = getattr(cause(error), "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else -1

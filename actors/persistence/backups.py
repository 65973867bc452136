"""Backups: whole copies in the folder ``backups``, checked before they are trusted; persistence's thread."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from actors.persistence.failures import primary_code
from actors.persistence.migrations import APPLICATION_ID

FOLDER = "backups"
KEPT = 5
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
SIDE_FILES = ("-wal", "-shm")


def stamp(at: datetime) -> str:
    """An instant as it stands in file names; sorts by time."""
    return at.strftime("%Y%m%dT%H%M%S") + f"{at.microsecond // 1000:03d}Z"


def back_up(connection: sqlite3.Connection, home: Path, at: datetime, name: str = "belay") -> Path:
    """Copy the open database into one file, complete or not there; only the newest of that name are kept."""
    folder = home / FOLDER
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}-{stamp(at)}.db"
    fresh = path.with_suffix(".part")
    try:
        with closing(sqlite3.connect(fresh)) as copy:
            connection.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, no side files
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
    for old in sorted(folder.glob(f"{name}-*.db"))[:-KEPT]:
        old.unlink()
    return path


def newest_good(home: Path) -> Path | None:
    """The newest backup that passes SQLite's check, None when there is none."""
    backups = sorted((home / FOLDER).glob("belay-*.db"), reverse=True)
    return next((path for path in backups if is_good(path)), None)


def is_good(path: Path) -> bool:
    """Whether a closed database file is whole and ours."""
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)) as copy:
            whole = copy.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            return whole and copy.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
    except sqlite3.Error as error:
        if primary_code(error) in DAMAGED:
            return False
        raise


def put_back(backup: Path, path: Path, at: datetime) -> Path | None:
    """Move the file at ``path`` aside (None: there was none) and put a copy of ``backup`` in its place."""
    fresh = path.with_suffix(".recovered")
    shutil.copyfile(backup, fresh)
    aside = path.with_name(f"{path.stem}-damaged-{stamp(at)}.db") if path.exists() else None
    for side in SIDE_FILES:
        side_file = path.with_name(path.name + side)
        if side_file.exists():
            side_file.replace(path.with_name(f"{path.stem}-damaged-{stamp(at)}.db{side}"))
    if aside is not None:
        path.replace(aside)
    fresh.replace(path)
    return aside

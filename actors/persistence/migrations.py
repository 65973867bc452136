"""The schema's versions: each step once, in one transaction, with a backup in front; persistence's thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from peewee import SchemaManager, SqliteDatabase

from actors.persistence.queries import connection, pragma
from actors.persistence.tables import TABLES
from core.errors import Refused

APPLICATION_ID = 0x42454C59
"""``BELY``: SQLite's mark of whose file it is."""


@dataclass(frozen=True, slots=True)
class Migration:
    """From version ``version - 1`` to ``version``."""

    version: int
    apply: Callable[[SqliteDatabase], None]


def _create(database: SqliteDatabase) -> None:
    connection(database).execute(f"PRAGMA application_id = {APPLICATION_ID}")
    for table in TABLES:
        SchemaManager(table, database=database).create_all(safe=False)


def _venue_ids(database: SqliteDatabase) -> None:
    """Orders know the id that the venue gave them."""
    known = {row[1] for row in connection(database).execute("PRAGMA table_info(orders)")}
    if "venue_id" not in known:  # a new file has it from the first step
        connection(database).execute("ALTER TABLE orders ADD COLUMN venue_id TEXT NOT NULL DEFAULT ''")


MIGRATIONS = (Migration(1, _create), Migration(2, _venue_ids))


def version(database: SqliteDatabase) -> int:
    """The schema's version, 0 for an empty file."""
    return int(pragma(database, "user_version"))


def refuse_newer(database: SqliteDatabase, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """``Refused`` when a newer Belay wrote this file."""
    found, newest = version(database), migrations[-1].version
    if found > newest:
        raise Refused(
            f"These records were written by a newer Belay (version {found}, this one knows {newest}). "
            "Install the newer Belay, or choose another folder with --home."
        )


def migrate(
    database: SqliteDatabase, back_up: Callable[[str], object], migrations: Sequence[Migration] = MIGRATIONS
) -> tuple[int, int]:
    """Bring the schema to the newest version: the versions before and after.

    ``back_up`` gets a name for the copy before an existing database is changed.  A step that fails leaves
    the schema as it was.
    """
    refuse_newer(database, migrations)
    before = version(database)
    missing = [step for step in migrations if step.version > before]
    if before and missing:
        back_up(f"before-version-{missing[-1].version}")
    for step in missing:
        with database.atomic("IMMEDIATE"):
            step.apply(database)
            connection(database).execute(f"PRAGMA user_version = {step.version}")
    return before, version(database)

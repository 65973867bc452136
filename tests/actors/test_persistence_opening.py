"""Opening the records: whole, backed up, of this version, or one sentence why not."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from peewee import SqliteDatabase

from actors.persistence.backups import FOLDER, KEPT, back_up, is_good, newest_good
from actors.persistence.books import RecordBooks, latest_book
from actors.persistence.migrations import MIGRATIONS, Migration, migrate, version
from actors.persistence.opening import DATABASE_FILE, open_records
from actors.persistence.queries import connection, pragma
from actors.persistence.restart import load_restart
from actors.persistence.verify import verify_books
from core.errors import BadData, BelayError, RecordsLost, Refused
from tests.fakes.record_bench import BOOK, START, Ears, Hands, Market, order, stage


def session(home: Path, number: int, clock: Hands, hub: Ears | None = None) -> None:
    """One start and stop with one order in between."""
    records = stage(home, clock=clock, hub=hub)
    market = Market(records)
    market.place(number, order(number))
    market.drain(number)
    records.finish()


def backups(home: Path) -> list[Path]:
    return sorted((home / FOLDER).glob("*.db"))


def path_of(home: Path) -> Path:
    return home / DATABASE_FILE


def test_durability_is_on(home: Path) -> None:
    opened = open_records(home, START)
    assert pragma(opened.database, "journal_mode") == "wal"
    assert pragma(opened.database, "synchronous") == 2  # FULL
    assert pragma(opened.database, "busy_timeout") == 2000
    assert version(opened.database) == MIGRATIONS[-1].version
    opened.database.close()


def test_each_start_backs_up_and_five_are_kept(home: Path) -> None:
    clock = Hands()
    for number in range(1, KEPT + 4):
        session(home, number, clock)
    found = backups(home)
    assert len(found) == KEPT
    assert all(is_good(path) for path in found)
    with closing(sqlite3.connect(found[-1])) as newest:
        assert newest.execute("SELECT COUNT(*) FROM orders").fetchone()[0] == KEPT + 2
    assert not list((home / FOLDER).glob("*.part"))


def damage_middle(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * 20_000)


DAMAGES = {
    "a scribbled page": damage_middle,
    "a scribbled head": lambda path: path.write_bytes(b"\x00" * 100 + path.read_bytes()[100:]),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "another file": lambda path: path.write_text("dear diary\n" * 1000),
    "emptied": lambda path: path.write_bytes(b""),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("how", DAMAGES)
def test_damage_is_recovered_from_the_newest_good_backup(home: Path, how: str) -> None:
    clock = Hands()
    for number in (1, 2, 3):
        session(home, number, clock)
    for side in ("-wal", "-shm"):
        path_of(home).with_name(DATABASE_FILE + side).unlink(missing_ok=True)
    newest = backups(home)[-1]
    newest.write_bytes(b"\x00" * 50_000)  # not good: the one before it has to do
    DAMAGES[how](path_of(home))
    ears = Ears()
    records = stage(home, clock=clock, hub=ears)
    found = load_restart(home, BOOK)
    assert (found.number, len(found.working)) == (1, 1)
    (alert,) = ears.alerts()
    assert backups(home)[0].name in alert
    assert "missing here" in alert
    kept = list(home.glob("belay-damaged-*.db"))
    assert len(kept) == (how != "gone")
    assert all(path.name in alert for path in kept)
    records.finish()
    session(home, 2, clock)
    assert verify_books(home, BOOK) == []


def test_side_files_do_not_stay_with_the_recovered_file(home: Path) -> None:
    clock = Hands()
    session(home, 1, clock)
    session(home, 2, clock)
    path_of(home).write_text("dear diary")
    for side in ("-wal", "-shm"):
        path_of(home).with_name(DATABASE_FILE + side).write_bytes(b"stale" * 100)
    records = stage(home, clock=clock)
    assert load_restart(home, BOOK).number == 1
    records.finish()
    assert verify_books(home, BOOK) == []


@pytest.mark.parametrize("how", ["a scribbled page", "a scribbled head", "cut in half", "another file"])
def test_damage_without_a_backup_is_one_sentence_and_changes_nothing(home: Path, how: str) -> None:
    session(home, 1, Hands())
    DAMAGES[how](path_of(home))
    before = path_of(home).read_bytes()
    with pytest.raises(BadData, match=r"there is no backup\. Move it away to start afresh"):
        stage(home)
    assert path_of(home).read_bytes() == before


def test_another_programs_database_is_refused(home: Path) -> None:
    with closing(sqlite3.connect(path_of(home))) as other:
        other.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(BadData, match="database of another program"):
        stage(home)
    with pytest.raises(BadData, match="holds no records of Belay"):
        RecordBooks(home, BOOK).orders()


def test_a_newer_database_is_refused(home: Path) -> None:
    session(home, 1, Hands())
    with closing(sqlite3.connect(path_of(home))) as newer:
        newer.execute("PRAGMA user_version = 99")
    for attempt in (lambda: stage(home), lambda: load_restart(home, BOOK)):
        with pytest.raises(Refused, match=r"newer Belay \(version 99, this one knows 2\)"):
            attempt()


def test_a_folder_that_cannot_be_one(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file stands here")
    with pytest.raises(RecordsLost, match=r"cannot take the records .* --home"):
        stage(tmp_path / "home")
    with pytest.raises(BelayError, match=r"cannot be opened|cannot take"):
        stage(tmp_path / "home" / "below")


def test_a_database_that_is_a_folder(home: Path) -> None:
    path_of(home).mkdir()
    (path_of(home) / "x").touch()
    with pytest.raises(BelayError, match=r"cannot be opened|no database|may not be written"):
        stage(home)


def add_note(database: SqliteDatabase) -> None:
    connection(database).execute("ALTER TABLE orders ADD COLUMN note TEXT NOT NULL DEFAULT ''")


def break_down(database: SqliteDatabase) -> None:
    connection(database).execute("DROP TABLE alerts")
    connection(database).execute("ALTER TABLE nowhere ADD COLUMN x")


def test_a_migration_backs_up_first_and_keeps_the_rows(home: Path) -> None:
    session(home, 1, Hands())
    opened = open_records(home, START)
    steps = (*MIGRATIONS, Migration(3, add_note))
    kept: list[Path] = []

    def back(name: str) -> None:
        kept.append(back_up(connection(opened.database), home, START, name))

    assert migrate(opened.database, back, steps) == (2, 3)
    assert migrate(opened.database, back, steps) == (3, 3)
    found = connection(opened.database).execute("SELECT sequence, note FROM orders").fetchall()
    opened.database.close()
    assert found == [(1, "")]
    (copy,) = kept
    assert copy.name.startswith("before-version-3-")
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("PRAGMA user_version").fetchone() == (2,)
        assert before.execute("SELECT COUNT(*) FROM orders").fetchone() == (1,)
    assert copy not in (newest_good(home),)


def test_a_migration_that_fails_changes_nothing(home: Path) -> None:
    session(home, 1, Hands())
    opened = open_records(home, START)
    with pytest.raises(Exception, match="no such table"):
        migrate(opened.database, lambda name: None, (*MIGRATIONS, Migration(3, break_down)))
    assert version(opened.database) == 2
    assert opened.database.table_exists("alerts")
    opened.database.close()
    session(home, 2, Hands())
    assert latest_book(home) == BOOK

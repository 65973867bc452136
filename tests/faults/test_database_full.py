"""A database that takes no row: one sentence, nothing half written, and no order without its row."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from actors.hub import FactHub
from actors.persistence.batch import Batch
from actors.persistence.opening import DATABASE_FILE
from actors.persistence.queries import connection, pragma
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.persistence.verify import verify_books
from actors.stage import Address
from core.clock import SystemClock
from core.errors import RecordsLost
from core.ids import ClientOrderId
from core.messages import AlertRaised, Flush, Keep, Ping, Severity, UnitClosed, WriteAhead
from core.modes import Mode
from tests.fakes.record_bench import BOOK, Ears, Market, fill, moment, order, stage


def writing_connection(records: PersistenceStage) -> sqlite3.Connection:
    assert records._writer is not None
    return connection(records._writer.database)


def fill_up(records: PersistenceStage) -> None:
    """No page more than there are."""
    assert records._writer is not None
    pages = pragma(records._writer.database, "page_count")
    writing_connection(records).execute(f"PRAGMA max_page_count = {pages}")


def forbid(records: PersistenceStage) -> None:
    writing_connection(records).execute("PRAGMA query_only = ON")


BROKEN: dict[str, tuple[Callable[[PersistenceStage], None], str]] = {
    "full": (
        fill_up,
        r"The disk is full.*nothing more is traded\. Free some space and start Belay again; if it is halted, "
        r"re-arm it\.",
    ),
    "read-only": (forbid, r"may not be written\. Give this user the right"),
}


@pytest.mark.parametrize("how", BROKEN)
def test_no_row_no_order(home: Path, how: str) -> None:
    break_it, sentence = BROKEN[how]
    ears = Ears()
    records = stage(home, hub=ears)
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    records.receive(Flush())
    before = load_restart(home, BOOK)
    break_it(records)
    execution = fill(entry)
    market.tell(Keep(2, "strategy", b"s" * 500_000))
    with pytest.raises(RecordsLost, match=sentence):
        market.write_ahead(2, order(2, slot=1))
    assert load_restart(home, BOOK) == before
    (alert,) = [fact for fact in ears.heard if isinstance(fact, AlertRaised)]
    assert alert.severity is Severity.CRITICAL
    # and it stays so: facts are let go, asks raise again, nothing more is said
    market.tell(execution)
    market.drain(2)
    assert records.on_receive(Ping()) == "persistence"
    for ask in (lambda: market.write_ahead(3, order(3, slot=2)), lambda: records.receive(Flush())):
        with pytest.raises(RecordsLost, match=sentence):
            ask()
    records.finish()
    assert ears.alerts() == [alert.text]
    assert load_restart(home, BOOK) == before
    assert verify_books(home, BOOK) == []
    again = stage(home)
    Market(again).write_ahead(2, order(2, slot=1))
    assert len(load_restart(home, BOOK).working) == 2
    again.finish()


def test_a_told_unit_that_finds_no_room_is_said_too(home: Path) -> None:
    ears = Ears()
    records = stage(home, hub=ears)
    Market(records).drain(1)
    records.receive(Flush())
    fill_up(records)
    records.receive(UnitClosed(2, (Keep(2, "strategy", b"s" * 500_000),)))
    records.on_receive(Ping())
    assert ["disk is full" in text for text in ears.alerts()] == [True]
    assert load_restart(home, BOOK).number == 1
    records.finish()


def test_another_program_holds_the_lock(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short lock is waited for; a long one is one sentence after two seconds."""
    records = stage(home)
    writing_connection(records).execute("PRAGMA busy_timeout = 50")  # the test's patience
    market = Market(records)
    with closing(sqlite3.connect(home / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RecordsLost, match=r"Another program holds the records in .* locked\. Close it"):
            market.write_ahead(1, order(1))
        assert load_restart(home, BOOK).number == 0
    records.finish()
    with closing(sqlite3.connect(home / DATABASE_FILE, isolation_level=None)) as other:
        monkeypatch.setattr("actors.persistence.opening.BUSY_SECONDS", 0.05)
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RecordsLost, match="locked"):
            stage(home)
    again = stage(home)
    Market(again).write_ahead(1, order(1))
    again.finish()


def test_a_row_that_the_table_refuses_takes_nothing_with_it(home: Path) -> None:
    """One order per identity is the table's own rule; the transaction is rolled back and the lock let go."""
    records = stage(home)
    market = Market(records)
    market.write_ahead(1, order(1))
    before = load_restart(home, BOOK)
    twin = replace(order(1), client_order_id=ClientOrderId("another"))
    with pytest.raises(RecordsLost, match=r"refuse a row \(UNIQUE constraint failed.*start Belay again"):
        market.write_ahead(2, order(2), twin)
    assert load_restart(home, BOOK) == before
    with closing(sqlite3.connect(home / DATABASE_FILE, timeout=0, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
    assert records._writer is not None
    with pytest.raises(RecordsLost):
        records._writer.commit(Batch(), 9, 9)
    records.finish()


def drop_table(home: Path, name: str) -> None:
    with closing(sqlite3.connect(home / DATABASE_FILE)) as other:
        other.execute(f"DROP TABLE {name}")


def test_a_table_that_is_gone(home: Path) -> None:
    records = stage(home)
    drop_table(home, "orders")
    with pytest.raises(RecordsLost, match="no such table"):
        Market(records).write_ahead(1, order(1))
    records.finish()
    with pytest.raises(RecordsLost, match="no such table"):
        stage(home)
    with pytest.raises(RecordsLost, match="no such table"):
        load_restart(home, BOOK)


def test_a_goodbye_that_cannot_be_written_is_no_silence(home: Path) -> None:
    records = stage(home)
    drop_table(home, "sessions")
    with pytest.raises(RecordsLost, match="no such table"):
        records.finish()


def test_a_session_without_a_goodbye_stays_open(home: Path) -> None:
    first = stage(home)
    writing_connection(first).close()  # killed
    stage(home).finish()
    with closing(sqlite3.connect(home / DATABASE_FILE)) as other:
        rows = other.execute("SELECT started_at, ended_at IS NULL FROM sessions ORDER BY id").fetchall()
    assert [is_open for _, is_open in rows] == [1, 0]


def test_the_asker_of_an_actor_gets_the_sentence(home: Path) -> None:
    """Through a real thread: the stage lives on, and the executor's ask raises."""
    hub = FactHub()
    address = Address(
        lambda: PersistenceStage.start(hub, home, BOOK, Mode.PAPER, SystemClock()), "persistence", hub
    )
    address.start()
    address.ask(Ping(), timeout=10)
    with closing(sqlite3.connect(home / DATABASE_FILE, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(RecordsLost, match="locked"):
            address.ask(WriteAhead(1, moment(1), (order(1),), (), ()), timeout=10)
    with pytest.raises(RecordsLost, match="locked"):
        address.ask(Flush(), timeout=10)
    assert address.ask(Ping(), timeout=10) == "persistence"
    address.stop(10)

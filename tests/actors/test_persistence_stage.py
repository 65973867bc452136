"""The persistence stage as a whole: books, restarts, and the actor in its thread."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from actors.hub import FactHub
from actors.persistence.books import RecordBooks, latest_book
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.persistence.verify import verify_books
from actors.stage import Address
from core.clock import SystemClock
from core.errors import Refused
from core.ids import BookId
from core.messages import (
    Flush,
    Keep,
    Ping,
    SignalRaised,
    StageFailed,
    UnitClosed,
    WriteAhead,
)
from core.modes import Mode
from core.records import Restart
from tests.fakes.record_bench import (
    BOOK,
    CASH,
    GRID,
    Ears,
    Hands,
    Market,
    intent,
    moment,
    order,
    stage,
)


def restart(home: Path) -> Restart:
    return load_restart(home, BOOK)


def test_a_new_home_is_empty(home: Path) -> None:
    found = restart(home)
    assert (found.number, found.drained, found.pieces, found.working) == (0, 0, {}, ())
    assert latest_book(home) is None
    assert not (home / "belay.db").exists()


def test_paper_and_live_do_not_share_a_book(home: Path) -> None:
    stage(home).finish()
    with pytest.raises(Refused, match=r"holds paper records; live needs its own book"):
        stage(home, mode=Mode.LIVE)


def test_two_books_see_nothing_of_each_other(home: Path) -> None:
    other, clock = BookId("live:kraken"), Hands()
    for book, mode in ((BOOK, Mode.PAPER), (other, Mode.LIVE)):
        records = stage(home, book=book, mode=mode, clock=clock)
        market = Market(records)
        market.fill(market.place(1, order(1, book=book, mode=mode)))
        market.drain(1)
        records.finish()
        assert verify_books(home, book) == []
    for book in (BOOK, other):
        books = RecordBooks(home, book)
        assert [each.client_order_id for each in books.orders()] == [order(1, book=book).client_order_id]
        assert len(books.fills()) == 1
        assert load_restart(home, book).counts.fills == 1
    assert RecordBooks(home, BOOK).order(order(1, book=other).client_order_id) is None
    assert latest_book(home) == other


def test_what_was_loaded_is_said(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.fill(market.place(1, order(1)))
    market.place(1, order(2, slot=1))
    market.drain(1)
    records.finish()
    again = PersistenceStage(Ears(), home, BOOK, Mode.PAPER, Hands())
    assert again.begin() == "paper:test: 2 orders (1 working), 1 fill, 1 open position"
    again.finish()


def test_as_an_actor(home: Path) -> None:
    """In its own thread: asked, told, stopped; the connection lives and dies there."""
    hub = FactHub()
    failures: list[StageFailed] = []
    hub.subscribe(failures.append, StageFailed)
    address = Address(
        lambda: PersistenceStage.start(hub, home, BOOK, Mode.PAPER, SystemClock(), CASH), "persistence", hub
    )
    address.start()
    assert address.ask(Ping(), timeout=10) == "persistence"
    new = order(1)
    address.tell(SignalRaised(GRID, intent(new)))
    assert address.ask(WriteAhead(1, moment(1), (new,), (), ()), timeout=10) is None
    assert len(restart(home).working) == 1
    for number in range(1, 2000):
        address.tell(UnitClosed(number, (Keep(number, "a", str(number).encode()),)))
    address.ask(Flush(), timeout=10)
    assert restart(home).drained == 1999
    address.stop(10)
    assert failures == []
    saved = RecordBooks(home, BOOK).saved_at()
    assert saved is not None
    assert abs(saved - SystemClock().now()) < timedelta(minutes=1)

"""When things go to disk, and what never goes there alone."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from actors.persistence.books import RecordBooks
from actors.persistence.queries import tuples
from actors.persistence.reading import reading
from actors.persistence.restart import load_restart
from actors.persistence.tables import AlertRow, AuditRow, EventRow
from actors.persistence.verify import verify_books
from core.halt import HaltEvidence, HaltRecord, HaltStep
from core.messages import (
    AlertRaised,
    EquitySampled,
    FeedEnded,
    Flush,
    HaltProgressed,
    HaltTripped,
    Keep,
    OrderCancelled,
    OrderFilled,
    Ping,
    Rearmed,
    Severity,
    StageFailed,
    StageRestarted,
    StateChanged,
    UnitClosed,
)
from core.modes import Mode, TradingState
from core.order import Happening
from core.records import Restart
from tests.fakes.record_bench import (
    BOOK,
    BTC,
    GRID,
    START,
    Hands,
    Market,
    denied,
    fill,
    moment,
    order,
    stage,
)


def restart(home: Path) -> Restart:
    return load_restart(home, BOOK)


def pieces(home: Path) -> dict[str, bytes]:
    return dict(restart(home).pieces)


def rows_of(home: Path) -> list[tuple[object, ...]]:
    with reading(home) as database:
        return [
            *tuples(EventRow.select(EventRow.kind, EventRow.text).order_by(EventRow.id), database),
            *tuples(AuditRow.select(AuditRow.who, AuditRow.what).order_by(AuditRow.id), database),
            *tuples(AlertRow.select(AlertRow.severity, AlertRow.text).order_by(AlertRow.id), database),
        ]


def test_a_write_ahead_is_on_disk_when_it_answers(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.tell(Keep(1, "strategy", b"one"))
    assert restart(home).number == 0
    market.write_ahead(1, order(1))
    found = restart(home)
    assert (found.number, found.drained) == (1, 0)
    assert found.pieces == {"strategy": b"one", "venue": b"venue 1"}
    (working,) = found.working
    assert working == order(1)
    assert found.sequences == {(GRID, BTC, 0): 1}
    records.finish()


def test_a_unit_is_never_half_on_disk(home: Path) -> None:
    """At each message of an event a look at the disk finds the event before, whole, or this one, whole."""
    records = stage(home, clock=Hands())
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    records.on_receive(Ping())
    before = restart(home)
    fact = fill(entry)
    unit = [
        OrderFilled(entry.with_fill(fact), fact),
        EquitySampled(2, moment(2), Decimal(10_001)),
        Keep(2, "risk", b"risk 2"),
        AlertRaised(moment(2), Severity.CRITICAL, "risk limit", "loud", Mode.PAPER),
    ]
    for message in unit:
        market.tell(message)
        records.on_receive(Ping())
        records.receive(Flush())
        assert restart(home) == before
    market.tell(UnitClosed(2, (Keep(2, "strategy", b"strategy 2"), Keep(2, "venue", b"venue 2"))))
    records.receive(Flush())
    after = restart(home)
    assert (after.number, after.drained) == (2, 2)
    assert set(after.pieces.values()) == {b"strategy 2", b"risk 2", b"venue 2"}
    assert after.working == ()
    assert verify_books(home, BOOK) == []
    records.finish()


def test_an_event_cut_off_comes_again(home: Path) -> None:
    """What a stop leaves unfinished is left out, and booked once when the event comes again."""
    records = stage(home)
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    market.fill(entry)
    records.finish()
    assert restart(home).number == 1
    assert RecordBooks(home, BOOK).fills() == []
    records = stage(home)
    market = Market(records)
    market.fill(entry)
    market.drain(2)
    records.finish()
    assert len(RecordBooks(home, BOOK).fills()) == 1
    assert verify_books(home, BOOK) == []


def test_the_kill_switch_cancels_between_two_events(home: Path) -> None:
    """Its cancels need no drained event, only the venue's piece that belongs to them."""
    records = stage(home)
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    market.tell(OrderCancelled(entry.after(Happening.CANCELLED)))
    records.on_receive(Ping())
    assert len(restart(home).working) == 1
    market.tell(Keep(0, "venue", b"without it"))
    records.on_receive(Ping())
    assert restart(home).working == ()
    assert pieces(home)["venue"] == b"without it"
    records.finish()


def test_after_the_feed_every_fact_is_written_as_it_comes(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    market.tell(FeedEnded(1))
    assert restart(home).drained == 1
    market.cancel(entry)
    market.tell(Keep(0, "venue", b"after"))
    assert restart(home).working == ()
    records.finish()


def test_full_speed_collects_and_a_slow_market_commits(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    records = stage(home)
    market = Market(records)
    now = [0.0]
    monkeypatch.setattr(records._recorder, "_monotonic", lambda: now[0])
    records._recorder._since = records._recorder._closed_at = 0.0
    for number in range(1, 256):
        market.tell(UnitClosed(number, (Keep(number, "a", b"x"),)))
        assert restart(home).number == 0
    market.tell(UnitClosed(256, ()))
    assert restart(home).number == 256
    market.tell(denied(order(1)))
    now[0] += 0.002
    market.tell(UnitClosed(257, ()))
    assert restart(home).number == 256
    market.tell(denied(order(2)))
    now[0] += 0.02
    market.tell(UnitClosed(258, ()))
    assert restart(home).number == 258
    now[0] += 0.02
    market.tell(UnitClosed(259, ()))  # nothing but its number: no hurry
    assert restart(home).number == 258
    now[0] += 0.1
    market.tell(UnitClosed(260, ()))
    assert restart(home).number == 260
    records.finish()


def test_safety_facts_are_on_disk_at_once(home: Path) -> None:
    records = stage(home)
    record = HaltRecord(START.isoformat(), "person", "enough")
    evidence = HaltEvidence(record=record, step=HaltStep.VERIFIED, latch_ms=0.2)
    for fact in (
        HaltTripped(record), HaltProgressed(evidence), StateChanged(TradingState.HALTED, "person", START),
        Rearmed(START), StageFailed("alerts", "gone"), StageRestarted("alerts"),
        AlertRaised(START, Severity.CRITICAL, "system", "stop", Mode.PAPER),
    ):  # fmt: skip
        records.receive(fact)
    found = [[str(cell) for cell in row] for row in rows_of(home)]
    assert found == [
        ["halt tripped", "enough"], ["halt progressed", "verified"], ["stage failed", "alerts: gone"],
        ["stage restarted", "alerts"],
        ["person", "halt tripped"], ["belay", "state halted"], ["person", "re-armed"], ["critical", "stop"],
    ]  # fmt: skip
    records.finish()

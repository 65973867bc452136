"""The executor: row, latch, send, outcome, in this order; and what each failure of them leaves behind."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from core.clock import millis
from core.errors import GiveUpOrder, OutcomeUnknown, RecordsLost, Refused, StageGone, StageSilent
from core.halt import Latch
from core.messages import (
    Drained,
    OrderCancelled,
    OrderDenied,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    UnitClosed,
)
from core.modes import Mode
from core.order import OrderState
from core.risk.verdict import Denied, Reason
from tests.fakes.order_bench import ExecutorBench, nothing

NOW = datetime(2030, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench() -> ExecutorBench:
    return ExecutorBench()


def kinds(happened: list[Any]) -> list[str]:
    return [what[0] if isinstance(what, tuple) else type(what).__name__ for what in happened]


def test_row_then_send_then_fact_then_the_end_of_the_event(bench: ExecutorBench) -> None:
    happened = bench.execute(bench.judged.approved())
    assert kinds(happened) == ["written", "place", "OrderPlaced", "UnitClosed", "Drained"]
    (row,) = bench.records.written
    assert [order.status for order in row.orders] == [OrderState.INTENT]
    (placed,) = bench.of(OrderPlaced)
    assert placed.order.status is OrderState.OPEN
    assert bench.of(Drained) == [Drained(1)]


def test_all_rows_are_one_write_and_cancels_go_first(bench: ExecutorBench) -> None:
    bench.execute(bench.judged.approved(0), bench.judged.approved(1))
    assert kinds(bench.happened)[:3] == ["written", "place", "OrderPlaced"]
    happened = bench.execute(bench.judged.approved(2), bench.judged.withdrawal(0), number=2)
    assert kinds(happened)[:4] == ["written", "cancel", "OrderCancelled", "place"]
    assert [order.status for order in bench.records.written[-1].cancels] == [OrderState.CANCELLING]
    assert len(bench.venue.open_orders()) == 2


@pytest.mark.parametrize("is_over", [False, True], ids=["while it rests", "after its end"])
def test_an_identity_is_placed_once_ever(bench: ExecutorBench, is_over: bool) -> None:
    """A second wish under the same identity is a fault of the program: nothing is sent, and Belay halts."""
    approved = bench.judged.approved()
    bench.execute(approved)
    assert len(bench.sent()) == 1
    if is_over:
        bench.execute(bench.judged.withdrawal(), number=2)
    bench.execute(approved, number=3)
    assert bench.sent() == []
    assert len(bench.records.written) == 1 + is_over
    assert bench.latch.is_set()


def test_a_later_sequence_is_a_new_order(bench: ExecutorBench) -> None:
    bench.execute(bench.judged.approved())
    bench.execute(bench.judged.withdrawal(), number=2)
    bench.execute(bench.judged.approved(0, 2), number=3)
    assert len(bench.sent()) == 1
    assert not bench.latch.is_set()


@pytest.mark.parametrize(("sequence", "count"), [(2, 0), (3, 0), (4, 1)])
def test_a_restart_knows_what_was_used(bench: ExecutorBench, sequence: int, count: int) -> None:
    identity = bench.judged.identity(0, 3)
    used = {(identity.instance, identity.symbol, identity.slot): 3}
    again = ExecutorBench(nothing(sequences=used))
    again.execute(again.judged.approved(0, sequence))
    assert len(again.sent()) == count
    assert again.latch.is_set() is (count == 0)


@pytest.mark.parametrize(
    "error",
    [
        RecordsLost("The disk is full."),
        Refused("It was placed before."),
        StageGone("gone"),
        StageSilent("silent"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_no_row_no_order_and_the_latch_trips(bench: ExecutorBench, error: Exception) -> None:
    bench.records.fails = error
    happened = bench.execute(bench.judged.approved(0), bench.judged.approved(1))
    assert kinds(happened)[:2] == ["OrderCancelled", "OrderCancelled"]
    assert bench.sent() == []
    assert bench.latch.is_set()
    record = bench.latch.read()
    assert record is not None
    assert (record.cause, record.reason) == ("the records", str(error))
    assert {fact.order.reason for fact in bench.of(OrderCancelled)} == {
        "not sent: its row could not be written"
    }
    assert len(bench.table) == 0


def test_a_cancel_without_its_row_is_not_sent_either(bench: ExecutorBench) -> None:
    bench.execute(bench.judged.approved())
    bench.records.fails = RecordsLost("The disk is full.")
    assert "cancel" not in kinds(bench.execute(bench.judged.withdrawal(), number=2))
    assert bench.latch.is_set()


def test_behind_the_latch_no_row_is_written(bench: ExecutorBench) -> None:
    approved = bench.judged.approved()
    bench.latch.trip("test", "now", NOW)
    happened = bench.execute(approved)
    assert kinds(happened) == ["OrderDenied", "UnitClosed", "Drained"]
    (denied,) = bench.of(OrderDenied)
    assert denied.why.reason is Reason.HALTED
    assert "halted" in denied.order.reason
    assert len(bench.table) == 0


def test_a_latch_that_trips_after_the_row_stops_the_send(bench: ExecutorBench) -> None:
    """The row's time lies in front of the latch's, whatever the threads do."""
    approved = bench.judged.approved()
    bench.records.ask = lambda message, *, timeout: (  # type: ignore[method-assign]
        bench.records.written.append(message), bench.latch.trip("test", "now", datetime.now(UTC))
    )  # fmt: skip
    bench.execute(approved)
    assert bench.sent() == []
    (gone,) = bench.of(OrderCancelled)
    assert gone.order.reason == "Belay is halted: the order was not sent."
    (row,), record = bench.records.written, bench.latch.read()
    assert row.asked is not None
    assert record is not None
    assert millis(row.asked) <= millis(datetime.fromisoformat(record.at))


def test_the_rows_time_is_taken_before_the_latch_is_read(bench: ExecutorBench) -> None:
    """Tripped between the two: then there is no row."""
    approved = bench.judged.approved()
    bench.clock.hook = lambda: bench.latch.trip("test", "now", NOW)  # type: ignore[method-assign]
    assert kinds(bench.execute(approved))[0] == "OrderDenied"
    assert bench.records.written == []


def test_an_order_on_the_wire_when_the_latch_trips_is_taken_back(bench: ExecutorBench) -> None:
    bench.venue.on_place = lambda: bench.latch.trip("test", "now", NOW)
    happened = bench.execute(bench.judged.approved())
    assert kinds(happened)[:5] == ["written", "place", "OrderPlaced", "cancel", "OrderCancelled"]
    assert bench.venue.open_orders() == ()
    assert len(bench.table) == 0


def test_taken_back_by_the_kill_switch_already(bench: ExecutorBench) -> None:
    def trip() -> None:
        bench.latch.trip("test", "now", NOW)
        bench.venue.resting.clear()

    bench.venue.on_place = trip
    bench.execute(bench.judged.approved())
    assert kinds(bench.happened)[2:5] == ["OrderPlaced", "cancel", "OrderCancelled"]


def test_the_latch_file_of_another_process_counts(tmp_path: Path) -> None:
    bench = ExecutorBench(latch=Latch(tmp_path))
    approved = bench.judged.approved()
    Latch(tmp_path).trip("another process", "now", NOW)
    bench.execute(approved)
    assert bench.sent() == []


def test_a_refusal_is_a_fact(bench: ExecutorBench) -> None:
    bench.venue.place_raises = GiveUpOrder("post-only would cross")
    bench.execute(bench.judged.approved())
    (refused,) = bench.of(OrderRefused)
    assert (refused.order.status, refused.order.reason) == (OrderState.REFUSED, "post-only would cross")
    assert len(bench.table) == 0


def test_a_lost_answer_is_unknown_and_blocks_its_slot(bench: ExecutorBench) -> None:
    bench.venue.place_raises = OutcomeUnknown("no answer in time")
    approved = bench.judged.approved()
    bench.execute(approved)
    (lost,) = bench.of(OrderLost)
    assert lost.order.status is OrderState.UNKNOWN
    assert [order.status for order in bench.table.working()] == [OrderState.UNKNOWN]  # it counts as exposure
    bench.venue.place_raises = None
    for message in (approved, bench.judged.withdrawal()):
        happened = bench.execute(message, number=2)
        assert not {"written", "place", "cancel"} & set(kinds(happened))
    assert [order.status for order in bench.table.working()] == [OrderState.UNKNOWN]


def test_dry_run_writes_and_sends_nothing() -> None:
    bench = ExecutorBench(mode=Mode.DRY_RUN)
    happened = bench.execute(bench.judged.approved())
    assert kinds(happened)[:2] == ["written", "OrderCancelled"]
    assert bench.sent() == []
    assert bench.of(OrderCancelled)[0].order.reason.startswith("Dry-run: the order is logged and not sent")


def test_a_denial_is_a_fact_and_needs_no_row(bench: ExecutorBench) -> None:
    denied = Denied(
        bench.judged.intent(), Reason.BALANCE, *(bench.judged.plan.cash,) * 2, "USD", "Denied: no money."
    )
    happened = bench.execute(denied)
    assert kinds(happened) == ["OrderDenied", "UnitClosed", "Drained"]
    assert bench.of(OrderDenied)[0].order.status is OrderState.DENIED


def test_quiet_events_share_a_unit_and_the_last_is_told_at_the_end(bench: ExecutorBench) -> None:
    bench.execute(number=1)
    assert bench.of(UnitClosed)  # the first is told at once
    bench.execute(number=2)
    assert bench.of(UnitClosed) == []
    bench.happened.clear()
    bench.stage.finish()
    assert [unit.number for unit in bench.of(UnitClosed)] == [2]


def test_resumed_orders_have_their_rows_and_go_out_once(bench: ExecutorBench) -> None:
    approved = bench.judged.approved()
    order = bench.table.new(approved.intent)
    assert order is not None
    again = ExecutorBench(nothing(working=(order,), number=5, drained=4))
    happened = again.execute(again.judged.approved(), number=5, resumed=True)
    assert kinds(happened)[:2] == ["place", "OrderPlaced"]
    assert again.records.written == []


def test_the_kill_switchs_cancels_leave_the_table(bench: ExecutorBench) -> None:
    bench.execute(bench.judged.approved())
    (placed,) = bench.of(OrderPlaced)
    bench.happened.clear()
    from core.order import Happening

    bench.stage.receive(OrderCancelled(placed.order.after(Happening.CANCELLED)))
    assert (len(bench.table), bench.happened) == (0, [])

"""The kill switch: cancel, read twice, prove it; again and again until it holds, and an evidence that tells."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import pytest

from actors.executor.killswitch import KillSwitch, read_evidence
from actors.hub import FactHub
from core.clock import SystemClock
from core.errors import GiveUpOrder, TryAgain
from core.halt import REARM_PHRASE, HaltEvidence, HaltStep, Latch
from core.ids import ClientOrderId
from core.messages import HaltProgressed, HaltTripped, OrderCancelled, OrderDenied, Rearmed
from core.order import Happening, Order, OrderState, Role
from core.risk.verdict import halted
from tests.fakes.order_bench import Judged, ScriptedVenue

NOW = datetime(2030, 1, 1, tzinfo=UTC)
WAIT = 10.0


class StubbornVenue(ScriptedVenue):
    """``deaf`` orders stay open for so many cancels; ``silent`` reads raise."""

    def __init__(self, happened: list[Any]) -> None:
        super().__init__(happened)
        self.deaf: dict[ClientOrderId, int] = {}
        self.silent = 0

    def cancel(self, order: Order) -> None:
        if self.deaf.get(order.client_order_id, 0) > 0:
            self.deaf[order.client_order_id] -= 1
            raise GiveUpOrder("not now")
        super().cancel(order)

    def open_orders(self) -> tuple[Order, ...]:
        if self.silent:
            self.silent -= 1
            raise TryAgain("the venue does not answer")
        return super().open_orders()


class Bench:
    def __init__(self, home: Path, *, keep_stops: bool = True) -> None:
        self.home, self.happened = home, list[Any]()
        self.hub, self.latch, self.venue = FactHub(), Latch(home), StubbornVenue(self.happened)
        self.facts: SimpleQueue[Any] = SimpleQueue()
        self.hub.subscribe(self.happened.append)
        self.hub.subscribe(self.facts.put)
        self.judged = Judged()
        self.switch = KillSwitch(
            self.latch, self.venue, self.hub, home, SystemClock(), keep_stops=keep_stops, between=0.01,
            kept=lambda: self.happened.append("kept"), arrived=lambda: self.happened.append("arrived"),
        )  # fmt: skip

    def rests(self, slot: int, role: Role = Role.DECLARED) -> Order:
        intent = self.judged.intent(slot)
        order = Order(
            client_order_id=ClientOrderId(f"order {slot}"), identity=intent.identity, side=intent.side,
            kind=intent.kind, price=intent.price, quantity=intent.quantity, stop=None,
            mode=self.judged.plan.mode, time=NOW, role=role, status=OrderState.OPEN,
        )  # fmt: skip
        self.venue.resting[order.client_order_id] = order
        return order

    def kill(self) -> HaltEvidence:
        self.latch.trip("test", "a reason", NOW)
        return self.switch.prove()

    def next(self, kind: type) -> Any:
        while True:
            fact = self.facts.get(timeout=WAIT)
            if isinstance(fact, kind):
                return fact

    def of(self, kind: type) -> list[Any]:
        return [what for what in self.happened if isinstance(what, kind)]


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


@pytest.fixture
def running(bench: Bench) -> Iterator[Bench]:
    bench.switch.start()
    yield bench
    bench.switch.close()
    bench.switch.join(WAIT)
    assert not bench.switch.is_alive()


def test_everything_is_cancelled_but_protective_stops(bench: Bench) -> None:
    entries, stop = [bench.rests(0), bench.rests(1)], bench.rests(5, Role.PROTECTIVE)
    evidence = bench.kill()
    assert (evidence.step, evidence.tries, evidence.read_1_open, evidence.read_2_open) == (
        HaltStep.VERIFIED,
        1,
        0,
        0,
    )
    assert bench.venue.open_orders() == (stop,)
    assert [(line.client_order_id, line.read_1, line.read_2) for line in evidence.lines] == [
        ("order 0", "gone", "gone"),
        ("order 1", "gone", "gone"),
        ("order 5", "kept", "kept"),
    ]
    cancelled = [fact.order for fact in bench.of(OrderCancelled)]
    assert [order.client_order_id for order in cancelled] == [order.client_order_id for order in entries]
    assert {(order.status, order.reason) for order in cancelled} == {
        (OrderState.CANCELLED, "the kill switch")
    }
    assert bench.happened.count("kept") == 2  # the venue's book is kept with each change


def test_stops_go_too_when_the_settings_say_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, keep_stops=False)
    bench.rests(5, Role.PROTECTIVE)
    assert bench.kill().lines[0].read_2 == "gone"
    assert bench.venue.open_orders() == ()


@pytest.mark.parametrize(
    ("by_settings", "by_kill", "seen"), [(True, "cancel", "gone"), (False, "keep", "kept")]
)
def test_what_this_kill_says_of_stops_goes_before_the_settings(
    tmp_path: Path, by_settings: bool, by_kill: str, seen: str
) -> None:
    bench = Bench(tmp_path, keep_stops=by_settings)
    bench.rests(5, Role.PROTECTIVE)
    bench.latch.trip("test", "a reason", NOW, stops=by_kill)
    assert bench.switch.prove().lines[0].read_2 == seen


def test_it_says_each_step_in_order_and_waits_for_what_is_on_its_way(bench: Bench) -> None:
    bench.rests(0)
    bench.kill()
    told = [
        fact.evidence.step.value
        if isinstance(fact, HaltProgressed)
        else fact
        if isinstance(fact, str | tuple)
        else ""
        for fact in bench.happened
    ]
    assert [what for what in told if what] == [
        "tripped", "cancelling", "arrived", ("cancel", "order 0"), "kept", "verified",
    ]  # fmt: skip
    assert isinstance(bench.happened[0], HaltTripped)


def test_an_order_that_does_not_go_is_tried_until_it_does(bench: Bench) -> None:
    order = bench.rests(0)
    bench.venue.deaf[order.client_order_id] = 2
    evidence = bench.kill()
    assert (evidence.step, evidence.tries) == (HaltStep.VERIFIED, 3)
    steps = [fact.evidence for fact in bench.of(HaltProgressed)]
    assert [(one.step, one.read_2_open) for one in steps][2:] == [
        (HaltStep.UNVERIFIED, 1), (HaltStep.UNVERIFIED, 1), (HaltStep.VERIFIED, 0),
    ]  # fmt: skip


def test_a_venue_that_does_not_answer_leaves_it_unverified(bench: Bench) -> None:
    bench.rests(0)
    bench.venue.silent = 1
    evidence = bench.kill()
    assert (evidence.step, evidence.tries) == (HaltStep.VERIFIED, 2)
    assert bench.of(HaltProgressed)[2].evidence.step is HaltStep.UNVERIFIED


def test_a_part_filled_order_and_one_being_cancelled_go(bench: Bench) -> None:
    first, second = bench.rests(0), bench.rests(1)
    bench.venue.resting[first.client_order_id] = replace(first, status=OrderState.PART_FILLED)
    bench.venue.resting[second.client_order_id] = second.after(Happening.CANCEL_ASKED)
    assert bench.kill().step is HaltStep.VERIFIED
    assert bench.venue.open_orders() == ()


def test_the_evidence_is_on_disk_and_comes_back(bench: Bench) -> None:
    bench.rests(0)
    evidence = bench.kill()
    assert read_evidence(bench.home) == evidence
    assert evidence.proves(bench.latch.read())
    assert not evidence.proves(None)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"step": "verified"}', "null"])
def test_an_evidence_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "halt-evidence.json").write_text(text)
    assert read_evidence(tmp_path) is None


def test_an_evidence_that_cannot_be_written_stops_nothing(bench: Bench) -> None:
    (bench.home / "halt-evidence.new").mkdir()
    bench.rests(0)
    assert bench.kill().step is HaltStep.VERIFIED
    assert bench.venue.open_orders() == ()


def test_what_was_not_sent_is_named(bench: Bench) -> None:
    intent = bench.judged.intent()
    order = replace(bench.rests(0), status=OrderState.DENIED)
    bench.venue.resting.clear()
    bench.hub.publish(OrderDenied(order, halted(intent)))
    evidence = bench.kill()
    assert evidence.not_sent == ("buy 0.0008 BTC/USDT at 49990, grid:BTC/USDT",)


# ---------------------------------------------------------------- the thread


def test_the_thread_hears_this_process_at_once_and_the_file_soon(running: Bench) -> None:
    running.rests(0)
    Latch(running.home).trip("another process", "why", NOW)
    assert running.next(HaltTripped).record.cause == "another process"
    while running.next(HaltProgressed).evidence.step is not HaltStep.VERIFIED:
        pass
    assert running.venue.open_orders() == ()


def test_a_file_that_vanishes_does_not_rearm_but_the_sentence_does(running: Bench) -> None:
    other = Latch(running.home)
    other.trip("another process", "why", NOW)
    running.next(HaltTripped)
    (running.home / "halt.json").unlink()
    assert running.latch.is_set()
    running.latch.rearm(REARM_PHRASE)
    running.next(Rearmed)
    assert not running.latch.is_set()


def test_a_note_lifts_the_halt_that_it_names_and_no_other(running: Bench) -> None:
    other = Latch(running.home)
    for count in range(2):
        other.trip("another process", f"halt {count}", NOW)
        while running.next(HaltProgressed).evidence.step is not HaltStep.VERIFIED:
            pass
        other.ask_rearm(REARM_PHRASE)
        running.next(Rearmed)
        assert not running.latch.is_set()


def test_a_note_of_an_older_halt_lifts_nothing(tmp_path: Path) -> None:
    """Left behind by a re-arming while nothing ran: the next halt stays."""
    old = Latch(tmp_path)
    old.trip("you", "an old halt", NOW)
    old.ask_rearm(REARM_PHRASE)
    note = tmp_path / "rearm.note"
    left = note.read_bytes()
    bench = Bench(tmp_path)
    bench.latch.trip("you", "a new halt", NOW)
    note.write_bytes(left)
    assert not bench.latch.heed_rearm()
    assert bench.latch.is_set()
    assert (tmp_path / "halt.json").exists()


def test_a_kill_right_after_a_rearm_is_not_swallowed(tmp_path: Path) -> None:
    """Re-armed and killed again by others before this process looked: it stays halted."""
    bench, other = Bench(tmp_path), Latch(tmp_path)
    other.trip("you", "one", NOW)
    bench.latch.adopt()
    other.ask_rearm(REARM_PHRASE)
    note = (tmp_path / "rearm.note").read_bytes()
    Latch(tmp_path).trip("you", "two", NOW)
    (tmp_path / "rearm.note").write_bytes(note)
    bench.latch.heed_rearm()
    assert bench.latch.is_set()
    record = bench.latch.read()
    assert record is not None
    assert record.reason == "two"

"""What the kill switch tells: who tripped it, however close the look, and what is still held."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from actors.executor.killswitch import KillSwitch
from actors.hub import FactHub
from core.clock import SystemClock
from core.halt import HaltStep, Latch
from core.messages import HaltProgressed, HaltTripped
from core.order import Order
from tests.fakes import made

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Quiet:
    """A venue where nothing rests."""

    def place(self, order: Order) -> None:
        raise AssertionError("nobody places here")

    def cancel(self, order: Order) -> None:
        raise AssertionError("nobody cancels here")

    def open_orders(self) -> tuple[Order, ...]:
        return ()


@pytest.fixture
def hub() -> FactHub:
    return FactHub()


def switch(hub: FactHub, home: Path, latch: Latch) -> KillSwitch:
    return KillSwitch(
        latch, Quiet(), hub, home, SystemClock(), keep_stops=True, between=0.001, kept=lambda: None
    )  # fmt: skip


def test_the_cause_is_waited_for_when_the_latch_is_set_a_moment_before(hub: FactHub, home: Path) -> None:
    latch, told = Latch(home), []
    hub.subscribe(told.append, HaltTripped)
    latch._set.set()  # the moment inside ``shut`` when memory is set and the file is not there yet
    late = threading.Timer(0.1, lambda: latch.trip("you, in the window", "Kill pressed", NOW))
    late.start()
    evidence = switch(hub, home, latch).prove()
    late.join()
    assert evidence.record.cause == "you, in the window"
    assert [fact.record.cause for fact in told] == ["you, in the window"]


def test_the_proof_says_what_is_held(hub: FactHub, home: Path) -> None:
    latch, told = Latch(home), []
    hub.subscribe(told.append, HaltProgressed)
    one = switch(hub, home, latch)
    hub.publish(made.account())
    latch.trip("you", "test", NOW)
    one.prove()
    assert told[-1].evidence.step is HaltStep.VERIFIED
    assert told[-1].evidence.holdings == (
        "0.00076 BTC, worth 44.85 USDT, Grid",
        "0.0124 ETH, worth 48.44 USDT, Trend",
    )

"""The one actor class and its address: every end of a stage is a fact, and no sender ever pays for it."""

from __future__ import annotations

from collections.abc import Iterator
from queue import SimpleQueue
from threading import Event, current_thread
from typing import Any

import pytest

from actors.hub import FactHub
from actors.stage import Address, Stage
from core.errors import BadData, HaltTrading, StageGone, StageSilent
from core.messages import Fact, Ping, StageFailed, StageStarted

WAIT = 10.0


class Echo(Stage):
    """Answers with what it is asked, and fails when told to."""

    title = "echo"

    def __init__(
        self, hub: FactHub, *, begins: Exception | None = None, ends: Exception | None = None
    ) -> None:
        super().__init__(hub)
        self.begins, self.ends = begins, ends
        self.got: list[Any] = []
        self.hold = Event()

    def begin(self) -> str:
        if self.begins is not None:
            raise self.begins
        return f"in {current_thread().name}"

    def receive(self, message: Any) -> Any:
        self.got.append(message)
        if isinstance(message, Exception):
            raise message
        if isinstance(message, Event):
            message.wait(WAIT)
        return message

    def finish(self) -> None:
        self.hub.publish(StageStarted("finished"))
        if self.ends is not None:
            raise self.ends


class Bench:
    def __init__(self) -> None:
        self.hub, self.heard = FactHub(), list[Fact]()
        self.told: SimpleQueue[Fact] = SimpleQueue()
        self.hub.subscribe(self.heard.append)
        self.hub.subscribe(self.told.put)

    def address(self, **given: Any) -> Address:
        return Address(lambda: Echo.start(self.hub, **given), "echo", self.hub)

    def next(self, kind: type) -> Any:
        while True:
            fact = self.told.get(timeout=WAIT)
            if isinstance(fact, kind):
                return fact


@pytest.fixture
def bench() -> Bench:
    return Bench()


@pytest.fixture
def echo(bench: Bench) -> Iterator[Address]:
    address = bench.address()
    address.bring_up(WAIT)
    yield address
    address.stop(WAIT)


def test_it_begins_in_its_own_thread_and_says_so(bench: Bench, echo: Address) -> None:
    started = bench.next(StageStarted)
    assert started.stage == "echo"
    assert started.note != f"in {current_thread().name}"
    assert echo.ask(Ping(), timeout=WAIT) == "echo"
    assert echo.ask("hello", timeout=WAIT) == "hello"
    assert echo.is_alive


def test_a_beginning_that_fails_is_a_fact_and_the_asker_gets_its_error(bench: Bench) -> None:
    address = bench.address(begins=BadData("The file is broken."))
    with pytest.raises(BadData, match="The file is broken"):
        address.bring_up(WAIT)
    failed = bench.next(StageFailed)
    assert (failed.stage, failed.why) == ("echo", "BadData: The file is broken.")
    assert not address.is_alive


def test_an_unforeseen_beginning_is_a_sentence(bench: Bench) -> None:
    with pytest.raises(HaltTrading, match=r"The echo did not come up: 'x'\."):
        bench.address(begins=KeyError("x")).bring_up(WAIT)


def test_a_crash_on_a_tell_is_a_fact(bench: Bench, echo: Address) -> None:
    error = KeyError("boom")
    echo.tell(error)
    failed = bench.next(StageFailed)
    assert (failed.stage, failed.why, failed.error) == ("echo", "KeyError: 'boom'", error)
    assert echo.failure is error


def test_a_failure_on_an_ask_goes_to_the_asker_and_the_stage_lives(bench: Bench, echo: Address) -> None:
    with pytest.raises(BadData, match="no"):
        echo.ask(BadData("no"), timeout=WAIT)
    assert echo.ask("still here", timeout=WAIT) == "still here"
    assert bench.heard[-1] != StageFailed


def test_the_dead_never_hurt_the_sender(bench: Bench, echo: Address) -> None:
    echo.tell(KeyError("boom"))
    bench.next(StageFailed)
    while echo.is_alive:
        pass  # the thread ends right after the fact
    echo.tell("anything")
    gone = bench.next(StageFailed)
    assert gone.why == "gone: str was not delivered"
    assert isinstance(echo.failure, KeyError)  # the first cause stays
    with pytest.raises(StageGone, match="has stopped"):
        echo.ask("anything", timeout=WAIT)
    count = len(bench.heard)
    echo.tell(StageFailed("another", "why"))  # a failure that finds nobody makes no further one
    assert len(bench.heard) == count


def test_it_starts_again_from_nothing(bench: Bench, echo: Address) -> None:
    echo.tell(KeyError("boom"))
    bench.next(StageFailed)
    echo.start()
    assert echo.ask("back", timeout=WAIT) == "back"


def test_a_silent_stage_is_an_error_with_its_time(bench: Bench, echo: Address) -> None:
    hold = Event()
    echo.tell(hold)
    try:
        with pytest.raises(StageSilent, match=r"does not answer within 0\.05 s"):
            echo.ask(Ping(), timeout=0.05)
        with pytest.raises(StageSilent, match=r"did not stop within 0\.05 s"):
            echo.stop(0.05)
    finally:
        hold.set()


def test_a_stop_lets_the_inbox_run_empty_first(bench: Bench) -> None:
    address = bench.address()
    address.bring_up(WAIT)
    for number in range(500):
        address.tell(number)
    actor: Any = address._ref._actor_weakref()  # type: ignore[union-attr]
    address.stop(WAIT)
    assert actor.got == list(range(500))
    assert bench.heard[-1] == StageStarted("finished")
    count = len(bench.heard)
    address.tell("late")  # after a stop on purpose nobody calls it a failure
    assert len(bench.heard) == count


def test_an_end_that_fails_is_a_fact(bench: Bench) -> None:
    address = bench.address(ends=OSError("disk"))
    address.bring_up(WAIT)
    address.stop(WAIT)
    assert bench.next(StageFailed).why == "OSError: disk"


def test_before_it_starts(bench: Bench) -> None:
    address = bench.address()
    assert (address.is_alive, address.waiting, address.name) == (False, 0, "echo")
    with pytest.raises(StageGone, match="is not running"):
        address.ask(Ping(), timeout=WAIT)
    address.stop(WAIT)
    address.tell("x")
    assert bench.next(StageFailed).why == "gone: str was not delivered"


def test_a_reminder_to_oneself_after_the_end_is_nothing(bench: Bench) -> None:
    address = bench.address()
    address.bring_up(WAIT)
    actor: Any = address._ref._actor_weakref()  # type: ignore[union-attr]
    actor.remind("note")
    assert address.ask(Ping(), timeout=WAIT) == "echo"
    assert actor.got == ["note"]
    address.stop(WAIT)
    actor.remind("too late")

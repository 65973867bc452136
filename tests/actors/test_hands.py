"""The executor's hands: what they answer, what may still land, and what the latch stops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest

from actors.executor.hands import CancelAnswered, Hands, Sent
from actors.executor.orders import order_of
from actors.executor.reads import Located
from core.clock import instant
from core.errors import GiveUpOrder, OutcomeUnknown, TryAgain
from core.halt import Latch
from core.ids import BookId, ClientOrderId
from core.modes import Mode
from core.money import Quantity
from core.order import Order, OrderState
from tests.core.test_tracking import made
from tests.fakes.order_bench import Judged


class Venue:
    """Answers as told; ``gate`` holds every order request until it is set."""

    class caps:  # noqa: N801  # stands in for a value
        settle_seconds = 0.05
        can_find = False
        finds_many = False

    def __init__(self) -> None:
        self.raises: Exception | None = None
        self.calls: list[str] = []
        self.open = Event()
        self.open.set()

    def make_ready(self, *, is_urgent: bool) -> None:
        self.calls.append(f"ready {is_urgent}")

    def _answer(self, what: str) -> str:
        self.calls.append(what)
        assert self.open.wait(10)
        if self.raises is not None:
            raise self.raises
        return "v1"

    def place(self, order: Order) -> str:
        return self._answer(f"place {order.client_order_id}")

    def cancel(self, order: Order) -> None:
        self._answer(f"cancel {order.client_order_id}")

    def find(self, order: Order) -> None:
        self._answer("find")

    def open_orders(self, *, is_urgent: bool) -> tuple[()]:
        self.calls.append("open orders")
        return ()

    def trades_of_order(self, order: Order, venue_id: str) -> None:
        self.calls.append("trades of the order")

    def trades(self, since: Any, *, is_urgent: bool) -> tuple[()]:
        self.calls.append("trades")
        return ()


@pytest.fixture
def answers() -> SimpleQueue[Any]:
    return SimpleQueue()


def take(answers: SimpleQueue[Any]) -> Any:
    try:
        return answers.get(timeout=10)
    except Empty:
        raise AssertionError("no answer came") from None


@pytest.fixture
def begun(tmp_path: Path, answers: SimpleQueue[Any]) -> Any:
    venue = Venue()
    latch = Latch(tmp_path)
    hands = Hands(venue, latch)  # type: ignore[arg-type]  # a part of an exchange is enough here
    hands.start(answers.put)
    yield venue, hands, latch
    hands.close()


def approved_order() -> tuple[Any, Order]:
    approved = Judged().approved()
    return approved, order_of(approved.intent, BookId("live/x/1"), Mode.LIVE)


@pytest.mark.parametrize(
    ("error", "on_the_way"), [(None, 0), (GiveUpOrder("no"), 0), (TryAgain("busy"), 0), (OutcomeUnknown("lost"), 1)]
)  # fmt: skip
def test_what_may_still_land_is_counted(
    begun: Any, answers: SimpleQueue[Any], error: Exception | None, on_the_way: int
) -> None:
    venue, hands, _ = begun
    venue.raises = error
    approved, order = approved_order()
    hands.send(approved, order)
    answer = take(answers)
    assert isinstance(answer, Sent)
    assert answer.error is error
    assert hands.on_the_way() == on_the_way
    assert venue.calls[0] == "ready False"  # the limits first: nothing waits behind the latch


def test_an_adapter_that_fails_in_its_own_way_is_an_answer_nobody_knows(
    begun: Any, answers: SimpleQueue[Any]
) -> None:
    venue, hands, _ = begun
    venue.raises = KeyError("surprise")
    approved, order = approved_order()
    hands.send(approved, order)
    assert isinstance(take(answers).error, OutcomeUnknown)
    assert hands.on_the_way() == 1


def test_the_latch_stops_what_waits_for_its_turn(begun: Any, answers: SimpleQueue[Any]) -> None:
    venue, hands, latch = begun
    latch.shut()
    hands.send(*approved_order())
    answer = take(answers)
    assert "halted" in str(answer.error)
    assert not any(call.startswith("place") for call in venue.calls)


def test_a_hand_that_hangs_keeps_no_other(begun: Any, answers: SimpleQueue[Any]) -> None:
    venue, hands, _ = begun
    venue.open.clear()
    hands.send(*approved_order())
    order = made(OrderState.OPEN)
    hands.locate([(order, instant(0))])  # waits too, in a thread of its own
    reads: Callable[[], bool] = lambda: "find" in venue.calls  # noqa: E731
    for _ in range(1000):
        if reads():
            break
        Event().wait(0.005)
    assert reads()
    assert hands.on_the_way() == 1
    venue.open.set()
    assert {type(take(answers)) for _ in range(2)} == {Sent, Located}


def test_it_looks_by_id_then_among_open_orders_then_in_the_executions(
    begun: Any, answers: SimpleQueue[Any]
) -> None:
    venue, hands, _ = begun
    hands.locate([(made(OrderState.UNKNOWN), instant(0))])
    assert take(answers).error is None
    assert venue.calls == ["find", "open orders", "trades"]


def test_where_one_question_serves_many_orders_it_is_one(begun: Any, answers: SimpleQueue[Any]) -> None:
    venue, hands, _ = begun
    found = replace(made(OrderState.UNKNOWN), client_order_id=ClientOrderId("blyother"))
    venue.caps = SimpleNamespace(finds_many=True)
    venue.find_many = lambda orders, are_unlisted: (
        venue.calls.append((len(orders), are_unlisted))
        or {"blyother": SimpleNamespace(filled=Decimal(1), venue_id="v9")}
    )
    hands.locate([], are_unlisted=True)
    hands.locate([(made(OrderState.UNKNOWN), instant(0)), (found, instant(0))], are_unlisted=True)
    told = {answer.order.client_order_id: answer for answer in (take(answers), take(answers))}
    assert venue.calls == [(2, True)]
    assert told.pop("blyother").found.venue_id == "v9"
    assert [(answer.found, answer.trades) for answer in told.values()] == [(None, ())]


def test_a_cancel_is_urgent(begun: Any, answers: SimpleQueue[Any]) -> None:
    venue, hands, _ = begun
    hands.cancel(replace(made(OrderState.OPEN), quantity=Quantity("1")))
    assert isinstance(take(answers), CancelAnswered)
    assert venue.calls[0] == "ready True"

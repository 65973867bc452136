"""The live executor's small parts: when to look for an order, what the price says, what a slot remembers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from actors.executor.doubts import PATIENCE, Doubts
from actors.executor.overdue import AGAIN, OVERDUE, Overdue
from actors.executor.slots import FRESH_SECONDS, Bids, Slots
from core.ids import ClientOrderId
from core.intent import Kind, Side
from core.money import Price
from core.order import Order, OrderState, Role
from core.tracking import Tracker
from tests.core.test_tracking import BTC, GRID, MARKET, SLOT, made, trade

ONE, TWO = ClientOrderId("bly1"), ClientOrderId("bly2")


class Clockwork:
    """Monotonic seconds turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clockwork:
    return Clockwork()


# ---------------------------------------------------------------- doubts


def test_looks_come_ever_more_rarely_and_never_end(clock: Clockwork) -> None:
    doubts = Doubts(5.0, clock)
    doubts.begin(ONE)
    waited = []
    for _ in range(12):
        assert doubts.due() == (ONE,)
        assert doubts.due() == ()  # asked once at a time
        doubts.answered(ONE)
        start = clock.now
        while not (due := doubts.due()) and clock.now < start + 100:
            clock.now += 0.1
        assert due == (ONE,)
        waited.append(clock.now - start)
        doubts.answered(ONE)
        clock.now += 100
    assert waited == sorted(waited)
    assert waited[-1] < 31


def test_nothing_found_is_a_proof_only_once_no_request_can_land(clock: Clockwork) -> None:
    doubts = Doubts(5.0, clock)
    doubts.begin(ONE)
    assert not doubts.is_settled(ONE, asked=clock.now + 5.0)  # one look alone proves nothing
    doubts.answered(ONE)
    assert not doubts.is_settled(ONE, asked=clock.now + 4.9)
    assert doubts.is_settled(ONE, asked=clock.now + 5.0)


def test_a_person_hears_of_a_hopeless_one_once(clock: Clockwork) -> None:
    doubts = Doubts(5.0, clock)
    doubts.begin(ONE)
    doubts.begin(TWO)
    doubts.end(TWO)
    clock.now += PATIENCE + 1
    assert doubts.hopeless() == (ONE,)
    assert doubts.hopeless() == ()
    assert ONE in doubts
    assert TWO not in doubts


# ---------------------------------------------------------------- overdue


@pytest.mark.parametrize(
    ("side", "kind", "bid", "is_crossed"),
    [
        (Side.BUY, Kind.LIMIT, "99.99", True), (Side.BUY, Kind.POST_ONLY, "100", False),
        (Side.SELL, Kind.LIMIT, "100.01", True), (Side.SELL, Kind.LIMIT, "100", False),
        (Side.SELL, Kind.STOP, "100", True), (Side.SELL, Kind.STOP, "100.01", False),
    ],
)  # fmt: skip
def test_what_the_price_should_have_traded_is_looked_for(
    clock: Clockwork, side: Side, kind: Kind, bid: str, is_crossed: bool
) -> None:
    bids = Bids(clock)
    overdue, order = Overdue(bids, clock), replace(made(OrderState.OPEN, side=side), kind=kind)
    assert overdue.look((order,)) == ()  # no price is known
    bids.told(BTC, Price(bid))
    assert overdue.look((order,)) == ()
    clock.now += OVERDUE + 0.1
    assert overdue.look((order,)) == ((order.client_order_id,) if is_crossed else ())
    assert overdue.look((order,)) == ()
    clock.now += AGAIN + OVERDUE + 0.1
    bids.told(BTC, Price(bid))
    assert bool(overdue.look((order,))) is is_crossed


def test_a_price_that_came_back_begins_anew(clock: Clockwork) -> None:
    bids = Bids(clock)
    overdue, order = Overdue(bids, clock), made(OrderState.OPEN)
    for bid in ("99", "101", "99"):
        bids.told(BTC, Price(bid))
        assert overdue.look((order,)) == ()
        clock.now += OVERDUE - 0.1


# ---------------------------------------------------------------- slots


def slots(clock: Clockwork, *orders: Order) -> tuple[Slots, Bids, Tracker]:
    tracker = Tracker({GRID: 3}, {BTC: MARKET})
    for order in orders:
        tracker.put(order)
    bids = Bids(clock)
    return Slots(tracker, {BTC: MARKET}, bids, clock), bids, tracker


def test_a_view_counts_how_long_things_last(clock: Clockwork) -> None:
    buy = made()
    stop = replace(made(OrderState.OPEN, side=Side.SELL, role=Role.PROTECTIVE, slot=3), kind=Kind.STOP)
    some, bids, tracker = slots(clock, buy, stop)
    tracker.told_trade(trade(buy, 1, "1"))
    bids.told(BTC, Price("89"))
    assert some.view(SLOT).reached == 0
    clock.now += 3
    view = some.view(SLOT)
    assert (view.reached, view.held, view.stop, view.guards) == (3.0, 1, Price("90"), (stop,))
    bids.told(BTC, Price("91"))
    assert some.view(SLOT).reached == 0
    clock.now += FRESH_SECONDS + 1
    assert some.view(SLOT).bid is None


def test_refused_stops_pause_ever_longer(clock: Clockwork) -> None:
    some, _, _ = slots(clock)
    assert not some.view(SLOT).is_paced
    assert [some.refused(SLOT) for _ in range(3)] == [1, 2, 3]
    assert some.view(SLOT).is_paced
    clock.now += 11
    assert not some.view(SLOT).is_paced
    some.taken(SLOT)
    assert some.refused(SLOT) == 1


def test_an_order_that_is_being_changed_counts_as_in_doubt(clock: Clockwork) -> None:
    stop = replace(made(OrderState.OPEN, side=Side.SELL, role=Role.PROTECTIVE, slot=3), kind=Kind.STOP)
    some, _, _ = slots(clock, stop)
    some.changing.add(stop.client_order_id)
    assert some.view(SLOT).guards[0].status is OrderState.CANCELLING

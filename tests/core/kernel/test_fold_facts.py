"""The fold of one stage: facts in, bytes out and in again, and what became of the last event's wishes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from core.ids import Identity, InstanceId
from core.intent import Intent, Side
from core.kernel.fold import Fold
from core.kernel.records import CANCELLED, DENIED, OPEN, PENDING, REFUSED
from core.messages import OrderCancelled, OrderDenied, OrderFilled, OrderPlaced, OrderRefused
from core.money import Price, Quantity
from core.order import Happening, Order, OrderState, Role
from core.risk.judge import judge
from core.risk.verdict import Approved, Denied, Reason, halted
from core.strategies.library import lay_out
from tests.fakes.judge_bench import fold_of, intent, order_of
from tests.fakes.kernel_bench import BTC, ETH, instrument, plan
from tests.fakes.record_bench import fill

H, S = Happening, OrderState


def approved(fold: Fold, of: Intent) -> Order:
    assert isinstance(judge(of, fold), Approved)
    return order_of(of)


def standing(fold: Fold, slot: int = 0) -> tuple[int, float, int, int]:
    account = fold.arena.account[0]
    record = fold.arena.slots[slot]
    return (
        int(record["status"]),
        float(account["reserved"]),
        int(account["open_entries"]),
        int(account["day_entries"]),
    )


def test_the_life_of_an_entry() -> None:
    fold = fold_of()
    order = approved(fold, intent())
    assert standing(fold) == (PENDING, 39.6792, 1, 0)
    order = order.after(H.ACKNOWLEDGED)
    fold.take(OrderPlaced(order), 0)
    assert standing(fold) == (OPEN, 39.6792, 1, 0)
    execution = fill(order, "0.1")
    order = order.with_fill(execution)
    fold.take(OrderFilled(order, execution), execution.at_ms)
    assert standing(fold) == (OPEN, 29.7594, 0, 1)
    fold.take(OrderCancelled(order.after(H.CANCELLED)), 0)
    assert standing(fold) == (CANCELLED, 0, 0, 1)
    assert fold.arena.slots[0]["held"] == 0.1


@pytest.mark.parametrize(
    ("happening", "fact", "status"),
    [(H.REFUSED, OrderRefused, REFUSED), (H.NOT_SENT, OrderCancelled, CANCELLED)],
)
def test_an_order_that_came_to_nothing_frees_all(happening: Happening, fact: Any, status: int) -> None:
    fold = fold_of()
    order = approved(fold, intent())
    fold.take(fact(order.after(happening)), 0)
    assert standing(fold) == (status, 0, 0, 0)


def test_an_approval_that_the_latch_overtook_is_free_again() -> None:
    fold = fold_of()
    order = approved(fold, intent())
    fold.take(OrderDenied(replace(order, status=S.DENIED), halted(intent())), 0)
    assert standing(fold) == (DENIED, 0, 0, 0)


def test_news_of_an_older_order_moves_nothing_but_an_execution_counts() -> None:
    fold = fold_of()
    first = approved(fold, intent())
    placed = first.after(H.ACKNOWLEDGED)
    fold.take(OrderPlaced(placed), 0)
    fold.take(OrderCancelled(placed.after(H.CANCELLED)), 0)
    approved(fold, intent(sequence=2))
    before = fold.dump()
    why = Denied(intent(), Reason.HALTED, Quantity(0), Quantity(1), "", "")
    for fact in (OrderCancelled(placed), OrderPlaced(placed), OrderRefused(placed), OrderDenied(placed, why)):
        fold.take(fact, 0)
        assert fold.dump() == before
    late = fill(first, "0.1")
    fold.take(OrderFilled(first.with_fill(late), late), late.at_ms)
    assert standing(fold) == (PENDING, 39.6792, 1, 1)  # an entry more today, and the newer order as it was
    slot, position = fold.arena.slots[0], fold.arena.positions[0]
    assert (slot["held"], slot["filled"], slot["paid"], position["quantity"]) == (0.1, 0, 0, 0.1)


def test_orders_of_others_move_nothing() -> None:
    fold = fold_of()
    before = fold.dump()
    strange = replace(order_of(intent()), identity=Identity(InstanceId("other:BTC/USDT"), BTC, 0, 1))
    execution = fill(strange)
    fold.take(OrderPlaced(strange), 0)
    fold.take(OrderFilled(strange.with_fill(execution), execution), 0)
    fold.take(OrderDenied(strange, halted(intent())), 0)
    assert fold.dump() == before


def test_a_dump_comes_back() -> None:
    fold = fold_of()
    approved(fold, intent())
    other = fold_of(last=0, daily_entries=1)
    other.load(fold.dump())
    assert other.dump() == fold.dump()
    assert other.arena.limits[0]["daily_entries"] == 1  # limits are those of the plan now in force


@pytest.mark.parametrize("cut", [0, 1, 8, 100])
def test_a_dump_of_another_plan_is_refused(cut: int) -> None:
    fold = fold_of()
    raw = fold.dump()
    with pytest.raises(ValueError):
        fold.load(raw[: len(raw) - cut] if cut else b"")
    both = plan(instrument(BTC), instrument(ETH), instances=lay_out([("grid", BTC, {"levels": 2})]))
    with pytest.raises(ValueError):
        fold.load(Fold(both).dump())


# ---------------------------------------------------------------- after a restart


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (None, (DENIED, 0, 0, 0)),
        (S.DENIED, (DENIED, 0, 0, 0)),
        (S.CANCELLED, (CANCELLED, 0, 0, 0)),
        (S.REFUSED, (REFUSED, 0, 0, 0)),
        (S.OPEN, (OPEN, 39.6792, 1, 0)),
        (S.INTENT, (PENDING, 39.6792, 1, 0)),
        (S.UNKNOWN, (PENDING, 39.6792, 1, 0)),
        (S.CANCELLING, (PENDING, 39.6792, 1, 0)),
    ],
    ids=str,
)
def test_what_became_of_the_last_wish(row: OrderState | None, expected: tuple[Any, ...]) -> None:
    fold = fold_of()
    order = approved(fold, intent())
    fold.settle([] if row is None else [replace(order, status=row)])
    assert standing(fold) == expected


def guarded(status: OrderState) -> Order:
    stop = Identity(InstanceId("grid:BTC/USDT"), BTC, 2, 7)
    return replace(
        order_of(intent(Side.SELL)), identity=stop, role=Role.PROTECTIVE, price=Price(90), status=status
    )


def test_what_became_of_a_protective_stop() -> None:
    fold = fold_of()
    fold.take(OrderPlaced(guarded(S.OPEN)), 0)
    slot = fold.arena.slots[0]
    assert (slot["guard_price"], slot["guard_sequence"]) == (90, 7)
    fold.settle([])
    fold.settle([guarded(S.OPEN)])
    assert slot["guard_price"] == 90
    fold.settle([guarded(S.FILLED)])
    assert slot["guard_price"] == 0


def test_a_restart_in_the_middle_of_an_event_frees_what_was_denied_in_it() -> None:
    """Two wishes of one event: one has its INTENT row and goes on, the other was denied and must not stay pending."""
    fold = fold_of()
    slots = fold.arena.slots
    for slot in (0, 1):
        slots[slot]["status"], slots[slot]["live_sequence"], slots[slot]["live_side"] = PENDING, 1, 1
    goes_on = order_of(intent())
    refused = replace(order_of(intent(slot=1)), status=S.DENIED)
    assert goes_on.status is S.INTENT
    fold.settle((goes_on, refused))
    assert (int(slots[0]["status"]), int(slots[1]["status"])) == (PENDING, DENIED)

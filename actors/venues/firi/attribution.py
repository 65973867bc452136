"""Which order an execution belongs to, which Firi does not say: worked out so that all amounts agree; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from actors.venues.firi.executions import Execution
from actors.venues.firi.shapes import FiriOrder
from core.intent import Side

MOST_SEARCHED = 200
"""Executions among which every combination may be looked at; above it the first that fits is taken."""
MOST_STEPS = 20_000

Rank = tuple[bool, Decimal, Decimal, datetime, str]


def attributed(
    executions: Iterable[Execution], orders: Sequence[FiriOrder], known: Mapping[str, str]
) -> dict[str, str | None]:
    """Execution id -> id of its order; empty: of no order that is known; None: not to be told yet.

    ``known`` are earlier answers, which stay.  No order is given more than it has matched, and the answer is one in
    which every execution has its order, if there is one.  Among equals a limit that explains the cost goes first,
    then the venue's own priority: the better price, then the older order.
    """
    room = {order.id: Decimal(order.matched) for order in orders}
    answer: dict[str, str | None] = {}
    waiting: list[Execution] = []
    for one in sorted(executions, key=lambda one: (one.at, one.id)):
        if one.id in known:
            answer[one.id] = known[one.id]
            room[known[one.id]] = room.get(known[one.id], Decimal(0)) - one.quantity
        else:
            waiting.append(one)
    open_orders = [order for order in orders if room[order.id] > 0]
    possible = [one for one in waiting if next(_choices(one, open_orders, room), None) is not None]
    found = _search(possible, open_orders, room) if len(possible) <= MOST_SEARCHED else None
    if found is None:
        found = _in_turn(possible, open_orders, room)
    for one in waiting:
        later = None if any(one.suits(order) for order in orders) else ""
        answer[one.id] = found.get(one.id, later)
    return answer


def _choices(
    one: Execution, orders: Iterable[FiriOrder], room: Mapping[str, Decimal], *, is_strict: bool = False
) -> Iterator[FiriOrder]:
    return (
        order for order in orders if room[order.id] >= one.quantity and one.suits(order, is_strict=is_strict)
    )


def _rank(one: Execution, order: FiriOrder) -> Rank:
    price = -order.price if order.side is Side.BUY else order.price
    off = one.off(order)
    return (off is None, off or Decimal(0), price, order.created, order.id)


def _search(
    waiting: Sequence[Execution], orders: Sequence[FiriOrder], room: Mapping[str, Decimal]
) -> dict[str, str] | None:
    """An order for each of them, or None: there is no such answer, or it is too far to seek."""
    left, steps = dict(room), MOST_STEPS
    choices = {
        one.id: sorted(_choices(one, orders, room), key=lambda order, one=one: _rank(one, order))  # type: ignore[misc]
        for one in waiting
    }
    queue = sorted(waiting, key=lambda one: len(choices[one.id]))
    chosen: dict[str, str] = {}

    def place(index: int) -> bool:
        nonlocal steps
        if index == len(queue):
            return True
        one = queue[index]
        for order in choices[one.id]:
            steps -= 1
            if steps < 0:
                return False
            if left[order.id] < one.quantity:
                continue
            left[order.id] -= one.quantity
            chosen[one.id] = order.id
            if place(index + 1):
                return True
            left[order.id] += one.quantity
        return False

    return chosen if place(0) else None


def _in_turn(
    waiting: Sequence[Execution], orders: Sequence[FiriOrder], room: Mapping[str, Decimal]
) -> dict[str, str]:
    """The best order for one after the other, oldest first; some may get none.

    What only rounding explains has to wait until what fits without it has its order.
    """
    left = dict(room)
    chosen: dict[str, str] = {}
    for is_strict in (True, False):
        for one in (one for one in waiting if one.id not in chosen):
            order = min(
                _choices(one, orders, left, is_strict=is_strict),
                key=lambda order, one=one: _rank(one, order),  # type: ignore[misc]
                default=None,
            )
            if order is not None:
                chosen[one.id] = order.id
                left[order.id] -= one.quantity
    return chosen

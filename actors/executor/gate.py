"""The gate: the only place in Belay that calls a venue's order-placing methods."""

from __future__ import annotations

from typing import Protocol

from core.errors import LatchSet, Refused
from core.halt import NOT_SENT, Latch
from core.modes import Mode
from core.order import Order
from core.risk.verdict import Approved


class DryRun(Refused):
    """This mode walks the whole path and sends nothing."""


class Places(Protocol):
    """Anything that takes orders: the paper venue, a real one."""

    def place(self, order: Order) -> str | None: ...


class Amends(Protocol):
    """A venue that changes an open order in place."""

    def amend(self, order: Order) -> None: ...


def send(approved: Approved, order: Order, venue: Places, latch: Latch) -> str | None:
    """Place ``order``, which is the durable row of ``approved``; the venue's own id of it, if it tells one.

    The latch is read immediately before the call.  ``LatchSet`` when it is set, ``DryRun`` in that mode,
    ``GiveUpOrder`` when the venue refuses, ``OutcomeUnknown`` when its answer is lost.
    """
    _check(approved, order, latch)
    return venue.place(order)


def change(approved: Approved, order: Order, venue: Amends, latch: Latch) -> None:
    """Give an open protective order the quantity and price of ``order``; the same checks, the same errors."""
    _check(approved, order, latch)
    venue.amend(order)


def _check(approved: Approved, order: Order, latch: Latch) -> None:
    if not isinstance(approved, Approved) or approved.intent.identity != order.identity:
        raise Refused("An order reaches a venue only with its own approval.")
    if approved.intent.quantity != order.quantity or approved.intent.price != order.price:
        raise Refused("The order is not the one that was approved.")
    if order.mode is Mode.DRY_RUN:
        raise DryRun("Dry-run: the order is logged and not sent.")
    if latch.is_set():
        raise LatchSet(NOT_SENT)

"""The gate: the only place in Belay that calls a venue's order-placing method."""

from __future__ import annotations

from core.errors import Refused
from core.halt import Latch
from core.modes import Mode
from core.order import Order
from core.ports import OrderVenue
from core.risk.verdict import Approved

NOT_SENT = "Belay is halted: the order was not sent."
"""Why an order is over that the latch stopped at the gate; the halt's evidence lists such orders by it."""


class LatchSet(Refused):
    """The latch was set when the gate read it: nothing was sent."""


class DryRun(Refused):
    """This mode walks the whole path and sends nothing."""


def send(approved: Approved, order: Order, venue: OrderVenue, latch: Latch) -> None:
    """Place ``order``, which is the durable row of ``approved``.

    The latch is read immediately before the call.  ``LatchSet`` when it is set, ``DryRun`` in that mode,
    ``GiveUpOrder`` when the venue refuses, ``OutcomeUnknown`` when its answer is lost.
    """
    if not isinstance(approved, Approved) or approved.intent.identity != order.identity:
        raise Refused("An order reaches a venue only with its own approval.")
    if approved.intent.quantity != order.quantity or approved.intent.price != order.price:
        raise Refused("The order is not the one that was approved.")
    if order.mode is Mode.DRY_RUN:
        raise DryRun("Dry-run: the order is logged and not sent.")
    if latch.is_set():
        raise LatchSet(NOT_SENT)
    venue.place(order)

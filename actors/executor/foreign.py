"""Open orders at the venue that Belay did not make: a person ignores, closes or adopts them; the executor's thread."""

from __future__ import annotations

from actors.executor.comparing import Comparing
from actors.executor.floor import Floor
from actors.executor.orders import order_told
from actors.executor.slots import ADOPTED
from core.clock import millis
from core.errors import Refused
from core.ids import Identity, InstanceId
from core.messages import HandleForeign, OrderPlaced
from core.order import Order
from core.venue import VenueOrder


def handle(floor: Floor, comparing: Comparing, message: HandleForeign) -> None:
    """Do what the person said; ``Refused`` when there is no such order any more."""
    found = comparing.foreign(message.venue_id)
    if found is None:
        raise Refused("That order is not open any more, or it is Belay's own.")
    if message.action == "ignore":
        comparing.ignore(found.venue_id)
        return
    order = _as_ours(floor, found)
    if message.action == "close":
        floor.hands.cancel(order)
    elif message.action == "adopt":
        if found.filled:
            raise Refused("That order has traded already; only one without executions can be adopted.")
        if floor.write_ahead((order,)):
            floor.tell([OrderPlaced(floor.tracker.put(order))])
    else:
        raise Refused(f"An order can be ignored, closed or adopted, not {message.action!r}.")
    comparing.soon(0.5)


def _as_ours(floor: Floor, found: VenueOrder) -> Order:
    """The order under an identity of its own: its executions are booked from now on, no strategy sees them."""
    place = (InstanceId(f"{ADOPTED}:{found.symbol}"), found.symbol, 0)
    sequence = floor.used.get(place, 0) + 1
    floor.used[place] = sequence
    made_id = f"adopted-{millis(found.at)}-{found.venue_id}"
    return order_told(found, Identity(*place, sequence), floor.plan.mode, made_id)

"""What time alone makes necessary: old entries end, coins without a stop are said while halted; executor's thread."""

from __future__ import annotations

from datetime import timedelta

from actors.executor.floor import Floor
from actors.executor.slots import ADOPTED
from core.ids import SlotKey
from core.intent import Kind, Side
from core.messages import Severity
from core.money import text
from core.order import Order
from core.reconcile import free_quantity, is_tradable


class Care:
    """``expire`` is how long an entry may rest (E3)."""

    def __init__(self, floor: Floor, expire: timedelta) -> None:
        self._floor, self._expire = floor, expire
        self._bare: set[SlotKey] = set()

    def expire_old(self) -> None:
        """Cancel entries that have rested too long; a person's adopted orders rest as long as they like."""
        floor = self._floor
        for order in floor.tracker.working():
            is_new = floor.now() - order.time <= self._expire
            if _is_entry(order) and not is_new and order.client_order_id not in floor.gone:
                floor.withdraw(order, "expired")

    def tell_bare(self) -> None:
        """While halted nothing is sent, no stop either: coins without one are said once, loudly."""
        floor = self._floor
        if not floor.latch.is_set():
            self._bare.clear()
            return
        for key in floor.slots.busy():
            view = floor.slots.view(key)
            free, stop = free_quantity(view), view.stop
            if key in self._bare or stop is None or not is_tradable(free, stop, view.instrument):
                continue
            self._bare.add(key)
            words = (
                f"Halted with {text(free)} {view.instrument.base} of {key[0]} not under a stop at the venue"
            )
            floor.alert(Severity.CRITICAL, "risk limit", f"{words}. Sell them there, or re-arm.")


def _is_entry(order: Order) -> bool:
    is_ours = not order.identity.instance.startswith(ADOPTED)
    return is_ours and order.side is Side.BUY and order.kind is not Kind.MARKET

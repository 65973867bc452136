"""The account of one stage: its own records, kept true by folding candles and order facts in their order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np

from core.ids import Identity, Symbol
from core.kernel.account import apply, deny, mark
from core.kernel.arena import Arena
from core.kernel.records import AMENDED, CANCELLING, GONE, OPEN, PENDING, PLACED, TRADED, TURNED_DOWN
from core.market import Bar
from core.messages import (
    DustLeft,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderPlaced,
    OrderRefused,
)  # fmt: skip
from core.order import Fill, Order, OrderState, Role
from core.plan import Plan

Changed = OrderPlaced | OrderRefused | OrderAmended | OrderCancelled | OrderFilled | OrderDenied
"""The order facts that move an account or a slot."""
_HAPPENING: dict[type, int] = {
    OrderPlaced: PLACED,
    OrderAmended: AMENDED,
    OrderCancelled: GONE,
    OrderFilled: TRADED,
    OrderRefused: TURNED_DOWN,
}
PIECES = ("account", "positions", "slots")
OF_MARKETS = ("last", "quantity", "reserved", "hurt_at")
"""What of the markets is state; limits and costs are those of the plan now in force."""


class Fold:
    """Wraps an arena for one owner; not thread-safe, like every stage's state."""

    def __init__(self, plan: Plan, *, steps: bool = False) -> None:
        self.plan = plan
        self.arena = Arena(plan, steps=steps)
        self.place = {symbol: at for at, symbol in enumerate(plan.symbols)}
        self._first = {one.id: (one.first, one.slots) for one in plan.instances}

    def flat(self, identity: Identity) -> int | None:
        """The flat slot of an identity, None for an order that no instance of this plan can have made."""
        place = self._first.get(identity.instance)
        if place is None or not 0 <= identity.slot < 2 * place[1]:
            return None
        first, slots = place
        if identity.slot >= slots:  # a protective stop
            return self.plan.slot_count + first + identity.slot - slots
        return first + identity.slot

    def mark(self, symbol: Symbol, bar: Bar) -> int:
        """A candle has closed; the index of its symbol."""
        arena, at = self.arena, self.place[symbol]
        mark(
            arena.account[0], arena.positions, arena.instance_symbol, arena.markets, at, bar.ts, self.plan.frame_ms,
            bar.close,
        )  # fmt: skip
        return at

    def take(self, fact: Changed, ts: int) -> None:
        """Fold one order fact in; ``ts`` in ms UTC."""
        arena = self.arena
        flat = self.flat(fact.order.identity)
        if flat is None or self._is_past(fact, flat):
            return
        if isinstance(fact, OrderDenied):
            self._deny(flat)
            return
        report = arena.reports[0]
        self._write(report, fact, flat, ts)
        apply(
            arena.account[0], arena.positions, arena.slots, arena.slot_instance, arena.instance_symbol, arena.markets,
            report,
        )  # fmt: skip

    def _is_past(self, fact: Changed, flat: int) -> bool:
        """News of an order that its slot has left behind; an execution counts whenever it comes."""
        slots = self.arena.slots
        if isinstance(fact, OrderFilled) or flat >= len(slots):
            return False
        return bool(slots[flat]["live_sequence"] != fact.order.identity.sequence)

    def _deny(self, flat: int) -> None:
        """The slot is free; what an approval spoke for before the latch stopped the order is free again too."""
        arena = self.arena
        slot, report = arena.slots[flat], arena.reports[0]
        if slot["reserved"] > 0:
            report["happening"], report["flat"] = GONE, flat
            apply(
                arena.account[0], arena.positions, arena.slots, arena.slot_instance, arena.instance_symbol,
                arena.markets, report,
            )  # fmt: skip
        deny(slot)

    def leave_dust(self, fact: DustLeft) -> None:
        """What a slot holds is too little for any order: the slot is free, the coins stay in the position."""
        flat = self.flat(fact.identity)
        if flat is not None and flat < len(self.arena.slots):
            slot = self.arena.slots[flat]
            position = self.arena.positions[self.arena.slot_instance[flat]]
            position["dust"] = round((position["dust"] + slot["held"]) * 1e8) / 1e8
            slot["held"] = 0.0

    def catch_up(self, filled: Sequence[tuple[Order, Fill]]) -> None:
        """After a restart on a real venue: the executions that came after these records were kept.

        ``filled`` are all executions of the book in the order in which they were booked; the account counts those
        that it has folded in already.
        """
        own = [pair for pair in filled if self.flat(pair[0].identity) is not None]
        for order, fill in own[int(self.arena.account[0]["fills"]) :]:
            self.take(OrderFilled(order, fill), fill.at_ms)

    def settle(self, newest: Iterable[Order]) -> None:
        """After a restart: bring in what became of the last event's wishes.

        A stage's records are kept as they are right after its own work on an event, so the answers to the orders of
        that event are only in the order rows.  A wish without a row was stopped by the latch: it counts as denied.
        Rows in INTENT or CANCELLING are left alone: their event goes on.
        """
        rows = {order.identity: order for order in newest}
        for one in self.plan.instances:
            for k in range(one.slots):
                slot = self.arena.slots[one.first + k]
                order = rows.get(Identity(one.id, one.symbol, k, int(slot["live_sequence"])))
                if slot["status"] in (PENDING, OPEN, CANCELLING):
                    self._settle(one.first + k, order)
                guard = rows.get(Identity(one.id, one.symbol, one.slots + k, int(slot["guard_sequence"])))
                if slot["guard_price"] > 0 and guard is not None and not guard.is_working:
                    slot["guard_price"] = 0.0

    def _settle(self, flat: int, order: Order | None) -> None:
        if order is None or order.status is OrderState.DENIED:
            self._deny(flat)
        elif order.status is OrderState.CANCELLED:
            self.take(OrderCancelled(order), 0)
        elif order.status is OrderState.REFUSED:
            self.take(OrderRefused(order), 0)
        elif order.status in (OrderState.OPEN, OrderState.PART_FILLED, OrderState.WAITING):
            self.take(OrderPlaced(order), 0)

    def _write(self, report: Any, fact: Changed, flat: int, ts: int) -> None:
        order, arena = fact.order, self.arena
        report["happening"], report["flat"], report["ts"] = _HAPPENING[type(fact)], flat, ts
        report["sequence"], report["side"] = order.identity.sequence, int(order.side)
        if isinstance(fact, OrderFilled):
            fill = fact.fill
            moved = fill.quantity - fill.side * fill.fee_in_base
            if (
                fill.side < 0 and fill.fee_in_base
            ):  # a fee on top of all that was held: the owner's other coins paid it
                held = float(arena.positions[arena.slot_instance[flat % len(arena.slots)]]["quantity"])
                moved = min(moved, Decimal(repr(held)))
            report["price"], report["quantity"] = fill.price, moved
            is_money = fill.fee.currency == self.plan.instruments[0].quote
            report["cost"], report["fee"] = fill.cost, fill.fee.amount if is_money else 0
            report["complete"] = order.status is OrderState.FILLED
        elif order.role is Role.PROTECTIVE:
            report["price"], report["quantity"] = order.price, order.quantity

    def dump(self) -> bytes:
        """The account's records, to be kept after each event and given back to ``load``."""
        parts = [getattr(self.arena, name).tobytes() for name in PIECES]
        return b"".join((*parts, *(self.arena.markets[name].tobytes() for name in OF_MARKETS)))

    def load(self, raw: bytes) -> None:
        """Restore what ``dump`` gave; ``ValueError`` when the plan has another shape."""
        at = 0
        for name in PIECES:
            array = getattr(self.arena, name)
            part = raw[at : at + array.nbytes]
            array.view("u1")[:] = memoryview(part)
            at += array.nbytes
        if len(raw) - at != 8 * len(OF_MARKETS) * len(self.arena.markets):
            raise ValueError("the records were made by another plan")
        for name in OF_MARKETS:
            column = self.arena.markets[name]
            column[:] = np.frombuffer(raw, column.dtype, len(column), at)
            at += column.nbytes

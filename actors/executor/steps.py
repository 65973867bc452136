"""From what a slot needs to what is done: rows first, then the hands; the executor's thread."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

import structlog

from actors.executor.floor import Floor
from core.ids import Identity, SlotKey, Symbol
from core.intent import Intent, Kind, Side
from core.messages import DustLeft, Severity
from core.money import Price, Quantity, text
from core.order import Happening, Order, Role
from core.reconcile import (
    Protect,
    Release,
    Resize,
    Rules,
    SellNow,
    SlotView,
    Step,
    Withdraw,
    free_quantity,
    is_dust,
    next_steps,
)
from core.risk.judge import approve_reducing
from core.risk.verdict import Approved
from core.venue import StopSupport

log = structlog.get_logger("executor")


class Steps:
    """``pump`` makes a slot what it should be, as far as that goes now."""

    def __init__(self, floor: Floor, rules: Rules) -> None:
        self._floor, self._rules = floor, rules
        self._slots = {one.id: one.slots for one in floor.plan.instances}

    def pump_all(self) -> None:
        """Every slot that has coins or working orders."""
        for key in self._floor.slots.busy():
            self.pump(key)

    def pump_market(self, symbol: Symbol) -> None:
        """The slots of one market: its price has come to where something waits."""
        for key in self._floor.slots.busy():
            if key[1] == symbol:
                self.pump(key)

    def pump(self, key: SlotKey) -> None:
        """Do what the slot needs now; nothing while Belay is halted."""
        if self._floor.latch.is_set():
            return
        view = self._floor.slots.view(key)
        if self._floor.is_stopping:
            view = replace(view, is_stopping=True)
        for step in next_steps(view, self._rules):
            self._do(key, view, step)
        if is_dust(view):
            self._leave_dust(key, view)

    def _leave_dust(self, key: SlotKey, view: SlotView) -> None:
        """Too little for any order: the slot is free again, and a person knows where the coins are (E13)."""
        floor, (instance, symbol, slot) = self._floor, key
        quantity = floor.tracker.leave_dust(key)
        floor.hub.publish(DustLeft(Identity(instance, symbol, slot, floor.used.get(key, 0)), quantity))
        floor.alert(
            Severity.INFO, "execution",
            f"{text(quantity)} {view.instrument.base} of {instance} are too little for the venue to sell; they stay in "
            "the account.",
        )  # fmt: skip

    def _do(self, key: SlotKey, view: SlotView, step: Step) -> None:
        match step:
            case Protect(quantity, price):
                self._guard(key, view, Kind.STOP, quantity, price)
            case SellNow(quantity, price):
                log.warning(
                    "selling at the stop ourselves", slot=key, quantity=text(quantity), price=text(price)
                )
                self._floor.slots.tried(key)
                self._guard(key, view, Kind.LIMIT, quantity, price)
            case Withdraw(order, why):
                self._floor.withdraw(order, why)
            case Release(order, quantity):
                self._release(view, order, quantity)
            case Resize(order, quantity):
                self._resize(view, order, quantity)
            case _:
                assert_never(step)

    def _guard(self, key: SlotKey, view: SlotView, kind: Kind, quantity: Quantity, price: Price) -> None:
        """A protective order of the slot's own coins."""
        floor, (instance, symbol, slot) = self._floor, key
        place = (instance, symbol, self._slots[instance] + slot)
        identity = Identity(*place, floor.used.get(place, 0) + 1)
        intent = Intent(
            identity=identity, side=Side.SELL, kind=kind, price=price, quantity=quantity, reference=price,
            at=floor.now(),
        )  # fmt: skip
        verdict = approve_reducing(intent, free_quantity(view))
        order = floor.claim(intent, Role.PROTECTIVE)
        if not isinstance(verdict, Approved) or order is None:
            log.error("no protective order", slot=key, why=str(verdict))
            if order is not None:
                floor.not_sent(order, str(verdict))
            return
        if floor.write_ahead((order,)):
            floor.send(verdict, order)
        else:
            floor.not_sent(order, "not sent: its row could not be written")

    def _release(self, view: SlotView, order: Order, quantity: Quantity) -> None:
        """The exit that waited goes out, at its price, with what is free."""
        floor = self._floor
        kind = Kind.MARKET if order.kind is Kind.MARKET else Kind.LIMIT
        rests = self._rules.stops is StopSupport.NONE and order.kind is Kind.POST_ONLY
        sent = replace(
            order.after(Happening.RELEASED), quantity=quantity, kind=order.kind if rests else kind, reason=""
        )
        verdict = approve_reducing(_intent(sent), free_quantity(view))
        if not isinstance(verdict, Approved):
            floor.withdraw(order, verdict.sentence)
            return
        if floor.write_ahead((sent,)):
            floor.send(verdict, floor.put(sent))

    def _resize(self, view: SlotView, order: Order, quantity: Quantity) -> None:
        """Another quantity for a stop that stays where it is."""
        floor = self._floor
        wished = replace(order, quantity=quantity)
        verdict = approve_reducing(_intent(wished), view.held + order.filled)
        if isinstance(verdict, Approved):
            # its row is on disk already; the amendment is recorded with its answer
            floor.slots.changing.add(order.client_order_id)
            floor.hands.resize(verdict, wished)


def _intent(order: Order) -> Intent:
    reference = order.price or order.stop or Price(1)
    return Intent(
        identity=order.identity, side=order.side, kind=order.kind, price=order.price, quantity=order.quantity,
        reference=reference, at=order.time,
    )  # fmt: skip

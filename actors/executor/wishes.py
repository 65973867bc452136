"""What the judge said of a strategy's wishes, into rows and requests; the executor's thread."""

from __future__ import annotations

from collections.abc import Callable

from actors.executor.floor import Floor
from actors.executor.orders import denied_order
from core.errors import HaltTrading
from core.intent import Side
from core.messages import Execute, OrderDenied, OrderPlaced
from core.order import Happening, Order, OrderState
from core.risk.verdict import Approved, Denied, Verdict, halted

Todo = list[tuple[Approved, Order]]


class Wishes:
    """``pump`` looks after the slot of an order."""

    def __init__(self, floor: Floor, pump: Callable[[Order], None]) -> None:
        self._floor, self._pump = floor, pump

    def execute(self, message: Execute) -> None:
        """Cancels first, then all rows in one transaction, then the requests."""
        floor = self._floor
        floor.number, floor.market_time = message.number, message.at
        floor.keep(*message.pieces)
        if not message.verdicts:
            return
        asked = floor.clock.now()  # before the latch is read: the rows' time is never behind the latch's
        is_halted = floor.latch.is_set()
        wished = [one for verdict in message.verdicts for one in self._wished(verdict)]
        if is_halted:
            for approved, order in wished:
                floor.tracker.put(order.after(Happening.NOT_SENT))
                self._deny(halted(approved.intent))
            return
        kept = [
            (a, order.after(Happening.KEPT_BACK) if order.side is Side.SELL else order) for a, order in wished
        ]
        if kept and not floor.write_ahead([order for _, order in kept], asked=asked):
            for _, order in kept:
                floor.not_sent(floor.put(order), "not sent: its row could not be written")
            return
        for approved, order in kept:
            self._begin(approved, floor.put(order))

    def _wished(self, verdict: Verdict) -> Todo:
        """The order of an approval; a denial is a fact, a withdrawal a cancel."""
        floor = self._floor
        if isinstance(verdict, Approved):
            order = floor.claim(verdict.intent)
            if order is not None:
                return [(verdict, order)]
            # cannot be, so nothing here can be trusted any more
            floor.trip("the executor", HaltTrading(f"{verdict.intent.identity} was wished twice"))
            verdict = halted(verdict.intent)
        if isinstance(verdict, Denied):
            self._deny(verdict)
            return []
        for order in floor.tracker.working():
            if order.identity == verdict.identity:
                floor.withdraw(order, "withdrawn by its strategy")
        return []

    def _deny(self, denied: Denied) -> None:
        plan = self._floor.plan
        self._floor.hub.publish(OrderDenied(denied_order(denied, plan.book, plan.mode), denied))

    def _begin(self, approved: Approved, order: Order) -> None:
        """An entry goes out; an exit waits here until its slot lets it go, which may be at once."""
        if order.status is OrderState.WAITING:
            self._floor.tell([OrderPlaced(order)])
            self._pump(order)
        else:
            self._floor.send(approved, order)

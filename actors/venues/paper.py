"""The paper venue: our orders rest here and meet the candles of any market source; asked by feed and executor.

A venue is a party of its own, so it has a lock: the feed's thread lets it see candles, the executor's thread and the
kill switch send it requests.  Its matching is the kernel's, its answers are exact values.
"""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from threading import Lock
from typing import Any

import numpy as np

from core import figures
from core.clock import instant
from core.errors import GiveUpOrder
from core.ids import ExecutionId, Identity, Symbol, client_order_id
from core.instrument import Instrument
from core.intent import Kind, Side
from core.kernel.exact import exact_amount, exact_price, exact_quantity
from core.kernel.fold import Fold
from core.kernel.matching import accept, match_symbol, remove
from core.kernel.records import AMENDED, PLACED, TRADED, TURNED_DOWN
from core.market import Bar
from core.messages import Report
from core.money import Money
from core.order import Fill, Happening, Order, OrderState, Role
from core.plan import Plan


class PaperVenue:
    """Implements ``core.ports.OrderVenue``; fees, spread, slippage and partial fills as the plan's costs say."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._fold = Fold(plan)
        self._arena = self._fold.arena
        self._orders: dict[int, Order] = {}
        self.number = 0
        """The last event that the venue has seen."""
        self._lock = Lock()

    # ------------------------------------------------------------ the market's side

    def advance(self, number: int, symbol: Symbol, bar: Bar) -> list[Report]:
        """Let the orders of ``symbol`` meet one candle; what happened to them, in order."""
        arena, at = self._arena, self._fold.place[symbol]
        with self._lock:
            self.number = number
            candle = arena.candle
            candle[0] = bar
            count = match_symbol(candle[0], at, arena.roster, arena.book, arena.markets[at], arena.reports)
            arena.markets[at]["last"] = bar.close
            return [self._report(number, k, arena.reports[k]) for k in range(count)] if count else []

    def _report(self, number: int, k: int, report: Any) -> Report:
        flat, happening = int(report["flat"]), int(report["happening"])
        if happening == PLACED:
            order = self._orders[flat] = self._protective(flat, report)
            return Report("placed", order)
        order = self._orders[flat]
        instrument = self.plan.instruments[self._fold.place[order.identity.symbol]]
        if happening == TRADED:
            fill = self._fill(ExecutionId(f"{number}.{k}"), order, instrument, report)
            order = order.with_fill(fill)
            self._keep(flat, order)
            return Report("filled", order, fill)
        if happening == AMENDED:
            order = replace(
                order,
                price=exact_price(report["price"], instrument),
                quantity=exact_quantity(report["quantity"], instrument),
            )
            self._keep(flat, order)
            return Report("amended", order)
        order = order.after(Happening.CANCELLED)
        self._keep(flat, order)
        return Report("cancelled", order)

    def _keep(self, flat: int, order: Order) -> None:
        if order.is_working:
            self._orders[flat] = order
        else:
            self._orders.pop(flat, None)

    def _protective(self, flat: int, report: Any) -> Order:
        """The order value of a stop that the venue attached to an entry."""
        entry_flat = flat - self.plan.slot_count
        instance = self.plan.instances[int(self._arena.slot_instance[entry_flat])]
        slot = instance.slots + entry_flat - instance.first
        identity = Identity(instance.id, instance.symbol, slot, int(report["sequence"]))
        instrument = self.plan.instruments[self._fold.place[instance.symbol]]
        return Order(
            client_order_id=client_order_id(identity, self.plan.book),
            identity=identity,
            side=Side.SELL,
            kind=Kind.STOP,
            price=exact_price(report["price"], instrument),
            quantity=exact_quantity(report["quantity"], instrument),
            stop=None,
            mode=self.plan.mode,
            time=instant(int(report["ts"])),
            role=Role.PROTECTIVE,
            status=OrderState.OPEN,
        )

    def _fill(self, execution_id: ExecutionId, order: Order, instrument: Instrument, report: Any) -> Fill:
        return Fill(
            execution_id=execution_id,
            client_order_id=order.client_order_id,
            identity=order.identity,
            side=order.side,
            price=exact_price(report["price"], instrument),
            quantity=exact_quantity(report["quantity"], instrument),
            cost=exact_amount(report["cost"]),
            fee=Money(exact_amount(report["fee"]), instrument.quote),
            is_maker=bool(report["maker"]),
            at=instant(int(report["ts"])),
        )

    # ------------------------------------------------------------ our side

    def place(self, order: Order) -> None:
        """Take the order; ``GiveUpOrder`` when it is post-only and would cross, or already rests."""
        flat = self._fold.flat(order.identity)
        if flat is None:
            raise GiveUpOrder(f"The paper venue knows no slot for {order.identity}.")
        arena, at = self._arena, self._fold.place[order.identity.symbol]
        instrument = self.plan.instruments[at]
        with self._lock:
            if flat in self._orders:
                raise GiveUpOrder(f"The paper venue already has an order of {order.identity}.")
            accept(
                arena.book, flat, 0, at, order.identity.sequence, int(order.side), int(order.kind),
                float(order.price or 0), float(order.quantity), float(order.stop or 0), arena.markets[at],
                arena.reports, 0,
            )  # fmt: skip
            if arena.reports[0]["happening"] == TURNED_DOWN:
                limit = figures.price(order.price or Decimal(0), instrument)
                raise GiveUpOrder(f"it is post-only and would trade at once at {limit}.")
            self._orders[flat] = replace(order, status=OrderState.OPEN)

    def cancel(self, order: Order) -> None:
        """Take the order away; ``GiveUpOrder`` when it does not rest here (any more)."""
        flat = self._fold.flat(order.identity)
        with self._lock:
            resting = self._orders.get(flat) if flat is not None else None
            if flat is None or resting is None or resting.client_order_id != order.client_order_id:
                raise GiveUpOrder(f"The paper venue has no open order {order.client_order_id}.")
            if not remove(self._arena.book, flat, 0, self._arena.reports, 0):
                raise GiveUpOrder(f"The paper venue has no open order {order.client_order_id}.")
            del self._orders[flat]

    def open_orders(self) -> tuple[Order, ...]:
        """All orders that rest here, protective stops included, in the order of their slots."""
        with self._lock:
            return tuple(self._orders[flat] for flat in sorted(self._orders))

    # ------------------------------------------------------------ across a restart

    def snapshot(self) -> bytes:
        """The book as bytes, for ``restore``."""
        with self._lock:
            return bytes(self._arena.book.tobytes() + self._arena.markets["last"].tobytes())

    def restore(self, raw: bytes, working: tuple[Order, ...]) -> None:
        """Put the book back, with the order values of the records.

        What rests needs both: an order that the records call over (a kill while no bot ran) rests no more.
        """
        arena = self._arena
        if len(raw) != arena.book.nbytes + 8 * len(arena.markets):
            raise ValueError("the paper venue's book was made by another plan")
        with self._lock:
            arena.book.view("u1")[:] = memoryview(raw[: arena.book.nbytes])
            arena.markets["last"] = np.frombuffer(raw[arena.book.nbytes :], np.float64)
            for order in working:
                flat = self._fold.flat(order.identity)
                if flat is None or not arena.book[flat]["active"]:
                    continue
                if int(arena.book[flat]["sequence"]) == order.identity.sequence:
                    status = OrderState.PART_FILLED if order.filled else OrderState.OPEN
                    self._orders[flat] = replace(order, status=status)
            for flat in range(len(arena.book)):
                if flat not in self._orders:
                    arena.book[flat]["active"] = 0

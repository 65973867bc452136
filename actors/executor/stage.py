"""The executor stage: write ahead, read the latch, send; then say what happened.  Owns the order table."""

from __future__ import annotations

from datetime import datetime
from time import monotonic
from typing import Any, assert_never

import structlog

from actors.executor.gate import DryRun, send
from actors.executor.orders import OrderTable
from actors.stage import Stage
from core.clock import Clock
from core.errors import GiveUpOrder, LatchSet, OutcomeUnknown, RecordsLost, Refused, StageGone, StageSilent
from core.halt import Latch
from core.messages import (
    Drained,
    Execute,
    Keep,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Report,
    ReportsApplied,
    UnitClosed,
    VenueReported,
    WriteAhead,
)  # fmt: skip
from core.order import RESTING, Happening, Order, OrderState
from core.ports import Hub, Mailbox, OrderVenue
from core.records import Restart
from core.risk.verdict import Approved, Denied, halted

log = structlog.get_logger("executor")
WRITE_TIMEOUT = 30.0
"""Seconds for the write-ahead: longer than SQLite's own wait for a lock."""

UNIT_SECONDS = 0.1
"""Longest time for which quiet events wait for their place in the records."""

Todo = list[tuple[Approved, Order]]


class ExecutorStage(Stage):
    """``venue`` is where orders go, ``records`` the persistence stage."""

    title = "executor"

    def __init__(self, hub: Hub, venue: OrderVenue, records: Mailbox, table: OrderTable, latch: Latch, clock: Clock,
                 restart: Restart) -> None:  # fmt: skip
        super().__init__(hub)
        self._venue, self._records, self._table = venue, records, table
        self._latch, self._clock, self._restart = latch, clock, restart
        self._has_news = self._is_in_event = False
        self._open: tuple[int, tuple[Keep, ...]] | None = None
        self._closed = 0.0

    def begin(self) -> str:
        self._table.restore(self._restart.working, self._restart.sequences)
        return f"working orders: {len(self._table)}"

    def receive(self, message: Any) -> None:
        match message:
            case VenueReported():
                self._is_in_event = True
                for report in message.reports:
                    self._book(report)
                self._has_news = True
                self.hub.publish(ReportsApplied(message.number))
            case Execute():
                self._is_in_event = False
                self._execute(message)
                self._close_unit(message)
                self.hub.publish(Drained(message.number))
            case OrderCancelled():  # by the kill switch, which cancels with its own hands
                self._cancelled_elsewhere(message.order)
            case _:
                assert_never(message)

    # ------------------------------------------------------------ what the venue said

    def _book(self, report: Report) -> None:
        """One report into the table and out as a fact."""
        order = report.order
        if report.fill is not None:
            self.hub.publish(OrderFilled(self._table.filled(report.fill, order), report.fill))
        elif report.happening == "placed":
            self.hub.publish(OrderPlaced(self._table.adopt(order)))
        elif report.happening == "amended":
            self.hub.publish(OrderAmended(self._table.amended(order)))
        else:
            mine = self._table.get(order.client_order_id)
            if mine is not None:
                self.hub.publish(OrderCancelled(self._table.put(mine.after(Happening.CANCELLED))))

    def _cancelled_elsewhere(self, order: Order) -> None:
        mine = self._table.get(order.client_order_id)
        if mine is not None:
            self._table.put(order)
        if not self._is_in_event:  # the latch holds the market: no later event would close this unit
            self._has_news = True
            self._tell_unit()

    # ------------------------------------------------------------ what the judge said

    def _execute(self, message: Execute) -> None:
        """Cancels first, then new orders; a slot's older order is gone before a newer one is sent."""
        if not message.verdicts and not message.resumed:
            return
        self._has_news = True
        asked = self._clock.now()  # before the latch is read: the rows' time is never behind the latch's
        is_halted = self._latch.is_set()
        orders, cancels = self._again(message) if message.resumed else self._plan(message)
        if is_halted and not message.resumed:
            orders = self._stopped(orders)
        if not orders and not cancels:
            return
        if message.resumed or self._write_ahead(message, orders, cancels, asked):
            for order in cancels:
                self._cancel(order)
            for approved, order in orders:
                self._place(approved, order)

    def _close_unit(self, message: Execute) -> None:
        """Tell persistence at once when an order changed, else now and then."""
        now = monotonic()
        self._open = (message.number, message.pieces)
        if self._has_news or now - self._closed >= UNIT_SECONDS:
            self._closed = now
            self._tell_unit()

    def _tell_unit(self) -> None:
        if self._open is not None:
            number, pieces = self._open
            book = self._book_piece(number) if self._has_news else ()
            self.hub.publish(UnitClosed(number, (*pieces, *book)))
            self._open, self._has_news = None, False

    def finish(self) -> None:
        if not self._is_in_event:  # fills without their event's end: the whole event comes again
            self._tell_unit()

    def _again(self, message: Execute) -> tuple[Todo, list[Order]]:
        """After a restart: what has its row and was not sent, and the cancels that were on their way."""
        found = [
            (v, self._table.find(v.intent.identity)) for v in message.verdicts if isinstance(v, Approved)
        ]
        cancels = [order for order in self._table.working() if order.status is OrderState.CANCELLING]
        return [(verdict, order) for verdict, order in found if order is not None], cancels

    def _plan(self, message: Execute) -> tuple[Todo, list[Order]]:
        """New orders and cancels of these verdicts; a denial is a row and a fact."""
        orders: Todo = []
        cancels: list[Order] = []
        for verdict in message.verdicts:
            if isinstance(verdict, Approved):
                order = self._table.new(verdict.intent)
                if order is None:  # cannot be, so nothing here can be trusted any more
                    self._latch.trip(
                        "the executor", f"{verdict.intent.identity} was wished twice", self._clock.now()
                    )
                    denied = halted(verdict.intent)
                    self.hub.publish(OrderDenied(self._table.denied(denied), denied))
                    continue
                orders.append((verdict, order))
            elif isinstance(verdict, Denied):
                self.hub.publish(OrderDenied(self._table.denied(verdict), verdict))
            else:
                working = self._table.find(verdict.identity)
                if working is not None and working.status in RESTING:
                    cancels.append(self._table.put(working.after(Happening.CANCEL_ASKED)))
        return orders, cancels

    def _stopped(self, orders: Todo) -> Todo:
        """Approved and then overtaken by the latch: no row is written behind it, the wish counts as denied."""
        for approved, order in orders:
            denied = halted(approved.intent)
            self._table.put(order.after(Happening.NOT_SENT))
            self.hub.publish(OrderDenied(self._table.denied(denied), denied))
        return []

    def _write_ahead(self, message: Execute, orders: Todo, cancels: list[Order], asked: datetime) -> bool:
        """No durable row, no order: if the records fail, the latch trips and nothing is sent."""
        pieces = (*message.pieces, *self._book_piece(message.number))
        rows = WriteAhead(
            message.number, message.at, tuple(order for _, order in orders), tuple(cancels), pieces, asked
        )
        try:
            self._records.ask(rows, timeout=WRITE_TIMEOUT)
        except (RecordsLost, Refused, StageGone, StageSilent) as error:
            self._latch.trip("the records", str(error), self._clock.now())
            for _, order in orders:
                self._gone(order, Happening.NOT_SENT, "not sent: its row could not be written")
            return False
        return True

    def _cancel(self, order: Order, reason: str = "") -> None:
        try:
            self._venue.cancel(order)
        except GiveUpOrder as error:
            log.warning("cancel refused", order=order.client_order_id, why=str(error))
        self._gone(order, Happening.CANCELLED, reason)

    def _place(self, approved: Approved, order: Order) -> None:
        try:
            send(approved, order, self._venue, self._latch)
        except (LatchSet, DryRun) as error:
            self._gone(order, Happening.NOT_SENT, str(error))
        except GiveUpOrder as error:
            refused = self._table.put(order.after(Happening.REFUSED, reason=str(error)))
            self.hub.publish(OrderRefused(refused))
        except OutcomeUnknown as error:
            lost = self._table.put(order.after(Happening.ANSWER_LOST, reason=str(error)))
            self.hub.publish(OrderLost(lost))
        else:
            placed = self._table.put(order.after(Happening.ACKNOWLEDGED))
            self.hub.publish(OrderPlaced(placed))
            if self._latch.is_set():  # on the wire when it tripped: the kill switch may have looked too early
                self._cancel(placed, "taken back: Belay is halted")

    def _gone(self, order: Order, happening: Happening, reason: str) -> None:
        self.hub.publish(OrderCancelled(self._table.put(order.after(happening, reason=reason))))

    # ------------------------------------------------------------ the paper venue's own memory

    def _book_piece(self, number: int) -> tuple[Keep, ...]:
        """A venue that lives in this process is kept with our records; a real one keeps itself."""
        snapshot = getattr(self._venue, "snapshot", None)
        return (Keep(number, "venue", snapshot()),) if snapshot is not None else ()

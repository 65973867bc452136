"""Facts about orders as rows: the order, its events, its fills and all that follows; persistence's thread."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from actors.persistence import rows
from actors.persistence.bookkeeping import Bookkeeping, trip_json
from actors.persistence.recorder import Lacks, Recorder
from actors.persistence.writer import Writer
from core.clock import EPOCH, millis
from core.errors import Refused
from core.ids import ClientOrderId, client_order_id
from core.intent import Intent
from core.messages import (
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFact,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    SignalRaised,
    WriteAhead,
)
from core.money import Money, text
from core.order import NEXT, Fill, Happening, Order, OrderState
from core.records import Posting

PLACED = frozenset({
    OrderState.OPEN, OrderState.PART_FILLED, OrderState.FILLED, OrderState.CANCELLING, OrderState.UNKNOWN,
})  # fmt: skip


class OrderRecords:
    """Turns order facts into rows of the open unit.

    ``fault`` is called with a sentence when a fill does not fit the books; ``deposit`` is the money a new
    book starts with, entered at the first time the market tells.
    """

    def __init__(
        self, writer: Writer, books: Bookkeeping, recorder: Recorder, deposit: Money | None,
        fault: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._writer, self._books, self._recorder = writer, books, recorder
        self._open = recorder.open
        self._deposit = None if books.has_entries else deposit
        self._fault = fault
        self._at = EPOCH
        self._tail = (writer.mode.value, writer.book)

    def reach(self, at: datetime) -> None:
        """The market's time is ``at``; the first one dates the opening deposit."""
        self._at = max(self._at, at)
        if self._deposit is not None:
            self._post(self._books.deposit(self._deposit, at))
            self._deposit = None

    def check_new(self, orders: tuple[Order, ...]) -> None:
        """``Refused`` when one of these was placed before: an identity is placed at most once, ever."""
        sql = self._writer.sql
        for order in orders:
            waiting = self._recorder.waiting(sql.order, order.client_order_id)
            if waiting is not None:
                status = waiting[rows.ORDER_COLUMNS.index("status")]
            else:
                known = self._writer.first(sql.known_order, self._writer.book, order.client_order_id)
                status = known[0] if known is not None else None
            if status in PLACED:
                raise Refused(f"{order.identity} was placed before and is {status}: it is not sent again.")

    def write_ahead(self, message: WriteAhead) -> None:
        """The rows of orders about to be sent and of cancels about to be asked."""
        self.reach(message.at)
        for order in message.orders:
            self._order(order, "intent", describe(order), message.asked)
        for order in message.cancels:
            is_lawful = (order.status, Happening.CANCEL_ASKED) in NEXT
            asked = order.after(Happening.CANCEL_ASKED) if is_lawful else order
            self._order(asked, "cancel asked", order.reason)

    def note(self, fact: OrderFact) -> None:
        """One fact, as rows of the open unit."""
        self._recorder.need(Lacks.PIECE if isinstance(fact, OrderCancelled) else Lacks.END)
        match fact:
            case SignalRaised(wish=wish):
                detail = str(wish.identity) if isinstance(wish, Intent) else f"{wish.identity} withdrawn"
                self._event(client_order_id(wish.identity, self._writer.book), wish.at, "signal", detail)
            case OrderDenied(order=order, why=why):
                self.reach(order.time)
                self._put(order)
                why_text = order.reason or str(why)
                self._event(order.client_order_id, order.time, "denied", why_text, str(why.reason))
            case OrderPlaced(order=order):
                self._order(order, "placed", describe(order))
            case OrderRefused(order=order):
                self._order(order, "refused", order.reason)
            case OrderAmended(order=order):
                self._order(order, "amended", describe(order))
            case OrderCancelled(order=order):
                self._order(order, "cancelled", order.reason)
            case OrderLost(order=order):
                self._order(order, "answer lost", order.reason)
            case OrderFilled(order=order, fill=fill):
                self._filled(order, fill)

    def _put(self, order: Order, written: datetime | None = None) -> None:
        row = (*rows.order_row(order), self._writer.book, self._written_at(written))
        self._open.put(self._writer.sql.order, order.client_order_id, row)

    def _written_at(self, written: datetime | None) -> int:
        return self._writer.written_at() if written is None else millis(written)

    def _event(
        self, order: ClientOrderId, at: datetime, happening: str, detail: str, reason: str = "",
        written: datetime | None = None,
    ) -> None:  # fmt: skip
        row = (order, millis(at), happening, reason, detail, *self._tail, self._written_at(written))
        self._open.add(self._writer.sql.order_event, row)

    def _order(self, order: Order, happening: str, detail: str, written: datetime | None = None) -> None:
        self.reach(order.time)
        self._put(order, written)
        self._event(order.client_order_id, self._at, happening, detail, written=written)

    def _filled(self, order: Order, fill: Fill) -> None:
        self.reach(fill.at)
        self._put(order)
        if self._is_known(fill):
            return  # told twice, booked once
        sql, tail = self._writer.sql, self._tail
        self._open.put(sql.fill, _execution(fill), (*rows.fill_row(fill), *tail, self._writer.written_at()))
        role = "maker" if fill.is_maker else "taker"
        detail = f"{text(fill.quantity)} at {text(fill.price)}, fee {fill.fee}, {role}"
        self._event(order.client_order_id, fill.at, "filled", detail)
        booked = self._books.book(fill, order)
        self._post(booked.postings)
        if booked.fault:
            self._fault(f"{booked.fault}. The fill is recorded, the position is not changed: compare both.")
        if booked.position is not None:
            trip = trip_json(booked.open_trip) if booked.open_trip else None
            row = (*rows.position_row(booked.position), trip, millis(fill.at), *tail)
            self._open.put(sql.position, (booked.position.instance, booked.position.symbol), row)
        if booked.trade is not None:
            self._open.add(sql.trade, (*rows.trade_row(booked.trade), self._writer.book))

    def _is_known(self, fill: Fill) -> bool:
        sql = self._writer.sql
        if self._recorder.waiting(sql.fill, _execution(fill)) is not None:
            return True
        execution = (self._writer.book, fill.identity.symbol, fill.execution_id)
        return self._writer.first(sql.known_fill, *execution) is not None

    def _post(self, postings: tuple[Posting, ...]) -> None:
        self._open.add(self._writer.sql.posting, *((*rows.posting_row(p), *self._tail) for p in postings))


def _execution(fill: Fill) -> tuple[str, str]:
    return (fill.identity.symbol, fill.execution_id)


def describe(order: Order) -> str:
    """An order in one line."""
    price = "" if order.price is None else f" at {text(order.price)}"
    return f"{order.side} {text(order.quantity)} {order.kind}{price}"

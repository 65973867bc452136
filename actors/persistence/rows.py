"""Values to rows and back, each written once; pure, for any thread."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from core.clock import instant, millis
from core.ids import ClientOrderId, Currency, ExecutionId, Identity, InstanceId, Symbol
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Money, Price, Quantity, text
from core.order import Fill, Order, OrderState, Role
from core.position import Position
from core.records import Posting, RoundTrip

ORDER_COLUMNS = (
    "time", "client_order_id", "symbol", "side", "kind", "price", "quantity", "status", "strategy", "slot",
    "sequence", "mode", "stop", "role", "filled", "cost", "fee", "reason", "venue_id",
)  # fmt: skip
FILL_COLUMNS = (
    "time", "symbol", "side", "price", "quantity", "fee", "fee_currency", "strategy", "slot", "sequence",
    "cost", "client_order_id", "execution_id", "is_maker",
)  # fmt: skip
TRADE_COLUMNS = (
    "opened", "closed", "symbol", "strategy", "quantity", "bought", "sold", "fees", "net", "risked",
    "ended_by", "mode",
)  # fmt: skip
POSITION_COLUMNS = ("strategy", "symbol", "quantity", "cost", "realised", "fees")
POSTING_COLUMNS = ("time", "entry", "account", "currency", "amount", "note")

Row = tuple[Any, ...]

_SIDES = {str(side): side for side in Side}
_KINDS = {str(kind): kind for kind in Kind}


def _text_or_none(number: Decimal | None) -> str | None:
    return None if number is None else text(number)


def order_row(order: Order) -> Row:
    """``order`` in the order of ``ORDER_COLUMNS``."""
    identity = order.identity
    return (
        millis(order.time), order.client_order_id, identity.symbol, str(order.side), str(order.kind),
        _text_or_none(order.price), text(order.quantity), order.status.value, identity.instance,
        identity.slot, identity.sequence, order.mode.value, _text_or_none(order.stop), order.role.value,
        text(order.filled), text(order.cost), text(order.fee), order.reason, order.venue_id,
    )  # fmt: skip


def order_from_row(row: Row) -> Order:
    """The order of a row with ``ORDER_COLUMNS``."""
    (time, client_order_id, symbol, side, kind, price, quantity, status, strategy, slot, sequence, mode, stop,
     role, filled, cost, fee, reason, venue_id) = row  # fmt: skip
    return Order(
        client_order_id=ClientOrderId(client_order_id),
        identity=Identity(InstanceId(strategy), Symbol(symbol), slot, sequence),
        side=_SIDES[side],
        kind=_KINDS[kind],
        price=None if price is None else Price(price),
        quantity=Quantity(quantity),
        stop=None if stop is None else Price(stop),
        mode=Mode(mode),
        time=instant(time),
        role=Role(role),
        status=OrderState(status),
        filled=Quantity(filled),
        cost=Decimal(cost),
        fee=Decimal(fee),
        reason=reason,
        venue_id=venue_id,
    )


def fill_row(fill: Fill) -> Row:
    """``fill`` in the order of ``FILL_COLUMNS``."""
    identity = fill.identity
    return (
        millis(fill.at), identity.symbol, str(fill.side), text(fill.price), text(fill.quantity),
        text(fill.fee.amount), fill.fee.currency, identity.instance, identity.slot, identity.sequence,
        text(fill.cost), fill.client_order_id, fill.execution_id, int(fill.is_maker),
    )  # fmt: skip


def fill_from_row(row: Row) -> Fill:
    """The fill of a row with ``FILL_COLUMNS``."""
    (time, symbol, side, price, quantity, fee, fee_currency, strategy, slot, sequence, cost, client_order_id,
     execution_id, is_maker) = row  # fmt: skip
    return Fill(
        execution_id=ExecutionId(execution_id),
        client_order_id=ClientOrderId(client_order_id),
        identity=Identity(InstanceId(strategy), Symbol(symbol), slot, sequence),
        side=_SIDES[side],
        price=Price(price),
        quantity=Quantity(quantity),
        cost=Decimal(cost),
        fee=Money(Decimal(fee), Currency(fee_currency)),
        is_maker=bool(is_maker),
        at=instant(time),
    )


def trade_row(trip: RoundTrip) -> Row:
    """``trip`` in the order of ``TRADE_COLUMNS``."""
    return (
        millis(trip.opened), millis(trip.closed), trip.symbol, trip.instance, text(trip.quantity),
        text(trip.bought), text(trip.sold), text(trip.fees), text(trip.net), _text_or_none(trip.risked),
        trip.ended_by, trip.mode.value,
    )  # fmt: skip


def trade_from_row(row: Row) -> RoundTrip:
    """The round trip of a row with ``TRADE_COLUMNS``."""
    opened, closed, symbol, strategy, quantity, bought, sold, fees, net, risked, ended_by, mode = row
    return RoundTrip(
        instance=InstanceId(strategy),
        symbol=Symbol(symbol),
        opened=instant(opened),
        closed=instant(closed),
        quantity=Quantity(quantity),
        bought=Price(bought),
        sold=Price(sold),
        fees=Decimal(fees),
        net=Decimal(net),
        risked=None if risked is None else Decimal(risked),
        ended_by=ended_by,
        mode=Mode(mode),
    )


def position_row(position: Position) -> Row:
    """``position`` in the order of ``POSITION_COLUMNS``."""
    amounts = (position.quantity, position.cost, position.realised, position.fees)
    return (position.instance, position.symbol, *map(text, amounts))


def position_from_row(row: Row) -> Position:
    """The position of a row with ``POSITION_COLUMNS``."""
    strategy, symbol, quantity, cost, realised, fees = row
    return Position(
        instance=InstanceId(strategy),
        symbol=Symbol(symbol),
        quantity=Quantity(quantity),
        cost=Decimal(cost),
        realised=Decimal(realised),
        fees=Decimal(fees),
    )


def posting_row(posting: Posting) -> Row:
    """``posting`` in the order of ``POSTING_COLUMNS``."""
    amount = text(posting.amount)
    return (millis(posting.at), posting.entry, posting.account, posting.currency, amount, posting.note)


def posting_from_row(row: Row) -> Posting:
    """The posting of a row with ``POSTING_COLUMNS``."""
    time, entry, account, currency, amount, note = row
    return Posting(entry, instant(time), account, currency, Decimal(amount), note)

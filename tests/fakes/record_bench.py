"""The persistence stage without its thread, and a small market of orders and fills to feed it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from actors.persistence.stage import PersistenceStage
from core.ids import BookId, Currency, ExecutionId, Identity, InstanceId, Symbol, client_order_id
from core.intent import Intent, Kind, Side
from core.messages import (
    AlertRaised,
    Fact,
    Keep,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderPlaced,
    SignalRaised,
    UnitClosed,
    WriteAhead,
)
from core.modes import Mode
from core.money import Money, Price, Quantity
from core.order import Fill, Happening, Order, OrderState, Role
from core.ports import Subscriber
from core.risk.verdict import Denied, Reason

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
USDT = Currency("USDT")
GRID = InstanceId("grid:BTC/USDT")
BOOK = BookId("paper:test")
START = datetime(2025, 5, 8, tzinfo=UTC)
CASH = Money(Decimal(10_000), USDT)


class Ears:
    """A hub that keeps what it hears."""

    def __init__(self) -> None:
        self.heard: list[Fact] = []

    def publish(self, fact: Fact) -> None:
        self.heard.append(fact)

    def subscribe(self, subscriber: Subscriber, *facts: type) -> None:
        raise AssertionError("nobody subscribes here")

    def alerts(self) -> list[str]:
        return [fact.text for fact in self.heard if isinstance(fact, AlertRaised)]


class Hands:
    """A clock turned by hand: one second at each look."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start

    def now(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at


def stage(home: Path, *, book: BookId = BOOK, mode: Mode = Mode.PAPER, hub: Ears | None = None,
          clock: Hands | None = None, deposit: Money | None = CASH) -> PersistenceStage:  # fmt: skip
    """A stage that has begun, in this thread; its inbox is empty, so it is always idle."""
    made = PersistenceStage(hub or Ears(), home, book, mode, clock or Hands(), deposit)
    made.begin()
    return made


def moment(number: int) -> datetime:
    return START + timedelta(minutes=number)


def order(sequence: int, side: Side = Side.BUY, *, price: str = "27123.45", quantity: str = "0.002",
          instance: InstanceId = GRID, symbol: Symbol = BTC, slot: int = 0, role: Role = Role.DECLARED,
          stop: str | None = None, at: datetime | None = None, book: BookId = BOOK,
          mode: Mode = Mode.PAPER) -> Order:  # fmt: skip
    """An order in state INTENT; its sequence is also its minute unless ``at`` is given."""
    identity = Identity(instance, symbol, slot, sequence)
    return Order(
        client_order_id=client_order_id(identity, book), identity=identity, side=side, kind=Kind.LIMIT,
        price=Price(price), quantity=Quantity(quantity), stop=None if stop is None else Price(stop),
        mode=mode, time=at or moment(sequence), role=role,
    )  # fmt: skip


def fill(of: Order, quantity: str | Decimal | None = None, *, part: int = 0, price: str | None = None,
         fee: Money | None = None, at: datetime | None = None) -> Fill:  # fmt: skip
    """One execution of ``of``, all of it unless ``quantity`` is given; the fee is 0.1 % of the cost."""
    units = Quantity(of.quantity if quantity is None else quantity)
    paid = Price(price or of.price or "1")
    cost = (paid * units).quantize(Decimal("1e-8"))
    return Fill(
        execution_id=ExecutionId(f"{of.client_order_id}.{part}"), client_order_id=of.client_order_id,
        identity=of.identity, side=of.side, price=paid, quantity=units, cost=cost,
        fee=fee or Money((cost / 1000).quantize(Decimal("1e-8")), Currency(of.identity.symbol.split("/")[1])),
        is_maker=True, at=at or of.time,
    )  # fmt: skip


def intent(of: Order) -> Intent:
    return Intent(
        identity=of.identity, side=of.side, kind=of.kind, price=of.price, quantity=of.quantity,
        reference=of.price or Price(1), stop=of.stop, at=of.time,
    )  # fmt: skip


def denied(of: Order) -> OrderDenied:
    why = Denied(intent(of), Reason.ABOVE_MAXIMUM, Decimal(50), Decimal(54), "USD", "Too much: 54 of 50 USD.")
    return OrderDenied(replace(of, status=OrderState.DENIED, reason=why.sentence), why)


class Market:
    """Plays the pipeline for a stage: signal, write-ahead, placing, filling, cancelling, draining."""

    def __init__(self, records: PersistenceStage) -> None:
        self.records = records

    def tell(self, message: object) -> None:
        self.records.receive(message)  # type: ignore[arg-type]

    def write_ahead(self, number: int, *orders: Order, cancels: tuple[Order, ...] = ()) -> None:
        pieces = (Keep(number, "venue", f"venue {number}".encode()),)
        self.tell(WriteAhead(number, moment(number), orders, cancels, pieces))

    def place(self, number: int, new: Order) -> Order:
        """Signal, write-ahead and the venue's yes."""
        self.tell(SignalRaised(new.identity.instance, intent(new)))
        self.write_ahead(number, new)
        placed = new.after(Happening.ACKNOWLEDGED)
        self.tell(OrderPlaced(placed))
        return placed

    def fill(
        self, of: Order, quantity: str | None = None, *, part: int = 0, price: str | None = None
    ) -> Order:
        """One execution of an order, of all that remains unless said."""
        execution = fill(of, quantity or of.remaining, part=part, price=price)
        after = of.with_fill(execution)
        self.tell(OrderFilled(after, execution))
        return after

    def cancel(self, of: Order) -> Order:
        gone = of.after(Happening.CANCELLED, reason="the grid moved")
        self.tell(OrderCancelled(gone))
        return gone

    def drain(self, number: int) -> None:
        """The pieces of event ``number``, and its end."""
        keys = ("strategy", "risk", "venue")
        self.tell(UnitClosed(number, tuple(Keep(number, key, f"{key} {number}".encode()) for key in keys)))

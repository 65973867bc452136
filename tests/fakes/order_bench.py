"""The executor without its thread: approvals that the real judge made, a venue by script, records in a list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from actors.executor.orders import OrderTable
from actors.executor.stage import ExecutorStage
from actors.hub import FactHub
from core.clock import SystemClock, instant
from core.errors import GiveUpOrder
from core.halt import Latch
from core.ids import BookId, ClientOrderId, Identity, Symbol
from core.instrument import Instrument
from core.intent import Intent, Kind, Side, Withdrawal
from core.kernel.fold import Fold
from core.limits import Limits
from core.market import Bar
from core.messages import Execute, WriteAhead
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order, OrderState
from core.plan import Costs, Plan
from core.records import Counts, Restart
from core.risk.judge import judge
from core.risk.verdict import Approved, Verdict
from core.strategies.library import lay_out

BTC = Symbol("BTC/USDT")
BOOK = BookId("paper/test/1")
AT = instant(60_000)


def plan_of(*strategies: str, symbols: tuple[Symbol, ...] = (BTC,), mode: Mode = Mode.PAPER) -> Plan:
    return Plan(
        book=BOOK, mode=mode, timeframe="1m",
        instruments=tuple(Instrument(one, Decimal("0.01"), Decimal("0.00001")) for one in symbols),
        instances=lay_out((name, one, {}) for one in symbols for name in strategies),
        costs=Costs(), limits=Limits(allowed_symbols=symbols), cash=Decimal(10_000),
    )  # fmt: skip


def nothing(book: BookId = BOOK, **more: Any) -> Restart:
    """What a new book holds."""
    empty = Restart(
        book=book, number=0, drained=0, pieces={}, working=(), positions=(), sequences={}, newest=(),
        counts=Counts((), 0, ()),
    )  # fmt: skip
    return replace(empty, **more)


class Judged:
    """Intents of the grid on BTC at 50,000, weighed by the real judge."""

    def __init__(self, mode: Mode = Mode.PAPER) -> None:
        self.plan = plan_of("grid", mode=mode)
        self.fold = Fold(self.plan)
        self.fold.mark(BTC, Bar(0, 50_000.0, 50_000.0, 50_000.0, 50_000.0, 100.0))

    def identity(self, slot: int, sequence: int = 1) -> Identity:
        return Identity(self.plan.instances[0].id, BTC, slot, sequence)

    def intent(
        self, slot: int = 0, sequence: int = 1, price: str = "49990", quantity: str = "0.0008"
    ) -> Intent:
        return Intent(
            identity=self.identity(slot, sequence), side=Side.BUY, kind=Kind.LIMIT, price=Price(price),
            quantity=Quantity(quantity), reference=Price("50000"), stop=Price("49500"), at=AT,
        )  # fmt: skip

    def approved(self, slot: int = 0, sequence: int = 1) -> Approved:
        verdict = judge(self.intent(slot, sequence), self.fold)
        assert isinstance(verdict, Approved), verdict
        return verdict

    def withdrawal(self, slot: int = 0, sequence: int = 1) -> Withdrawal:
        return Withdrawal(identity=self.identity(slot, sequence), at=AT)


class ScriptedVenue:
    """Takes every order unless ``place_raises``; ``happened`` is shared with the records, to see the order."""

    def __init__(self, happened: list[Any]) -> None:
        self.happened = happened
        self.place_raises: Exception | None = None
        self.on_place: Callable[[], object] = lambda: None
        self.resting: dict[ClientOrderId, Order] = {}

    def place(self, order: Order) -> None:
        self.happened.append(("place", order.client_order_id))
        if self.place_raises is not None:
            raise self.place_raises
        self.resting[order.client_order_id] = replace(order, status=OrderState.OPEN)
        self.on_place()

    def cancel(self, order: Order) -> None:
        self.happened.append(("cancel", order.client_order_id))
        if self.resting.pop(order.client_order_id, None) is None:
            raise GiveUpOrder("there is no such order")

    def open_orders(self) -> tuple[Order, ...]:
        return tuple(self.resting.values())


class ScriptedRecords:
    """A mailbox that keeps what it was asked to write, or fails."""

    name = "persistence"

    def __init__(self, happened: list[Any]) -> None:
        self.happened = happened
        self.fails: Exception | None = None
        self.written: list[WriteAhead] = []

    def tell(self, message: object) -> None:
        raise AssertionError(f"the executor asks the records and tells them nothing: {message}")

    def ask(self, message: object, *, timeout: float) -> None:
        assert isinstance(message, WriteAhead)
        assert timeout > 0
        if self.fails is not None:
            raise self.fails
        self.written.append(message)
        self.happened.append(("written", tuple(order.client_order_id for order in message.orders)))


class HookedClock:
    """The computer's clock; ``hook`` runs at each look, which is where the latch trips in a race."""

    hook: Callable[[], object] = staticmethod(lambda: None)

    def now(self) -> datetime:
        at = SystemClock().now()
        self.hook()
        return at


class ExecutorBench:
    """``happened`` is, in order, what was written, sent and published."""

    def __init__(
        self, restart: Restart | None = None, mode: Mode = Mode.PAPER, latch: Latch | None = None
    ) -> None:
        self.happened: list[Any] = []
        self.judged = Judged(mode)
        self.venue, self.records = ScriptedVenue(self.happened), ScriptedRecords(self.happened)
        self.latch, self.clock = latch or Latch(None), HookedClock()
        self.table = OrderTable(BOOK, mode)
        hub = FactHub()
        hub.subscribe(self.happened.append)
        self.stage = ExecutorStage(
            hub, self.venue, self.records, self.table, self.latch, self.clock, restart or nothing()
        )
        self.stage.begin()

    def execute(self, *verdicts: Verdict, number: int = 1, resumed: bool = False) -> list[Any]:
        """What happens on these verdicts."""
        self.happened.clear()
        self.stage.receive(Execute(number, AT, verdicts, resumed=resumed))
        return list(self.happened)

    def of(self, kind: type) -> list[Any]:
        return [what for what in self.happened if isinstance(what, kind)]

    def sent(self) -> list[ClientOrderId]:
        return [what[1] for what in self.happened if isinstance(what, tuple) and what[0] == "place"]

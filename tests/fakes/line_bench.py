"""The work lane in one thread, without stages: venue, the two folds, steps, judge and order table, candle by candle."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from actors.executor.orders import OrderTable
from actors.strategy.stage import StrategyStage
from actors.venues.paper import PaperVenue
from core.errors import GiveUpOrder
from core.ids import Symbol
from core.intent import Intent, Wish, Withdrawal
from core.kernel.fold import Changed, Fold
from core.market import Bar
from core.messages import (
    Consider,
    Fact,
    Look,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderPlaced,
    OrderRefused,
    Report,
)
from core.modes import Mode
from core.order import Fill, Happening, Order, OrderState
from core.plan import Plan
from core.ports import Subscriber
from core.records import Counts, Restart
from core.risk.judge import judge
from core.risk.verdict import Approved, Denied


class Catch:
    """A mailbox and a hub in one: keeps the last work that was told."""

    name = "catch"

    def __init__(self) -> None:
        self.told: Any = None

    def tell(self, message: object) -> None:
        self.told = message

    def ask(self, message: object, *, timeout: float) -> Any:
        raise AssertionError("nobody asks here")

    def publish(self, fact: Fact) -> None:
        pass

    def subscribe(self, subscriber: Subscriber, *facts: type) -> None:
        pass


class Line:
    """``wish`` decides instead of the strategies when it is given; ``after`` sees every fact."""

    def __init__(
        self,
        plan: Plan,
        *,
        wish: Callable[[Line, Symbol, Bar], Iterable[Wish]] | None = None,
        after: Callable[[Changed], object] = lambda fact: None,
    ) -> None:
        self.plan, self._wish, self._after = plan, wish, after
        self.catch = Catch()
        nothing = Restart(
            book=plan.book, number=0, drained=0, pieces={}, working=(), positions=(), sequences={}, newest=(),
            counts=Counts((), 0, ()),
        )  # fmt: skip
        self.strategy = StrategyStage(self.catch, plan, self.catch, nothing)
        if wish is None:  # compiles the steps
            self.strategy.begin()
        self.risk, self.venue = Fold(plan), PaperVenue(plan)
        self.table = OrderTable(plan.book, Mode.PAPER)
        self.number = 0
        self.fills: list[Fill] = []
        self.denials: list[Denied] = []
        self.equity: list[float] = []

    def candle(self, symbol: Symbol, bar: Bar) -> None:
        """One candle all the way: its fills, the step, the judge, cancels, new orders."""
        self.number += 1
        for report in self.venue.advance(self.number, symbol, bar):
            self._report(report)
        self.risk.mark(symbol, bar)
        self.equity.append(float(self.risk.arena.account[0]["equity"]))
        self._execute(
            [judge(w, self.risk) if isinstance(w, Intent) else w for w in self._wishes(symbol, bar)]
        )

    def _wishes(self, symbol: Symbol, bar: Bar) -> Iterable[Wish]:
        if self._wish is not None:
            return self._wish(self, symbol, bar)
        self.strategy.receive(Look(self.number, symbol, bar))
        told = self.catch.told
        assert isinstance(told, Consider)
        return told.wishes

    def _take(self, fact: Changed) -> None:
        ts = fact.fill.at_ms if isinstance(fact, OrderFilled) else 0
        if not isinstance(fact, OrderDenied):
            self.risk.take(fact, ts)
        if self._wish is None:
            self.strategy.receive(fact)
        self._after(fact)

    def _report(self, report: Report) -> None:
        if report.fill is not None:
            self.fills.append(report.fill)
            self._take(OrderFilled(self.table.filled(report.fill, report.order), report.fill))
        elif report.happening == "placed":
            self._take(OrderPlaced(self.table.adopt(report.order)))
        elif report.happening == "amended":
            self._take(OrderAmended(self.table.amended(report.order)))
        else:
            mine = self.table.get(report.order.client_order_id)
            assert mine is not None
            self._take(OrderCancelled(self.table.put(mine.after(Happening.CANCELLED))))

    def _execute(self, verdicts: list[Approved | Denied | Withdrawal]) -> None:
        orders: list[Order] = []
        cancels: list[Order] = []
        for verdict in verdicts:
            if isinstance(verdict, Approved):
                order = self.table.new(verdict.intent)
                assert order is not None
                orders.append(order)
            elif isinstance(verdict, Denied):
                self.denials.append(verdict)
                self._take(OrderDenied(self.table.denied(verdict), verdict))
            else:
                working = self.table.find(verdict.identity)
                assert working is not None
                if working.status is OrderState.CANCELLING:
                    continue
                cancels.append(self.table.put(working.after(Happening.CANCEL_ASKED)))
        for order in cancels:
            self.venue.cancel(order)
            self._take(OrderCancelled(self.table.put(order.after(Happening.CANCELLED))))
        for order in orders:
            try:
                self.venue.place(order)
            except GiveUpOrder as error:
                refused = order.after(Happening.REFUSED, reason=str(error))
                self._take(OrderRefused(self.table.put(refused)))
            else:
                self._take(OrderPlaced(self.table.put(order.after(Happening.ACKNOWLEDGED))))

    def restart(self) -> None:
        """All state as bytes and records, and back into new pieces."""
        state = self.strategy._fold.arena.state.tobytes() + self.strategy._fold.dump()
        pieces = {"strategy": state}
        restart = Restart(
            book=self.plan.book, number=self.number, drained=self.number, pieces=pieces, working=(),
            positions=(), sequences={}, newest=self.table.working(), counts=Counts((), 0, ()),
        )  # fmt: skip
        self.strategy = StrategyStage(self.catch, self.plan, self.catch, restart)
        self.strategy.begin()
        raw, self.risk = self.risk.dump(), Fold(self.plan)
        self.risk.load(raw)
        book, self.venue = self.venue.snapshot(), PaperVenue(self.plan)
        working = self.table.working()
        self.venue.restore(book, tuple(replace(one, status=OrderState.OPEN) for one in working))
        table = OrderTable(self.plan.book, Mode.PAPER)
        table.restore(working, self.table._used)
        self.table = table


def bars(candles: Any) -> list[Bar]:
    return [Bar(int(one["ts"]), *(float(one[name]) for name in Bar._fields[1:])) for one in candles]

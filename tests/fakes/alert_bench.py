"""The alerts stage without its thread, and the facts that it turns into alerts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from actors.alerts.stage import AlertsStage
from actors.hub import FactHub
from core.halt import HaltEvidence, HaltRecord, HaltStep
from core.ids import BookId, Currency, ExecutionId, Identity, InstanceId, Symbol, client_order_id
from core.intent import Intent, Kind, Side
from core.messages import (
    AccountMarked,
    AlertRaised,
    HaltProgressed,
    LimitUse,
    OrderDenied,
    OrderFilled,
    PartsChecked,
)
from core.modes import Mode, TradingState
from core.money import Money, Price, Quantity
from core.order import Fill, Order, Role
from core.risk.verdict import Denied, Reason
from core.settings import Alerts, Settings

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
EVERYTHING = Settings(alerts=Alerts(console="info", file="info", desktop="info"))
BEAT = PartsChecked(6, 6, (), None)


class Wound:
    """A clock that a test winds on."""

    def __init__(self) -> None:
        self.at = NOON

    def now(self) -> datetime:
        return self.at


class Bench:
    """The stage without its thread, on a hub that gives it back what it publishes."""

    def __init__(self, home: Path, settings: Settings = EVERYTHING, desktop: Any = None) -> None:
        self.clock, self.hub = Wound(), FactHub()
        self.published: list[AlertRaised] = []
        self.console: list[str] = []
        self.home = home
        self.stage = AlertsStage(
            self.hub, home, settings, self.clock, desktop=desktop, write=self.console.append
        )
        self.hub.subscribe(self.published.append, AlertRaised)  # type: ignore[arg-type]
        self.hub.subscribe(self.stage.receive, AlertRaised)
        self.stage.begin()

    def later(self, seconds: float) -> None:
        self.clock.at += timedelta(seconds=seconds)
        self.stage.receive(BEAT)

    def texts(self) -> list[str]:
        return [alert.text for alert in self.published]

    def filed(self) -> list[dict[str, str]]:
        path = self.home / "alerts.jsonl"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def order(number: int = 0, *, role: Role = Role.DECLARED, side: Side = Side.BUY, reason: str = "") -> Order:
    identity = Identity(InstanceId("grid:BTC/USDT"), Symbol("BTC/USDT"), 0, number)
    return Order(
        client_order_id=client_order_id(identity, BookId("paper sim")), identity=identity, side=side,
        kind=Kind.LIMIT, price=Price(60_000), quantity=Quantity("0.0005"), stop=None, mode=Mode.PAPER,
        time=NOON, role=role, reason=reason,
    )  # fmt: skip


def filled(number: int = 0, **more: Any) -> OrderFilled:
    of = order(number, **more)
    fill = Fill(
        execution_id=ExecutionId(str(number)), client_order_id=of.client_order_id, identity=of.identity,
        side=of.side, price=Price(60_000), quantity=Quantity("0.0005"), cost=Decimal(30), is_maker=True,
        at=NOON, fee=Money(Decimal("0.03"), Currency("USDT")),
    )  # fmt: skip
    return OrderFilled(replace(of, filled=Quantity("0.0005")), fill)


def denied(number: int = 0) -> OrderDenied:
    of = order(number, reason="Denied: 20 entries today, the limit is 20.")
    intent = Intent(identity=of.identity, side=of.side, kind=of.kind, price=of.price, quantity=of.quantity,
                    reference=Price(60_000), at=NOON)  # fmt: skip
    return OrderDenied(
        of, Denied(intent, Reason.DAILY_ENTRIES, Decimal(20), Decimal(21), "entries", of.reason)
    )


def account(used: str = "0", at: datetime = NOON, equity: str = "10000") -> AccountMarked:
    loss = LimitUse(name="Loss today", used=Decimal(used), limit=Decimal(20), unit="USD")
    return AccountMarked(
        at=at, mode=Mode.PAPER, state=TradingState.ACTIVE, state_why="", currency="USDT",
        equity=Decimal(equity), cash=Decimal(9000), start_equity=Decimal(10_000),
        day_start_equity=Decimal(10_000),
        peak_equity=Decimal(10_000), realised_today=Decimal(0), fees_today=Decimal("1.5"), fees=Decimal(2),
        profit=Decimal(0), won_today=3, lost_today=1, even_today=0, limits=(loss,), holdings=(),
    )  # fmt: skip


RECORD = HaltRecord("2026-03-01T12:00:00.000+00:00", "tray", "Stopped by hand.")


def proved(step: HaltStep) -> HaltProgressed:
    return HaltProgressed(HaltEvidence(record=RECORD, step=step, latch_ms=1.0))

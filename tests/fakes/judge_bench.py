"""Intents of a grid of two lines around 100, and an account for the judge to weigh them against."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from core.ids import BookId, Identity, InstanceId, client_order_id
from core.intent import Intent, Kind, Side
from core.kernel.fold import Fold
from core.limits import Limits
from core.market import Bar
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, DEAR, instrument, plan

AT = datetime(2025, 5, 8, 22, 20, tzinfo=UTC)


def fold_of(last: float = 100.0, *, least: str = "0", **limits: Any) -> Fold:
    grid = lay_out([("grid", BTC, {"levels": 2})])
    fold = Fold(plan(instrument(least=least), instances=grid, costs=DEAR, limits=Limits(**limits)))
    if last:
        fold.mark(BTC, Bar(0, last, last, last, last, 1.0))
    return fold


def intent(side: Side = Side.BUY, quantity: str = "0.4", price: str | None = "99", stop: str | None = "90",
           slot: int = 0, sequence: int = 1) -> Intent:  # fmt: skip
    return Intent(
        identity=Identity(InstanceId("grid:BTC/USDT"), BTC, slot, sequence), side=side,
        kind=Kind.LIMIT if price else Kind.MARKET, price=Price(price) if price else None,
        quantity=Quantity(quantity), reference=Price(100), stop=Price(stop) if stop else None, at=AT,
    )  # fmt: skip


def order_of(of: Intent) -> Order:
    return Order(
        client_order_id=client_order_id(of.identity, BookId("b")), identity=of.identity, side=of.side, kind=of.kind,
        price=of.price, quantity=of.quantity, stop=of.stop, mode=Mode.PAPER, time=of.at,
    )  # fmt: skip

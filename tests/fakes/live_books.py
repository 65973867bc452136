"""Records as a faultless client of the wire-level venue would have them: the comparison is tried on these first."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from peewee import SqliteDatabase

from actors.persistence.tables import TABLES, BookRow, FillRow, OrderEventRow, OrderRow, PostingRow
from core.clock import instant
from core.ids import ClientOrderId, Currency, ExecutionId, Identity, InstanceId, Symbol
from core.intent import Side
from core.ledger import fill_postings
from core.money import Money, Price, Quantity, text
from core.order import Fill
from tests.live.agreement import STATUS
from tests.venue import orders as venue_orders
from tests.venue.api import Api

BOOK = {"book": "live test", "mode": "live"}


def write_books(home: Path, api: Api) -> None:
    """The database of ``home``, made anew out of the venue's own orders and fills (all of strategy ``grid``)."""
    path = home / "belay.db"
    path.unlink(missing_ok=True)
    database = SqliteDatabase(str(path))
    with database.bind_ctx(TABLES), database.connection_context():
        database.create_tables(TABLES)
        BookRow.create(**BOOK, written_at=1)
        for order in api.core.orders.values():
            if order.wish.client_id.startswith("bly"):
                _write(order)


def _write(order: venue_orders.Order) -> None:
    place = {
        "symbol": order.symbol, "side": order.wish.side, "strategy": f"grid:{order.symbol}",
        "slot": 5 if order.wish.kind.has_stop else 0, "sequence": order.number,
    }  # fmt: skip
    client_id = order.wish.client_id
    shown = order.stop if order.wish.kind.has_stop else order.price
    OrderRow.create(
        **BOOK, **place, time=order.created, client_order_id=client_id, kind="limit", written_at=order.created,
        price=text(shown) if shown is not None else None, quantity=text(order.amount), stop=None, reason="",
        status=STATUS[order.status], role="protective" if order.wish.kind.has_stop else "declared",
        filled=text(order.filled), cost=text(order.cost), fee="0",
    )  # fmt: skip
    _event(client_id, order.created, "intent")
    _event(client_id, order.created, "placed")
    for fill in order.fills:
        _write_fill(fill, client_id, place)


def _event(client_id: str, at: int, happening: str) -> None:
    OrderEventRow.create(
        **BOOK, client_order_id=client_id, time=at, happening=happening, reason="", detail="", written_at=at
    )


def _write_fill(fill: venue_orders.Fill, client_id: str, place: dict[str, Any]) -> None:
    FillRow.create(
        **BOOK, **place, time=fill.at, price=text(fill.price), quantity=text(fill.amount), fee=text(fill.fee),
        fee_currency=fill.fee_asset, cost=text(fill.cost), client_order_id=client_id, is_maker=fill.maker,
        execution_id=str(fill.number), written_at=fill.at,
    )  # fmt: skip
    identity = Identity(
        InstanceId(place["strategy"]), Symbol(fill.symbol), int(place["slot"]), int(place["sequence"])
    )
    made = Fill(
        execution_id=ExecutionId(str(fill.number)), client_order_id=ClientOrderId(client_id), identity=identity,
        side=Side.BUY if fill.side == "buy" else Side.SELL, price=Price(fill.price), quantity=Quantity(fill.amount),
        cost=Decimal(fill.cost), fee=Money(fill.fee, Currency(fill.fee_asset)), is_maker=fill.maker,
        at=instant(fill.at),
    )  # fmt: skip
    for posting in fill_postings(made, fill.number):
        PostingRow.create(
            **BOOK, time=fill.at, entry=posting.entry, account=posting.account, currency=posting.currency,
            amount=text(posting.amount), note=posting.note,
        )  # fmt: skip

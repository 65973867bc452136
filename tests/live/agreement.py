"""The venue's account against Belay's records, to the last digit: each fault is a sentence, none is the proof."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from core.ids import CLIENT_ID_PREFIX
from tests.venue.api import Api
from tests.venue.orders import Order, Status
from tests.venue.server import VenueServer

ZERO = Decimal(0)
SENT = frozenset({"open", "part-filled", "filled", "cancelling"})
"""Rows in these states are at the venue for sure."""
NOT_SENT = frozenset({"denied", "waiting", "refused"})
"""Rows in these states are not there."""
UNDER = Decimal("0.9")
"""A stop lies under the price: what is worth the minimum here may be below it there, and no stop can hold it.

This is for a stop that the records do not tell; else its own price says what it can hold."""
STATUS = {Status.OPEN: "open", Status.PART: "part-filled", Status.FILLED: "filled", Status.CANCELED: "cancelled",
          Status.EXPIRED: "cancelled"}  # fmt: skip
FillKey = tuple[Decimal, Decimal, Decimal, str]


@dataclass(frozen=True, slots=True)
class TheirOrder:
    """One order as the venue's core keeps it."""

    number: int
    client_id: str
    symbol: str
    side: str
    status: Status
    is_stop: bool
    price: Decimal | None
    quantity: Decimal
    filled: Decimal
    fills: tuple[FillKey, ...]


@dataclass(frozen=True, slots=True)
class Theirs:
    """The venue's account at one moment; ``minima`` are quantity, notional and step by symbol."""

    orders: tuple[TheirOrder, ...]
    totals: Mapping[str, Decimal]
    deposits: Mapping[str, Decimal]
    last: Mapping[str, Decimal]
    minima: Mapping[str, tuple[Decimal, Decimal, Decimal]]

    @property
    def mine(self) -> tuple[TheirOrder, ...]:
        """Orders under our ids."""
        return tuple(order for order in self.orders if order.client_id.startswith(CLIENT_ID_PREFIX))


@dataclass(frozen=True, slots=True)
class Ours:
    """Belay's records of one book, as SQLite gives them."""

    orders: tuple[Mapping[str, Any], ...]
    events: tuple[Mapping[str, Any], ...]
    fills: tuple[Mapping[str, Any], ...]
    postings: tuple[Mapping[str, Any], ...]
    positions: tuple[Mapping[str, Any], ...]


def theirs(venue: VenueServer) -> Theirs:
    """A snapshot, taken on the venue's thread; the venue proves itself first."""
    return venue.do(account_of, venue.api)


def account_of(api: Api) -> Theirs:
    core = api.core
    core.check()
    tapes = core.tapes
    return Theirs(
        tuple(_their_order(order) for order in core.orders.values()),
        {asset: held.free + held.locked for asset, held in core.wallet.holdings.items()},
        dict(core.wallet.deposited),
        {symbol: tape.last for symbol, tape in tapes.items()},
        {name: (t.market.min_amount, t.market.min_notional, t.market.step) for name, t in tapes.items()},
    )


def _their_order(order: Order) -> TheirOrder:
    fills = tuple((fill.price, fill.amount, fill.fee, fill.fee_asset) for fill in order.fills)
    has_stop = order.wish.kind.has_stop
    return TheirOrder(
        order.number, order.wish.client_id, order.symbol, order.wish.side, order.status, has_stop,
        order.stop if has_stop else order.price, order.amount, order.filled, fills,
    )  # fmt: skip


def ours(home: Path, mode: str = "live") -> Ours:
    """The newest book of this mode, in one snapshot; empty while there are no records."""
    path = home / "belay.db"
    if not path.exists():
        return Ours((), (), (), (), ())
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)) as database:
        database.row_factory = sqlite3.Row
        try:
            database.execute("BEGIN")
            books = database.execute(
                "SELECT book FROM books WHERE mode = ? ORDER BY written_at", (mode,)
            ).fetchall()
        except sqlite3.OperationalError:  # the tables are being made
            return Ours((), (), (), (), ())
        book = books[-1]["book"] if books else ""

        def rows(table: str) -> tuple[Mapping[str, Any], ...]:
            order = "rowid" if table == "positions" else "id"
            found = database.execute(f"SELECT * FROM {table} WHERE book = ? ORDER BY {order}", (book,))
            return tuple(dict(row) for row in found)

        return Ours(*(rows(name) for name in ("orders", "order_events", "fills", "ledger", "positions")))


def faults(there: Theirs, here: Ours) -> list[str]:
    """Everything in which venue and records differ, apart from protection."""
    return [*_orders(there, here), *_missing(there, here), *_fills(there, here), *_balances(there, here)]


def _orders(there: Theirs, here: Ours) -> Iterator[str]:
    rows = {row["client_order_id"]: row for row in here.orders}
    for row in here.orders:
        if row["status"] in ("intent", "unknown", "cancelling"):
            yield f"{_named(row)} is unsettled: {row['status']}"
    for client_id, times in Counter(order.client_id for order in there.mine).items():
        if times > 1:
            yield f"{client_id} is at the venue {times} times: one identity was placed more than once"
    for order in there.mine:
        row = rows.get(order.client_id)
        if row is None:
            yield f"orphan: the venue's {order.client_id} ({order.side} {order.symbol}) has no row"
            continue
        if row["status"] != STATUS[order.status]:
            yield f"{_named(row)} is {row['status']}, at the venue {order.status}"
        said = (row["symbol"], row["side"], Decimal(row["quantity"]), Decimal(row["filled"]))
        if said != (order.symbol, order.side, order.quantity, order.filled):
            yield f"{_named(row)}: the row says {said}, the venue {order}"
        if row["price"] is not None and order.price is not None and Decimal(row["price"]) != order.price:
            yield f"{_named(row)}: the row's price is {row['price']}, the venue's {order.price}"


def _missing(there: Theirs, here: Ours) -> Iterator[str]:
    known = {order.client_id for order in there.mine}
    placed = Counter(event["client_order_id"] for event in here.events if event["happening"] == "placed")
    for row in here.orders:
        client_id = row["client_order_id"]
        kept = (
            row["role"] == "declared" and row["side"] == "sell"
        )  # an exit is told as placed while it waits here
        if client_id not in known and (row["status"] in SENT or placed[client_id] > kept):
            yield f"{_named(row)} is {row['status']} and the venue has never heard of it"
        if client_id in known and row["status"] in NOT_SENT:
            yield f"{_named(row)} is {row['status']} and the venue has it"


def _fills(there: Theirs, here: Ours) -> Iterator[str]:
    counted: dict[str, Counter[FillKey]] = {}
    for fill in here.fills:
        key = (*(Decimal(fill[name]) for name in ("price", "quantity", "fee")), fill["fee_currency"])
        counted.setdefault(fill["client_order_id"], Counter())[key] += 1  # type: ignore[index]
    for order in there.mine:
        said, done = counted.pop(order.client_id, Counter()), Counter(order.fills)
        if said != done:
            lacks, extra = list((done - said).elements()), list((said - done).elements())
            yield f"{order.client_id}: fills are missing {_told(lacks)}, are too many {_told(extra)}"
    for client_id in counted:
        yield f"{client_id} has fills here and is not at the venue"
    for name in ("execution_id", "symbol"):
        if any(not fill[name] for fill in here.fills):
            yield f"a fill has no {name}"


def _balances(there: Theirs, here: Ours) -> Iterator[str]:
    """Start, plus what our fills moved, minus fees: the venue's totals, and the ledger's movements."""
    moved: dict[str, Decimal] = {}
    for fill in here.fills:
        base, _, quote = fill["symbol"].partition("/")
        sign = 1 if fill["side"] == "buy" else -1
        for asset, amount in (
            (base, sign * Decimal(fill["quantity"])), (quote, -sign * Decimal(fill["cost"])),
            (fill["fee_currency"], -Decimal(fill["fee"])),
        ):  # fmt: skip
            moved[asset] = moved.get(asset, ZERO) + amount
    posted: dict[str, Decimal] = {}
    for row in here.postings:
        kind, _, asset = row["account"].partition(":")
        if kind == "venue" and row["note"].startswith(CLIENT_ID_PREFIX):
            posted[asset] = posted.get(asset, ZERO) + Decimal(row["amount"])
    foreign = _foreign(there)
    for asset in sorted({*there.totals, *moved, *posted}):
        real = there.totals.get(asset, ZERO) - there.deposits.get(asset, ZERO) - foreign.get(asset, ZERO)
        if moved.get(asset, ZERO) != real:
            yield f"{asset}: our fills moved {moved.get(asset, ZERO)}, the venue's balance {real}"
        if posted.get(asset, ZERO) != real:
            yield f"{asset}: our ledger moved {posted.get(asset, ZERO)}, the venue's balance {real}"


def _foreign(there: Theirs) -> dict[str, Decimal]:
    """What orders that are not ours moved."""
    found: dict[str, Decimal] = {}
    for order in there.orders:
        base, _, quote = order.symbol.partition("/")
        sign = 1 if order.side == "buy" else -1
        for price, quantity, fee, asset in order.fills if order not in there.mine else ():
            for name, amount in ((base, sign * quantity), (quote, -sign * price * quantity), (asset, -fee)):
                found[name] = found.get(name, ZERO) + amount
    return found


def bare(there: Theirs, here: Ours, slots: Mapping[str, int]) -> list[str]:
    """Held coins, slot by slot, that no open sale of ours at the venue covers; dust below the minima is none.

    ``slots`` is how many orders a strategy declares: a guard's slot is that much higher than its entry's.
    """
    held: dict[tuple[str, str, int], Decimal] = {}
    covered: dict[tuple[str, str, int], Decimal] = {}

    def place(row: Mapping[str, Any]) -> tuple[str, str, int]:
        name = row["strategy"].partition(":")[0]
        return row["strategy"], row["symbol"], row["slot"] % slots[name]

    for fill in here.fills:
        base = fill["symbol"].partition("/")[0]
        amount = Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1)
        amount -= Decimal(fill["fee"]) if fill["fee_currency"] == base else ZERO
        left = held.get(place(fill), ZERO) + amount
        is_dust = fill["side"] == "sell" and left < there.minima[fill["symbol"]][2]
        held[place(fill)] = (
            ZERO if is_dust else left
        )  # what a fee in coins left over belongs to no slot any more
    rows = {row["client_order_id"]: row for row in here.orders}
    stops = {
        place(row): Decimal(row["stop"])
        for row in (rows[fill["client_order_id"]] for fill in here.fills if fill["side"] == "buy")
        if row["stop"]
    }
    for order in there.mine:
        if order.status.is_open and order.side == "sell" and order.client_id in rows:
            key = place(rows[order.client_id])
            covered[key] = covered.get(key, ZERO) + order.quantity - order.filled
    found = []
    for key, amount in held.items():
        quantity, notional, step = there.minima[key[1]]
        open_part = (amount - covered.get(key, ZERO)) // step * step
        price = min(there.last[key[1]], stops.get(key, there.last[key[1]] * UNDER))
        if open_part >= quantity and open_part * price >= notional:
            found.append(f"{key} holds {amount}, of which {open_part} has no stop and no exit at the venue")
    return found


def _named(row: Mapping[str, Any]) -> str:
    place = f"{row['strategy']} {row['symbol']} {row['slot']}.{row['sequence']}"
    return f"{row['client_order_id']} ({row['role']} {row['side']} {row['kind']}, {place})"


def _told(fills: list[FillKey]) -> str:
    return ", ".join(f"{quantity} at {price} fee {fee} {asset}" for price, quantity, fee, asset in fills) or (
        "none"
    )

"""What follows from each fill: position, round trip, ledger entries, counts; persistence's thread."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from peewee import SqliteDatabase, fn

from actors.persistence import rows
from actors.persistence.queries import columns, scalar, tuples
from actors.persistence.tables import PositionRow, PostingRow, TradeRow
from core.clock import instant, millis
from core.errors import BadValue
from core.ids import BookId, InstanceId, Symbol
from core.ledger import deposit_postings, fill_postings
from core.money import Money, text
from core.order import Fill, Order
from core.position import OpenTrip, Position, carried, trip_after
from core.records import Posting, RoundTrip

Place = tuple[InstanceId, Symbol]


@dataclass(frozen=True, slots=True)
class Booked:
    """The consequences of one fill; ``fault`` is the sentence when the position cannot take it."""

    postings: tuple[Posting, ...]
    position: Position | None
    open_trip: OpenTrip | None
    trade: RoundTrip | None
    fault: str = ""


class Bookkeeping:
    """Positions, open round trips and counts of one book, as the fills so far leave them."""

    def __init__(self, database: SqliteDatabase, book: BookId) -> None:
        self._positions: dict[Place, Position] = {}
        self._trips: dict[Place, OpenTrip] = {}
        self._next_entry = 1
        self.trades = self.wins = 0
        self._load(database, book)

    def _load(self, database: SqliteDatabase, book: BookId) -> None:
        fields = columns(PositionRow, (*rows.POSITION_COLUMNS, "trip"))
        for *row, trip in tuples(PositionRow.select(*fields).where(PositionRow.book == book), database):
            position = rows.position_from_row(tuple(row))
            self._positions[position.instance, position.symbol] = position
            if trip:
                self._trips[position.instance, position.symbol] = trip_from_json(trip)
        last = PostingRow.select(fn.MAX(PostingRow.entry)).where(PostingRow.book == book)
        self._next_entry = (scalar(last, database) or 0) + 1
        for (net,) in tuples(TradeRow.select(TradeRow.net).where(TradeRow.book == book), database):
            self._count(Decimal(net))

    def _count(self, net: Decimal) -> None:
        self.trades += 1
        self.wins += net > 0

    @property
    def profit(self) -> Decimal:
        """Realised so far, net of fees."""
        return sum((position.realised for position in self._positions.values()), Decimal(0))

    @property
    def has_entries(self) -> bool:
        return self._next_entry > 1

    def deposit(self, money: Money, at: datetime) -> tuple[Posting, ...]:
        """The ledger entry of money from outside."""
        return self._entered(deposit_postings(money, at, self._next_entry))

    def _entered(self, postings: tuple[Posting, ...]) -> tuple[Posting, ...]:
        self._next_entry = postings[-1].entry + 1
        return postings

    def book(self, fill: Fill, order: Order) -> Booked:
        """Fold one fill; a sale of more than is held is entered in the ledger and said in ``fault``."""
        postings = self._entered(fill_postings(fill, self._next_entry))
        place = (fill.identity.instance, fill.identity.symbol)
        before = self._positions.get(place) or Position(instance=place[0], symbol=place[1])
        try:
            position = before.after(fill)
            trip = trip_after(self._trips.get(place), fill, order)
        except BadValue as error:
            return Booked(postings, None, None, None, str(error))
        self._positions[place] = position
        if isinstance(trip, RoundTrip):
            left = carried(trip)
            self._trips.pop(place, None)
            if left is not None:
                self._trips[place] = left
            self._count(trip.net)
            return Booked(postings, position, left, trip)
        self._trips[place] = trip
        return Booked(postings, position, trip, None)


def trip_json(trip: OpenTrip) -> str:
    """An open round trip as JSON, amounts as text."""
    plain = {name.name: getattr(trip, name.name) for name in fields(trip)}
    amounts = {name: None if x is None else text(x) for name, x in plain.items() if name != "opened"}
    return json.dumps({"opened": millis(trip.opened), **amounts})


def trip_from_json(plain: str) -> OpenTrip:
    """The trip that ``trip_json`` wrote."""
    raw = json.loads(plain)
    amounts: dict[str, Any] = {name: None if x is None else Decimal(x) for name, x in raw.items()}
    return OpenTrip(**{**amounts, "opened": instant(int(raw["opened"]))})

"""What the books give back when asked: values for tables, charts and exports, never database rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from core.ids import BookId, ClientOrderId, InstanceId, Symbol
from core.modes import Mode
from core.money import Price, Quantity

if TYPE_CHECKING:  # positions and orders fold into the values of this module
    from core.order import Fill, Order
    from core.position import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class RoundTrip:
    """A trade: a position from flat to flat.  Money in quote currency, ``net`` after all fees.

    ``ended_by`` is ``exit``, ``stop`` or ``target``; ``result`` is won, lost or even (A31).
    """

    instance: InstanceId
    symbol: Symbol
    opened: datetime
    closed: datetime
    quantity: Quantity
    bought: Price
    sold: Price
    fees: Decimal
    net: Decimal
    risked: Decimal | None
    ended_by: str
    mode: Mode
    left: Decimal = field(default=Decimal(0), compare=False)
    """Coins too few to sell; the next trip begins with them."""

    @property
    def result(self) -> str:
        return "won" if self.net > 0 else "lost" if self.net < 0 else "even"


@dataclass(frozen=True, slots=True)
class OrderEvent:
    """One step of an order's life; ``written`` is the computer's own time, ``at`` the market's."""

    client_order_id: ClientOrderId
    written: datetime
    at: datetime
    happening: str
    detail: str


@dataclass(frozen=True, slots=True)
class EquityPoint:
    """Equity in the account's currency at a market time."""

    at: datetime
    equity: Decimal


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of the log; ``mode`` as in B15, ``fields`` are the rest as text."""

    at: datetime
    level: str
    mode: str
    source: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Counts:
    """Orders by state text, for filters and the summary."""

    by_state: tuple[tuple[str, int], ...]
    fills: int
    denials: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of the ledger: ``amount`` of ``currency`` into (+) or out of (-) ``account``."""

    entry: int
    at: datetime
    account: str
    currency: str
    amount: Decimal
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """What a book holds at start.  ``pieces`` are the states after event ``number`` (0: a new book).

    ``drained`` is below ``number`` when Belay ended between an order's write-ahead and the end of that event:
    what became of ``working`` orders in INTENT is then unknown.  ``sequences`` has the highest ever written
    ahead per slot, ``newest`` the newest order of each slot, denied ones too.
    """

    book: BookId
    number: int
    drained: int
    pieces: Mapping[str, bytes]
    working: tuple[Order, ...]
    positions: tuple[Position, ...]
    sequences: Mapping[tuple[InstanceId, Symbol, int], int]
    newest: tuple[Order, ...]
    counts: Counts
    filled: tuple[tuple[Order, Fill], ...] = ()
    """Every execution with its order, in the order in which they were booked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """The numbers of the summary.  ``candles`` are the market events drained, ``orders`` those not denied.

    ``denials`` counts by reason, ``fees`` sums by currency.
    """

    candles: int
    signals: int
    orders: int
    fills: int
    trades: int
    denials: Mapping[str, int]
    fees: Mapping[str, Decimal]

"""Facts of the market and of orders: past tense, for whoever subscribed at the hub."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from core.ids import Currency, Identity, InstanceId, Symbol, VenueName
from core.intent import Wish
from core.market import Bar, Candle, Freshness, Quote
from core.order import Fill, Order
from core.risk.verdict import Denied
from core.venue import LinkStatistics, VenueOrder
from core.work import Keep, Report

# ---------------------------------------------------------------- facts: market


@dataclass(frozen=True, slots=True)
class QuoteSeen:
    """A newer best bid and ask; newest wins."""

    quote: Quote


@dataclass(frozen=True, slots=True)
class CandleSeen:
    """A candle, closed or still forming; forming ones are newest-wins."""

    number: int
    candle: Candle


@dataclass(frozen=True, slots=True)
class BarsSeen:
    """History for charts and warm-up: candles in front of the first event, oldest first."""

    symbol: Symbol
    timeframe: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class CandleDropped:
    """A candle that could not be used, with the reason (D12)."""

    symbol: Symbol
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class CandlesClosed:
    """Closed candles of one symbol in a bundle, oldest first: what charts need at full speed."""

    symbol: Symbol
    timeframe: str
    bars: tuple[Bar, ...]
    last_number: int


@dataclass(frozen=True, slots=True)
class VenueReported:
    """What the venue said of our orders with this event, in order."""

    number: int
    reports: tuple[Report, ...]


@dataclass(frozen=True, slots=True)
class ReportsApplied:
    """The executor has booked these reports and published their facts."""

    number: int


@dataclass(frozen=True, slots=True)
class FeedProgressed:
    """How far the market has come: events released, out of ``total`` (None: endless), and the age of the prices."""

    number: int
    total: int | None
    at: datetime
    freshness: Freshness
    speed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SymbolAged:
    """How old the newest price of a market is, and by which way it comes: ``stream``, ``polling`` or ``none``.

    Newest wins; told when ``freshness`` or ``way`` changes and every few seconds.
    """

    symbol: Symbol
    freshness: Freshness
    age: float
    way: str


@dataclass(frozen=True, slots=True)
class LinkNoted:
    """The connection to the venue every few seconds (newest wins): counters, limits and clock offset."""

    venue: VenueName
    public: str
    private: str
    statistics: LinkStatistics


@dataclass(frozen=True, slots=True)
class ForeignSeen:
    """Open orders at the venue that Belay did not make (newest wins; empty when there are none)."""

    orders: tuple[VenueOrder, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A balance that the ledger does not explain: ``venue`` is what is there, ``ours`` what the books say."""

    currency: Currency
    venue: Decimal
    ours: Decimal


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Venue and books were compared (start, reconnect, every minute); ``differences`` are not explained."""

    at: datetime
    cause: str
    differences: tuple[Difference, ...]
    unresolved: tuple[Order, ...]


@dataclass(frozen=True, slots=True)
class FeedEnded:
    """The source has no more events."""

    number: int


@dataclass(frozen=True, slots=True)
class Drained:
    """Event ``number`` has gone through the whole pipeline."""

    number: int


@dataclass(frozen=True, slots=True)
class UnitClosed:
    """All facts up to event ``number`` are out, and these pieces of state belong to it: worth keeping together.

    Events in which nothing happened to an order share a unit: what is lost of them in a crash is found again.
    """

    number: int
    pieces: tuple[Keep, ...]


# ---------------------------------------------------------------- facts: orders (never merged, never dropped)


@dataclass(frozen=True, slots=True)
class SignalRaised:
    """A strategy wished a new order."""

    instance: InstanceId
    wish: Wish


@dataclass(frozen=True, slots=True)
class OrderDenied:
    """Belay said no; ``order.reason`` is the sentence, ``why`` the typed verdict."""

    order: Order
    why: Denied


@dataclass(frozen=True, slots=True)
class OrderPlaced:
    """The venue took the order."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderRefused:
    """The venue said no."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderAmended:
    """An open order has a new quantity or trigger (a protective stop follows its position)."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderCancelled:
    """The order is gone without (further) fills."""

    order: Order


@dataclass(frozen=True, slots=True)
class OrderFilled:
    """One execution, and the order after it."""

    order: Order
    fill: Fill


@dataclass(frozen=True, slots=True)
class DustLeft:
    """A slot (its newest identity) holds so little that the venue takes no order for it; the coins stay in the account,
    and the slot is free for a new order (E13)."""

    identity: Identity
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class OrderLost:
    """The answer was lost: UNKNOWN until found."""

    order: Order

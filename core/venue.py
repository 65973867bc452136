"""What a real venue says, as values, and the port through which our hands reach it; no implementation lives here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from core.ids import ClientOrderId, Currency, Symbol, VenueName
from core.instrument import Instrument
from core.intent import Kind, Side
from core.money import Money, Price, Quantity
from core.order import Order


class VenueStatus(StrEnum):
    """Where the venue says an order stands."""

    OPEN = "open"
    FILLED = "filled"
    CANCELLED = "cancelled"
    """Also expired: no further fill can come."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueOrder:
    """An order as the venue tells it.

    ``client_order_id`` is empty where it has none (an order made elsewhere), ``price`` the limit, or the trigger of a
    stop, None for a market order; ``at`` is the venue's time of this news.
    """

    venue_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    kind: Kind
    price: Price | None
    quantity: Quantity
    filled: Quantity
    status: VenueStatus
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class VenueTrade:
    """One execution of our account; ``trade_id`` is unique within its symbol.  ``cost`` is in quote currency.

    ``client_order_id`` is empty where the venue names only its own order id.
    """

    trade_id: str
    venue_id: str
    client_order_id: str
    symbol: Symbol
    side: Side
    price: Price
    quantity: Quantity
    cost: Decimal
    fee: Money
    is_maker: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class Balance:
    """One currency at the venue; ``free`` is None where a stream tells only the total."""

    currency: Currency
    total: Decimal
    free: Decimal | None


@dataclass(frozen=True, slots=True)
class AccountStream:
    """Own streams went up or down.  What happened in between was not told: read orders and trades again."""

    is_up: bool
    why: str = ""


@dataclass(frozen=True, slots=True)
class BalancesTold:
    """Balances that changed, as a stream tells them."""

    balances: tuple[Balance, ...]


News = VenueOrder | VenueTrade | BalancesTold | AccountStream
"""What own streams say, in the venue's order; duplicates and late ones are the receiver's business."""


class StopSupport(StrEnum):
    """How the venue holds a protective stop."""

    MARKET = "stop, then market"
    LIMIT = "stop, then limit"
    NONE = "none: Belay watches the price itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What Belay can do on one venue, taken from ccxt's ``has`` and ``features`` or from an adapter of our own.

    ``streams`` names each public and own stream with True (streamed) or False (polled); ``settle_seconds`` is the time
    after which a request without an answer can no longer take effect; ``notes`` are honest limits in sentences.
    """

    venue: VenueName
    title: str
    stops: StopSupport
    can_amend: bool
    has_post_only: bool
    can_find: bool
    """An order can be looked up by our own client order id in any state."""
    finds_many: bool = False
    """Several orders are looked up at the price of one (``Exchange.find_many``)."""
    cancels_all: bool
    dead_man: bool
    has_sandbox: bool
    tells_key_rights: bool
    streams: Mapping[str, bool]
    maker: Decimal
    taker: Decimal
    settle_seconds: float
    rank: str = ""
    """``first class``, ``checked`` or ``any ccxt venue``."""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRights:
    """What the keys may do; None where the venue cannot tell."""

    may_trade: bool | None = None
    may_withdraw: bool | None = None
    is_ip_bound: bool | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetUse:
    """One of the venue's limits: how much of it is used now, in its own unit."""

    name: str
    used: float
    limit: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkStatistics:
    """The connection's counters since its start, for the window and the summary."""

    requests: int = 0
    retries: int = 0
    waits: int = 0
    wait_seconds: float = 0.0
    rate_limited: int = 0
    reconnects: int = 0
    stream_messages: int = 0
    offset_ms: int | None = None
    """Venue's clock minus ours."""
    budgets: tuple[BudgetUse, ...] = field(default_factory=tuple)


class Exchange(Protocol):
    """A real venue with keys, as our hands see it.  Any thread; every call blocks for a bounded time.

    An urgent read may use the reserve of the venue's limits: at a start, in a doubt, at a halt.  Reads raise
    ``TryAgain`` (retried inside already) or ``KeysRefused``.  Numbers are exact.
    """

    name: VenueName
    caps: Capabilities

    def open(self) -> None:
        """Connect: clock offset and markets; ``TryAgain`` or ``BadSettings`` in one sentence.

        Keys are tried by the first question with them (``KeysRefused``): another one for that would cost of the
        venue's limits just when a restart needs them."""

    def close(self) -> None: ...

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        """The markets' facts; ``BadSettings`` for one that the venue does not trade now, or that is no spot market."""

    def make_ready(self, *, is_urgent: bool) -> None:
        """Wait until the venue's limits have room for one order request (urgent: cancels and stops, from the reserve);
        ``TryAgain`` when that takes too long.  Called before the latch is read, so nothing waits behind the latch."""

    def heed(self, is_halted: Callable[[], bool]) -> None:
        """Look at the latch once more, when nothing is left to wait for: right before an order's bytes go out, where
        ``place`` and ``amend`` then raise ``LatchSet``.  A cancel is never stopped by it."""

    def place(self, order: Order) -> str:
        """Send it at once under its client order id; the venue's own id (empty if the answer has none).

        ``GiveUpOrder`` refused for sure, ``TryAgain`` certainly not taken (busy, maintenance, nonce), ``KeysRefused``,
        ``OutcomeUnknown`` when nobody can say."""

    def cancel(self, order: Order) -> None:
        """Ask for its end.  ``GiveUpOrder``: nothing like it is open there; ``OutcomeUnknown``, ``TryAgain``."""

    def amend(self, order: Order) -> None:
        """Give an open order ``order.quantity`` and ``order.price``, its identity kept; errors as ``place``."""

    def find(self, order: Order) -> VenueOrder | None:
        """The order by client order id (else by venue id), in any state; None: the venue has never heard of it."""

    def find_many(
        self, orders: Sequence[Order], *, are_unlisted: bool = False
    ) -> Mapping[ClientOrderId, VenueOrder]:
        """Several at once where ``caps.finds_many``; one that is missing in the answer the venue has never heard of.

        ``are_unlisted``: the open orders were read a moment ago, and none of these was among them."""

    def open_orders(self, *, is_urgent: bool = False) -> tuple[VenueOrder, ...]:
        """All open orders of the account in the session's markets, ours and foreign."""

    def trades(self, since: Mapping[Symbol, datetime], *, is_urgent: bool = False) -> tuple[VenueTrade, ...]:
        """Own executions of each market from its moment on, all pages; those of one market oldest first."""

    def trades_of_order(self, order: Order, venue_id: str) -> tuple[VenueTrade, ...] | None:
        """Own executions of one order whenever they were; None where the venue has no such question."""

    def balances(self, *, is_urgent: bool = False) -> Mapping[Currency, Balance]: ...

    def key_rights(self, *, is_urgent: bool = False) -> KeyRights: ...

    def listen(self, receiver: Callable[[News], None]) -> None:
        """Start own streams; ``receiver`` runs in the network's thread and must not block.  Without streams, nothing
        but one ``AccountStream(False)`` is told and the caller polls."""

    def statistics(self) -> LinkStatistics: ...

    def twin(self) -> Exchange:
        """The same account through a connection of its own: the kill switch's hands.  Limits and nonces are shared."""

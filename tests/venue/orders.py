"""Orders and fills as the matching core keeps them, and the events it tells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

ZERO = Decimal(0)


class Kind(StrEnum):
    """Order types; stops become market or limit orders when the last price reaches them."""

    LIMIT = "limit"
    MARKET = "market"
    STOP = "stop-loss"
    STOP_LIMIT = "stop-loss-limit"
    TAKE_PROFIT = "take-profit"
    TAKE_PROFIT_LIMIT = "take-profit-limit"

    @property
    def has_limit(self) -> bool:
        """Whether it rests at a price once it works."""
        return self in (Kind.LIMIT, Kind.STOP_LIMIT, Kind.TAKE_PROFIT_LIMIT)

    @property
    def has_stop(self) -> bool:
        """Whether it waits for a trigger."""
        return self not in (Kind.LIMIT, Kind.MARKET)


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    PART = "part filled"
    FILLED = "filled"
    CANCELED = "canceled"
    EXPIRED = "expired"

    @property
    def is_open(self) -> bool:
        """Whether it can still fill."""
        return self in (Status.OPEN, Status.PART)


@dataclass(frozen=True, slots=True)
class Fill:
    """One execution; the fee is in an asset of its own."""

    number: int
    order: int
    symbol: str
    side: str
    price: Decimal
    amount: Decimal
    cost: Decimal
    fee: Decimal
    fee_asset: str
    maker: bool
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a client asks for; ``quote_amount`` buys by money (market orders)."""

    symbol: str
    side: str
    kind: Kind
    amount: Decimal
    price: Decimal | None = None
    stop: Decimal | None = None
    client_id: str = ""
    tif: str = "GTC"
    post_only: bool = False
    expires_at: int | None = None
    quote_amount: Decimal | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Order:
    """An accepted order; times are ms, ``locked`` is what the wallet holds for it."""

    number: int
    wish: Wish
    amount: Decimal
    price: Decimal | None
    stop: Decimal | None
    created: int
    updated: int
    status: Status = Status.OPEN
    filled: Decimal = ZERO
    cost: Decimal = ZERO
    locked: Decimal = ZERO
    triggered: bool = False
    reason: str = ""
    amended: bool = False
    fills: list[Fill] = field(default_factory=list)
    venue_id: str = ""

    @property
    def symbol(self) -> str:
        """ccxt's unified name."""
        return self.wish.symbol

    @property
    def is_buy(self) -> bool:
        """Whether it buys."""
        return self.wish.side == "buy"

    @property
    def remaining(self) -> Decimal:
        """What is not yet filled."""
        return self.amount - self.filled

    @property
    def average(self) -> Decimal:
        """Mean fill price, zero before the first fill."""
        return self.cost / self.filled if self.filled else ZERO

    @property
    def works(self) -> bool:
        """Whether it stands in the book (or has stood): not a stop that still waits."""
        return self.triggered or not self.wish.kind.has_stop


@dataclass(frozen=True, slots=True)
class OrderTold:
    """An order changed: new, triggered, trade, canceled, expired or amended."""

    what: str
    order: Order
    fill: Fill | None = None


@dataclass(frozen=True, slots=True)
class BalancesTold:
    """These assets changed."""

    assets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PriceTold:
    """A market moved: its last price, book and candle may all be new."""

    symbol: str


@dataclass(frozen=True, slots=True)
class TradeTold:
    """A public trade was printed (the last one on the market's tape)."""

    symbol: str


@dataclass(frozen=True, slots=True)
class BookTold:
    """The book changed; bids and asks hold price to quantity, zero where a level is gone."""

    symbol: str
    first: int
    last: int
    bids: tuple[tuple[Decimal, Decimal], ...]
    asks: tuple[tuple[Decimal, Decimal], ...]


Told = OrderTold | BalancesTold | PriceTold | TradeTold | BookTold

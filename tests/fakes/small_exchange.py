"""A small exchange that answers at once and as it is told: for the commands that only ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import NoReturn

from actors.venue_keys import VenueKeys
from actors.venues.public_view import VenueView
from core.errors import BadSettings
from core.ids import Currency, Symbol, VenueName
from core.instrument import Instrument
from core.intent import Kind, Side
from core.money import Price, Quantity
from core.order import Order
from core.venue import (
    Balance,
    BudgetUse,
    Capabilities,
    Exchange,
    KeyRights,
    LinkStatistics,
    News,
    StopSupport,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)

BTC = Instrument(
    Symbol("BTC/USDT"), Decimal("0.01"), Decimal("0.00001"), Decimal("0.00001"), min_notional=Decimal(5)
)
ETH = replace(BTC, symbol=Symbol("ETH/USDT"))
CAPS = Capabilities(
    venue=VenueName("binance"), title="Binance", stops=StopSupport.LIMIT, can_amend=False, has_post_only=True,
    can_find=True, cancels_all=True, dead_man=False, has_sandbox=True, tells_key_rights=True,
    streams={"orders": True, "trades": True}, maker=Decimal("0.001"), taker=Decimal("0.001"), settle_seconds=10.0,
    rank="first class",
)  # fmt: skip
RIGHTS = KeyRights(may_trade=True, may_withdraw=False, is_ip_bound=True)
USED = LinkStatistics(offset_ms=12, budgets=(BudgetUse(name="weight", used=60, limit=6000, unit="a minute"),))


def some_order(client_order_id: str) -> VenueOrder:
    """An open purchase of the account."""
    return VenueOrder(
        venue_id="77", client_order_id=client_order_id, symbol=BTC.symbol, side=Side.BUY, kind=Kind.LIMIT,
        price=Price(50_000), quantity=Quantity("0.001"), filled=Quantity(0), status=VenueStatus.OPEN,
        at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


@dataclass
class SmallExchange:
    """``failing`` maps the name of a call to what it raises (or does) instead; ``keys`` are those it was made with."""

    name: VenueName = CAPS.venue
    caps: Capabilities = CAPS
    markets: tuple[Instrument, ...] = (BTC, ETH)
    rights: KeyRights = RIGHTS
    held: Mapping[str, str] = field(default_factory=lambda: {"USDT": "1000", "BTC": "0"})
    orders: tuple[VenueOrder, ...] = ()
    used: LinkStatistics = USED
    failing: dict[str, Exception | Callable[[], object]] = field(default_factory=dict)
    keys: VenueKeys | None = None
    calls: list[str] = field(default_factory=list)

    def _called(self, name: str) -> None:
        self.calls.append(name)
        trouble = self.failing.get(name)
        if isinstance(trouble, Exception):
            raise trouble
        if trouble is not None:
            trouble()

    def open(self) -> None:
        self._called("open")

    def close(self) -> None:
        self._called("close")

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        self._called("instruments")
        found = {one.symbol: one for one in self.markets}
        unknown = [symbol for symbol in symbols if symbol not in found]
        if unknown:
            raise BadSettings(*(f"Binance has no market {symbol}." for symbol in unknown))
        return tuple(found[symbol] for symbol in symbols)

    def open_orders(self, *, is_urgent: bool = False) -> tuple[VenueOrder, ...]:
        self._called("open_orders")
        return self.orders

    def balances(self, *, is_urgent: bool = False) -> Mapping[Currency, Balance]:
        self._called("balances")
        return {
            Currency(name): Balance(Currency(name), Decimal(much), Decimal(much))
            for name, much in self.held.items()
        }

    def key_rights(self, *, is_urgent: bool = False) -> KeyRights:
        self._called("key_rights")
        return self.rights

    def statistics(self) -> LinkStatistics:
        return self.used

    # ------------------------------------------------------------ a command that only asks never does these

    def _never(self) -> NoReturn:
        raise AssertionError("a command that only asks has sent something")

    def make_ready(self, *, is_urgent: bool) -> None:
        self._never()

    def place(self, order: Order) -> str:
        self._never()

    def cancel(self, order: Order) -> None:
        self._never()

    def amend(self, order: Order) -> None:
        self._never()

    def find(self, order: Order) -> VenueOrder | None:
        self._never()

    def trades(self, since: Mapping[Symbol, datetime], *, is_urgent: bool = False) -> tuple[VenueTrade, ...]:
        self._never()

    def listen(self, receiver: Callable[[News], None]) -> None:
        self._never()

    def twin(self) -> Exchange:
        self._never()


@dataclass
class SmallDoors:
    """Doors to one small exchange."""

    to: SmallExchange
    told: Mapping[str, str] = field(default_factory=lambda: {"BTC/USDT": "50000", "ETH/USDT": "3000"})

    def exchange(self, keys: VenueKeys) -> Exchange:
        self.to.keys = keys
        return self.to

    def view(self) -> VenueView:
        self.to.keys = None
        return self.to

    def prices(self, symbols: tuple[Symbol, ...]) -> Mapping[Symbol, Decimal]:
        return {symbol: Decimal(self.told[symbol]) for symbol in symbols if symbol in self.told}

"""``core.venue.Exchange`` over the venue's matching core, in this thread and without a wire; trouble by script."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import TypeVar

from core.clock import instant, millis
from core.errors import GiveUpOrder, OutcomeUnknown, TryAgain
from core.ids import Currency, Symbol, VenueName
from core.instrument import Instrument
from core.intent import Kind, Side
from core.money import Money, Price, Quantity
from core.order import Order
from core.venue import (
    AccountStream,
    Balance,
    Capabilities,
    KeyRights,
    LinkStatistics,
    News,
    StopSupport,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)
from tests.venue import orders as there
from tests.venue.matching import Matching
from tests.venue.rules import Reason, Refused

KINDS = {
    Kind.MARKET: there.Kind.MARKET, Kind.LIMIT: there.Kind.LIMIT, Kind.POST_ONLY: there.Kind.LIMIT,
    Kind.STOP: there.Kind.STOP,
}  # fmt: skip
BACK = {there.Kind.MARKET: Kind.MARKET, there.Kind.LIMIT: Kind.LIMIT, there.Kind.STOP: Kind.STOP}
T = TypeVar("T")
STATUS = {
    there.Status.OPEN: VenueStatus.OPEN, there.Status.PART: VenueStatus.OPEN, there.Status.FILLED: VenueStatus.FILLED,
    there.Status.CANCELED: VenueStatus.CANCELLED, there.Status.EXPIRED: VenueStatus.CANCELLED,
}  # fmt: skip


class Lost(StrEnum):
    """What befalls one request."""

    BEFORE = "no answer, not processed"
    AFTER = "no answer, processed"
    BUSY = "certainly not taken"
    REFUSED = "refused for sure"
    CRASH_BEFORE = "the client dies before it is sent"
    CRASH_AFTER = "the client dies when it is processed"


class Dead(BaseException):
    """The client's process ends here: nothing of it catches this."""


class CoreExchange:
    """``troubles`` are taken one by one, by requests; ``place_witness`` is called as an order arrives."""

    name = VenueName("binance")

    def __init__(self, core: Matching, *, can_amend: bool = False, settle: float = 5.0) -> None:
        self.core = core
        self.caps = Capabilities(
            venue=self.name, title="Test venue", stops=StopSupport.MARKET, can_amend=can_amend, has_post_only=True,
            can_find=True, cancels_all=True, dead_man=False, has_sandbox=False, tells_key_rights=True, streams={},
            maker=Decimal("0.001"), taker=Decimal("0.001"), settle_seconds=settle,
        )  # fmt: skip
        self.troubles: list[Lost] = []
        self.news: list[News] = []
        """What the own streams have on the way; a test delivers it."""
        self.is_streaming = False
        self.refuses: Callable[[str, Order], bool] = lambda what, order: False
        """Whether it will not have this: ``place``, ``cancel`` or ``amend`` of an order."""
        self.asked: list[tuple[str, Order]] = []
        """All requests that change something, in order."""
        self.place_witness: Callable[[Order], None] = lambda order: None
        core.listeners.append(self._heard)

    # ------------------------------------------------------------ the port

    def open(self) -> None: ...

    def close(self) -> None: ...

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        markets = (self.core.tapes[symbol].market for symbol in symbols)
        return tuple(
            Instrument(Symbol(m.symbol), m.tick, m.step, m.min_amount, m.min_notional) for m in markets
        )

    def heed(self, is_halted: Callable[[], bool]) -> None:
        """Nothing waits here behind the gate."""

    def make_ready(self, *, is_urgent: bool) -> None: ...

    def place(self, order: Order) -> str:
        self.place_witness(order)
        return str(self._worked("place", order, lambda: self._place(order)))

    def cancel(self, order: Order) -> None:
        self._worked("cancel", order, lambda: self.core.cancel(self._known(order)))

    def amend(self, order: Order) -> None:
        price = Decimal(order.price) if order.price is not None else None
        is_stop = order.kind is Kind.STOP
        self._worked(
            "amend",
            order,
            lambda: self.core.amend(
                self._known(order),
                Decimal(order.quantity),
                None if is_stop else price,
                price if is_stop else None,
            ),
        )

    def find(self, order: Order) -> VenueOrder | None:
        found = self.core.find(client_id=order.client_order_id)
        return venue_order(found) if found is not None else None

    def open_orders(self, *, is_urgent: bool = False) -> tuple[VenueOrder, ...]:
        return tuple(venue_order(order) for order in self.core.open_orders())

    def trades(self, since: Mapping[Symbol, datetime], *, is_urgent: bool = False) -> tuple[VenueTrade, ...]:
        fills = self.core.settlement.fills
        return tuple(self._trade(f) for f in fills if f.symbol in since and f.at >= millis(since[f.symbol]))

    def trades_of_order(self, order: Order, venue_id: str) -> tuple[VenueTrade, ...] | None:
        """No such question here."""
        return None

    def balances(self, *, is_urgent: bool = False) -> Mapping[Currency, Balance]:
        return {
            Currency(name): Balance(Currency(name), held.free + held.locked, held.free)
            for name, held in self.core.wallet.holdings.items()
        }

    def key_rights(self, *, is_urgent: bool = False) -> KeyRights:
        return KeyRights(may_trade=True, may_withdraw=False, is_ip_bound=True)

    def listen(self, receiver: Callable[[News], None]) -> None:
        self.is_streaming = True
        receiver(AccountStream(True))

    def statistics(self) -> LinkStatistics:
        return LinkStatistics()

    def twin(self) -> CoreExchange:
        return self

    # ------------------------------------------------------------ inside

    def _place(self, order: Order) -> int:
        price = Decimal(order.price) if order.price is not None else None
        kind = KINDS[order.kind]
        wish = there.Wish(
            symbol=order.identity.symbol, side=str(order.side), kind=kind, amount=Decimal(order.quantity),
            price=price if kind.has_limit else None, stop=price if kind.has_stop else None,
            client_id=order.client_order_id, post_only=order.kind is Kind.POST_ONLY, tags={"type": "", "userref": "0"},
        )  # fmt: skip
        if wish.stop is not None and self.core.would_trigger(wish):
            raise Refused(Reason.WOULD_TRIGGER)
        return self.core.place(wish).number

    def _known(self, order: Order) -> there.Order:
        found = self.core.find(client_id=order.client_order_id)
        if found is None:
            raise Refused(Reason.UNKNOWN_ORDER)
        return found

    def _worked(self, what: str, order: Order, work: Callable[[], T]) -> T:
        self.asked.append((what, order))
        if self.refuses(what, order):
            raise GiveUpOrder("Refused.")
        trouble = self.troubles.pop(0) if self.troubles else None
        match trouble:
            case Lost.CRASH_BEFORE:
                raise Dead
            case Lost.BEFORE:
                raise OutcomeUnknown("No answer.")
            case Lost.BUSY:
                raise TryAgain("Busy.")
            case Lost.REFUSED:
                raise GiveUpOrder("Refused.")
        try:
            done = work()
        except Refused as no:
            raise GiveUpOrder(f"Refused: {no}.") from no
        if trouble is Lost.CRASH_AFTER:
            raise Dead
        if trouble is Lost.AFTER:
            raise OutcomeUnknown("No answer.")
        return done

    def _heard(self, told: there.Told) -> None:
        if isinstance(told, there.OrderTold) and self.is_streaming:
            self.news.append(venue_order(told.order))
            if told.fill is not None:
                self.news.append(self._trade(told.fill))

    def _trade(self, fill: there.Fill) -> VenueTrade:
        order = self.core.orders[fill.order]
        return VenueTrade(
            trade_id=str(fill.number), venue_id=str(fill.order), client_order_id=order.wish.client_id,
            symbol=Symbol(fill.symbol), side=Side.BUY if fill.side == "buy" else Side.SELL, price=Price(fill.price),
            quantity=Quantity(fill.amount), cost=fill.cost, fee=Money(fill.fee, Currency(fill.fee_asset)),
            is_maker=fill.maker, at=instant(fill.at),
        )  # fmt: skip


def venue_order(order: there.Order) -> VenueOrder:
    """An order of the core as the port tells it."""
    shown = order.stop if order.wish.kind.has_stop else order.price
    return VenueOrder(
        venue_id=str(order.number), client_order_id=order.wish.client_id, symbol=Symbol(order.symbol),
        side=Side.BUY if order.is_buy else Side.SELL, kind=BACK[order.wish.kind],
        price=Price(shown) if shown is not None else None, quantity=Quantity(order.amount),
        filled=Quantity(order.filled), status=STATUS[order.status], at=instant(order.updated), reason=order.reason,
    )  # fmt: skip

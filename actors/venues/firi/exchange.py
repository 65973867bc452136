"""Firi as ``core.venue.Exchange``: limit orders, balances and history by polling; any thread.

Orders carry no id of ours (``identities.py``), executions name no order (``executions.py``), and there is no market
order: it goes out as a limit order that is worse than the best price by ``FiriAccess.slippage`` at most, and what is
left of it after a moment is cancelled, so it never rests.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from threading import Event
from typing import TypeVar

import structlog

from actors.venues.firi.book_keeping import Account, ExecutionMemory
from actors.venues.firi.capabilities import CAPABILITIES, FIRI
from actors.venues.firi.identities import Identities
from actors.venues.firi.limit_price import price_to_send
from actors.venues.firi.link import FiriLink
from actors.venues.firi.prices import BestPrices
from actors.venues.firi.shapes import FiriOrder, balances_of, instrument_of, market_of, rows, symbol_of
from core.errors import (
    BadData,
    BadSettings,
    BadValue,
    BelayError,
    GiveUpOrder,
    KeysRefused,
    LatchSet,
    OutcomeUnknown,
    TryAgain,
)
from core.figures import plural
from core.halt import NOT_SENT
from core.ids import ClientOrderId, Currency, Symbol
from core.instrument import Instrument
from core.intent import Kind, Side
from core.money import text
from core.order import Order
from core.venue import (
    AccountStream,
    Balance,
    KeyRights,
    LinkStatistics,
    News,
    VenueOrder,
    VenueStatus,
    VenueTrade,
)

LOOKS = 4
LOOK_AGAIN = 0.25
"""Looks at a market order, and seconds between them, before its rest is cancelled."""
_TYPES = {Side.BUY: "bid", Side.SELL: "ask"}
_T = TypeVar("_T")

log = structlog.get_logger("firi")


class FiriExchange:
    """One account on these markets.  ``twin`` shares budget, clock and what is known of whose order is whose."""

    name = FIRI
    caps = CAPABILITIES

    def __init__(
        self,
        link: FiriLink,
        symbols: tuple[Symbol, ...],
        *,
        identities: Identities | None = None,
        memory: ExecutionMemory | None = None,
    ) -> None:
        self._link, self._symbols = link.twin(), symbols  # closed on its own; the budget is shared
        self._ids = identities or Identities()
        self._memory = memory or ExecutionMemory()
        self._account = Account(self._link, self._ids, self._memory)
        self._prices = BestPrices(self._link, symbols)
        self._over = Event()
        self._is_halted: Callable[[], bool] = lambda: False

    def open(self) -> None:
        """Compare the clocks, look at the markets, and see which orders are there already."""
        self._link.sync_clock()
        self.instruments(self._symbols)
        if self._link.access.keys is None:
            raise KeysRefused("Belay has no keys for Firi; store them with `keys set firi`.")
        self._told(lambda: self._account.open(self._symbols))
        now = self._link.now()
        for symbol in self._symbols:
            self._told(lambda symbol=symbol: self._account.closed(symbol, now))  # type: ignore[misc]

    def close(self) -> None:
        self._over.set()
        self._link.close()

    def twin(self) -> FiriExchange:
        twin = FiriExchange(self._link, self._symbols, identities=self._ids, memory=self._memory)
        twin.heed(lambda: self._is_halted())
        return twin

    def statistics(self) -> LinkStatistics:
        return self._link.statistics()

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        """Firi tells which markets there are and nothing of their grids (``shapes.instrument_of``)."""
        return instruments_of(self._link, symbols)

    # ---- orders -------------------------------------------------------------------------------------

    def heed(self, is_halted: Callable[[], bool]) -> None:
        """Look at the latch once more, right before an order's bytes go out."""
        self._is_halted = is_halted

    def make_ready(self, *, is_urgent: bool) -> None:
        if not is_urgent:
            try:
                self._prices.keep_fresh()  # before the latch is read: nothing waits behind it
            except (
                TryAgain
            ) as error:  # only market and post-only orders need them, and they say so themselves
                log.info("no fresh prices", error=str(error))
        self._link.make_ready(is_urgent=is_urgent)

    def place(self, order: Order) -> str:
        price = price_to_send(order, self._prices.of(order.identity.symbol), self._link.access.slippage)
        body = {
            "market": market_of(order.identity.symbol),
            "type": _TYPES[order.side],
            "price": text(price),
            "amount": text(order.quantity),
        }
        if self._is_halted():
            raise LatchSet(NOT_SENT)
        self._ids.mark(order.client_order_id)
        answer = self._link.send("POST", "/v2/orders", body)
        venue_id = answer.get("id") if isinstance(answer, dict) else None
        if isinstance(venue_id, bool) or not isinstance(venue_id, str | int) or venue_id == "":
            raise OutcomeUnknown("Firi answered an order without its id; Belay looks for the order.")
        self._ids.claim(str(venue_id), order.client_order_id)
        if order.kind is Kind.MARKET:
            self._cut_rest(str(venue_id), order)
        return str(venue_id)

    def cancel(self, order: Order) -> None:
        venue_id = order.venue_id or self._ids.venue_id(order.client_order_id)
        if not venue_id:
            found = self.find(order)
            if found is None or found.status is not VenueStatus.OPEN:
                raise GiveUpOrder(f"Firi has no open order of {order.identity}.")
            venue_id = found.venue_id
        self._delete(venue_id, order)

    def amend(self, order: Order) -> None:
        raise GiveUpOrder("Firi cannot change an order; Belay cancels it and places another one.")

    def find(self, order: Order) -> VenueOrder | None:
        symbol = order.identity.symbol
        venue_id = order.venue_id or self._ids.venue_id(order.client_order_id)
        if venue_id:
            self._ids.claim(venue_id, order.client_order_id)
            single = self._told(lambda: self._account.order(venue_id, symbol))
            if single is not None:
                return single.told(symbol, order.client_order_id)
        opened = self._told(lambda: self._account.open((symbol,)))
        closed = self._told(lambda: self._account.closed(symbol, order.time))
        if venue_id:
            found = next((one for one in (*opened, *closed) if one.id == venue_id), None)
        else:
            found = self._ids.recognised(order, (*opened, *closed))
        if found is None:
            return None
        self._ids.claim(found.id, order.client_order_id)
        is_over = found.id not in {one.id for one in opened}
        rest = found.id
        if order.kind is Kind.MARKET and not is_over:  # its answer was lost, so nobody has cut its rest yet
            self._cut_rest(rest, order)
            found = self._told(lambda: self._account.order(rest, symbol)) or found
        return found.told(symbol, order.client_order_id, is_over=is_over)

    def _cut_rest(self, venue_id: str, order: Order) -> None:
        """Wait a moment for the fill of a market order, then cancel what is left; its place is taken already."""
        try:
            for look in range(LOOKS):
                found = self._told(lambda: self._account.order(venue_id, order.identity.symbol))
                if found is not None and found.status is not VenueStatus.OPEN:
                    return
                if look < LOOKS - 1:
                    self._over.wait(LOOK_AGAIN)
            self._link.make_ready(is_urgent=True)
            self._delete(venue_id, order)
        except GiveUpOrder:
            return  # it was filled in the last moment
        except BelayError as error:
            log.warning("the rest of a market order may still rest", order=venue_id, error=str(error))

    def _delete(self, venue_id: str, order: Order) -> None:
        """The newer path first (Firi's pages name it), then the older one; what is gone is no longer open."""
        symbol = order.identity.symbol
        try:
            self._link.send("DELETE", f"/v2/orders/{venue_id}/{market_of(symbol)}/detailed")
        except GiveUpOrder:
            self._link.make_ready(is_urgent=True)
        else:
            return
        try:
            self._link.send("DELETE", f"/v2/orders/{venue_id}")
        except GiveUpOrder as refused:
            found = self._told(lambda: self._account.order(venue_id, symbol))
            if found is not None and found.status is VenueStatus.OPEN:
                raise TryAgain(f"Firi did not cancel {venue_id}, which is open: {refused}") from refused
            raise GiveUpOrder(f"Firi has no open order {venue_id}.") from refused

    # ---- reads --------------------------------------------------------------------------------------

    def find_many(
        self, orders: Sequence[Order], *, are_unlisted: bool = False
    ) -> Mapping[ClientOrderId, VenueOrder]:
        """No such question here."""
        raise BadData("Firi looks up one order at a time.")

    def open_orders(self, *, is_urgent: bool = False) -> tuple[VenueOrder, ...]:
        orders = self._told(lambda: self._account.open(self._symbols))
        return tuple(self._shown(order) for order in orders)

    def trades(self, since: Mapping[Symbol, datetime], *, is_urgent: bool = False) -> tuple[VenueTrade, ...]:
        return self._told(
            lambda: tuple(
                trade for symbol, at in since.items() for trade in self._account.executions(symbol, at)
            )
        )

    def trades_of_order(self, order: Order, venue_id: str) -> tuple[VenueTrade, ...] | None:
        """No such question here."""
        return None

    def balances(self, *, is_urgent: bool = False) -> Mapping[Currency, Balance]:
        found = self._link.read("/v2/balances", is_private=True)
        if found is None:
            raise TryAgain("Firi does not tell the balances; Belay tries again.")
        return self._told(lambda: balances_of(found))

    def key_rights(self, *, is_urgent: bool = False) -> KeyRights:
        keys = self._link.access.keys
        way = (
            "requests are signed"
            if keys is not None and keys.password
            else "without a client ID the API key itself goes with each request, which is the weaker way"
        )
        return KeyRights(
            detail=f"Firi does not tell what a key may do; look at its security level there; {way}."
        )

    def listen(self, receiver: Callable[[News], None]) -> None:
        receiver(AccountStream(False, "Firi has no streams; Belay asks instead."))

    def _shown(self, order: FiriOrder) -> VenueOrder:
        symbol = next(symbol for symbol in self._symbols if market_of(symbol) == order.market)
        return order.told(symbol, self._ids.owner(order.id))

    def _told(self, question: Callable[[], _T]) -> _T:
        """What cannot be understood may be better next time: reads raise ``TryAgain``."""
        try:
            return question()
        except (BadData, BadValue) as error:
            raise TryAgain(str(error)) from error


def instruments_of(link: FiriLink, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
    """The markets' assumed facts; ``BadSettings`` for one that Firi does not list."""
    try:
        listed = {str(row.get("id", "")).upper() for row in rows(link.read("/v2/markets"), "list of markets")}
    except BadData as error:
        raise TryAgain(str(error)) from error
    unknown = [symbol for symbol in symbols if market_of(symbol) not in listed]
    if unknown:
        known = sorted(symbol for market in listed if (symbol := symbol_of(market)))
        raise BadSettings(
            *(
                f"Firi has no market {symbol}; it has {plural(len(known), 'market')}: {', '.join(known[:30])}."
                for symbol in unknown
            )
        )
    return tuple(instrument_of(symbol) for symbol in symbols)

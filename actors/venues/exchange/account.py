"""A real venue with keys behind ``core.venue.Exchange``: orders, lookups and own streams on one connection.

Any thread; every call blocks for a bounded time, and what it asks runs on the connection's loop.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from actors.venues.exchange import account_reads, account_trades, permissions
from actors.venues.exchange.account_finder import Finder
from actors.venues.exchange.account_order_trades import trades_of
from actors.venues.exchange.account_requests import Requests, buys_by_money
from actors.venues.exchange.account_streams import own_streams
from actors.venues.exchange.account_values import exact_of, log
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.connection import Connection
from actors.venues.exchange.hosts import honest, left_behind
from actors.venues.exchange.link import Link
from actors.venues.exchange.markets import capabilities_of, instruments_of
from actors.venues.exchange.own_session import Patience
from actors.venues.exchange.own_streams import Backoff, OwnStreams
from core.errors import BadData, BelayError, GiveUpOrder, KeysRefused
from core.ids import ClientOrderId, Currency, Symbol
from core.instrument import Instrument
from core.intent import Kind, Side
from core.order import Order
from core.venue import (
    AccountStream,
    Balance,
    Capabilities,
    Exchange,
    KeyRights,
    LinkStatistics,
    News,
    StopSupport,
    VenueOrder,
    VenueTrade,
)

SLIPPAGE = Decimal("0.03")
FRESH = 10.0
"""Seconds for which a price may serve a market buy that the venue takes by money only."""


class ExchangeAccount:
    """One account of one venue.  ``caps`` is known once ``open`` has come back."""

    caps: Capabilities

    def __init__(
        self, link: Link, symbols: tuple[Symbol, ...], connection: Connection | None = None, *,
        max_slippage: Decimal = SLIPPAGE, ids: ClientIds | None = None, patience: Patience | None = None,
        backoff: Backoff | None = None,
    ) -> None:  # fmt: skip
        self.name = link.name
        self._link = link
        self._symbols = symbols
        self._connection = connection or Connection(link, "account")
        self._slippage = max_slippage
        self._ids = ids or ClientIds(link.name)
        self._patience = patience or Patience()
        self._backoff = backoff or Backoff()
        self._streams: OwnStreams | None = None
        self._requests = Requests(self._ids, StopSupport.NONE, max_slippage)
        self._buys_by_money = False
        self._asks: dict[Symbol, tuple[Decimal, float]] = {}
        self._is_halted: Callable[[], bool] = lambda: False
        self._finder = Finder(self._connection, self._ids)

    # ---- life -----------------------------------------------------------------------------------------

    def open(self) -> None:
        """Connect; ``KeysRefused`` without any keys, ``TryAgain`` or ``BadSettings`` in one sentence."""
        if self._link.access.keys is None:
            raise KeysRefused(
                f"There are no keys for {self.name}; store some with: main.py keys set {self.name}"
            )
        self._connection.open()
        try:
            self.caps, self._buys_by_money = self._connection.read(self._facts)
        except BelayError:
            self._connection.close()
            raise
        self._requests = Requests(self._ids, self.caps.stops, self._slippage)

    def close(self) -> None:
        """Streams first, then the connection; may be called again."""
        streams, self._streams = self._streams, None
        if streams is not None:
            streams.stop()
        self._connection.close()

    def twin(self) -> Exchange:
        """The same account through a connection of its own; limits, nonces and known ids are shared."""
        twin = ExchangeAccount(
            self._link, self._symbols, Connection(self._link, "account twin"), max_slippage=self._slippage,
            ids=self._ids, patience=self._patience, backoff=self._backoff,
        )  # fmt: skip
        twin.heed(lambda: self._is_halted())
        return twin

    def instruments(self, symbols: tuple[Symbol, ...]) -> tuple[Instrument, ...]:
        """The markets' facts; ``BadSettings`` for one that cannot be traded."""

        async def asked(exchange: Any) -> tuple[Instrument, ...]:
            return instruments_of(exchange, symbols, self.name)

        return self._connection.read(asked)

    # ---- orders ---------------------------------------------------------------------------------------

    def heed(self, is_halted: Callable[[], bool]) -> None:
        """Asked right before the bytes of an order or an amendment go out: halted, ``LatchSet`` and none go."""
        self._is_halted = is_halted

    def make_ready(self, *, is_urgent: bool) -> None:
        """Wait for room for one order request; ``TryAgain`` when that takes too long."""
        if self._buys_by_money and not is_urgent:
            self._connection.read(self._look_at_asks)
        self._connection.make_ready(is_urgent=is_urgent)

    def place(self, order: Order) -> str:
        """Send it at once; the venue's id.  ``GiveUpOrder``, ``TryAgain``, ``KeysRefused``, ``OutcomeUnknown``,
        ``LatchSet``."""
        ask = self._fresh_ask(order)
        self._finder.note_sent(order)
        venue_id: str = self._sent(
            order, lambda exchange: self._requests.place(exchange, order, ask=ask), self._is_halted
        )
        return venue_id

    def cancel(self, order: Order) -> None:
        """Ask for its end; ``GiveUpOrder``: nothing like it is open there."""
        self._sent(order, lambda exchange: self._requests.cancel(exchange, order))

    def amend(self, order: Order) -> None:
        """Give an open order ``order.quantity`` and ``order.price``; its identity stays."""
        if not self.caps.can_amend:
            raise GiveUpOrder(f"{self.name} cannot change an order; cancel it and place another one.")
        self._sent(order, lambda exchange: self._requests.amend(exchange, order), self._is_halted)

    def _sent(
        self, order: Order, call: Callable[[Any], Any], is_halted: Callable[[], bool] | None = None
    ) -> Any:
        """One request about an order, of which the stream must tell something soon if it was taken."""
        streams = self._streams
        if streams is not None:
            streams.expect(order.client_order_id)
        try:
            return self._connection.send(call, is_halted=is_halted)
        except BelayError:
            if streams is not None:
                streams.forget(order.client_order_id)
            raise

    def _fresh_ask(self, order: Order) -> Decimal | None:
        if not (self._buys_by_money and order.kind is Kind.MARKET and order.side is Side.BUY):
            return None
        price, at = self._asks.get(order.identity.symbol, (None, 0.0))
        return price if time.monotonic() - at <= FRESH else None

    async def _facts(self, exchange: Any) -> tuple[Capabilities, bool]:
        return honest(capabilities_of(exchange, self._symbols), exchange), buys_by_money(exchange)

    async def _look_at_asks(self, exchange: Any) -> None:
        for symbol in self._symbols:
            ticker = await exchange.fetch_ticker(symbol)
            price = exact_of(ticker.get("ask")) or exact_of(ticker.get("last"))
            if price is not None:
                self._asks[symbol] = (price, time.monotonic())

    # ---- questions ------------------------------------------------------------------------------------

    def find(self, order: Order) -> VenueOrder | None:
        """The order in any state; None: the venue has never heard of it.  A doubt may use the reserve of the limits."""
        return self._finder.find(order, can_find=self.caps.can_find)

    def find_many(
        self, orders: Sequence[Order], *, are_unlisted: bool = False
    ) -> Mapping[ClientOrderId, VenueOrder]:
        """Several at once, where ``caps.finds_many``."""
        return self._finder.find_many(orders, are_unlisted=are_unlisted)

    def open_orders(self, *, is_urgent: bool = False) -> tuple[VenueOrder, ...]:
        """All open orders in the session's markets, ours and foreign."""
        return self._connection.read(
            lambda exchange: account_reads.open_orders(exchange, self._symbols, self._ids),
            is_urgent=is_urgent,
        )

    def trades(self, since: Mapping[Symbol, datetime], *, is_urgent: bool = False) -> tuple[VenueTrade, ...]:
        """Own executions of each market from its moment on, all pages; those of one market oldest first."""
        if not since:
            return ()
        return self._connection.read(
            lambda exchange: account_trades.trades(exchange, since, self._ids), is_urgent=is_urgent
        )

    def trades_of_order(self, order: Order, venue_id: str) -> tuple[VenueTrade, ...] | None:
        """The executions of one order whenever they were, oldest first; None: the venue has no such question."""
        venue_id = venue_id or order.venue_id or self._ids.venue_id(order.client_order_id)
        if not venue_id:
            return None
        symbol = order.identity.symbol
        self._ids.learn(venue_id, order.client_order_id)
        try:
            return self._connection.read(
                lambda exchange: trades_of(exchange, venue_id, symbol, self._ids), is_urgent=True
            )
        except BadData as failed:
            log.info("executions of one order are not told", order=order.client_order_id, why=str(failed))
            return None

    def balances(self, *, is_urgent: bool = False) -> Mapping[Currency, Balance]:
        """Every currency, total and free."""
        return self._connection.read(account_reads.balances, is_urgent=is_urgent)

    def key_rights(self, *, is_urgent: bool = False) -> KeyRights:
        """What the keys may do; None and ``could not verify`` where the venue does not say."""
        method = permissions.endpoint(self.name)

        async def asked(exchange: Any) -> KeyRights:
            if method is None or not hasattr(exchange, method):
                return permissions.unverified("the venue does not tell")
            if method.startswith("sapi") and left_behind(exchange).sapi:
                return permissions.unverified("the settings leave urls.api.sapi at the venue's own host")
            return permissions.rights_from(self.name, await getattr(exchange, method)())

        try:
            return self._connection.read(asked, is_urgent=is_urgent)
        except BelayError as failed:
            return permissions.unverified(str(failed))

    def statistics(self) -> LinkStatistics:
        """The link's counters: both this connection's and its twins'."""
        return self._link.statistics()

    # ---- own streams ----------------------------------------------------------------------------------

    def listen(self, receiver: Callable[[News], None]) -> None:
        """Start own streams; where there are none, one ``AccountStream(False)`` says so."""
        if self._streams is not None:
            raise RuntimeError("own streams are running already")

        streams = own_streams(
            self._connection, self._link, self._ids, self._symbols, receiver, self._patience, self._backoff
        )
        if streams is None:
            why = f"{self.name} has no stream of own orders that can be used; they are asked for."
            receiver(AccountStream(False, why))
            return
        self._streams = streams
        streams.start()

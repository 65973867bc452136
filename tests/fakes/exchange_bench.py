"""An ExchangeAccount on the wire-level venue, with orders to send and a record of what its streams tell."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from actors.venue_keys import VenueKeys
from actors.venues.exchange.account import ExchangeAccount
from actors.venues.exchange.link import Access, Link
from actors.venues.exchange.own_session import Patience
from actors.venues.exchange.own_streams import Backoff
from core.clock import SystemClock
from core.errors import BelayError
from core.ids import BookId, Identity, InstanceId, Symbol, VenueName, client_order_id
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order
from core.venue import AccountStream, News, VenueOrder, VenueTrade
from tests.venue.api import Api
from tests.venue.server import VenueServer, ccxt_config
from tests.venue.wire import Answer, Call

BOOK = BookId("live bench")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
QUICK = Patience(ready=5.0, ping=0.1, silence=0.6, no_answer=2.0, quiet=600.0, deaf=1.0)
"""Streams that give up early, so that tests are short."""
SOON = Backoff(first=0.02, longest=0.1)


class AccountBench:
    """The ``venue``, its ``account``, and the ``news`` that came; ``symbol`` is its market."""

    def __init__(self, venue: VenueServer, account: ExchangeAccount, link: Link, symbol: Symbol) -> None:
        self.venue = venue
        self.account = account
        self.link = link
        self.symbol = symbol
        self.news: list[News] = []
        self._came = threading.Condition()
        self._sequence = 0

    # ---- orders ---------------------------------------------------------------------------------------

    def order(
        self, side: Side, quantity: str, price: str | None = None, kind: Kind | None = None, **more: Any
    ) -> Order:
        """An order with an identity of its own."""
        self._sequence += 1
        identity = Identity(InstanceId("bench"), self.symbol, 0, self._sequence)
        given: dict[str, Any] = {"client_order_id": client_order_id(identity, BOOK)} | more
        return Order(
            identity=identity, side=side, kind=kind or (Kind.LIMIT if price else Kind.MARKET),
            price=Price(price) if price else None, quantity=Quantity(quantity), stop=None, mode=Mode.LIVE, time=AT,
            **given,
        )  # fmt: skip

    def place(self, order: Order) -> str:
        """As the executor does: first room, then the order."""
        self.account.make_ready(is_urgent=order.kind is Kind.STOP)
        return self.account.place(order)

    def cancel(self, order: Order) -> None:
        """As the executor does."""
        self.account.make_ready(is_urgent=True)
        self.account.cancel(order)

    def outcome(self, call: Callable[[Order], Any], order: Order) -> type[BelayError] | None:
        """The kind of error a request ends with, None when it works."""
        try:
            call(order)
        except BelayError as error:
            return type(error) if str(error).strip() else None
        return None

    # ---- the venue ------------------------------------------------------------------------------------

    @property
    def core(self) -> Any:
        """The venue's matching; use it through ``venue.do``."""
        return self.venue.api.core

    def rests(self, order: Order) -> bool:
        """Whether the venue has it open."""
        return any(
            rest.wish.client_id == order.client_order_id for rest in self.venue.do(self.core.open_orders)
        )

    def fill(self, order: Order, quantity: str | None = None, price: str | None = None) -> None:
        """Someone trades against it."""
        self.venue.do(
            lambda: self.core.fill(self.core.find(client_id=order.client_order_id), quantity, price)
        )

    def requests(self, name: str) -> int:
        """How many requests of this name came."""
        return len(self.venue.api.audit.named(name))

    # ---- streams --------------------------------------------------------------------------------------

    def hear(self, news: News) -> None:
        """What the streams call."""
        with self._came:
            self.news.append(news)
            self._came.notify_all()

    def listen(self) -> None:
        """Start the streams and wait until they are up."""
        self.account.listen(self.hear)
        self.until(lambda: AccountStream(True) in self.news)

    def until(self, condition: Callable[[], Any], seconds: float = 10.0) -> None:
        """Wait for it; what came so far is in the error when it does not come."""
        until = time.monotonic() + seconds
        with self._came:
            while not condition():
                if time.monotonic() > until:
                    raise AssertionError(f"it did not come; there were {self.news}")
                self._came.wait(0.02)

    def orders(self, order: Order) -> list[VenueOrder]:
        """What was told of an order."""
        told = [news for news in self.news if isinstance(news, VenueOrder)]
        return [news for news in told if news.client_order_id == order.client_order_id]

    def trades(self, order: Order) -> list[VenueTrade]:
        """The fills told of an order."""
        told = [news for news in self.news if isinstance(news, VenueTrade)]
        return [news for news in told if news.client_order_id == order.client_order_id]

    def ups(self) -> int:
        """How often the streams came up."""
        return sum(news == AccountStream(True) for news in self.news)

    def downs(self) -> list[str]:
        """Why the streams went down, each time."""
        return [news.why for news in self.news if isinstance(news, AccountStream) and not news.is_up]


@contextmanager
def account_on(
    api: Api, symbol: str, *others: str, timeout: float = 2.0, patience: Patience = QUICK, backoff: Backoff = SOON,
    **table: Any,
) -> Iterator[AccountBench]:  # fmt: skip
    """An open account on a venue of its own; at the end the venue's own books must agree."""
    with VenueServer(api) as venue:
        config = ccxt_config(venue, keys=False, timeout=int(timeout * 1000)) | table
        del config["enableRateLimit"]  # Belay's own limiter stays on
        access = Access(VenueName(api.ccxt_id), config, VenueKeys(api.key, api.secret), timeout)
        link = Link(access, SystemClock())
        symbols = (Symbol(symbol), *(Symbol(other) for other in others))
        account = ExchangeAccount(link, symbols, patience=patience, backoff=backoff)
        try:
            account.open()
            yield AccountBench(venue, account, link, symbols[0])
        finally:
            account.close()
        venue.do(api.core.check)


@contextmanager
def odd_answers(bench: AccountBench, answer: str, name: str) -> Iterator[None]:
    """The venue answers these requests with a text of the test's choice."""
    plain = bench.venue.api.handle

    def odd(call: Call) -> Answer:
        made = plain(call)
        if call.name == name:
            made.raw = answer
        return made

    bench.venue.api.handle = odd  # type: ignore[method-assign]
    try:
        yield
    finally:
        bench.venue.api.handle = plain  # type: ignore[method-assign]


def total(trades: list[VenueTrade]) -> Decimal:
    """How much was traded."""
    return sum((trade.quantity for trade in trades), Decimal(0))

"""Belay's Firi adapter on the fake venue: how to reach it, and orders to send."""

from __future__ import annotations

import itertools
from datetime import datetime
from decimal import Decimal
from typing import Any

from actors.venue_keys import VenueKeys
from actors.venues.firi.access import access_from
from actors.venues.firi.exchange import FiriExchange
from actors.venues.firi.link import FiriLink
from core.clock import SystemClock
from core.ids import BookId, Identity, InstanceId, Symbol, client_order_id
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Price, Quantity
from core.order import Order
from tests.venue.firi import HOST, Firi
from tests.venue.server import VenueServer

BTC = Symbol("BTC/NOK")
ETH = Symbol("ETH/NOK")
_sequences = itertools.count(1)


def firi(venue: VenueServer) -> Firi:
    """The fake behind the server."""
    assert isinstance(venue.api, Firi)
    return venue.api


def keys(venue: VenueServer, **more: str) -> VenueKeys:
    """The right keys; ``more`` replaces parts."""
    api = firi(venue)
    parts = {"api_key": api.key, "secret": api.secret, "password": api.client_id} | more
    return VenueKeys(parts["api_key"], parts["secret"], parts["password"] or None)


def table(venue: VenueServer, **more: Any) -> dict[str, Any]:
    """The free table that leads to the fake, in no hurry about limits."""
    return {
        "urls": {"api": f"http://127.0.0.1:{venue.port}/{HOST}"},
        "timeout": 1500,
        "rateLimit": 1,
        **more,
    }


def link(venue: VenueServer, given: VenueKeys | None = None, **more: Any) -> FiriLink:
    """A link with the right keys, or with others."""
    return FiriLink(access_from(table(venue, **more), given or keys(venue)), SystemClock())


def exchange(venue: VenueServer, given: VenueKeys | None = None, **more: Any) -> FiriExchange:
    """An account on two markets, not opened."""
    return FiriExchange(link(venue, given, **more), (BTC, ETH))


def order(
    venue: VenueServer, side: Side, price: str | None, quantity: str, *,
    symbol: Symbol = BTC, kind: Kind | None = None, time: datetime | None = None, venue_id: str = "",
) -> Order:  # fmt: skip
    """A fresh order, wished now by the venue's clock; without a price a market order."""
    identity = Identity(InstanceId(f"grid:{symbol}"), symbol, 0, next(_sequences))
    chosen = kind if kind is not None else Kind.LIMIT if price else Kind.MARKET
    now = datetime.fromtimestamp(firi(venue).clock.now() / 1000, SystemClock().now().tzinfo)
    return Order(
        client_order_id=client_order_id(identity, BookId("live firi")),
        identity=identity,
        side=side,
        kind=chosen,
        price=Price(price) if price else None,
        quantity=Quantity(quantity),
        stop=None,
        mode=Mode.LIVE,
        time=time or now,
        venue_id=venue_id,
    )


def place(account: FiriExchange, one: Order) -> str:
    """As the gate does it."""
    account.make_ready(is_urgent=False)
    return account.place(one)


def money(text: str) -> Decimal:
    """A decimal."""
    return Decimal(text)


def fill(venue: VenueServer, venue_id: str, amount: str | None = None) -> None:
    """Someone trades against a resting order: all of it, or a part."""
    core = venue.api.core
    venue.do(lambda: core.fill(core.orders[int(venue_id)], amount))

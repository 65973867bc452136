"""Connections to a wire-level venue for a test: a link with quick limits, what was asked, and the usual calls."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Any

from actors.venue_keys import VenueKeys
from actors.venues.exchange.connection import Access, Connection, Link
from actors.venues.exchange.limits import COUNTER, PUBLIC
from actors.venues.exchange.shares import Registry
from core.budget import Bucket
from core.clock import SystemClock
from core.ids import VenueName
from tests.venue.binance import Binance
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer, ccxt_config

FAST = (Bucket(COUNTER, 2000, 500, "points"), Bucket(PUBLIC, 1000, 500, "calls"))
"""Kraken's counters out of the way."""
BALANCE = {"binance": "GET /api/v3/account", "kraken": "BalanceEx"}
ORDER = {"binance": "POST /api/v3/order", "kraken": "AddOrder"}
CANCEL = {"binance": "DELETE /api/v3/order", "kraken": "CancelOrder"}

Opened = Callable[..., Connection]


def api_of(name: str) -> Binance | Kraken:
    return Binance() if name == "binance" else Kraken()


def link_to(
    venue: VenueServer, *, keys: bool = True, timeout: float = 1.0, home: Path | None = None,
    secret: str = "", api_key: str = "", is_quick: bool = True, registry: Registry | None = None,
    steady: Callable[[], float] = monotonic,
) -> Link:  # fmt: skip
    """A link to this venue under its key, or another; ``is_quick`` takes Kraken's counters out of the way."""
    table = {name: value for name, value in ccxt_config(venue, keys=False).items() if name != "timeout"}
    api = venue.api
    ours = VenueKeys(api_key or api.key, secret or api.secret) if keys else None
    pinned = FAST if is_quick and api.ccxt_id == "kraken" else ()
    access = Access(VenueName(api.ccxt_id), table, ours, timeout, home, pinned)
    link = Link(access, SystemClock(), chance=random.Random(1), registry=registry, steady=steady)
    link.backoff = 0.05
    return link


@contextmanager
def opener() -> Iterator[Opened]:
    """Opens connections and closes them all at the end."""
    made: list[Connection] = []

    def start(link: Link, name: str = "test") -> Connection:
        connection = Connection(link, name)
        made.append(connection)
        connection.open()
        return connection

    try:
        yield start
    finally:
        for connection in made:
            connection.close()


def names(venue: VenueServer) -> list[str]:
    """What the venue was asked, in order."""
    return [line.call.name for line in venue.api.audit.lines]


def used(connection: Connection) -> dict[str, float]:
    """What is used of each limit."""
    return {one.name: one.used for one in connection.link.statistics().budgets}


def wait_until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Waits for a condition, looking often; ``AssertionError`` when it does not come."""
    deadline = monotonic() + seconds
    while not condition():
        assert monotonic() < deadline, "it did not come"
        threading.Event().wait(0.01)


async def place(exchange: Any) -> Any:
    """A small order far below the price."""
    params = {"clientOrderId": "blyabcdefghijklmno"}
    return await exchange.create_order(exchange.symbols[0], "limit", "buy", "0.001", "30000", params)


async def balance(exchange: Any) -> Any:
    """A signed question."""
    return await exchange.fetch_balance()

"""A connection's life and its questions on the wire-level venues: three tries, and nothing is left behind."""

from __future__ import annotations

import asyncio
import gc
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from time import monotonic
from typing import Any

import pytest

from actors.venues.exchange.connection import Access, Connection, Link
from core.clock import SystemClock
from core.errors import BadData, KeysRefused, TryAgain
from core.ids import VenueName
from tests.fakes.link_bench import (
    BALANCE,
    Opened,
    api_of,
    balance,
    link_to,
    names,
    opener,
    place,
)
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer, ccxt_config


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(api_of(request.param)) as server:
        yield server


@pytest.fixture
def binance() -> Iterator[VenueServer]:
    with VenueServer(Binance()) as server:
        yield server


@pytest.fixture
def kraken() -> Iterator[VenueServer]:
    with VenueServer(Kraken()) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as start:
        yield start


def descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


# ---------------------------------------------------------------- life


def test_a_connection_loads_markets_and_reads(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    assert len(connection.exchange.symbols) > 1
    assert connection.read(balance)["total"]["BTC"].rstrip("0").rstrip(".") == "1", "the venue's own digits"
    statistics = connection.link.statistics()
    assert statistics.requests == len(names(venue))
    assert statistics.offset_ms is not None
    assert abs(statistics.offset_ms) <= (50 if venue.api.ccxt_id == "binance" else 1100)


def test_only_the_first_connection_pays_for_the_markets(venue: VenueServer, opened: Opened) -> None:
    link = link_to(venue)
    first = opened(link, "first")
    before = len(names(venue))
    second = opened(link, "second")
    assert len(names(venue)) == before
    assert second.exchange is not first.exchange
    assert second.exchange.symbols == first.exchange.symbols
    first.close()
    assert second.read(balance)["total"]


def test_new_markets_reach_every_connection(binance: VenueServer, opened: Opened) -> None:
    link = link_to(binance)
    first, second = opened(link, "first"), opened(link, "second")
    symbol = first.exchange.symbols[0]
    binance.do(lambda: setattr(binance.api.core.tapes[symbol], "closed", True))
    assert second.exchange.markets[symbol]["active"]
    first.refresh_markets()
    assert first.exchange.markets[symbol]["active"] is False

    async def seen(exchange: Any) -> bool:
        return exchange.markets[symbol]["active"] is False

    assert second.read(seen)
    assert opened(link, "third").exchange.markets[symbol]["active"] is False


def test_public_data_needs_no_keys(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue, keys=False))
    symbol = connection.exchange.symbols[0]
    assert connection.read(lambda exchange: exchange.fetch_ticker(symbol))["last"]
    with pytest.raises(KeysRefused):
        connection.read(balance)


def test_closing_leaves_nothing_behind(venue: VenueServer) -> None:
    before = set(threading.enumerate())
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        connection = Connection(link_to(venue), "short")
        connection.open()
        symbol = connection.exchange.symbols[0]

        async def stream() -> None:
            other = connection.make_exchange()
            while True:
                await other.watch_ticker(symbol)

        watching = connection.spawn(stream())
        hanging = connection.spawn(asyncio.sleep(60))
        connection.read(lambda exchange: exchange.fetch_ticker(symbol))
        begun = monotonic()
        connection.close()
        assert monotonic() - begun < 2
        connection.close()  # again is no fault
        assert watching.done()
        assert hanging.done()
        gc.collect()
    assert set(threading.enumerate()) <= before
    assert not [
        str(one.message) for one in caught if issubclass(one.category, ResourceWarning | RuntimeWarning)
    ]
    with pytest.raises(TryAgain, match="closed"):
        connection.read(balance)
    with pytest.raises(TryAgain, match="closed"):
        connection.send(place)
    with pytest.raises(TryAgain, match="closed"):
        _ = connection.loop


def test_it_may_be_opened_again(venue: VenueServer) -> None:
    connection = Connection(link_to(venue), "again")
    for _ in range(2):
        connection.open()
        connection.open()  # open already
        assert connection.read(balance)["total"]
        connection.close()


@pytest.mark.parametrize("venue", ["binance", pytest.param("kraken", marks=pytest.mark.long)], indirect=True)
def test_many_openings_leak_nothing(venue: VenueServer) -> None:
    link = link_to(venue)
    if isinstance(venue.api, Kraken):
        venue.api.counter.limit = 10_000

    def once() -> None:
        connection = Connection(link, "leak")
        connection.open()
        connection.read(balance)
        connection.close()

    for _ in range(5):
        once()
    gc.collect()
    before, threads = descriptors(), threading.active_count()
    for _ in range(60):
        once()
    gc.collect()
    assert descriptors() <= before + 2  # the venue's side may still be closing one
    assert threading.active_count() <= threads


def test_a_venue_that_cannot_be_reached_is_said_so_and_nothing_stays() -> None:
    with VenueServer(Binance()) as gone:
        link = link_to(gone)
    before = set(threading.enumerate())
    with pytest.raises(TryAgain, match="cannot be reached"):
        Connection(link, "nowhere").open()
    assert set(threading.enumerate()) <= before


def test_a_venue_without_a_clock_does_not_matter(binance: VenueServer, opened: Opened) -> None:
    binance.plan.add(Trouble.UNAVAILABLE, "GET /api/v3/time", times=99)
    connection = opened(link_to(binance))
    assert connection.link.statistics().offset_ms is None
    assert connection.read(balance)["total"]


def test_currencies_that_are_not_told_do_not_matter(kraken: VenueServer, opened: Opened) -> None:
    del kraken.api._public["Assets"]  # type: ignore[attr-defined]
    connection = opened(link_to(kraken))
    assert "BTC/USD" in connection.exchange.symbols
    assert connection.read(balance)["total"]["BTC"]


def test_the_settings_own_timeout_counts(binance: VenueServer) -> None:
    table = ccxt_config(binance, keys=False) | {"timeout": 2500}
    assert Link(Access(VenueName("binance"), table), SystemClock()).timeout == 2.5
    assert link_to(binance, timeout=4.0).timeout == 4.0


# ---------------------------------------------------------------- questions


@pytest.mark.parametrize(
    "trouble",
    [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.TIMEOUT_BEFORE, Trouble.RATE_LIMITED, Trouble.UNAVAILABLE,
     Trouble.GATEWAY, Trouble.BAD_JSON, Trouble.HTML, Trouble.MAINTENANCE, Trouble.NONCE],
)  # fmt: skip
def test_a_question_is_asked_again(venue: VenueServer, opened: Opened, trouble: Trouble) -> None:
    connection = opened(link_to(venue, timeout=0.5))
    name = BALANCE[venue.api.ccxt_id]
    venue.plan.add(trouble, name)
    assert connection.read(balance)["total"]["BTC"]
    assert names(venue).count(name) == 2, "every request is ours: nothing repeats it unseen"
    assert connection.link.statistics().retries == 1


def test_three_tries_and_no_more(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    name = BALANCE[venue.api.ccxt_id]
    venue.plan.add(Trouble.UNAVAILABLE, name, times=99)
    with pytest.raises(TryAgain, match="not available now"):
        connection.read(balance)
    assert names(venue).count(name) == 3


def test_a_page_in_place_of_data_is_never_taken_for_an_empty_list(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue))
    venue.plan.add(Trouble.HTML, "*openOrders" if venue.api.ccxt_id == "binance" else "OpenOrders", times=99)
    with pytest.raises(TryAgain):
        connection.read(lambda exchange: exchange.fetch_open_orders(exchange.symbols[0]))


def test_a_question_with_wrong_keys_is_asked_once(venue: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(venue, api_key="x" * 56))
    with pytest.raises(KeysRefused) as caught:
        connection.read(balance)
    assert names(venue).count(BALANCE[venue.api.ccxt_id]) == 1
    assert "x" * 56 not in str(caught.value)


def test_a_secret_of_the_wrong_form_is_about_the_keys(kraken: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(kraken, secret="no base64 at all!"))
    with pytest.raises(KeysRefused):
        connection.read(balance)
    with pytest.raises(KeysRefused):
        connection.send(place)


def test_a_revoked_key_is_no_flood(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    connection.read(balance)
    binance.do(lambda: setattr(binance.api, "key", "z" * 64))
    with pytest.raises(KeysRefused):
        connection.read(balance)
    assert connection.link.statistics().rate_limited == 0


def test_an_endpoint_that_is_not_there_is_no_reason_to_wait(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    begun = monotonic()
    with pytest.raises(BadData):
        connection.read(lambda exchange: exchange.sapi_get_accountsnapshot())
    assert monotonic() - begun < 0.3

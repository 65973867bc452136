"""What a venue refuses as too much or too late, and what that stops; a start on a venue that answers in part."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from time import monotonic, time
from typing import Any

import pytest

from actors.venues.exchange.limits import (
    DAY,
    TEN_SECONDS,
    WEIGHT,
    Tariff,
    retry_after,
    told_by_headers,
    told_by_markets,
)  # fmt: skip
from actors.venues.exchange.make import plain_class
from core.errors import GiveUpOrder, TryAgain
from tests.fakes.link_bench import (
    BALANCE,
    ORDER,
    Opened,
    api_of,
    balance,
    link_to,
    names,
    opener,
    place,
    used,
)
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer
from tests.venue.wire import Answer, Call


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


@contextmanager
def answering(server: VenueServer, name: str, answer: Callable[[], Answer]) -> Iterator[None]:
    """Requests of this name get an answer of the test's."""
    plain = server.api.handle

    def odd(call: Call) -> Answer:
        return answer() if call.name == name else plain(call)

    server.api.handle = odd  # type: ignore[method-assign]
    try:
        yield
    finally:
        server.api.handle = plain  # type: ignore[method-assign]


# ---------------------------------------------------------------- what stops what


def test_one_order_too_many_stops_orders_and_nothing_else(venue: VenueServer, opened: Opened) -> None:
    """Cancels, the kill's hands and prices go on; another purchase waits."""
    too_many = {
        "binance": Answer({"code": -1015, "msg": "Too many new orders."}, 429, {"Retry-After": "10"}),
        "kraken": Answer({"error": ["EOrder:Rate limit exceeded"]}),
    }
    connection = opened(link_to(venue))
    name = venue.api.ccxt_id
    connection.make_ready(is_urgent=False)
    with answering(venue, ORDER[name], lambda: too_many[name]), pytest.raises(TryAgain):
        connection.send(place)
    begun = monotonic()
    connection.read(balance)
    connection.read(balance, is_urgent=True)
    connection.make_ready(is_urgent=True, timeout=0.1)
    assert connection.send(place)["id"]
    assert monotonic() - begun < 1
    limit = TEN_SECONDS if name == "binance" else "orders of XXBTZUSD"
    (level,) = (one for one in connection.link.statistics().budgets if one.name == limit)
    assert level.used >= 0.8 * level.limit - 2
    assert connection.link.statistics().rate_limited == 1


def test_an_urgent_call_that_was_refused_does_not_stop_the_next(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    binance.plan.add(Trouble.RATE_LIMITED, BALANCE["binance"], seconds="60", times=3)
    with pytest.raises(TryAgain):
        connection.read(balance, is_urgent=True)
    connection.make_ready(is_urgent=True, timeout=0.1)
    assert connection.send(place)["id"]
    with pytest.raises(TryAgain, match="no room"):
        connection.read(balance)


@pytest.mark.parametrize(
    ("words", "headers", "least", "most"),
    [
        ("IP banned until {}.", {}, 85, 91),
        ("IP banned.", {}, 55, 61),
        ("IP banned until {}.", {"Retry-After": "50"}, 45, 51),
        ("IP banned until 1000000000000.", {}, 55, 61),
    ],
)
def test_a_ban_lasts_as_long_as_the_venue_says(
    binance: VenueServer, opened: Opened, words: str, headers: dict[str, str], least: int, most: int
) -> None:
    binance.api.clock.skew = 7_200_000
    connection = opened(link_to(binance))
    text = words.format(int((time() + 7200 + 90) * 1000))
    refusal = Answer({"code": -1003, "msg": text}, 418, headers)
    with answering(binance, BALANCE["binance"], lambda: refusal), pytest.raises(TryAgain):
        connection.read(balance)
    with pytest.raises(TryAgain) as waits:
        connection.make_ready(is_urgent=True, timeout=0.0)
    seconds = [int(word) for word in str(waits.value).split() if word.isdigit()]
    assert least <= seconds[0] <= most


def test_a_retry_after_may_be_a_date() -> None:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    headers = {"Date": format_datetime(now, usegmt=True)}
    later = format_datetime(now + timedelta(seconds=40), usegmt=True)
    assert retry_after(headers | {"Retry-After": later}) == 40
    assert retry_after(headers | {"Retry-After": headers["Date"]}) == 0
    assert retry_after({"Retry-After": "soon"}) is None
    assert retry_after(headers) is None


# ---------------------------------------------------------------- limits of any kind and interval


def test_every_limit_of_the_venue_counts() -> None:
    rows = [("REQUEST_WEIGHT", "MINUTE", 1, 6000), ("REQUEST_WEIGHT", "HOUR", 1, 90_000), ("ORDERS", "SECOND", 1, 5),
            ("ORDERS", "MINUTE", 1, 60), ("RAW_REQUESTS", "MINUTE", 5, 300)]  # fmt: skip
    told = told_by_markets(
        "binance",
        {
            "rateLimits": [
                {"rateLimitType": kind, "interval": span, "intervalNum": count, "limit": limit}
                for kind, span, count, limit in rows
            ]
        },
    )
    assert [(one.name, one.limit) for one in told] == [
        (WEIGHT, 6000), ("weight in 3600 s", 90_000), ("orders in 1 s", 5), ("orders in 60 s", 60),
        ("requests in 300 s", 300),
    ]  # fmt: skip
    exchange = plain_class("binance")({})
    tariff = Tariff(exchange)
    tariff.learn(told)
    orders = {TEN_SECONDS, DAY, "orders in 1 s", "orders in 60 s"}
    weights = {WEIGHT, "weight in 3600 s", "requests in 300 s"}
    assert set(tariff.order_costs()) == orders | weights
    costs = tariff.costs(exchange, "private", "GET", "account", {}, {"cost": 4})
    assert costs == {WEIGHT: 20, "weight in 3600 s": 20, "requests in 300 s": 1}
    headers = {
        "X-MBX-USED-WEIGHT-1M": "7",
        "x-mbx-used-weight-1h": "70",
        "X-MBX-ORDER-COUNT-1S": "2",
        "x-mbx-y": "1",
    }
    assert told_by_headers("binance", headers) == {WEIGHT: 7, "weight in 3600 s": 70, "orders in 1 s": 2}


# ---------------------------------------------------------------- clock


def test_waiting_for_room_is_no_part_of_the_clocks_offset(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    connection.link.keeper.note_refusal(1.0, is_ban=False)
    binance.api.clock.skew = 50_000
    connection.spawn(connection._measure()).result(5)
    assert abs((connection.link.statistics().offset_ms or 0) - 50_000) < 200


def test_a_clock_that_does_not_answer_keeps_no_start(venue: VenueServer, opened: Opened) -> None:
    name = "GET /api/v3/time" if venue.api.ccxt_id == "binance" else "Time"
    venue.plan.add(Trouble.TIMEOUT_BEFORE, name, times=9)
    begun = monotonic()
    connection = opened(link_to(venue, timeout=8.0))
    assert monotonic() - begun < 3.5
    assert connection.link.statistics().offset_ms is None
    assert connection.read(balance)["total"]


def test_a_slow_venue_gets_more_time_for_everything_but_orders(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    connection.read(balance)
    connection.link.offset.is_slow = True
    connection.read(balance)
    connection.send(place)
    with pytest.raises(GiveUpOrder):
        connection.send(lambda exchange: exchange.cancel_order("123", exchange.symbols[0]))
    told = [
        line.call.params["recvWindow"] for line in binance.api.audit.lines if "recvWindow" in line.call.params
    ]
    assert told == ["5000", "10000", "5000", "10000"]


def test_a_clock_that_explains_nothing_means_a_slow_venue(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    binance.plan.add(Trouble.NONCE, BALANCE["binance"])
    assert not connection.link.offset.is_slow
    assert connection.read(balance)["total"]
    assert connection.link.offset.is_slow


# ---------------------------------------------------------------- starts


@pytest.mark.parametrize("trouble", [Trouble.UNAVAILABLE, Trouble.TIMEOUT_BEFORE, Trouble.HTML])
def test_a_venue_without_its_list_of_currencies_opens(
    kraken: VenueServer, opened: Opened, trouble: Trouble
) -> None:
    kraken.plan.add(trouble, "Assets", times=99)
    begun = monotonic()
    connection = opened(link_to(kraken, timeout=1.0))
    assert connection.exchange.markets
    assert monotonic() - begun < 4
    told = connection.read(balance)["total"]
    assert {"USD", "BTC"} <= set(told)


def test_a_closed_venue_is_still_no_start(kraken: VenueServer) -> None:
    kraken.plan.add(Trouble.UNAVAILABLE, "Asset*", times=99)
    with opener() as start, pytest.raises(TryAgain):
        start(link_to(kraken))
    assert names(kraken).count("AssetPairs") <= 4


def test_refusals_of_a_burst_make_one_pause(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance, timeout=3.0))
    binance.plan.add(Trouble.RATE_LIMITED, BALANCE["binance"], seconds="1", times=6)
    begun = monotonic()

    async def burst() -> list[Any]:
        return await asyncio.gather(*(connection.aread(balance) for _ in range(6)))

    assert len(connection.spawn(burst()).result(20)) == 6
    assert monotonic() - begun < 3
    assert used(connection)[WEIGHT] > 0

"""The limiter on the wire: never above a venue's limit, the reserve for the urgent, pauses and bans."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from time import monotonic
from typing import Any

import pytest

from actors.venues.exchange.limits import COUNTER, DAY, TEN_SECONDS, WEIGHT, Tariff
from core.errors import GiveUpOrder, TryAgain
from tests.fakes.link_bench import (
    BALANCE,
    Opened,
    balance,
    link_to,
    names,
    opener,
    place,
    used,
)
from tests.venue.binance import Binance
from tests.venue.binance_limits import weight
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer


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


def test_binances_prices_are_at_least_the_documented_ones(binance: VenueServer, opened: Opened) -> None:
    """ccxt's cost, five to one, against the documented weights; each endpoint that Belay uses."""
    exchange = opened(link_to(binance)).exchange
    tariff = Tariff(exchange)
    found: dict[tuple[str, ...], tuple[float, int]] = {}
    calls: list[tuple[str, str, dict[str, Any]]] = [
        ("ping", "public", {}), ("time", "public", {}), ("exchangeInfo", "public", {}),
        ("klines", "public", {"symbol": "BTCUSDT"}), ("depth", "public", {"symbol": "BTCUSDT", "limit": 100}),
        ("depth", "public", {"symbol": "BTCUSDT", "limit": 5000}), ("ticker/24hr", "public", {"symbol": "BTCUSDT"}),
        ("ticker/24hr", "public", {}), ("ticker/price", "public", {"symbol": "BTCUSDT"}),
        ("ticker/bookTicker", "public", {"symbol": "BTCUSDT"}), ("ticker/bookTicker", "public", {}),
        ("account", "private", {}), ("order", "private", {"symbol": "BTCUSDT"}),
        ("openOrders", "private", {"symbol": "BTCUSDT"}), ("openOrders", "private", {}),
        ("allOrders", "private", {"symbol": "BTCUSDT"}), ("myTrades", "private", {"symbol": "BTCUSDT"}),
    ]  # fmt: skip
    for path, api, params in calls:
        costs = tariff.costs(exchange, [api], "GET", path, params, _config(exchange, api, path))
        theirs = weight(f"GET /api/v3/{path}", {name: str(value) for name, value in params.items()})
        found[(path, *params)] = costs[WEIGHT], theirs
    assert all(ours >= theirs - 1e-9 for ours, theirs in found.values()), found


def _config(exchange: Any, api: str, path: str) -> dict[str, Any]:
    found: dict[str, Any] = exchange.describe()["api"][api]["get"][path]
    return found if isinstance(found, dict) else {"cost": found}


def test_the_venues_own_limits_are_learnt_with_its_markets(binance: VenueServer, opened: Opened) -> None:
    binance.api.limits.per_minute = 1200  # type: ignore[attr-defined]
    limits = {one.name: one.limit for one in opened(link_to(binance)).link.statistics().budgets}
    assert limits == {WEIGHT: 1200, TEN_SECONDS: 100, DAY: 200_000, "requests in 300 s": 61_000}


def test_a_storm_of_questions_never_passes_the_limit(binance: VenueServer, opened: Opened) -> None:
    """Twelve threads on two connections want far more than the minute has; the reserve stays for a cancel."""
    binance.api.limits.per_minute = 400  # type: ignore[attr-defined]
    link = link_to(binance)
    connections = [opened(link, "one"), opened(link, "two")]
    refused = 0
    lock = threading.Lock()

    def ask(number: int) -> None:
        nonlocal refused
        try:
            connections[number % 2].read(balance)
        except TryAgain:
            with lock:
                refused += 1

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(ask, range(40)))
    assert refused > 0, "the rest was told to come again"
    assert binance.api.audit.heaviest <= 0.8 * 400
    assert binance.api.audit.heaviest >= 0.6 * 400
    connections[0].make_ready(is_urgent=True)
    with pytest.raises(GiveUpOrder):
        connections[0].send(lambda exchange: exchange.cancel_order("123", exchange.symbols[0]))
    with pytest.raises(TryAgain, match="no room"):
        connections[1].read(balance)
    assert not any(line.status in (429, 418) for line in binance.api.audit.lines)


def test_somebody_elses_requests_count_too(binance: VenueServer, opened: Opened) -> None:
    binance.api.limits.per_minute = 1000  # type: ignore[attr-defined]
    connection = opened(link_to(binance))
    window = binance.api.limits._window  # type: ignore[attr-defined]
    elsewhere = (window[0], window[1] + 700)
    binance.do(lambda: setattr(binance.api.limits, "_window", elsewhere))  # type: ignore[attr-defined]
    connection.read(lambda exchange: exchange.fetch_time())
    assert used(connection)[WEIGHT] >= 700

    def again_and_again() -> None:
        for _ in range(10):
            connection.read(balance)

    with pytest.raises(TryAgain, match="no room"):
        again_and_again()
    assert binance.api.audit.heaviest <= 1000


def test_what_ccxt_asks_by_itself_is_counted(kraken: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(kraken))
    before = connection.link.statistics().requests

    async def watch() -> None:
        other = connection.make_exchange()
        watching = asyncio.ensure_future(other.watch_balance())
        await asyncio.wait({watching}, timeout=0.5)
        watching.cancel()
        await connection.drop(other)

    connection.spawn(watch()).result(5)
    assert "GetWebSocketsToken" in names(kraken)
    assert connection.link.statistics().requests == before + 1


def test_a_429_pauses_everything_but_the_urgent(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    binance.plan.add(Trouble.RATE_LIMITED, BALANCE["binance"], seconds="2")
    begun = monotonic()
    assert connection.read(balance)
    assert monotonic() - begun >= 1.9
    binance.plan.add(Trouble.RATE_LIMITED, BALANCE["binance"], seconds="60")
    with pytest.raises(TryAgain, match="no room"):
        connection.read(balance)
    with pytest.raises(TryAgain):
        connection.make_ready(is_urgent=False, timeout=0.1)
    connection.make_ready(is_urgent=True, timeout=0.1)
    assert connection.send(place)["id"]
    assert connection.link.statistics().rate_limited == 2


def test_a_ban_stops_the_urgent_too(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    binance.plan.add(Trouble.BANNED, BALANCE["binance"], seconds="60")
    with pytest.raises(TryAgain):
        connection.read(balance)
    before = len(names(binance))
    with pytest.raises(TryAgain):
        connection.make_ready(is_urgent=True, timeout=0.1)
    with pytest.raises(TryAgain):
        connection.send(place)
    assert len(names(binance)) == before, "nothing is sent into a ban"


def test_room_taken_and_not_used_is_given_back(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    for _ in range(3):
        connection.make_ready(is_urgent=False)
    assert used(connection)[TEN_SECONDS] == 3
    for _ in range(3):
        connection.send(lambda exchange: exchange.fetch_time())
    assert used(connection)[TEN_SECONDS] == 0, "a request that was no order leaves the order's room"


def test_orders_of_a_storm_stay_below_their_own_limit(binance: VenueServer, opened: Opened) -> None:
    link = link_to(binance)
    connections = [opened(link, "one"), opened(link, "two")]
    sent = 0
    for number in range(200):
        connection = connections[number % 2]
        try:
            connection.make_ready(is_urgent=number % 10 == 0, timeout=0.0)
        except TryAgain:
            continue
        try:
            connection.send(
                lambda exchange: exchange.create_order(exchange.symbols[0], "limit", "buy", "0.001", "10000")
            )
        except GiveUpOrder:
            pass  # the money is spent; the request counted
        sent += 1
    assert 80 <= sent <= 100
    assert not any(line.status in (429, 418) for line in binance.api.audit.lines)


def test_krakens_tier_is_not_told_and_taken_for_the_lowest(kraken: VenueServer) -> None:
    limits = {one.name: one.limit for one in link_to(kraken, is_quick=False).statistics().budgets}
    assert limits[COUNTER] == 15


def test_a_counter_that_somebody_else_filled_is_found_out_and_kept_to(
    kraken: VenueServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program uses the key: one refusal may be chance, after the second ours counts as full, and paces."""
    monkeypatch.setattr("core.budget.FIRST_PAUSE_S", 0.05)
    connection = opened(link_to(kraken, is_quick=False))
    kraken.plan.add(Trouble.RATE_LIMITED, "BalanceEx")
    assert connection.read(balance)["total"]
    assert used(connection)[COUNTER] < 3
    kraken.plan.add(Trouble.RATE_LIMITED, "BalanceEx")
    begun = monotonic()
    assert connection.read(balance)["total"]
    assert monotonic() - begun > 2, "an ordinary question waits until there is surely room"
    assert used(connection)[COUNTER] > 11


@pytest.mark.long
def test_krakens_counter_is_never_full(kraken: VenueServer, opened: Opened) -> None:
    """Its own counter, unhelped: what fits goes, the rest waits or is told to come again; nothing is refused."""
    connection = opened(link_to(kraken, is_quick=False))
    for _ in range(12):
        connection.read(balance)
    begun = monotonic()
    connection.read(lambda exchange: exchange.fetch_balance(), is_urgent=True)
    assert monotonic() - begun < 0.5, "the reserve"
    begun = monotonic()
    connection.read(balance)
    assert monotonic() - begun > 1.0, "an ordinary question waits for the counter to fall"
    assert connection.link.statistics().waits == 1
    assert kraken.api.audit.heaviest <= 20
    assert not any("Rate limit" in line.answer for line in kraken.api.audit.lines)


def test_orders_in_one_market_stay_below_krakens_own_count(kraken: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(kraken))
    symbol = connection.exchange.symbols[0]
    sent = 0

    def send_until_there_is_no_room() -> None:
        nonlocal sent
        while sent < 100:
            connection.make_ready(is_urgent=False)
            try:
                connection.send(
                    lambda exchange: exchange.create_order(symbol, "limit", "buy", "0.0001", "10000")
                )
            except GiveUpOrder:
                pass  # the money is spent; the request counted
            sent += 1

    with pytest.raises(TryAgain, match="no room"):
        send_until_there_is_no_room()
    assert 45 <= sent <= 60
    assert len(kraken.api.audit.named("AddOrder")) == sent, "what had no room was not sent"

"""What the venues check on every request: keys, signatures, times, nonces, weights; and what they write down."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import drive, failed
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer
from tests.venue.wire import Call

S = "BTC/USDT"


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(Binance() if request.param == "binance" else Kraken()) as server:
        yield server


@pytest.fixture
def binance() -> Iterator[VenueServer]:
    with VenueServer(Binance()) as server:
        yield server


@pytest.fixture
def kraken() -> Iterator[VenueServer]:
    with VenueServer(Kraken()) as server:
        yield server


@pytest.mark.parametrize("wrong", ["apiKey", "secret"])
def test_a_wrong_key_or_secret_is_refused_and_nothing_happens(venue: VenueServer, wrong: str) -> None:
    value = "eHh4eHh4eHh4eHh4eHh4eHh4eHh4" if wrong == "secret" else "x" * 20

    async def script(e: Any) -> None:
        error = await failed(e.create_order(e.symbols[0], "limit", "buy", 0.001, 49000))
        assert error == (
            "ExchangeError" if venue.api.ccxt_id == "kraken" and wrong == "secret" else "AuthenticationError"
        )

    drive(venue, script, **{wrong: value})
    assert not venue.api.core.orders


def test_a_socket_with_a_wrong_secret_gets_no_orders(binance: VenueServer) -> None:
    """ccxt 4.5.90 trips over its own clean-up and raises KeyError, which is no ccxt error, in place of the cause."""

    async def script(e: Any) -> None:
        with pytest.raises(KeyError) as caught:
            await e.watch_orders(S)
        assert type(caught.value.__context__).__name__ == "AuthenticationError"

    drive(binance, script, secret="x" * 20)


def test_once_it_worked_a_refused_key_reads_as_a_flood(binance: VenueServer) -> None:
    """ccxt turns -2015 into DDoSProtection after the first private call that worked: a revoked key hides."""

    async def script(e: Any) -> None:
        await e.fetch_balance()
        e.apiKey = "x" * 64
        assert await failed(e.fetch_balance()) == "DDoSProtection"

    drive(binance, script)


@pytest.mark.parametrize("skew", [-20_000, 5_000])
def test_a_clock_that_is_off_is_refused_until_it_is_corrected(binance: VenueServer, skew: int) -> None:
    binance.api.clock.skew = -skew

    async def script(e: Any) -> None:
        assert (
            await failed(e.fetch_balance()) == "InvalidNonce"
        )  # ahead 1 s is allowed, behind the 10 s of recvWindow
        await e.load_time_difference()
        await e.fetch_balance()

    drive(binance, script)


def test_weights_are_told_and_added(binance: VenueServer) -> None:
    async def script(e: Any) -> None:
        used = [int(e.last_response_headers["X-MBX-USED-WEIGHT-1M"])]
        for call in (
            e.fetch_ticker(S),
            e.fetch_balance(),
            e.fetch_open_orders(S),
            e.fetch_order_book(S, 500),
        ):
            await call
            used.append(int(e.last_response_headers["X-MBX-USED-WEIGHT-1M"]))
        made = await e.create_order(S, "limit", "buy", 0.001, 49000)
        assert e.last_response_headers["X-MBX-ORDER-COUNT-10S"] == "1"
        await e.fetch_order(made["id"], S)
        assert [b - a for a, b in pairwise(used)] == [2, 20, 6, 25]
        assert int(e.last_response_headers["X-MBX-USED-WEIGHT-1M"]) == used[-1] + 1 + 4

    drive(binance, script)
    assert binance.api.audit.heaviest == sum(line.weight for line in binance.api.audit.lines)


def test_too_much_weight_is_429_then_418(binance: VenueServer) -> None:
    binance.api.limits.per_minute = 45  # type: ignore[attr-defined]

    async def script(e: Any) -> None:
        await e.fetch_balance()
        errors = [await failed(e.fetch_balance()) for _ in range(4)]
        assert errors == ["DDoSProtection"] * 4  # ccxt tells 429 and 418 apart in the text only
        assert int(e.last_response_headers["Retry-After"]) > 60

    drive(binance, script)
    assert [line.status for line in binance.api.audit.named("GET /api/v3/account")] == [
        200,
        429,
        429,
        418,
        418,
    ]


def test_too_many_orders_in_ten_seconds(binance: VenueServer) -> None:
    binance.api.limits.orders_per_ten_seconds = 2  # type: ignore[attr-defined]

    import ccxt

    async def script(e: Any) -> list[str]:
        answers = []
        for _ in range(6):
            try:
                await e.create_order(S, "limit", "buy", 0.001, 49000)
            except ccxt.DDoSProtection as error:
                answers.append(type(error).__name__)
        return answers

    # Ten seconds may end between two orders, so that one window takes two and the next two more.
    assert len(drive(binance, script)) in (2, 4)
    assert len(binance.api.core.orders) in (2, 4)


def test_krakens_nonce_must_grow(kraken: VenueServer) -> None:
    async def script(e: Any) -> None:
        await e.fetch_balance()
        e.options["lastNonce"] = 0
        e.nonce = lambda: 5
        assert await failed(e.fetch_balance()) == "InvalidNonce"

    drive(kraken, script)


def test_ccxt_counts_krakens_nonce_up_within_one_millisecond(kraken: VenueServer) -> None:
    """4.5.90 does; two exchange objects on one key still collide."""

    async def script(e: Any) -> None:
        await asyncio.gather(*(e.fetch_balance() for _ in range(3)), return_exceptions=True)

    drive(kraken, script)
    nonces = [int(line.call.params["nonce"]) for line in kraken.api.audit.named("BalanceEx")]
    assert len(set(nonces)) == 3


def test_krakens_counter_fills_and_drains(kraken: VenueServer) -> None:
    counter = kraken.api.counter  # type: ignore[attr-defined]
    counter.limit = 3

    async def script(e: Any) -> None:
        await e.fetch_my_trades()
        await e.fetch_balance()
        assert await failed(e.fetch_balance()) == "DDoSProtection"
        await e.create_order("BTC/USD", "limit", "buy", 0.001, 49000)  # orders are not of this counter
        kraken.do(setattr, counter, "_at", counter._at - 4000)
        await e.fetch_balance()

    drive(kraken, script)
    assert kraken.api.audit.heaviest == 3


def test_the_audit_knows_every_request(venue: VenueServer) -> None:
    async def script(e: Any) -> str:
        symbol = e.symbols[0]
        await e.create_order(symbol, "limit", "buy", 0.01, 1000, {"clientOrderId": "logged"})
        return str(symbol)

    drive(venue, script)
    line = venue.api.audit.lines[-1]
    call: Call = line.call
    assert "logged" in call.body
    assert abs(call.at - venue.api.clock.real()) < 5000
    assert venue.api.key in call.headers.values()
    assert (line.status, line.processed, line.fault) == (200, True, "")

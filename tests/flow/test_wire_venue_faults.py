"""Each fault that befalls requests, as an unmodified ccxt class meets it, and what the venue did all the same."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import drive, failed
from tests.venue.faults import UNSEEN, FaultPlan, Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

PLACE = {"binance": "POST /api/v3/order", "kraken": "AddOrder"}
CANCEL = {"binance": "DELETE /api/v3/order", "kraken": "CancelOrder"}
BALANCE = {"binance": "GET /api/v3/account", "kraken": "BalanceEx"}

# What create_order ends with, per venue; None: it comes back as if all were well.
SEEN = {
    Trouble.RESET_BEFORE: ("ExchangeNotAvailable", "ExchangeNotAvailable"),
    Trouble.RESET_AFTER: ("ExchangeNotAvailable", "ExchangeNotAvailable"),
    Trouble.TIMEOUT_BEFORE: ("RequestTimeout", "RequestTimeout"),
    Trouble.TIMEOUT_AFTER: ("RequestTimeout", "RequestTimeout"),
    Trouble.RATE_LIMITED: ("DDoSProtection", "DDoSProtection"),
    Trouble.BANNED: ("DDoSProtection", "DDoSProtection"),
    Trouble.UNAVAILABLE: ("ExchangeNotAvailable", "ExchangeNotAvailable"),
    Trouble.GATEWAY: ("ExchangeNotAvailable", "ExchangeNotAvailable"),
    Trouble.BAD_JSON: (None, None),
    Trouble.HTML: (None, None),
    Trouble.MAINTENANCE: ("OnMaintenance", "ExchangeNotAvailable"),
    Trouble.NONCE: ("InvalidNonce", "InvalidNonce"),
    Trouble.FUNDS: ("InsufficientFunds", "InsufficientFunds"),
}


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(Binance() if request.param == "binance" else Kraken()) as server:
        yield server
        server.do(server.api.core.check)


@pytest.fixture
def binance() -> Iterator[VenueServer]:
    with VenueServer(Binance()) as server:
        yield server
        server.do(server.api.core.check)


def pair(venue: VenueServer) -> str:
    return "BTC/USDT" if venue.api.ccxt_id == "binance" else "BTC/USD"


@pytest.mark.parametrize("trouble", list(SEEN))
def test_placing_an_order_in_trouble(venue: VenueServer, trouble: Trouble) -> None:
    name = PLACE[venue.api.ccxt_id]
    expected = SEEN[trouble][venue.api.ccxt_id == "kraken"]

    async def script(e: Any) -> Any:
        await e.fetch_balance()  # the connection is warm, as in life
        venue.plan.add(trouble, name)
        order = e.create_order(pair(venue), "limit", "buy", 0.01, 49000, {"clientOrderId": "in-trouble"})
        if expected is not None:
            assert await failed(order) == expected
            return None
        return (await order)["id"]

    assert (
        drive(venue, script, timeout=300) is None
    )  # BAD_JSON and HTML: an order without an id, and no error
    assert bool(venue.api.core.open_orders()) is (trouble in UNSEEN)
    (fired,) = venue.plan.fired
    assert (fired.trouble, fired.where) == (trouble, name)
    (line,) = venue.api.audit.named(name)
    assert (line.fault, line.processed) == (str(trouble), trouble in UNSEEN)


def test_a_post_is_never_repeated_and_a_lost_cancel_reads_as_not_found(venue: VenueServer) -> None:
    """aiohttp repeats a DELETE after a reset on a warm connection: the second one finds nothing (Binance only)."""

    async def script(e: Any) -> str:
        await e.create_order(pair(venue), "limit", "buy", 0.01, 49000, {"clientOrderId": "gone"})
        venue.plan.add(Trouble.RESET_AFTER, CANCEL[venue.api.ccxt_id])
        return await failed(e.cancel_order("", pair(venue), {"clientOrderId": "gone"}))

    is_binance = venue.api.ccxt_id == "binance"
    assert drive(venue, script) == ("OrderNotFound" if is_binance else "ExchangeNotAvailable")
    assert len(venue.api.audit.named(CANCEL[venue.api.ccxt_id])) == (2 if is_binance else 1)
    assert not venue.api.core.open_orders()


def test_retry_after_and_the_ban(binance: VenueServer) -> None:
    async def script(e: Any) -> None:
        binance.plan.add(Trouble.RATE_LIMITED, "GET /api/v3/time", seconds="7")
        assert await failed(e.fetch_time()) == "DDoSProtection"
        assert e.last_response_headers["Retry-After"] == "7"
        binance.plan.add(Trouble.BANNED, "GET /api/v3/time", seconds="60")
        assert await failed(e.fetch_time()) == "DDoSProtection"
        assert await failed(e.fetch_time()) == "DDoSProtection"  # the ban holds by itself
        assert int(e.last_response_headers["Retry-After"]) in (59, 60)

    drive(binance, script)


def test_a_clock_that_jumps_for_one_call(binance: VenueServer) -> None:
    async def script(e: Any) -> None:
        binance.plan.add(Trouble.SKEW, "GET /api/v3/account", ms="60000")
        assert await failed(e.fetch_balance()) == "InvalidNonce"
        await e.fetch_balance()

    drive(binance, script)
    assert binance.api.clock.skew == 0


def test_a_part_fills_just_before_the_cancel(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order(pair(venue), "limit", "buy", 0.01, 49000)
        venue.plan.add(Trouble.FILL_FIRST, CANCEL[venue.api.ccxt_id], share="0.3")
        await e.cancel_order(made["id"], pair(venue))
        order = await e.fetch_order(made["id"], pair(venue))
        assert (order["status"], order["filled"]) == ("canceled", 0.003)
        whole = await e.create_order(pair(venue), "limit", "buy", 0.01, 49000)
        venue.plan.add(Trouble.FILL_FIRST, CANCEL[venue.api.ccxt_id], share="1")
        assert await failed(e.cancel_order(whole["id"], pair(venue))) == "OrderNotFound"
        assert (await e.fetch_order(whole["id"], pair(venue)))["status"] == "closed"

    drive(venue, script)


def test_the_price_jumps_before_the_order(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        venue.plan.add(Trouble.GAP, PLACE[venue.api.ccxt_id], share="-0.1")
        made = await e.create_order(pair(venue), "market", "buy", 0.01)
        assert (await e.fetch_order(made["id"], pair(venue)))["average"] == pytest.approx(45000, rel=1e-4)

    drive(venue, script)


def test_wrong_balances_are_in_the_answer_only(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        venue.plan.add(Trouble.WRONG_BALANCE, BALANCE[venue.api.ccxt_id])
        assert (await e.fetch_balance())["BTC"]["total"] == 2
        assert (await e.fetch_balance())["BTC"]["total"] == 1

    drive(venue, script)


def test_requests_over_the_socket_in_trouble(binance: VenueServer) -> None:
    async def script(e: Any) -> None:
        binance.plan.add(Trouble.RESET_AFTER, "ws-api order.place")
        assert await failed(e.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 49000)) == "NetworkError"
        assert len(binance.api.core.open_orders()) == 1
        binance.plan.add(Trouble.TIMEOUT_BEFORE, "ws-api order.place")
        with pytest.raises(asyncio.TimeoutError):  # ccxt waits for an answer without any limit of time
            await asyncio.wait_for(e.create_order_ws("BTC/USDT", "limit", "buy", 0.01, 49000), 0.5)
        assert len(binance.api.core.open_orders()) == 1

    drive(binance, script, timeout=300)


def test_seeded_trouble_is_the_same_for_the_same_seed() -> None:
    def strikes(seed: int) -> list[tuple[int, Trouble]]:
        plan = FaultPlan()
        plan.chance(seed, 0.3, [Trouble.RESET_AFTER, Trouble.FUNDS, Trouble.LOST])
        return [(n, fault.trouble) for n in range(100) if (fault := plan.for_call("POST /api/v3/order", n))]

    assert strikes(1) == strikes(1) != strikes(2)
    assert 15 < len(strikes(1)) < 45
    assert {trouble for _, trouble in strikes(1)} == {Trouble.RESET_AFTER, Trouble.FUNDS}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_storm_of_orders_leaves_the_venues_sums_right(venue: VenueServer, seed: int) -> None:
    menu = [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.UNAVAILABLE, Trouble.BAD_JSON, Trouble.FILL_FIRST,
            Trouble.GAP, Trouble.FUNDS, Trouble.NONCE, Trouble.DUPLICATE, Trouble.LOST]  # fmt: skip

    async def script(e: Any) -> None:
        import ccxt

        venue.plan.chance(seed, 0.3, menu)
        for number in range(30):
            try:
                side = "buy" if number % 2 else "sell"
                made = await e.create_order(pair(venue), "limit", side, 0.01, 49000 if number % 2 else 51000)
                if number % 3 == 0:
                    await e.cancel_order(made["id"], pair(venue))
            except ccxt.BaseError:
                pass
            venue.do(venue.api.core.walk, pair(venue))

    drive(venue, script)
    assert len(venue.plan.fired) > 5
    core = venue.api.core
    assert core.wallet.total("BTC") == 1 + sum(
        (f.amount if f.side == "buy" else -f.amount) - (f.fee if f.fee_asset == "BTC" else Decimal(0))
        for f in core.settlement.fills
    )

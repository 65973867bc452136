"""Each fault that befalls WebSocket events, as an unmodified ccxt.pro class meets it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import armed, drive, failed, until
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer


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


async def user_stream(venue: VenueServer, e: Any) -> None:
    """Opens the stream of own trades."""
    task = asyncio.create_task(e.watch_my_trades())
    await until(lambda: venue.has_stream("user"))
    await armed(e, "myTrades")
    await e.create_order("BTC/USDT", "market", "sell", 0.001)
    await asyncio.wait_for(task, 5)


def trades_after(trouble: Trouble, venue: VenueServer) -> list[str]:
    """Amounts of the trades that ccxt knows after three more orders, the first one's trade in trouble."""

    async def script(e: Any) -> list[str]:
        e.number = str
        await user_stream(venue, e)
        venue.plan.add(trouble, "ws executionReport", skip=1)  # past the NEW report of the next order
        for amount in ("0.002", "0.003", "0.004"):
            await e.create_order("BTC/USDT", "market", "sell", amount)
        await until(lambda: any(t["amount"] == "0.00400000" for t in e.myTrades))
        return [trade["amount"] for trade in e.myTrades][1:]

    return drive(venue, script)


@pytest.mark.parametrize(
    ("trouble", "known"),
    [
        (Trouble.LOST, ["0.00300000", "0.00400000"]),
        (Trouble.LATE, ["0.00200000", "0.00300000", "0.00400000"]),
        (Trouble.DUPLICATE, ["0.00200000", "0.00300000", "0.00400000"]),
    ],
)
def test_own_trades_lost_late_and_twice(binance: VenueServer, trouble: Trouble, known: list[str]) -> None:
    assert trades_after(trouble, binance) == known
    assert [fired.where for fired in binance.plan.fired] == ["ws executionReport"]


def test_late_and_double_events_on_the_tape(binance: VenueServer) -> None:
    """Public trades show order and count: ccxt neither sorts nor drops them."""

    async def script(e: Any) -> list[float]:
        task = asyncio.create_task(e.watch_trades("BTC/USDT"))
        await until(lambda: binance.has_stream("btcusdt@trade"))
        binance.plan.add(Trouble.LATE, "ws trade")
        binance.plan.add(Trouble.DUPLICATE, "ws trade", skip=1)
        for price in ("50001", "50002", "50003"):
            binance.set_price("BTC/USDT", price)
        await task
        await until(lambda: len(e.trades["BTC/USDT"]) == 4)
        return [trade["price"] for trade in e.trades["BTC/USDT"]]

    assert drive(binance, script, keys=False) == [50002, 50001, 50003, 50003]


def test_a_gap_in_the_book_is_seen(binance: VenueServer) -> None:
    async def script(e: Any) -> None:
        await e.watch_order_book("BTC/USDT")
        first = asyncio.create_task(e.watch_order_book("BTC/USDT"))
        await armed(e, "orderbook")
        binance.set_price("BTC/USDT", "50001")
        await asyncio.wait_for(first, 5)
        task = asyncio.create_task(e.watch_order_book("BTC/USDT"))
        await armed(e, "orderbook")
        binance.plan.add(Trouble.LOST, "ws depthUpdate")
        binance.set_price("BTC/USDT", "50002")
        binance.set_price("BTC/USDT", "50003")
        assert await failed(asyncio.wait_for(task, 5)) == "ChecksumError"

    drive(binance, script, keys=False)


@pytest.mark.parametrize("trouble", [Trouble.SILENT, Trouble.BAD_FRAME])
def test_a_stream_that_dies_quietly(venue: VenueServer, trouble: Trouble) -> None:
    """The watch hangs and so does the next: only the loop's exception handler hears of a broken frame."""
    event = "ws 24hrMiniTicker" if venue.api.ccxt_id == "binance" else "ws ticker"
    heard: list[str] = []

    async def script(e: Any) -> None:
        asyncio.get_running_loop().set_exception_handler(
            lambda _, told: heard.append(repr(told["exception"]))
        )
        await e.watch_ticker(pair(venue))
        task = asyncio.create_task(e.watch_ticker(pair(venue)))
        await armed(e, "ticker")
        venue.plan.add(trouble, event)
        for price in ("50100", "50200"):
            venue.set_price(pair(venue), price)
            done, _ = await asyncio.wait([task], timeout=0.2)
            assert not done
        task.cancel()

    drive(venue, script, keys=False)
    assert venue.plan.count(trouble) == 1
    assert len(heard) == (1 if trouble is Trouble.BAD_FRAME else 0), heard
    assert all("JSONDecodeError" in text for text in heard)


def test_a_cut_socket_is_an_error_at_once(venue: VenueServer) -> None:
    event = "ws 24hrMiniTicker" if venue.api.ccxt_id == "binance" else "ws ticker"

    async def script(e: Any) -> None:
        await e.watch_ticker(pair(venue))
        task = asyncio.create_task(e.watch_ticker(pair(venue)))
        await armed(e, "ticker")
        venue.plan.add(Trouble.DISCONNECT, event)
        venue.set_price(pair(venue), "50100")
        assert await failed(task) == "NetworkError"
        assert (await asyncio.wait_for(e.watch_ticker(pair(venue)), 5))["last"] == 50100

    drive(venue, script, keys=False)


def test_a_terminated_user_stream_leaves_the_watch_hanging_but_the_next_one_subscribes_again(
    binance: VenueServer,
) -> None:
    async def script(e: Any) -> None:
        await user_stream(binance, e)
        task = asyncio.create_task(e.watch_orders())
        await armed(e, "orders")
        binance.plan.add(Trouble.TERMINATED, "ws executionReport")
        await e.create_order("BTC/USDT", "limit", "buy", 0.001, 49000)
        done, _ = await asyncio.wait([task], timeout=0.2)
        assert not done
        task.cancel()
        again = asyncio.create_task(e.watch_orders())
        await until(lambda: sum("signature" in line.call.name for line in binance.api.audit.lines) == 2)
        await armed(e, "orders")
        await e.create_order("BTC/USDT", "limit", "buy", 0.002, 49000)
        assert (await asyncio.wait_for(again, 5))[-1]["amount"] == 0.002

    drive(binance, script)

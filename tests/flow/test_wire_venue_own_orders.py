"""Own orders, trades and balances on the venues' sockets, watched by unmodified ccxt.pro classes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import armed, drive, failed, until
from tests.venue.kraken import Kraken
from tests.venue.orders import Kind, Wish
from tests.venue.server import VenueServer


@pytest.fixture
def binance() -> Iterator[VenueServer]:
    with VenueServer(Binance(seed=5)) as server:
        yield server
        server.do(server.api.core.check)


@pytest.fixture
def kraken() -> Iterator[VenueServer]:
    with VenueServer(Kraken(seed=5)) as server:
        yield server
        server.do(server.api.core.check)


def test_own_orders_trades_and_balance_on_binance(binance: VenueServer) -> None:
    pair = "BTC/USDT"

    async def script(e: Any) -> None:
        e.number = str
        tasks = [asyncio.create_task(watch()) for watch in (e.watch_orders, e.watch_balance)]
        await until(lambda: binance.has_stream("user"))
        await armed(e, "orders", "spot:balance")
        await e.create_order(pair, "limit", "buy", "0.01", "49000", {"clientOrderId": "own"})
        orders, balance = await asyncio.gather(*tasks)
        assert (orders[-1]["clientOrderId"], orders[-1]["status"]) == ("own", "open")
        assert (balance["USDT"]["used"], balance["USDT"]["free"]) == ("490.00000000", "9510.00000000")
        filled = asyncio.create_task(e.watch_my_trades(pair))
        closed = asyncio.create_task(e.watch_orders(pair))
        await armed(e, "myTrades", "orders")
        binance.set_price(pair, "48000")
        (trade,) = await asyncio.wait_for(filled, 5)
        (order,) = await asyncio.wait_for(closed, 5)
        fill = binance.api.core.settlement.fills[0]
        assert (Decimal(trade["amount"]), Decimal(trade["fee"]["cost"]), trade["order"]) == (
            fill.amount,
            fill.fee,
            order["id"],
        )
        assert (order["status"], order["filled"], order["clientOrderId"]) == ("closed", "0.01000000", "own")

    drive(binance, script)


def test_an_event_between_two_watches_wakes_nobody(binance: VenueServer) -> None:
    """The next watch waits for the next event: what came meanwhile is in ``exchange.orders`` only."""
    pair = "BTC/USDT"

    async def script(e: Any) -> None:
        first = asyncio.create_task(e.watch_orders())
        await until(lambda: binance.has_stream("user"))
        await armed(e, "orders")
        await e.create_order(pair, "limit", "buy", 0.01, 49000)
        await first
        binance.set_price(pair, "48000")
        await until(lambda: e.orders[-1]["status"] == "closed")
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(e.watch_orders(), 0.3)

    drive(binance, script)


def test_a_cancel_is_told_under_the_orders_own_id(binance: VenueServer) -> None:
    pair = "BTC/USDT"

    async def script(e: Any) -> None:
        first = asyncio.create_task(e.watch_orders())
        await until(lambda: binance.has_stream("user"))
        await armed(e, "orders")
        await e.create_order(pair, "limit", "buy", 0.01, 49000, {"clientOrderId": "mine"})
        await first
        second = asyncio.create_task(e.watch_orders())
        await armed(e, "orders")
        await e.cancel_order("", pair, {"clientOrderId": "mine"})
        (order,) = await asyncio.wait_for(second, 5)
        assert (order["status"], order["clientOrderId"]) == ("canceled", "mine")

    drive(binance, script)


def test_an_orders_fees_are_right_in_its_trades_only(binance: VenueServer) -> None:
    """ccxt adds the fees of an order's fills up as floats; with ``number = str`` the second one makes 0.0."""
    pair = "BTC/USDT"

    async def script(e: Any) -> None:
        e.number = str
        first = asyncio.create_task(e.watch_orders())
        await until(lambda: binance.has_stream("user"))
        await armed(e, "orders")
        await e.create_order(pair, "limit", "buy", "0.01", "49000", {"clientOrderId": "two"})
        await first
        for told in ("0.00000500", 0.0):
            trades, orders = (
                asyncio.create_task(e.watch_my_trades(pair)),
                asyncio.create_task(e.watch_orders()),
            )
            await armed(e, "myTrades", "orders")
            binance.do(lambda: binance.api.core.fill(binance.api.core.open_orders()[0], "0.005"))
            trade, order = (await asyncio.wait_for(trades, 5))[-1], (await asyncio.wait_for(orders, 5))[-1]
            assert Decimal(trade["fee"]["cost"]) == binance.api.core.settlement.fills[-1].fee
            assert order["fee"]["cost"] == told
            assert trade["amount"] == "0.00500000"
        assert (order["filled"], order["status"]) == ("0.01000000", "closed")

    drive(binance, script)


def test_own_orders_trades_and_balance_on_kraken(kraken: VenueServer) -> None:
    pair = "BTC/USD"

    async def script(e: Any) -> None:
        opened = asyncio.create_task(e.watch_orders())
        balance = await e.watch_balance()
        assert (balance["USD"]["total"], balance["USD"]["free"]) == (10000, None)  # totals only
        await until(lambda: kraken.has_stream("executions"))
        made = await e.create_order(pair, "limit", "buy", 0.01, 49000, {"clientOrderId": "own"})
        order = (await asyncio.wait_for(opened, 5))[0]
        assert (order["id"], order["symbol"], order["status"]) == (made["id"], pair, "open")
        # The client id of a socket's order is the userref; ours is in the raw report only.
        assert (order["clientOrderId"], order["info"]["cl_ord_id"]) == ("0", "own")
        trades = asyncio.create_task(e.watch_my_trades(pair))
        totals = asyncio.create_task(e.watch_balance())
        with_symbol = asyncio.create_task(e.watch_orders(pair))
        without = asyncio.create_task(e.watch_orders())
        await armed(e, "myTrades", "balances", "orders:", "orders")
        kraken.set_price(pair, "48000")
        (trade,) = await asyncio.wait_for(trades, 5)
        assert (trade["order"], trade["amount"], trade["fee"]) == (
            made["id"],
            0.01,
            {"cost": 1.225, "currency": "USD"},
        )
        assert (await asyncio.wait_for(totals, 5))["BTC"]["total"] == 1.01
        assert (await asyncio.wait_for(without, 5))[-1]["status"] == "closed"
        done, _ = await asyncio.wait([with_symbol], timeout=0.3)
        assert not done  # the filled report names no symbol
        with_symbol.cancel()

    drive(kraken, script)


def test_krakens_snapshot_has_the_open_orders(kraken: VenueServer) -> None:
    wish = Wish(symbol="BTC/USD", side="buy", kind=Kind.LIMIT, amount=Decimal("0.01"), price=Decimal(49000))
    order = kraken.do(kraken.api.orders.placed, wish)  # type: ignore[attr-defined]

    async def script(e: Any) -> list[str]:
        return [o["id"] for o in await e.watch_orders()]

    assert drive(kraken, script) == [order.venue_id]


def test_a_token_that_is_not_the_venues_is_refused(kraken: VenueServer) -> None:
    """The refusal has no one to wake: ccxt waits on the channel's name, the answer carries the request's id."""

    async def script(e: Any) -> None:
        await e.authenticate()
        kraken.api.token = "another"  # type: ignore[attr-defined]
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(e.watch_orders(), 0.5)
        assert (
            await failed(e.create_order_ws("BTC/USD", "limit", "buy", 0.01, 49000)) == "AuthenticationError"
        )

    drive(kraken, script)
    assert not kraken.api.core.orders

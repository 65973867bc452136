"""The venues' public sockets, watched by unmodified ccxt.pro classes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import armed, drive, failed, until
from tests.venue.kraken import Kraken
from tests.venue.kraken_book import checksum
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


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> VenueServer:
    made: VenueServer = request.getfixturevalue(request.param)
    return made


def symbol(venue: VenueServer) -> str:
    return "BTC/USDT" if venue.api.ccxt_id == "binance" else "BTC/USD"


async def after(venue: VenueServer, watched: Any, price: str) -> Any:
    """What a watch gives once the price moves; the move is repeated until the subscription has heard of one."""
    task = asyncio.create_task(watched)
    for _ in range(100):
        venue.set_price(symbol(venue), price)
        done, _ = await asyncio.wait([task], timeout=0.05)
        if done:
            return task.result()
    raise AssertionError("the watch gave nothing")


def test_prices_candles_and_trades(venue: VenueServer) -> None:
    pair = symbol(venue)

    async def script(e: Any) -> None:
        assert (await e.watch_ticker(pair))["last"] == 50000
        assert (await after(venue, e.watch_ticker(pair), "50100"))["last"] == 50100
        assert (await e.watch_ohlcv(pair, "1m"))[-1][4] == 50100
        bars = await after(venue, e.watch_ohlcv(pair, "1m"), "50200")
        assert (bars[-1][4], bars[-1][2] >= 50200) == (50200, True)
        if venue.api.ccxt_id == "kraken":
            await e.watch_trades(pair)  # the snapshot
        trades = await after(venue, e.watch_trades(pair), "50300")
        assert trades[-1]["price"] == 50300
        quotes = await after(venue, e.watch_bids_asks([pair]), "50400")
        quote = (
            quotes[pair]
            if quotes[pair]["bid"] == 50400
            else (await after(venue, e.watch_bids_asks([pair]), "50400"))[pair]
        )
        assert (quote["bid"], quote["ask"] > 50400) == (50400, True)

    drive(venue, script, keys=False)


def test_a_finished_candle_is_told_once_more(binance: VenueServer) -> None:
    clock = binance.api.clock
    clock.fix(clock.real() // 60_000 * 60_000)
    seen: list[tuple[int, bool]] = []

    async def script(e: Any) -> None:
        handle = e.handle_ohlcv
        e.handle_ohlcv = lambda client, message: (
            seen.append((message["k"]["t"], message["k"]["x"])), handle(client, message)
        )  # fmt: skip
        await e.watch_ohlcv("BTC/USDT", "1m")
        clock.advance(60_000)
        binance.set_price("BTC/USDT", "50100")
        await until(lambda: len(seen) >= 3)

    drive(binance, script, keys=False)
    first = seen[0][0]
    assert seen == [(first, False), (first, True), (first + 60_000, False)]


def test_the_book_follows_its_changes(venue: VenueServer) -> None:
    pair = symbol(venue)

    async def script(e: Any) -> None:
        await e.watch_order_book(pair)
        for price in ("50010", "50020", "49990", "50050"):
            task = asyncio.create_task(e.watch_order_book(pair))
            await armed(e, "orderbook")
            venue.set_price(pair, price)
            await asyncio.wait_for(task, 5)
        book = venue.api.core.tapes[pair].book
        await until(lambda: e.orderbooks[pair]["bids"][0][0] == float(book.bids(1)[0][0]))
        for side, mine in (("bids", book.bids(10)), ("asks", book.asks(10))):
            assert [tuple(row[:2]) for row in e.orderbooks[pair][side][:10]] == [
                (float(p), float(q)) for p, q in mine
            ]

    drive(venue, script, keys=False)


def test_krakens_checksum_is_over_the_book_that_was_told(kraken: VenueServer) -> None:
    sums: list[int] = []

    async def script(e: Any) -> None:
        handle = e.handle_order_book

        def note(client: Any, message: Any) -> None:
            sums.append(message["data"][0]["checksum"])
            handle(client, message)

        e.handle_order_book = note
        await e.watch_order_book("BTC/USD")
        kraken.set_price("BTC/USD", "50020")
        await until(lambda: len(sums) >= 2)

    drive(kraken, script, keys=False)
    book = kraken.api.core.tapes["BTC/USD"].book
    assert sums[-1] == checksum(book.asks(10), book.bids(10), 1, 8)


def test_ccxt_cannot_check_krakens_checksum_on_floats(kraken: VenueServer) -> None:
    """With ``checksum: True`` ccxt 4.5.90 splits the book's floats as if they were texts, and the watch hangs."""

    async def script(e: Any) -> str:
        e.options["watchOrderBook"]["checksum"] = True
        try:
            await asyncio.wait_for(e.watch_order_book("BTC/USD"), 0.5)
        except (AttributeError, TimeoutError) as error:
            return type(error).__name__
        return "works"

    assert drive(kraken, script, keys=False) != "works"


def test_krakens_heart_beats(kraken: VenueServer) -> None:
    async def script(e: Any) -> None:
        await e.watch_ticker("BTC/USD")
        beats: list[Any] = []
        for client in e.clients.values():
            handle = client.on_message_callback

            def note(client: Any, message: Any, handle: Any = handle) -> None:
                beats.append(message.get("channel"))
                handle(client, message)

            client.on_message_callback = note
        await until(lambda: "heartbeat" in beats, 3)

    drive(kraken, script, keys=False)


def test_cut_sockets_come_back_by_themselves(venue: VenueServer) -> None:
    pair = symbol(venue)

    async def script(e: Any) -> None:
        await e.watch_ticker(pair)
        task = asyncio.create_task(e.watch_ticker(pair))
        await armed(e, "ticker")
        venue.cut_sockets()
        assert await failed(task) == "NetworkError"
        assert (await asyncio.wait_for(e.watch_ticker(pair), 5))["last"] == 50000

    drive(venue, script, keys=False)

"""Own streams whose beginning goes wrong or is answered in an odd way: quiet, and none is given up for nothing."""

from __future__ import annotations

import asyncio
import gc
import logging
import threading
import time
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
from aiohttp import web

from actors.venues.exchange import socket_manners
from core.intent import Side
from tests.fakes.exchange_bench import AccountBench, account_on
from tests.fakes.venue_gaps import lacking
from tests.venue import binance_streams
from tests.venue.binance import Binance
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer
from tests.venue.wire import Answer

PAIR = {"binance": "BTC/USDT", "kraken": "BTC/USD"}


@pytest.fixture(params=["binance", "kraken"])
def bench(request: pytest.FixtureRequest) -> Iterator[AccountBench]:
    with account_on(Binance() if request.param == "binance" else Kraken(), PAIR[request.param]) as made:
        yield made


def trades(bench: AccountBench) -> None:
    order = bench.order(Side.SELL, "0.01")
    bench.place(order)
    bench.until(lambda: bench.trades(order))


def test_the_streams_need_no_balances(bench: AccountBench) -> None:
    """Neither the channel of balances nor the question for them; only orders are subscribed to."""
    with lacking(bench.venue, "GET /api/v3/account", 503), lacking(bench.venue, "BalanceEx", 503):
        bench.listen()
        trades(bench)
        assert not bench.venue.has_stream("balances")
        assert (bench.ups(), bench.downs()) == (1, [])


@pytest.mark.parametrize(
    "said",
    [
        {"status": 200, "result": {}},
        {"status": 200},
        {"result": None},
        {"status": 200, "result": {"subscriptionId": None}},
    ],
)
def test_binance_confirms_without_a_number(monkeypatch: pytest.MonkeyPatch, said: dict[str, Any]) -> None:
    def reply(self: Any, request: object, answer: Answer) -> None:
        assert answer.status == 200
        self._socket.reply({"id": request} | said)

    monkeypatch.setattr(binance_streams.UserSession, "_reply", reply)
    with account_on(Binance(), "BTC/USDT") as bench:
        bench.listen()
        trades(bench)
        assert (bench.ups(), bench.downs()) == (1, [])


def test_binance_confirms_nothing_and_the_first_event_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binance_streams.UserSession, "_reply", lambda *_: None)
    with account_on(Binance(), "BTC/USDT") as bench:
        bench.account.listen(bench.hear)
        bench.until(lambda: bench.venue.has_stream("user"))
        bench.place(bench.order(Side.BUY, "0.01", "49000"))
        bench.until(lambda: bench.ups() == 1)
        assert bench.downs() == []
        trades(bench)


# ---- quiet -----------------------------------------------------------------------------------------------


def heard(caplog: pytest.LogCaptureFixture, told: list[warnings.WarningMessage]) -> list[str]:
    """What asyncio and Python complain of."""
    for _ in range(3):
        gc.collect()
    own = [record.getMessage() for record in caplog.records if record.name == "asyncio"]
    return own + [str(one.message) for one in told]


def test_refused_handshakes_are_told_once_and_leave_nothing(
    bench: AccountBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuses(_: VenueServer, __: web.Request) -> web.Response:
        return web.Response(status=404, text="no sockets here")

    monkeypatch.setattr(VenueServer, "_socket", refuses)
    caplog.set_level(logging.WARNING, "asyncio")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bench.account.listen(bench.hear)
        bench.until(lambda: bench.account.statistics().reconnects >= 6)
        bench.account.close()
        assert heard(caplog, told) == []
    assert bench.ups() == 0
    assert bench.downs()


def test_a_closing_in_the_middle_of_a_handshake_leaves_nothing(
    bench: AccountBench, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    over, begun = threading.Event(), threading.Event()

    async def hangs(_: VenueServer, __: web.Request) -> web.Response:
        begun.set()
        while not over.is_set():
            await asyncio.sleep(0.01)
        return web.Response(status=404)

    monkeypatch.setattr(VenueServer, "_socket", hangs)
    caplog.set_level(logging.WARNING, "asyncio")
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        bench.account.listen(bench.hear)
        assert begun.wait(5)
        start = time.monotonic()
        bench.account.close()
        assert time.monotonic() - start < 3
        assert heard(caplog, told) == []
    over.set()


def test_a_handshake_that_never_began_is_no_coroutine_left_behind() -> None:
    """ccxt makes its coroutines before it awaits them: who is cancelled in between awaits none."""

    class Client:
        def future(self, _: str) -> asyncio.Future[None]:
            return asyncio.get_running_loop().create_future()

        def create_connection(self, _: object) -> Any:
            inner = asyncio.sleep(0)  # as aiohttp's, held by another coroutine

            async def enter() -> None:
                await inner

            return enter()

    async def cancelled(client: Any) -> None:
        task = asyncio.ensure_future(asyncio.wait_for(client.create_connection(None), 5))
        await asyncio.sleep(0)  # wait_for has begun, what it waits for has not
        for one in asyncio.all_tasks() - {asyncio.current_task()}:  # as the connection does when it closes
            one.cancel()
        await asyncio.gather(task, return_exceptions=True)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        asyncio.run(cancelled(socket_manners.tidy(Client())))
        gc.collect()
        assert [str(one.message) for one in told] == []
        asyncio.run(cancelled(Client()))
        gc.collect()
        assert ["never awaited" in str(one.message) for one in told] == [True]

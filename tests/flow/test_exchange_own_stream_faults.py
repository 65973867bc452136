"""Own streams through every trouble of the wire: a dead one is replaced, and the caller reads everything again."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.intent import Side
from core.venue import AccountStream, VenueStatus, VenueTrade
from tests.fakes.exchange_bench import QUICK, SOON, AccountBench, account_on, total
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken

PAIR = {"binance": "BTC/USDT", "kraken": "BTC/USD"}
ORDERS = {"binance": "ws executionReport", "kraken": "ws executions"}
TOKEN = "GetWebSocketsToken"
SUBSCRIBE = "ws-api userDataStream.subscribe.signature"


def api_of(venue: str) -> Any:
    return Binance() if venue == "binance" else Kraken()


@pytest.fixture(params=["binance", "kraken"])
def bench(request: pytest.FixtureRequest) -> Iterator[AccountBench]:
    with account_on(api_of(request.param), PAIR[request.param]) as made:
        made.listen()
        yield made


@pytest.fixture
def binance() -> Iterator[AccountBench]:
    with account_on(Binance(), "BTC/USDT") as made:
        made.listen()
        yield made


@pytest.fixture
def kraken() -> Iterator[AccountBench]:
    with account_on(Kraken(), "BTC/USD") as made:
        made.listen()
        yield made


def ended(bench: AccountBench, order: Any, status: VenueStatus) -> None:
    bench.until(lambda: bench.orders(order) and bench.orders(order)[-1].status is status)


@pytest.mark.parametrize("trouble", [Trouble.DUPLICATE, Trouble.LATE])
def test_events_twice_and_late_lose_nothing(bench: AccountBench, trouble: Trouble) -> None:
    bench.venue.plan.add(trouble, ORDERS[bench.account.name], times=3, skip=1)
    orders = [bench.order(Side.SELL, f"0.00{number}") for number in range(1, 5)]
    for order in orders:
        bench.place(order)
    bench.until(lambda: {t.quantity for o in orders for t in bench.trades(o)} == {o.quantity for o in orders})
    assert bench.venue.plan.count(trouble) == 3
    assert bench.ups() == 1


BREAKS = [Trouble.DISCONNECT, Trouble.BAD_FRAME, Trouble.SILENT, Trouble.LOST]


@pytest.mark.parametrize("trouble", BREAKS)
def test_a_stream_that_breaks_is_replaced_and_everything_is_to_be_read_again(
    bench: AccountBench, trouble: Trouble
) -> None:
    """Also when the one event that was lost is the only one: an order of which nothing is told gives it away."""
    bench.venue.plan.add(trouble, ORDERS[bench.account.name], times=4 if trouble is Trouble.LOST else 1)
    first = bench.order(Side.BUY, "0.01", "49000")
    bench.place(first)
    bench.until(lambda: bench.ups() == 2)
    assert len(bench.downs()) == 1
    assert bench.downs()[0]
    bench.venue.plan.clear()
    order = bench.order(Side.SELL, "0.01")
    bench.place(order)
    bench.until(lambda: total(bench.trades(order)) == Decimal("0.01"))
    assert bench.account.statistics().reconnects == 1
    assert {found.client_order_id for found in bench.account.open_orders()} == {first.client_order_id}


def test_a_cut_socket_without_any_event(bench: AccountBench) -> None:
    bench.venue.cut_sockets()
    bench.until(lambda: bench.ups() == 2)
    assert bench.news.index(AccountStream(True)) < bench.news.index(
        next(news for news in bench.news if isinstance(news, AccountStream) and not news.is_up)
    )


def test_a_socket_that_goes_silent_without_any_event(bench: AccountBench) -> None:
    for socket in list(bench.venue.sockets):
        socket.is_silent = True
    bench.until(lambda: bench.ups() == 2)
    assert "silent" in bench.downs()[0]


def test_a_quiet_stream_is_left_alone(bench: AccountBench) -> None:
    """Nothing is traded, pings are answered: no reconnect, however long it is quiet."""
    ended_at = threading.Event()
    ended_at.wait(QUICK.silence * 3)
    assert bench.ups() == 1
    assert bench.downs() == []


@pytest.mark.parametrize("venue", ["binance", "kraken"])
def test_after_a_long_quiet_the_subscription_is_renewed(venue: str) -> None:
    with account_on(api_of(venue), PAIR[venue], patience=replace(QUICK, quiet=0.4)) as bench:
        bench.listen()
        bench.until(lambda: bench.ups() >= 3)
        assert bench.downs() == []
        assert bench.account.statistics().reconnects == 0


def test_a_terminated_user_stream(binance: AccountBench) -> None:
    binance.venue.plan.add(Trouble.TERMINATED, "ws executionReport")
    binance.place(binance.order(Side.BUY, "0.01", "49000"))
    binance.until(lambda: binance.ups() == 2)
    assert "ended the stream" in binance.downs()[0]


def test_a_refused_signature_is_told_and_tried_again() -> None:
    with account_on(Binance(), "BTC/USDT") as bench:
        right, bench.venue.api.secret = bench.venue.api.secret, "x" * 64
        bench.account.listen(bench.hear)
        bench.until(lambda: bench.downs() != [])
        assert "refused" in bench.downs()[0]
        bench.venue.api.secret = right
        bench.until(lambda: bench.ups() == 1)
        order = bench.order(Side.SELL, "0.01")
        bench.place(order)
        bench.until(lambda: bench.trades(order))


def test_a_token_that_is_not_taken_is_told_and_a_new_one_fetched() -> None:
    with account_on(Kraken(), "BTC/USD") as bench:
        api = bench.venue.api
        tell, bench_token = api._private[TOKEN], api.token  # type: ignore[attr-defined]
        api._private[TOKEN] = lambda _: {"token": "another", "expires": 900}  # type: ignore[attr-defined]
        bench.account.listen(bench.hear)
        bench.until(lambda: bench.downs() != [])
        assert "refused" in bench.downs()[0]
        api._private[TOKEN] = tell  # type: ignore[attr-defined]
        bench.until(lambda: bench.ups() == 1)
        assert api.token == bench_token  # type: ignore[attr-defined]
        bench.place(bench.order(Side.SELL, "0.01"))
        bench.until(lambda: any(isinstance(news, VenueTrade) for news in bench.news))


@pytest.mark.parametrize("venue", ["binance", "kraken"])
def test_after_ten_failures_it_is_polling_only_and_comes_back_all_the_same(venue: str) -> None:
    with account_on(api_of(venue), PAIR[venue], backoff=replace(SOON, few=4)) as bench:
        bench.venue.plan.add(Trouble.RESET_BEFORE, SUBSCRIBE, times=6)
        bench.venue.plan.add(Trouble.UNAVAILABLE, TOKEN, times=6)
        bench.account.listen(bench.hear)
        bench.until(lambda: bench.ups() == 1, 20)
        first, polling = bench.downs()
        assert first
        assert "by requests only, after 4 failures" in polling
        assert bench.account.statistics().reconnects >= 4


def test_backoff_doubles_up_to_a_minute() -> None:
    from actors.venues.exchange.own_streams import Backoff

    waits = [Backoff().wait(failures, 0.5) for failures in range(1, 10)]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    assert Backoff().wait(1, 0.0) < Backoff().wait(1, 1.0) <= 1.21

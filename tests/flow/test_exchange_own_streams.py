"""What own streams tell: orders, fills and balances, exact, and what was left out is asked for."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from core.ids import Currency
from core.intent import Kind, Side
from core.venue import BalancesTold, VenueOrder, VenueStatus
from tests.fakes.exchange_bench import QUICK, AccountBench, account_on, total
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.orders import Kind as VenueKind
from tests.venue.orders import Wish

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


@pytest.fixture(params=["binance", "kraken"])
def venue_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


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


# ---- what is told ----------------------------------------------------------------------------------------


def test_an_orders_life_with_two_fills_and_a_cancel(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    venue_id = bench.place(order)
    ended(bench, order, VenueStatus.OPEN)
    bench.fill(order, "0.002")
    bench.fill(order, "0.003")
    bench.until(lambda: len(bench.trades(order)) == 2)
    bench.cancel(order)
    ended(bench, order, VenueStatus.CANCELLED)
    last = bench.orders(order)[-1]
    assert (last.venue_id, last.symbol, last.side, last.kind) == (
        venue_id,
        bench.symbol,
        Side.BUY,
        Kind.LIMIT,
    )
    assert (last.quantity, last.filled, last.price) == (Decimal("0.01"), Decimal("0.005"), Decimal("49000"))
    fills = bench.core.settlement.fills
    assert [(t.quantity, t.price, t.cost, t.fee.amount) for t in bench.trades(order)] == [
        (fill.amount, fill.price, fill.cost, fill.fee) for fill in fills
    ]
    assert {t.fee.currency for t in bench.trades(order)} == {fills[0].fee_asset}
    assert all(t.is_maker and t.venue_id == venue_id and t.at.tzinfo for t in bench.trades(order))


def test_the_stream_and_the_requests_say_the_same_of_a_trade(bench: AccountBench) -> None:
    order = bench.order(Side.SELL, "0.01")
    bench.place(order)
    ended(bench, order, VenueStatus.FILLED)
    bench.until(lambda: total(bench.trades(order)) == Decimal("0.01"))
    asked = bench.account.trades({bench.symbol: bench.trades(order)[0].at})
    assert list(asked) == bench.trades(order)


@pytest.mark.parametrize(
    ("kind", "price"),
    [(Kind.POST_ONLY, "51000"), (Kind.STOP, "45000"), (Kind.LIMIT, "51000"), (Kind.MARKET, None)],
)
def test_kinds_and_prices_of_orders_as_told(bench: AccountBench, kind: Kind, price: str | None) -> None:
    order = bench.order(Side.SELL, "0.01", price, kind)
    bench.place(order)
    ended(bench, order, VenueStatus.FILLED if kind is Kind.MARKET else VenueStatus.OPEN)
    assert {(told.kind, told.price) for told in bench.orders(order)} == {(kind, order.price)}
    found = bench.account.find(order)
    assert found is not None
    assert replace(found, at=bench.orders(order)[-1].at, reason="") == replace(
        bench.orders(order)[-1], reason=""
    )


def test_balances_that_come_with_binances_orders() -> None:
    """Kraken's channel of balances is not subscribed to: it would tell totals alone."""
    with account_on(Binance(), "BTC/USDT") as bench:
        bench.listen()
        balances_come(bench)


def balances_come(bench: AccountBench) -> None:
    code = Currency("USDT")
    bench.place(bench.order(Side.SELL, "0.01"))
    cash = bench.core.wallet

    def told() -> bool:
        rows = [row for news in bench.news if isinstance(news, BalancesTold) for row in news.balances]
        return any(row.currency == code and row.total == cash.total(code) for row in rows)

    bench.until(told)


def test_orders_made_elsewhere_are_told_without_a_name_of_ours(bench: AccountBench) -> None:
    wish = Wish(symbol=bench.symbol, side="buy", kind=VenueKind.LIMIT, amount=Decimal("0.01"),
                price=Decimal(49000), client_id="by-hand", tags={"type": "LIMIT"})  # fmt: skip
    place = getattr(bench.venue.api.orders, "placed", bench.core.place)  # type: ignore[attr-defined]
    bench.venue.do(place, wish)
    bench.until(
        lambda: any(isinstance(news, VenueOrder) and news.client_order_id == "by-hand" for news in bench.news)
    )


def test_messages_are_counted(bench: AccountBench) -> None:
    bench.place(bench.order(Side.SELL, "0.01"))
    bench.until(lambda: bench.account.statistics().stream_messages > 2)
    assert bench.account.statistics().reconnects == 0


def test_news_come_at_once(bench: AccountBench) -> None:
    """Nothing waits for a timer: a fill is told long before the stream's next look."""
    for _ in range(20):
        order = bench.order(Side.SELL, "0.001")
        bench.place(order)
        bench.until(lambda made=order: bench.trades(made), 0.25)  # type: ignore[misc]


# ---- sparse and incomplete news --------------------------------------------------------------------------


def test_a_report_of_an_order_that_was_never_introduced_is_asked_for(kraken: AccountBench) -> None:
    kraken.venue.plan.add(Trouble.LOST, "ws executions")  # the report that says what the order is
    order = kraken.order(Side.BUY, "0.01", "49000")
    kraken.place(order)
    kraken.until(lambda: kraken.orders(order))
    told = kraken.orders(order)[-1]
    assert (told.symbol, told.quantity, told.price) == (kraken.symbol, Decimal("0.01"), Decimal("49000"))
    assert kraken.requests("QueryOrders") == 1
    threading.Event().wait(QUICK.deaf + 0.3)
    assert kraken.ups() == 1  # the answer counts as the news that had to come


@pytest.mark.parametrize("hidden", [{"n"}, {"n", "N"}])
def test_a_fill_without_its_fee_is_asked_for(
    binance: AccountBench, monkeypatch: pytest.MonkeyPatch, hidden: set[str]
) -> None:
    from tests.venue import binance_streams

    plain = binance_streams.execution_report

    def without(told: Any, core: Any) -> Any:
        return {name: value for name, value in plain(told, core).items() if name not in hidden}

    monkeypatch.setattr(binance_streams, "execution_report", without)
    order = binance.order(Side.SELL, "0.01")
    binance.place(order)
    binance.until(lambda: total(binance.trades(order)) == Decimal("0.01"))
    assert {t.fee.amount for t in binance.trades(order)} == {
        fill.fee for fill in binance.core.settlement.fills
    }
    assert binance.requests("GET /api/v3/myTrades") >= 1


@pytest.mark.parametrize("fees", [[], [{"asset": "USD"}], [{"qty": "0.5"}]])
def test_a_fill_without_its_fee_is_asked_for_on_kraken(
    kraken: AccountBench, monkeypatch: pytest.MonkeyPatch, fees: list[Any]
) -> None:
    from tests.venue import kraken_reports

    plain = kraken_reports.trade
    monkeypatch.setattr(kraken_reports, "trade", lambda *given: plain(*given) | {"fees": fees})
    order = kraken.order(Side.SELL, "0.01")
    kraken.place(order)
    kraken.until(lambda: total(kraken.trades(order)) == Decimal("0.01"))
    assert {t.fee.amount for t in kraken.trades(order)} == {fill.fee for fill in kraken.core.settlement.fills}
    assert kraken.requests("TradesHistory") >= 1


# ---- ends ------------------------------------------------------------------------------------------------


def test_nothing_is_told_after_the_end_and_nothing_is_left(bench: AccountBench) -> None:
    bench.account.close()
    told = len(bench.news)
    bench.core.listeners.clear()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("account")]
    assert len(bench.news) == told


@pytest.mark.parametrize("after_ms", [0, 1, 3, 10, 30])
def test_an_end_while_a_broken_stream_is_being_thrown_away(venue_name: str, after_ms: int) -> None:
    """Whenever it comes, every socket is closed (an unclosed one fails the test) and nothing starts again."""
    with account_on(api_of(venue_name), PAIR[venue_name]) as bench:
        bench.listen()
        bench.venue.cut_sockets()
        threading.Event().wait(after_ms / 1000)
        bench.account.close()
        assert not [thread for thread in threading.enumerate() if thread.name.startswith("account")]
    gc.collect()


def test_a_venue_without_own_streams_says_so_once(binance: AccountBench) -> None:
    twin = binance.account.twin()
    twin.open()
    try:
        twin._connection.exchange.has |= {"watchOrders": False, "watchMyTrades": None}  # type: ignore[attr-defined]
        told: list[Any] = []
        twin.listen(told.append)
        assert [(news.is_up, bool(news.why)) for news in told] == [(False, True)]
    finally:
        twin.close()

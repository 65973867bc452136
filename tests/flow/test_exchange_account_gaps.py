"""An account whose venue lacks something: what is not essential keeps nobody from seeing and cancelling orders."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from actors.venue_keys import VenueKeys
from actors.venues.exchange.account import ExchangeAccount
from actors.venues.exchange.link import Access, Link
from core.clock import SystemClock
from core.errors import BelayError, KeysRefused
from core.ids import Symbol, VenueName
from core.intent import Side
from core.venue import VenueStatus
from tests.fakes.exchange_bench import AccountBench, account_on, total
from tests.fakes.venue_gaps import answering, lacking
from tests.venue.binance import Binance
from tests.venue.kraken import Kraken
from tests.venue.orders import Kind as VenueKind
from tests.venue.orders import Wish
from tests.venue.server import ccxt_config
from tests.venue.wire import Answer

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
BALANCES = {"binance": "GET /api/v3/account", "kraken": "BalanceEx"}


@pytest.fixture
def kraken() -> Iterator[AccountBench]:
    with account_on(Kraken(), "BTC/USD", "ETH/USD") as made:
        yield made


def another(bench: AccountBench, keys: VenueKeys | None = None) -> ExchangeAccount:
    """A second program's account, not open yet."""
    api = bench.venue.api
    access = Access(
        VenueName(api.ccxt_id),
        ccxt_config(bench.venue, keys=False),
        keys or VenueKeys(api.key, api.secret),
        2.0,
    )
    return ExchangeAccount(Link(access, SystemClock()), (bench.symbol,))


# ---- opening ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [404, 500])
@pytest.mark.parametrize("api", [Binance, Kraken])
def test_without_balances_orders_are_seen_and_cancelled(api: Any, status: int) -> None:
    with account_on(api(), "BTC/USDT" if api is Binance else "BTC/USD") as bench:
        order = bench.order(Side.BUY, "0.01", "49000")
        bench.place(order)
        with lacking(bench.venue, BALANCES[api.ccxt_id], status):
            account = another(bench)
            try:
                account.open()
                assert [one.client_order_id for one in account.open_orders()] == [order.client_order_id]
                account.make_ready(is_urgent=True)
                account.cancel(order)
                assert account.open_orders() == ()
                with pytest.raises(BelayError):
                    account.balances()
            finally:
                account.close()


@pytest.mark.parametrize("api", [Binance, Kraken])
def test_keys_that_are_refused_are_refused_at_the_first_question(api: Any) -> None:
    with account_on(api(), "BTC/USDT" if api is Binance else "BTC/USD") as bench:
        account = another(bench, VenueKeys("x" * len(bench.venue.api.key), bench.venue.api.secret))
        try:
            account.open()
            with pytest.raises(KeysRefused):
                account.balances()
        finally:
            account.close()


# ---- trades ----------------------------------------------------------------------------------------------


def _wish(symbol: str = "BTC/USD") -> Wish:
    return Wish(symbol=symbol, side="sell", kind=VenueKind.MARKET, amount=Decimal("0.001"))


def _trade(bench: AccountBench, count: int, symbol: str = "BTC/USD") -> None:
    for _ in range(count):
        bench.venue.do(bench.venue.api.orders.placed, _wish(symbol))  # type: ignore[attr-defined]


def test_one_reading_of_krakens_trades_serves_all_markets(kraken: AccountBench) -> None:
    btc, eth = Symbol("BTC/USD"), Symbol("ETH/USD")
    _trade(kraken, 3)
    kraken.venue.do(kraken.venue.api.orders.placed, replace(_wish("ETH/USD"), side="buy"))  # type: ignore[attr-defined]
    later = datetime.fromtimestamp(kraken.core.settlement.fills[-1].at / 1000 + 60, UTC)
    found = kraken.account.trades({eth: later, btc: LONG_AGO})
    assert ([trade.symbol for trade in found], kraken.requests("TradesHistory")) == ([btc] * 3, 1)
    assert len(kraken.account.trades({btc: LONG_AGO, eth: LONG_AGO})) == 4
    assert kraken.account.trades({}) == ()
    assert kraken.requests("TradesHistory") == 2


def test_a_venue_that_does_not_heed_the_moment_is_not_read_to_the_end(kraken: AccountBench) -> None:
    _trade(kraken, 160)
    fills = kraken.core.settlement.fills
    for number, fill in enumerate(fills):  # an hour between two
        object.__setattr__(fill, "at", fill.at + (number - len(fills)) * 3_600_000)
    since = datetime.fromtimestamp(fills[-10].at / 1000, UTC)

    def all_of_it(call: Any, _: Answer) -> Answer:
        plain = call.params.pop("start", None)
        assert plain is not None
        return Answer({"error": [], "result": kraken.venue.api.orders.work("TradesHistory", call.params)})  # type: ignore[attr-defined]

    with answering(kraken.venue, "TradesHistory", all_of_it):
        assert len(kraken.account.trades({Symbol("BTC/USD"): since})) == 10
    assert kraken.requests("TradesHistory") == 1


@pytest.mark.parametrize(("api", "symbol"), [(Binance, "BTC/USDT"), (Kraken, "BTC/USD")])
def test_the_trades_of_one_order_without_any_time(api: Any, symbol: str) -> None:
    with account_on(api(), symbol) as bench:
        order, other = bench.order(Side.BUY, "0.1", "49000"), bench.order(Side.SELL, "0.01")
        venue_id = bench.place(order)
        assert bench.account.trades_of_order(order, venue_id) == ()
        bench.place(other)
        for _ in range(25):  # more than Kraken takes in one question
            bench.fill(order, "0.001")
        found = bench.account.trades_of_order(order, venue_id)
        assert found is not None
        assert (len(found), total(list(found))) == (25, Decimal("0.025"))
        assert {trade.client_order_id for trade in found} == {order.client_order_id}
        own = [one for one in bench.account.trades({bench.symbol: LONG_AGO}) if one.venue_id == venue_id]
        assert list(found) == own
        assert bench.account.trades_of_order(order, "") == found  # known from its answer
        assert bench.account.trades_of_order(bench.order(Side.BUY, "0.1", "49000"), "") is None


def test_where_an_orders_trades_cannot_be_asked_for(kraken: AccountBench) -> None:
    order = kraken.order(Side.SELL, "0.01")
    venue_id = kraken.place(order)
    with lacking(kraken.venue, "QueryOrders"):
        assert kraken.account.trades_of_order(order, venue_id) is None


# ---- looking for one order -------------------------------------------------------------------------------


def test_a_lost_order_costs_one_page_of_closed_ones(kraken: AccountBench) -> None:
    """The venue does not filter by our id, and a thousand orders ended before this one was sent."""
    _trade(kraken, 160)
    for order in kraken.core.orders.values():
        order.created -= 86_400_000
        order.updated -= 86_400_000
    lost = kraken.order(Side.BUY, "0.01", "49000")
    kraken.account._finder.note_sent(lost)
    asked = kraken.requests("ClosedOrders")
    assert kraken.account.find(lost) is None
    assert kraken.requests("ClosedOrders") == asked + 1
    sent = kraken.order(Side.SELL, "0.001")
    kraken.place(sent)
    kraken.account._ids._by_venue_id.clear()
    found = kraken.account.find(sent)
    assert found is not None
    assert found.status is VenueStatus.FILLED


def test_several_lost_orders_are_one_search_and_old_ones_are_asked_for_by_name(kraken: AccountBench) -> None:
    old = kraken.order(Side.SELL, "0.001")
    kraken.place(old)
    _trade(kraken, 60)  # more than a page ends after it
    new, never = kraken.order(Side.SELL, "0.001"), kraken.order(Side.BUY, "0.01", "49000")
    kraken.place(new)
    kraken.account._ids._by_venue_id.clear()
    found = kraken.account.find_many([old, new, never])
    assert {key: one.status for key, one in found.items()} == {
        old.client_order_id: VenueStatus.FILLED, new.client_order_id: VenueStatus.FILLED,
    }  # fmt: skip
    counts = [kraken.requests(name) for name in ("OpenOrders", "ClosedOrders")]
    assert counts == [1, 3]  # a page of all, and one for each that is not on it
    assert set(kraken.account.find_many([old, new], are_unlisted=True)) == set(found)
    assert kraken.requests("QueryOrders") == 1  # known by their venue ids now
    assert kraken.requests("OpenOrders") == 1


def test_an_order_that_cannot_be_read_is_a_fault_and_not_an_end(kraken: AccountBench) -> None:
    order = kraken.order(Side.BUY, "0.01", "49000")
    kraken.place(order)

    def strange(call: Any, answer: Answer) -> Answer:
        for row in answer.body["result"].values():
            row["descr"]["type"] = "?"
        return answer

    with answering(kraken.venue, "QueryOrders", strange), pytest.raises(BelayError):
        kraken.account.find_many([order])
    assert order.client_order_id in kraken.account.find_many([order])

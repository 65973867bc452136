"""What the account reads on Kraken's wire: open and closed orders, balances, rights and all pages of trades."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from core.errors import BelayError
from core.ids import Currency, Symbol
from core.intent import Side
from core.venue import VenueStatus
from tests.fakes.exchange_bench import AccountBench, account_on, odd_answers
from tests.venue.kraken import Kraken
from tests.venue.orders import Kind as VenueKind
from tests.venue.orders import Wish

BTC = "BTC/USD"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench() -> Iterator[AccountBench]:
    with account_on(Kraken(), BTC) as made:
        yield made


def forget(bench: AccountBench) -> None:
    """As after a restart: only our own records know our orders."""
    bench.account._ids._by_venue_id.clear()


# ---- looking ---------------------------------------------------------------------------------------------


def test_an_order_nobody_placed_is_not_found(bench: AccountBench) -> None:
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    bench.place(bench.order(Side.BUY, "0.01"))
    assert bench.account.find(bench.order(Side.BUY, "0.01", "49000")) is None


@pytest.mark.parametrize("others", [49, 50, pytest.param(101, marks=pytest.mark.long)])
def test_a_closed_order_is_found_behind_many_others(bench: AccountBench, others: int) -> None:
    """Also on a venue that does not filter its closed orders by our id."""
    order = bench.order(Side.SELL, "0.001")
    bench.place(order)
    for _ in range(others):
        bench.venue.do(bench.venue.api.orders.placed, _wish())  # type: ignore[attr-defined]
    forget(bench)
    found = bench.account.find(order)
    assert found is not None
    assert (found.status, found.client_order_id) == (VenueStatus.FILLED, order.client_order_id)
    assert bench.account.find(bench.order(Side.BUY, "0.01")) is None


def _wish(side: str = "sell", price: str | None = None) -> Wish:
    kind = VenueKind.LIMIT if price else VenueKind.MARKET
    return Wish(
        symbol=BTC, side=side, kind=kind, amount=Decimal("0.001"), price=Decimal(price) if price else None
    )


@pytest.mark.parametrize("answer", ['{"error":[]}', '{"error":[],"result":{}}', "null", "{}", ""])
def test_nothing_is_never_read_out_of_an_odd_answer(bench: AccountBench, answer: str) -> None:
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    with odd_answers(bench, answer, "OpenOrders"), pytest.raises(BelayError):
        bench.account.open_orders()
    assert len(bench.account.open_orders()) == 1


def test_open_orders_in_one_question_ours_and_foreign() -> None:
    with account_on(Kraken(), BTC, "ETH/USD") as bench:
        ours = bench.order(Side.BUY, "0.01", "49000")
        bench.place(ours)
        bench.venue.do(bench.venue.api.orders.placed, _wish("buy", "48000"))  # type: ignore[attr-defined]
        asked = bench.requests("OpenOrders")
        found = bench.account.open_orders()
        assert {order.client_order_id for order in found} == {ours.client_order_id, ""}
        assert bench.requests("OpenOrders") == asked + 1


def test_balances_total_and_free(bench: AccountBench) -> None:
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    usd = bench.account.balances()[Currency("USD")]
    held = bench.core.wallet.holdings["USD"]
    assert (usd.total, usd.free) == (Decimal("10000"), held.free)
    assert held.locked > 0


def test_key_rights(bench: AccountBench) -> None:
    rights = bench.account.key_rights()
    assert (rights.may_trade, rights.may_withdraw, rights.is_ip_bound) == (True, False, True)
    bench.venue.api.rights.append("withdraw-funds")  # type: ignore[attr-defined]
    assert bench.account.key_rights().may_withdraw is True
    del bench.venue.api._private["GetApiKeyInfo"]  # type: ignore[attr-defined]
    assert bench.account.key_rights().detail.startswith("could not verify")


# ---- trades ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 50, 51, 120])
def test_trades_of_all_pages_in_order(bench: AccountBench, count: int) -> None:
    for _ in range(count):
        bench.venue.do(bench.venue.api.orders.placed, _wish())  # type: ignore[attr-defined]
    fills = bench.core.settlement.fills
    found = bench.account.trades({bench.symbol: LONG_AGO})
    assert sorted(trade.trade_id for trade in found) == sorted(
        bench.venue.api.orders.trade_id(f) for f in fills
    )  # type: ignore[attr-defined]
    assert [trade.at for trade in found] == sorted(trade.at for trade in found)
    assert sum(trade.cost for trade in found) == sum(fill.cost for fill in fills)
    assert {trade.fee.currency for trade in found} == {"USD"}


def test_trades_from_a_moment_on_of_one_market(bench: AccountBench) -> None:
    bench.venue.do(bench.venue.api.orders.placed, _wish())  # type: ignore[attr-defined]
    since = datetime.fromtimestamp(bench.core.settlement.fills[-1].at / 1000, UTC)
    assert len(bench.account.trades({bench.symbol: since})) == 1
    assert bench.account.trades({bench.symbol: since + timedelta(milliseconds=1)}) == ()
    assert bench.account.trades({Symbol("ETH/USD"): LONG_AGO}) == ()


def test_a_trade_names_our_order(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    venue_id = bench.place(order)
    bench.fill(order, "0.004")
    (trade,) = bench.account.trades({bench.symbol: LONG_AGO})
    assert (trade.venue_id, trade.client_order_id, trade.is_maker) == (venue_id, order.client_order_id, True)
    (line,) = bench.venue.api.audit.named("TradesHistory")
    assert line.call.params["consolidate_taker"] == "false"
    forget(bench)
    assert bench.account.trades({bench.symbol: LONG_AGO})[0].client_order_id == ""

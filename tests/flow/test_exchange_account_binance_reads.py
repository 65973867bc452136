"""What the account reads on Binance's wire: one order, open orders, balances, and all pages of trades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors.venues.exchange import account_trades
from core.clock import millis
from core.errors import BelayError, TryAgain
from core.ids import Currency
from core.intent import Side
from core.money import Money
from tests.fakes.exchange_bench import AccountBench, account_on, odd_answers
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.settlement import Fees

BTC = "BTC/USDT"
PLACE, CANCEL, LOOK = "POST /api/v3/order", "DELETE /api/v3/order", "GET /api/v3/order"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def bench() -> Iterator[AccountBench]:
    with account_on(Binance(), BTC) as made:
        yield made


# ---- looking ---------------------------------------------------------------------------------------------


def test_an_order_nobody_placed_is_not_found(bench: AccountBench) -> None:
    assert bench.account.find(bench.order(Side.BUY, "0.01", "49000")) is None


@pytest.mark.parametrize("trouble", [Trouble.BAD_JSON, Trouble.RESET_BEFORE, *(
    pytest.param(trouble, marks=pytest.mark.long) for trouble in (Trouble.HTML, Trouble.GATEWAY)
)])  # fmt: skip
def test_a_look_that_fails_once_is_repeated_and_one_that_goes_on_failing_says_nothing(
    trouble: Trouble,
) -> None:
    with account_on(Binance(), BTC, timeout=0.4) as bench:
        order = bench.order(Side.BUY, "0.01", "49000")
        bench.place(order)
        bench.venue.plan.add(trouble, LOOK)
        assert bench.account.find(order) is not None
        bench.venue.plan.add(trouble, LOOK, times=3)
        with pytest.raises(TryAgain):
            bench.account.find(order)
        bench.venue.plan.add(trouble, "GET /api/v3/openOrders", times=3)
        with pytest.raises(TryAgain):
            bench.account.open_orders()


@pytest.mark.parametrize("answer", ["{}", "null", '""', "[7]", '[{"symbol": "BTCUSDT"}]', ""])
def test_no_open_orders_is_never_read_out_of_an_odd_answer(bench: AccountBench, answer: str) -> None:
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    with odd_answers(bench, answer, "GET /api/v3/openOrders"), pytest.raises(BelayError):
        bench.account.open_orders()
    assert len(bench.account.open_orders()) == 1


def test_odd_answers_about_trades_and_balances_are_faults_too(bench: AccountBench) -> None:
    with odd_answers(bench, "{}", "GET /api/v3/myTrades"), pytest.raises(BelayError):
        bench.account.trades({bench.symbol: LONG_AGO})
    with odd_answers(bench, "{}", "GET /api/v3/account"), pytest.raises(BelayError):
        bench.account.balances()


def test_open_orders_ours_and_foreign_of_the_sessions_markets() -> None:
    with account_on(Binance(), BTC, "ETH/USDT") as bench:
        ours = bench.order(Side.BUY, "0.01", "49000")
        bench.place(ours)
        for symbol, price in (("ETH/USDT", "2000"), ("XLM/USDT", "0.1")):
            bench.venue.do(_place_foreign, bench, symbol, price)
        found = bench.account.open_orders()
        assert [(order.symbol, order.client_order_id) for order in found] == [
            (BTC, ours.client_order_id),
            ("ETH/USDT", "web_ETH"),
        ]
        weights = [line.weight for line in bench.venue.api.audit.named("GET /api/v3/openOrders")]
        assert weights == [6, 6]  # all markets at once would be 80


def _place_foreign(bench: AccountBench, symbol: str, price: str) -> None:
    given = {"symbol": symbol.replace("/", ""), "side": "BUY", "type": "LIMIT", "timeInForce": "GTC",
             "quantity": "100", "price": price, "newClientOrderId": f"web_{symbol[:3]}"}  # fmt: skip
    if symbol == "ETH/USDT":
        given |= {"quantity": "0.1"}
    bench.venue.api.orders.place(given)  # type: ignore[attr-defined]


def test_balances_total_and_free(bench: AccountBench) -> None:
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    usdt = bench.account.balances()[Currency("USDT")]
    assert (usdt.total, usdt.free) == (Decimal("10000"), Decimal("9510"))


# ---- trades ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("taken_in", "side", "fee"),
    [
        ("received", Side.BUY, Money(Decimal("0.00001234"), Currency("BTC"))),
        ("received", Side.SELL, Money(Decimal("0.61638300"), Currency("USDT"))),
        ("quote", Side.BUY, Money(Decimal("0.604660"), Currency("USDT"))),
        ("BNB", Side.BUY, Money(Decimal("0.00090699"), Currency("BNB"))),
    ],
)
def test_fees_in_base_quote_and_a_third_currency(taken_in: str, side: Side, fee: Money) -> None:
    api = Binance(deposits={"USDT": "10000", "BTC": "1", "BNB": "3"}, fees=Fees(taken_in=taken_in))
    with account_on(api, BTC) as bench:
        order = bench.order(side, "0.01234", "49000" if side is Side.BUY else "51000")
        venue_id = bench.place(order)
        bench.fill(order, "0.01234", "49000" if side is Side.BUY else "49950")
        (trade,) = bench.account.trades({bench.symbol: LONG_AGO})
        assert (trade.fee.currency, trade.is_maker, trade.side) == (fee.currency, True, side)
        assert trade.fee.amount == bench.core.settlement.fills[0].fee
        assert trade.fee == fee
        assert trade.cost == trade.price * trade.quantity == bench.core.settlement.fills[0].cost
        assert (trade.venue_id, trade.client_order_id) == (venue_id, order.client_order_id)
        assert trade.at.tzinfo is UTC


@pytest.mark.parametrize("rate", ["0", "0.00000001"])
def test_a_zero_fee_is_a_fee(rate: str) -> None:
    api = Binance(fees=Fees(maker=Decimal(rate), taker=Decimal(rate)))
    with account_on(api, BTC) as bench:
        bench.place(bench.order(Side.BUY, "0.01"))
        trades = bench.account.trades({bench.symbol: LONG_AGO})
        assert [trade.fee.amount for trade in trades] == [fill.fee for fill in bench.core.settlement.fills]
        assert bench.requests("GET /api/v3/myTrades") == 1


@pytest.mark.parametrize("apart", [0, 7, 40 * 3_600_000])
@pytest.mark.parametrize("page", [3, 24, 25, 1000])
def test_trades_come_whole_and_in_order_whatever_the_page(bench: AccountBench, page: int, apart: int) -> None:
    """The wire venue gives the newest page of a window; fills lie in one ms, close together or days apart."""
    for _ in range(25):
        bench.venue.do(bench.core.place, _wish())
    fills = bench.core.settlement.fills
    for back, fill in enumerate(reversed(fills)):
        fills[fills.index(fill)] = replace(fill, at=fill.at - back * apart)

    async def asked(exchange: Any) -> Any:
        since = datetime.fromtimestamp(fills[0].at / 1000, UTC)
        return await account_trades.trades(exchange, {bench.symbol: since}, bench.account._ids, page=page)

    found = bench.account._connection.read(asked)
    assert [int(trade.trade_id) for trade in found] == [fill.number for fill in fills]
    assert [trade.quantity for trade in found] == [fill.amount for fill in fills]
    fills.clear()
    for order in bench.core.orders.values():
        fills.extend(order.fills)  # the venue's own books again


def test_trades_from_a_moment_on(bench: AccountBench) -> None:
    bench.venue.do(bench.core.place, _wish())
    bench.venue.api.clock.skew += 60_000
    bench.venue.do(bench.core.place, _wish())
    last = bench.core.settlement.fills[-1]
    found = bench.account.trades(
        {bench.symbol: datetime.fromtimestamp(last.at / 1000, UTC) - timedelta(seconds=1)}
    )
    assert [trade.trade_id for trade in found][-1] == str(last.number)
    assert all(millis(trade.at) >= last.at - 1000 for trade in found)


def _wish() -> Any:
    from tests.venue.orders import Kind as VenueKind
    from tests.venue.orders import Wish

    return Wish(
        symbol=BTC, side="sell", kind=VenueKind.MARKET, amount=Decimal("0.001"), tags={"type": "MARKET"}
    )

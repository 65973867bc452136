"""Numbers survive to the last digit, fees in every shape, and where an order stands."""

from __future__ import annotations

from decimal import Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actors.venues.exchange.account_values import exact_of, fee_of, order_from, trade_from
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.own_kraken import KrakenFrames
from core.errors import BadData
from core.ids import Currency, Symbol, VenueName
from core.intent import Kind
from core.money import Money, Quantity
from core.venue import VenueOrder, VenueStatus, VenueTrade

BTC = "BTC/USDT"


NUMBERS = st.decimals("0.00000001", "999999999999.99999999", places=8, allow_nan=False, allow_infinity=False)


@given(quantity=NUMBERS, price=NUMBERS, fee=NUMBERS)
@settings(max_examples=200)
def test_numbers_survive_to_the_last_digit(quantity: Decimal, price: Decimal, fee: Decimal) -> None:
    exchange, ids = _plain_binance(), ClientIds(VenueName("binance"))
    raw = {"symbol": "BTCUSDT", "id": 28457, "orderId": 100234, "price": f"{price:f}", "qty": f"{quantity:f}",
           "commission": f"{fee:f}", "commissionAsset": "BNB", "time": 1499865549590, "isBuyer": True,
           "isMaker": False}  # fmt: skip
    trade = trade_from(exchange.parse_trade(raw, exchange.markets[BTC]), ids)
    assert (trade.price, trade.quantity, trade.fee.amount) == (price, quantity, fee)
    with localcontext(prec=60):
        assert trade.cost == price * quantity
    told = {"symbol": "BTCUSDT", "orderId": 1, "clientOrderId": "x", "price": f"{price:f}", "origQty": f"{quantity:f}",
            "executedQty": "0.00000000", "cummulativeQuoteQty": "0.00000000", "status": "NEW", "timeInForce": "GTC",
            "type": "LIMIT", "side": "BUY", "stopPrice": "0.00000000", "time": 1499827319559,
            "updateTime": 1499827319559}  # fmt: skip
    order = order_from(exchange.parse_order(told, exchange.markets[BTC]), ids)
    assert (order.price, order.quantity, order.filled) == (price, quantity, Quantity(0))


def _plain_binance(made: dict[str, Any] = {}) -> Any:  # noqa: B006  one object for all examples
    if not made:
        import ccxt.async_support

        exchange = made["binance"] = ccxt.async_support.binance()
        exchange.number = str
        market = exchange.safe_market_structure(
            {"id": "BTCUSDT", "symbol": BTC, "base": "BTC", "quote": "USDT", "baseId": "BTC", "quoteId": "USDT",
             "type": "spot", "spot": True, "active": True}
        )  # fmt: skip
        exchange.set_markets([market])
    return made["binance"]


class Names:
    """The two words of ccxt that the frames' reader needs."""

    def safe_currency_code(self, code: str) -> str:
        return {"XBT": "BTC"}.get(code, code)


@given(quantity=NUMBERS, price=NUMBERS, fee=NUMBERS)
@settings(max_examples=200)
def test_numbers_on_the_stream_survive_to_the_last_digit(
    quantity: Decimal, price: Decimal, fee: Decimal
) -> None:
    """They come as JSON numbers: read as floats they would lose digits."""
    reader = KrakenFrames(Names(), ClientIds(VenueName("kraken")))
    new = (f'{{"channel":"executions","type":"update","data":[{{"order_id":"O1","cl_ord_id":"x",'
           f'"symbol":"BTC/USD","side":"buy","order_type":"limit","exec_type":"pending_new","order_status":"pending_new",'
           f'"order_qty":{quantity:f},"limit_price":{price:f},"timestamp":"2026-01-02T03:04:05.678Z"}}]}}')  # fmt: skip
    (order,) = reader.take(new)
    assert isinstance(order, VenueOrder)
    assert (order.quantity, order.price) == (quantity, price)
    fill = (f'{{"channel":"executions","type":"update","data":[{{"order_id":"O1","exec_id":"T1","exec_type":"trade",'
            f'"symbol":"BTC/USD","side":"buy","last_qty":{quantity:f},"last_price":{price:f},"liquidity_ind":"t",'
            f'"cost":{price:f},"fees":[{{"asset":"XBT","qty":{fee:f}}}],"order_status":"filled","cum_qty":{quantity:f},'
            f'"timestamp":"2026-01-02T03:04:05.678901Z"}}]}}')  # fmt: skip
    trade, filled = reader.take(fill)
    assert isinstance(trade, VenueTrade)
    assert isinstance(filled, VenueOrder)
    assert (trade.quantity, trade.price, trade.cost) == (quantity, price, price)
    assert (trade.fee, trade.client_order_id) == (Money(fee, Currency("BTC")), "x")
    assert (filled.status, filled.filled) == (VenueStatus.FILLED, quantity)


RAW = {
    "id": "1",
    "symbol": "BTC/USD",
    "side": "buy",
    "price": "50000",
    "amount": "0.01",
    "timestamp": 1_700_000_000_000,
}


@pytest.mark.parametrize(
    ("told", "fee"),
    [
        ({"fee": {"cost": "1.5", "currency": "USD"}}, Money(Decimal("1.5"), Currency("USD"))),
        ({"fees": [{"cost": "1", "currency": "USD"}, {"cost": "0.5", "currency": "USD"}]},
         Money(Decimal("1.5"), Currency("USD"))),
        ({"fee": {"cost": "9", "currency": "USD"}, "fees": [{"cost": "1", "currency": "BNB"}]},
         Money(Decimal(1), Currency("BNB"))),
        ({"fees": [{"cost": "0", "currency": "USD"}, {"cost": "0.5", "currency": "BNB"}]},
         Money(Decimal("0.5"), Currency("BNB"))),
        ({"fee": {"cost": "0", "currency": "BNB"}}, Money(Decimal(0), Currency("BNB"))),
        ({"fee": {"cost": "0", "currency": None}}, Money(Decimal(0), Currency("USD"))),
        ({"fee": {"cost": "-0.2", "currency": "USD"}}, Money(Decimal("-0.2"), Currency("USD"))),  # a rebate
        ({"fee": {"cost": "1", "currency": None}}, None),
        ({"fee": {"cost": None, "currency": "USD"}}, None),
        ({"fee": None, "fees": []}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_fees_as_one_as_a_list_as_zero_and_missing(told: dict[str, Any], fee: Money | None) -> None:
    assert fee_of(RAW | told, Symbol("BTC/USD")) == fee
    trade = trade_from(RAW | told, ClientIds(VenueName("any")))
    assert trade.fee == (fee or Money(Decimal(0), Currency("USD")))
    assert trade.cost == Decimal("500")


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"status": "open", "filled": "0.001"}, VenueStatus.OPEN),
        ({"status": "closed", "filled": "0.01"}, VenueStatus.FILLED),
        ({"status": "closed", "filled": None}, VenueStatus.FILLED),
        ({"status": "closed", "filled": "0.005"}, VenueStatus.CANCELLED),
        ({"status": "canceled", "filled": "0.005"}, VenueStatus.CANCELLED),
        ({"status": "canceled", "filled": "0.01"}, VenueStatus.FILLED),
        ({"status": "expired", "filled": "0"}, VenueStatus.CANCELLED),
        ({"status": "rejected", "filled": "0"}, VenueStatus.REFUSED),
        ({"status": None, "filled": "0"}, VenueStatus.OPEN),
    ],
)
def test_where_an_order_stands(told: dict[str, Any], status: VenueStatus) -> None:
    found = order_from(RAW | {"type": "limit", "clientOrderId": "c"} | told, ClientIds(VenueName("any")))
    assert (found.status, found.client_order_id, found.kind) == (status, "c", Kind.LIMIT)


@pytest.mark.parametrize("lacks", ["id", "symbol", "side", "timestamp"])
def test_an_order_or_a_trade_that_lacks_something_is_no_order_and_no_trade(lacks: str) -> None:
    raw = {name: value for name, value in RAW.items() if name != lacks}
    for read in (order_from, trade_from):
        with pytest.raises(BadData):
            read(raw, ClientIds(VenueName("any")))


@pytest.mark.parametrize(
    ("told", "number"),
    [("0.10", "0.10"), (0.1, "0.1"), (7, "7"), (Decimal("1e-8"), "1e-8"), (1e-8, "1e-8"), ("", None), (None, None),
     (True, None), ("NaN", None), ("inf", None), ("seven", None), ([1], None)],
)  # fmt: skip
def test_what_a_venue_wrote_as_an_exact_number(told: Any, number: str | None) -> None:
    assert exact_of(told) == (None if number is None else Decimal(number))


def test_a_fee_in_two_currencies_says_so(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    fees = [{"cost": "1", "currency": "USD"}, {"cost": "2", "currency": "BNB"}]
    assert fee_of(RAW | {"fees": fees}, Symbol("BTC/USD")) == Money(Decimal(1), Currency("USD"))
    assert "fees in several currencies" in caplog.text + capsys.readouterr().out

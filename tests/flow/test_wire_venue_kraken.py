"""Kraken on the wire: every call the bot needs, made by an unmodified ccxt class."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.venue.client import drive, failed, until
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

S = "BTC/USD"


@pytest.fixture
def venue() -> Iterator[VenueServer]:
    with VenueServer(Kraken(seed=3)) as server:
        yield server
        server.do(server.api.core.check)


def test_public_data(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        market = e.market(S)
        assert (market["id"], market["info"]["wsname"]) == ("XXBTZUSD", "XBT/USD")
        assert e.market("BTC/USDT")["id"] == "XBTUSDT"
        assert (market["precision"]["price"], market["limits"]["cost"]["min"], market["taker"]) == (
            0.1,
            0.5,
            0.004,
        )
        assert abs(await e.fetch_time() - venue.api.clock.wall()) < 2500
        ticker = await e.fetch_ticker(S)
        assert ticker["bid"] <= ticker["last"] < ticker["ask"]
        bars = await e.fetch_ohlcv(S, "1m", limit=6)
        assert [bar[0] - bars[0][0] for bar in bars] == [60_000 * n for n in range(6)]
        since = bars[-3][0]
        assert [bar[0] for bar in await e.fetch_ohlcv(S, "1m", since=since)] == [b[0] for b in bars[-3:]]
        book = await e.fetch_order_book(S, 5)
        assert book["bids"][0][0] < book["asks"][0][0]
        assert (await e.fetch_trades(S))[-1]["price"] == ticker["last"]
        assert await failed(e.fetch_ticker("BTC/NOPE")) == "BadSymbol"

    drive(venue, script, keys=False)


def test_the_life_of_a_limit_order(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "life-1"})
        assert (made["symbol"], made["price"], made["amount"]) == (S, 49000, 0.01)
        assert made["status"] is made["clientOrderId"] is None  # AddOrder's answer tells neither
        (opened,) = await e.fetch_open_orders(S)
        assert (opened["id"], opened["clientOrderId"], opened["status"]) == (made["id"], "life-1", "open")
        usd = (await e.fetch_balance())["USD"]
        assert (usd["used"], usd["total"]) == (490 * 1.004, 10000)  # the fee of a taker is held too
        venue.do(lambda: venue.api.core.fill(venue.api.core.open_orders()[0], "0.004"))
        part = await e.fetch_order(made["id"])
        assert (part["status"], part["filled"]) == ("open", 0.004)
        assert part["fee"] == {
            "cost": "0.49000",
            "currency": "USD",
            "rate": None,
        }  # the cost stays a text, always
        assert (await e.cancel_order("", S, {"clientOrderId": "life-1"}))["id"] is None
        assert await failed(e.cancel_order(made["id"], S)) == "OrderNotFound"
        (closed,) = await e.fetch_closed_orders(S)
        assert (closed["status"], closed["filled"], closed["average"]) == ("canceled", 0.004, 49000)
        (trade,) = await e.fetch_my_trades(S)
        assert (trade["order"], trade["amount"], trade["takerOrMaker"]) == (made["id"], 0.004, "maker")
        assert part["trades"][0]["id"] == trade["id"]

    drive(venue, script)


def test_an_order_is_not_found_by_its_client_id(venue: VenueServer) -> None:
    """ccxt sends ``userref`` and an empty ``txid``: look through the open orders instead."""

    async def script(e: Any) -> None:
        await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "mine"})
        assert await failed(e.fetch_order("", S, {"clientOrderId": "mine"})) == "InvalidOrder"
        (asked,) = venue.api.audit.named("QueryOrders")
        assert (asked.call.params["txid"], asked.call.params["userref"]) == ("", "mine")
        assert [o["clientOrderId"] for o in await e.fetch_open_orders(S)] == ["mine"]

    drive(venue, script)


def test_market_ioc_post_only_and_stop_orders(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        sold = await e.create_order(S, "market", "sell", 0.02)
        assert (await e.fetch_order(sold["id"]))["status"] == "closed"
        nothing = await e.create_order(S, "limit", "buy", 0.001, 49000, {"timeInForce": "IOC"})
        assert (await e.fetch_order(nothing["id"]))["status"] == "canceled"
        quiet = await e.create_order(S, "limit", "buy", 0.001, 49000, {"postOnly": True})
        assert (quiet["postOnly"], (await e.fetch_order(quiet["id"]))["postOnly"]) == (False, True)
        assert (
            await failed(e.create_order(S, "limit", "buy", 0.001, 51000, {"postOnly": True}))
            == "ExchangeError"
        )
        stop = await e.create_order(S, "limit", "sell", 0.001, 44900, {"stopLossPrice": 45000})
        waiting = await e.fetch_order(stop["id"])
        assert (waiting["status"], waiting["stopLossPrice"], waiting["price"]) == ("open", 45000, 44900)
        plain = await e.create_order(S, "market", "sell", 0.001, None, {"stopLossPrice": 45000})
        venue.set_price(S, "44950")
        assert (await e.fetch_order(stop["id"]))["status"] == "closed"
        assert (await e.fetch_order(plain["id"]))["status"] == "closed"

    drive(venue, script)


@pytest.mark.parametrize(
    ("amount", "price", "params", "error"),
    [
        (1, 49000, {}, "InsufficientFunds"),
        (0.00004, 49000, {}, "InvalidOrder"),
        (0.001, 49000, {"price": "49000.01"}, "ExchangeError"),
        (0.001, 49000, {"volume": "a lot"}, "BadRequest"),
        (0.001, 49000, {"pair": "NOPE"}, "ExchangeError"),
        (0.001, 49000, {"clientOrderId": "longer than eighteen"}, "ExchangeError"),
    ],
)
def test_refusals(
    venue: VenueServer, amount: float, price: float, params: dict[str, str], error: str
) -> None:
    async def script(e: Any) -> None:
        assert await failed(e.create_order(S, "limit", "buy", amount, price, params)) == error
        assert await e.fetch_open_orders(S) == []

    drive(venue, script)


def test_cancel_all_takes_every_market_whatever_symbol_is_named(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        await e.create_order(S, "limit", "buy", 0.01, 49000)
        await e.create_order("ETH/USD", "limit", "buy", 0.1, 2000)
        await e.cancel_all_orders(S)
        assert await e.fetch_open_orders() == []

    drive(venue, script)


def test_the_dead_mans_switch(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        await e.create_order(S, "limit", "buy", 0.01, 49000)
        await e.cancel_all_orders_after(1000)
        assert venue.api.core.dead_man_at is not None
        await e.cancel_all_orders_after(0)
        assert venue.api.core.dead_man_at is None
        await e.cancel_all_orders_after(60_000)
        venue.do(lambda: setattr(venue.api.core, "dead_man_at", venue.api.core.now()))
        await until(lambda: not venue.api.core.open_orders())

    drive(venue, script)


def test_an_amend_keeps_the_txid_but_ccxt_answers_with_the_amends_own(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "am"})
        answer = await e.edit_order(made["id"], S, "limit", "buy", 0.02, 48000)
        assert answer["id"] != made["id"]
        (now,) = await e.fetch_open_orders(S)
        assert (now["id"], now["clientOrderId"], now["amount"], now["price"]) == (
            made["id"],
            "am",
            0.02,
            48000,
        )
        edited = await e.privatePostEditOrder({"txid": made["id"], "pair": "XXBTZUSD", "volume": "0.03"})
        (fresh,) = await e.fetch_open_orders(S)
        assert fresh["id"] == edited["result"]["txid"] != made["id"]
        assert fresh["amount"] == 0.03

    drive(venue, script)


def test_the_rights_of_the_key_and_the_token(venue: VenueServer) -> None:
    async def script(e: Any) -> Any:
        await e.privatePostGetWebSocketsToken()
        return await e.privatePostGetApiKeyInfo()

    assert "withdraw-funds" not in drive(venue, script)["result"]["permissions"]
    venue.api.rights.append("withdraw-funds")  # type: ignore[attr-defined]
    assert "withdraw-funds" in drive(venue, script)["result"]["permissions"]


def test_texts_are_exact_and_decimals_are_not(venue: VenueServer) -> None:
    """``number = Decimal`` loses what ccxt reads twice (its safe_string knows no Decimal): use ``str``."""

    async def script(e: Any) -> None:
        e.number = str
        made = await e.create_order(S, "market", "sell", "0.01234567")
        fill = venue.api.core.settlement.fills[0]
        found = await e.fetch_order(made["id"])
        assert (Decimal(found["filled"]), Decimal(found["cost"])) == (fill.amount, fill.cost)
        (trade,) = await e.fetch_my_trades(S)
        assert Decimal(trade["fee"]["cost"]) == fill.fee
        assert Decimal((await e.fetch_balance())["USD"]["total"]) == venue.api.core.wallet.total("USD")
        e.number = Decimal
        assert (await e.fetch_order(made["id"]))["cost"] == 0
        assert (await e.fetch_my_trades(S))[0]["fee"] == {"cost": None, "currency": None}

    drive(venue, script)


def test_decimals_keep_krakens_markets_from_loading(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        e.number = Decimal
        assert await failed(e.load_markets(True)) == "ExchangeError"
        e.number = str
        await e.load_markets(True)
        assert e.market(S)["precision"]["price"] == "0.1"

    drive(venue, script)


def test_an_order_expires(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order(S, "limit", "buy", 0.01, 49000, {"timeInForce": "GTD", "expiretm": "+1"})
        await until(lambda: not venue.api.core.open_orders())
        assert (await e.fetch_order(made["id"]))["status"] == "expired"

    drive(venue, script)


def test_orders_over_the_socket(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order_ws(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "ws-1"})
        (opened,) = await e.fetch_open_orders(S)
        assert (opened["id"], opened["clientOrderId"]) == (made["id"], "ws-1")
        await e.edit_order_ws(made["id"], S, "limit", "buy", 0.02, 48000)
        assert (await e.fetch_order(made["id"]))["price"] == 48000
        await e.cancel_order_ws(made["id"])
        assert await failed(e.cancel_order_ws(made["id"])) == "OrderNotFound"

    drive(venue, script)

"""Binance on the wire: every call the bot needs, made by an unmodified ccxt class."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import drive, failed
from tests.venue.server import VenueServer, ccxt_config

S = "BTC/USDT"


@pytest.fixture
def venue() -> Iterator[VenueServer]:
    with VenueServer(Binance(seed=3)) as server:
        yield server
        server.do(server.api.core.check)


def test_every_address_is_on_this_machine(venue: VenueServer) -> None:
    import ccxt.pro

    def addresses(urls: Any) -> Iterator[str]:
        for url in urls.values():
            yield from addresses(url) if isinstance(url, dict) else [url]

    found = list(addresses(ccxt.pro.binance(ccxt_config(venue)).urls["api"]))
    assert len(found) > 30
    assert all(f"://127.0.0.1:{venue.port}/" in url for url in found)


def test_public_data(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        market = e.market(S)
        assert (market["precision"]["price"], market["precision"]["amount"]) == (0.01, 0.00001)
        assert (market["limits"]["cost"]["min"], market["limits"]["amount"]["min"]) == (5.0, 0.00001)
        assert abs(await e.fetch_time() - venue.api.clock.wall()) < 2000
        ticker = await e.fetch_ticker(S)
        assert ticker["bid"] <= ticker["last"] < ticker["ask"]
        bars = await e.fetch_ohlcv(S, "1m", limit=6)
        assert len(bars) == 6
        assert [bar[0] - bars[0][0] for bar in bars] == [60_000 * n for n in range(6)]
        since = bars[2][0]
        assert [bar[0] for bar in await e.fetch_ohlcv(S, "1m", since=since, limit=2)] == [
            since,
            since + 60_000,
        ]
        book = await e.fetch_order_book(S, 5)
        assert len(book["bids"]) == len(book["asks"]) == 5
        assert book["bids"][0][0] < book["asks"][0][0]
        assert (await e.fetch_trades(S))[-1]["price"] == ticker["last"]
        assert set(await e.fetch_bids_asks()) >= {S}

    drive(venue, script, keys=False)


def test_the_life_of_a_limit_order(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "life-1"})
        assert (made["status"], made["clientOrderId"], made["filled"]) == ("open", "life-1", 0)
        assert (await e.fetch_balance())["USDT"] == {"free": 9510.0, "used": 490.0, "total": 10000.0}
        assert (
            await failed(e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "life-1"}))
            == "InvalidOrder"
        )
        assert [o["id"] for o in await e.fetch_open_orders(S)] == [made["id"]]
        venue.do(lambda: venue.api.core.fill(venue.api.core.open_orders()[0], "0.004"))
        part = await e.fetch_order("", S, {"clientOrderId": "life-1"})
        assert (part["status"], part["filled"], part["remaining"]) == ("open", 0.004, 0.006)
        gone = await e.cancel_order("", S, {"clientOrderId": "life-1"})
        assert (gone["status"], gone["filled"]) == ("canceled", 0.004)
        assert await failed(e.cancel_order(made["id"], S)) == "OrderNotFound"
        assert await failed(e.fetch_order("77", S)) == "OrderNotFound"
        trades = await e.fetch_my_trades(S)
        assert [(t["order"], t["amount"], t["fee"]) for t in trades] == [
            (made["id"], 0.004, {"currency": "BTC", "cost": 0.000004})
        ]
        assert [o["status"] for o in await e.fetch_orders(S)] == ["canceled"]

    drive(venue, script)


def test_the_answer_to_a_cancel_carries_the_cancels_own_client_id(venue: VenueServer) -> None:
    """As on Binance: whoever matches a cancel's answer by ``clientOrderId`` finds nothing."""

    async def script(e: Any) -> None:
        await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "mine"})
        gone = await e.cancel_order("", S, {"clientOrderId": "mine"})
        assert gone["clientOrderId"] != "mine"
        assert gone["info"]["origClientOrderId"] == "mine"
        assert (await e.fetch_order("", S, {"clientOrderId": "mine"}))["clientOrderId"] == "mine"

    drive(venue, script)


def test_market_ioc_post_only_and_stop_orders(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        sold = await e.create_order(S, "market", "sell", 0.02)
        assert (sold["status"], sold["filled"], sold["fee"]["currency"]) == ("closed", 0.02, "USDT")
        bought = await e.create_order(S, "market", "buy", 0.002, None, {"cost": 100})
        assert bought["cost"] <= 100 < bought["cost"] + 1
        nothing = await e.create_order(S, "limit", "buy", 0.001, 49000, {"timeInForce": "IOC"})
        assert (nothing["status"], nothing["filled"]) == ("expired", 0)
        assert (await e.create_order(S, "limit", "buy", 0.001, 49000, {"postOnly": True}))["postOnly"] is True
        crossing = e.create_order(S, "limit", "buy", 0.001, 51000, {"postOnly": True})
        assert await failed(crossing) == "OrderImmediatelyFillable"
        stop = await e.create_order(
            S, "limit", "sell", 0.001, 44900, {"stopLossPrice": 45000, "clientOrderId": "st"}
        )
        assert (stop["type"], stop["triggerPrice"], stop["status"]) == ("limit", 45000, "open")
        at_once = e.create_order(S, "limit", "sell", 0.001, 55000, {"stopLossPrice": 56000})
        assert await failed(at_once) == "OrderImmediatelyFillable"
        venue.set_price(S, "44950")
        assert (await e.fetch_order("", S, {"clientOrderId": "st"}))["status"] == "closed"

    drive(venue, script)


@pytest.mark.parametrize(
    ("amount", "price", "params", "error"),
    [
        (1, 49000, {}, "InsufficientFunds"),
        (
            0.00009,
            49000,
            {},
            "BadRequest",
        ),  # the notional: -1013 is BadRequest in ccxt, the grids InvalidOrder
        (0.001, 49000, {"price": "49000.001"}, "InvalidOrder"),
        (0.001, 49000, {"quantity": "0.0010001"}, "InvalidOrder"),
        (0.001, 49000, {"quantity": "a lot"}, "BadRequest"),
        (0.001, 49000, {"symbol": "NOPE"}, "BadSymbol"),
    ],
)
def test_refusals(
    venue: VenueServer, amount: float, price: float, params: dict[str, str], error: str
) -> None:
    async def script(e: Any) -> None:
        assert await failed(e.create_order(S, "limit", "buy", amount, price, params)) == error
        assert await e.fetch_open_orders(S) == []

    drive(venue, script)


def test_cancel_all_is_for_one_market_and_there_is_no_dead_mans_switch(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        for symbol, price in ((S, 49000), (S, 48000), ("ETH/USDT", 2000)):
            await e.create_order(symbol, "limit", "buy", 0.01, price)
        assert {o["status"] for o in await e.cancel_all_orders(S)} == {"canceled"}
        assert [o["symbol"] for o in await e.fetch_open_orders("ETH/USDT")] == ["ETH/USDT"]
        assert await failed(e.cancel_all_orders(S)) == "OrderNotFound"
        assert await failed(e.cancel_all_orders_after(60_000)) == "NotSupported"

    drive(venue, script)


def test_cancel_replace_is_all_or_nothing_only_when_the_cancel_fails(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        old = await e.create_order(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "r-1"})
        new = await e.edit_order(old["id"], S, "limit", "buy", 0.02, 48000, {"newClientOrderId": "r-2"})
        assert (new["clientOrderId"], new["amount"], new["status"]) == ("r-2", 0.02, "open")
        assert (await e.fetch_order(old["id"], S))["status"] == "canceled"
        again = e.edit_order(old["id"], S, "limit", "buy", 0.02, 47000, {"newClientOrderId": "r-3"})
        assert await failed(again) == "ExchangeError"  # -2022; BadResponse on the real address only
        assert [o["clientOrderId"] for o in await e.fetch_open_orders(S)] == ["r-2"]
        too_big = e.edit_order(new["id"], S, "limit", "buy", 9, 48000, {"newClientOrderId": "r-4"})
        assert await failed(too_big) == "ExchangeError"
        assert await e.fetch_open_orders(S) == []  # the cancel went through: the gap in protection is real

    drive(venue, script)


def test_the_rights_of_the_key(venue: VenueServer) -> None:
    venue.api.can_withdraw = True  # type: ignore[attr-defined]

    async def script(e: Any) -> Any:
        return await e.sapiGetAccountApiRestrictions()

    answer = drive(venue, script)
    assert (answer["enableWithdrawals"], answer["ipRestrict"], answer["enableReading"]) == (True, True, True)


def test_texts_are_exact_and_decimals_lose_fees(venue: VenueServer) -> None:
    """``number = Decimal`` loses what ccxt reads twice (its safe_string knows no Decimal): use ``str``."""

    async def script(e: Any) -> None:
        e.number = str
        made = await e.create_order(S, "market", "sell", "0.01234")
        fills = venue.api.core.settlement.fills
        assert Decimal(made["filled"]) == Decimal("0.01234")
        assert Decimal(made["cost"]) == sum(fill.cost for fill in fills)
        trades = await e.fetch_my_trades(S)
        assert [Decimal(t["fee"]["cost"]) for t in trades] == [fill.fee for fill in fills]
        assert Decimal((await e.fetch_balance())["USDT"]["total"]) == venue.api.core.wallet.total("USDT")
        assert isinstance((await e.fetch_order_book(S))["bids"][0][0], float)  # books stay floats
        e.number = Decimal
        assert (await e.fetch_my_trades(S))[0]["fee"] == {"cost": None, "currency": None}

    drive(venue, script)


def test_orders_over_the_socket(venue: VenueServer) -> None:
    async def script(e: Any) -> None:
        made = await e.create_order_ws(S, "limit", "buy", 0.01, 49000, {"clientOrderId": "ws-1"})
        assert (made["status"], made["clientOrderId"]) == ("open", "ws-1")
        assert (await e.fetch_order_ws(made["id"], S))["status"] == "open"
        assert (await e.cancel_order_ws(made["id"], S))["status"] == "canceled"
        assert await failed(e.cancel_order_ws(made["id"], S)) == "OrderNotFound"

    drive(venue, script)
    assert [line.call.name for line in venue.api.audit.lines][-4:] == [
        "ws-api order.place", "ws-api order.status", "ws-api order.cancel", "ws-api order.cancel"
    ]  # fmt: skip

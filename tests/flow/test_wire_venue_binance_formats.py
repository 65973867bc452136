"""Binance's messages against recorded ones: the same keys, and the same kinds of values."""

from __future__ import annotations

import gzip
import json
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from tests.venue import binance_shapes
from tests.venue import binance_streams as streams
from tests.venue.bench import BTC
from tests.venue.binance import Binance
from tests.venue.binance_reports import account_position, execution_report
from tests.venue.orders import Order, OrderTold
from tests.venue.recorded import asked, differences, fixture, wired


@pytest.fixture
def binance() -> Binance:
    return Binance(seed=2)


def binance_order(venue: Binance, **more: str) -> Order:
    given = {"symbol": "BTCUSDT", "side": "BUY", "type": "LIMIT", "quantity": "0.01", "price": "49000",
             "timeInForce": "GTC", "newClientOrderId": "abc"}  # fmt: skip
    venue.orders.place(given | more)
    return list(venue.core.orders.values())[-1]


DOCS = "binance/nautilus_docs/"
NOT_OURS = frozenset({"sors"})


@pytest.mark.parametrize(
    ("path", "params", "name"),
    [
        ("time", {}, "rest_server_time_response"),
        ("ticker/24hr", {"symbol": "BTCUSDT"}, "rest_ticker_24hr_response"),
        ("ticker/price", {"symbol": "BTCUSDT"}, "rest_ticker_price_response"),
        ("ticker/bookTicker", {"symbol": "BTCUSDT"}, "rest_book_ticker_response"),
        ("klines", {"symbol": "BTCUSDT", "interval": "1m"}, "rest_klines_response"),
        ("depth", {"symbol": "BTCUSDT"}, "rest_depth_response"),
        ("trades", {"symbol": "BTCUSDT"}, "rest_trades_response"),
        ("exchangeInfo", {}, "rest_exchange_info_response"),
    ],
)
def test_binances_public_answers(
    shared: Path, binance: Binance, path: str, params: dict[str, str], name: str
) -> None:
    ours = asked(binance, "GET", f"/api/v3/{path}", **params)
    assert not list(differences(ours, fixture(shared, f"{DOCS}{name}.json"), optional=NOT_OURS))


def test_binances_filters_as_recorded(shared: Path, binance: Binance) -> None:
    recorded = fixture(shared, "binance/nautilus_py/http_spot_market_exchange_info.json")
    theirs = {f["filterType"]: f for f in recorded["symbols"][0]["filters"]}
    ours = {
        f["filterType"]: f for f in asked(binance, "GET", "/api/v3/exchangeInfo")["symbols"][0]["filters"]
    }
    shared_kinds = theirs.keys() & ours.keys()
    assert shared_kinds >= {"PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE"}
    assert not [text for name in shared_kinds for text in differences(ours[name], theirs[name], name)]


def test_binances_orders_and_account(shared: Path, binance: Binance) -> None:
    order = binance_order(binance)
    pairs = [
        (binance_shapes.order(order), "rest_order_response"),
        ([binance_shapes.order(order)], "rest_open_orders_response"),
        (binance_shapes.account(binance.core, 1), "rest_account_response"),
        (binance_shapes.canceled(order, "x"), "rest_cancel_order_response"),
        (
            binance_shapes.placed(binance_order(binance, type="MARKET", newClientOrderId="m"), "FULL"),
            "rest_new_order_full_response",
        ),
        ([binance_shapes.trade(binance.core.settlement.fills[0])], "rest_account_trades_response"),
    ]
    for ours, name in pairs:
        assert not list(differences(wired(ours), fixture(shared, f"{DOCS}{name}.json"))), name


def test_binances_recorded_new_order(shared: Path, binance: Binance) -> None:
    """A real one; ccxt wrote its numbers as texts, and it is an iceberg."""
    recorded = fixture(shared, "binance/ccxt_recorded/order_limit_new_iceberg_stp.json")
    ours = wired(binance_shapes.placed(binance_order(binance), "FULL"))
    assert recorded.keys() - ours.keys() == {"icebergQty"}


@pytest.mark.parametrize(
    ("what", "name"),
    [
        ("new", "ws_user_execution_report_wrapped"),
        ("canceled", "ws_user_execution_report_canceled"),
        ("trade", "ws_user_execution_report_trade"),
    ],
)
def test_binances_execution_reports(shared: Path, binance: Binance, what: str, name: str) -> None:
    order = binance_order(binance)
    fill = binance.core.fill(order, "0.005") if what == "trade" else None
    theirs = fixture(shared, f"{DOCS}{name}.json")
    ours = wired(execution_report(OrderTold(what, order, fill), binance.core))
    assert not list(differences(ours, theirs.get("event", theirs)))
    assert ours["x"] == theirs.get("event", theirs)["x"]


def test_binances_account_position(shared: Path, binance: Binance) -> None:
    theirs = fixture(shared, f"{DOCS}ws_user_account_position_wrapped.json")["event"]
    assert not list(differences(wired(account_position(binance.core, ("BTC",))), theirs))


def test_binances_streams_as_recorded(shared: Path, binance: Binance) -> None:
    """Against a raw capture of the spot stream: depth, bookTicker and trade."""
    theirs: dict[str, Any] = {}
    with gzip.open(
        shared / "data" / "ws_raw" / "binance_spot_btcusdt_20240808.gz", "rt", encoding="utf-8"
    ) as file:
        for line in islice(file, 400):
            message = json.loads(line.split(" ", 1)[1])
            if "stream" in message:
                theirs.setdefault(message["stream"].split("@")[1], message["data"])
    tape = binance.core.tapes[BTC]
    ours = {
        "depth": streams._depth(tape.book.rebuild(Decimal("50000.5")), 1),
        "bookTicker": streams._best(tape),
        "trade": streams._trade(tape, 1),
    }
    for name, message in ours.items():
        assert wired(message).keys() == theirs[name].keys()
        assert not list(differences(wired(message), theirs[name])), name


def test_binances_ticker_and_kline_streams(shared: Path, binance: Binance) -> None:
    lines = (shared / "data/fixtures/binance/gct_wsHandleData.jsonl").read_text(encoding="utf-8").splitlines()
    theirs = {message["data"]["e"]: message["data"] for message in map(json.loads, lines)}
    tape = binance.core.tapes[BTC]
    bar = tape.candles(60_000, binance.clock.now(), None, 1)[0]
    ours = {
        "24hrTicker": streams._ticker(tape, 1),
        "kline": streams._kline(tape, bar, "1m", 60_000, 1, closed=False),
    }
    for name, message in ours.items():
        assert not list(differences(wired(message), theirs[name])), name

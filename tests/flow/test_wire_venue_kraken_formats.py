"""Kraken's messages against recorded ones: the same keys, and the same kinds of values."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path

import pytest

from tests.venue import kraken_reports, kraken_shapes
from tests.venue import kraken_streams as streams
from tests.venue.kraken import Kraken
from tests.venue.kraken_book import BookView, checksum
from tests.venue.orders import Order, OrderTold
from tests.venue.recorded import asked, differences, fixture, wired


@pytest.fixture
def kraken() -> Kraken:
    return Kraken(seed=2)


RECORDED = "kraken/ccxt_recorded/"
QUOTED = frozenset(
    {"opentm", "closetm", "starttm", "expiretm", "userref", "last"}
)  # ccxt wrote numbers as texts


def kraken_order(venue: Kraken, **more: str) -> Order:
    given = {"pair": "XXBTZUSD", "type": "sell", "ordertype": "limit", "volume": "0.01", "price": "51000",
             "cl_ord_id": "abc"}  # fmt: skip
    venue.orders.work("AddOrder", given | more)
    return list(venue.core.orders.values())[-1]


@pytest.mark.parametrize(
    ("name", "params", "recorded"),
    [("Ticker", {}, "Ticker"), ("OHLC", {"interval": "60"}, "OHLC_60m"), ("Trades", {}, "Trades")],
)
def test_krakens_public_answers(
    shared: Path, kraken: Kraken, name: str, params: dict[str, str], recorded: str
) -> None:
    ours = asked(kraken, "GET", f"/0/public/{name}", pair="XBTUSDT", **params)
    theirs = fixture(shared, f"{RECORDED}{recorded}.json")
    if name == "Trades":
        theirs["result"]["XBTUSDT"] = [row[:7] for row in theirs["result"]["XBTUSDT"]]  # ccxt adds the eighth
    assert not list(differences(ours, theirs, optional=QUOTED))


def test_krakens_markets(shared: Path, kraken: Kraken) -> None:
    theirs = fixture(shared, "kraken/async_rs/rest/tradable_asset_pairs.json")["result"]["XXBTZUSD"]
    ours = asked(kraken, "GET", "/0/public/AssetPairs")["result"]["XXBTZUSD"]
    assert not list(differences(ours, theirs, optional=frozenset({"leverage_buy", "leverage_sell"})))
    assets = fixture(shared, "kraken/async_rs/rest/asset_info.json")["result"]
    mine = asked(kraken, "GET", "/0/public/Assets")["result"]
    assert not list(
        differences({k: mine[k] for k in ("XXBT", "ZUSD")}, {k: assets[k] for k in ("XXBT", "ZUSD")})
    )


def test_krakens_orders(shared: Path, kraken: Kraken) -> None:
    market = kraken.core.tapes["BTC/USD"].market
    sold = kraken_order(kraken, ordertype="market", cl_ord_id="m")
    ours = wired(kraken_shapes.order_info(sold, market, 2, with_trades=True))
    theirs = next(iter(fixture(shared, f"{RECORDED}QueryOrders_market_closed.json")["result"].values()))
    assert not list(differences(ours, theirs, optional=QUOTED))
    stop = kraken_order(kraken, ordertype="stop-loss-limit", price="45000", price2="44900", cl_ord_id="s")
    ours = wired(kraken_shapes.order_info(stop, market, 2))
    theirs = next(
        iter(fixture(shared, f"{RECORDED}OpenOrders_stop_loss_limit.json")["result"]["open"].values())
    )
    assert not list(differences(ours, theirs, optional=QUOTED))
    assert ours["descr"]["order"] == "sell 0.01000000 XBTUSD @ stop loss 45000.0 -> limit 44900.0"
    quiet = kraken_order(kraken, oflags="post", cl_ord_id="q")
    theirs = next(iter(fixture(shared, f"{RECORDED}QueryOrders_limit_open_postonly.json")["result"].values()))
    assert wired(kraken_shapes.order_info(quiet, market, 2))["oflags"] == theirs["oflags"]


def test_krakens_answer_to_an_order(shared: Path, kraken: Kraken) -> None:
    given = {"pair": "XBTUSDT", "type": "sell", "ordertype": "market", "volume": "0.1"}
    ours = kraken.orders.work("AddOrder", given)
    theirs = fixture(shared, f"{RECORDED}AddOrder_market_buy.json")["result"]
    assert ours.keys() == theirs.keys()
    assert ours["descr"]["order"] == theirs["descr"]["order"].replace("buy", "sell").replace("LTC", "XBT")
    assert [len(part) for part in ours["txid"][0].split("-")] == [
        len(part) for part in theirs["txid"][0].split("-")
    ]


def test_krakens_trades_and_balances(shared: Path, kraken: Kraken) -> None:
    order = kraken_order(kraken, ordertype="market")
    market, fill = kraken.core.tapes["BTC/USD"].market, order.fills[0]
    theirs = next(
        iter(fixture(shared, "kraken/async_rs/rest/trades_history.json")["result"]["trades"].values())
    )
    ours = wired(kraken_shapes.trade_info(fill, order, market))
    assert not list(differences(ours, theirs, optional=frozenset({"ledgers"})))
    balances = fixture(shared, "kraken/async_rs/rest/extended_balance.json")["result"]
    mine = kraken_shapes.balances(kraken.core, extended=True)
    assert not list(differences(next(iter(mine.values())), next(iter(balances.values()))))


def test_krakens_reports(shared: Path, kraken: Kraken) -> None:
    order = kraken_order(kraken, price="51000", cl_ord_id="r")
    ws = "kraken/async_rs/ws_v2/"
    reports = list(kraken_reports.executions(OrderTold("new", order), kraken.core))
    fill = kraken.core.fill(order, "0.004")
    traded = kraken_reports.trade(order, fill, kraken.core)
    kraken.core.cancel(order)
    canceled = next(kraken_reports.executions(OrderTold("canceled", order), kraken.core))
    pairs = [
        (reports[0], "execution_limit_order_update_pending__pending_new", {"stop_price"}),
        (reports[1], "execution_order_update_new__new", set()),
        (traded, "execution_trades_snapshot__trades_snapshot", {"sender_sub_id"}),
        (canceled, "execution_order_update_cancelled__cancel", set()),
    ]
    for ours, name, extra in pairs:
        theirs = fixture(shared, f"{ws}{name}.json")["data"][0]
        assert not list(differences(wired(ours), theirs, optional=frozenset(extra))), name
    assert "symbol" not in canceled
    assert "symbol" not in reports[1]


def test_krakens_public_streams(shared: Path, kraken: Kraken) -> None:
    tape, ws = kraken.core.tapes["BTC/USD"], "kraken/async_rs/ws_v2/"
    bar = tape.candles(60_000, kraken.clock.now(), None, 1)[0]
    pairs = [
        (streams._ticker(tape, kraken.clock.now()), "ticker_snapshot__ticker_snapshot"),
        (streams._bar(tape, bar, 1, 1), "candles_snapshot__candles_snapshot"),
        (streams._print(tape, -1), "trade_snapshot__trade_snapshot"),
        (BookView(tape, 10).snapshot(), "book_snapshot__book_snapshot"),
    ]
    for ours, name in pairs:
        theirs = fixture(shared, f"{ws}{name}.json")["data"][0]
        assert not list(differences(wired(ours), theirs)), name


def test_krakens_checksum_on_the_recorded_book(shared: Path) -> None:
    """510 real messages: our CRC32 over the book that they build is theirs, every time."""
    text = (shared / "data" / "book" / "kraken_wsv2_book_BTCUSD_2023.json").read_text(encoding="utf-8")
    recorded = json.loads(text, parse_float=Decimal)
    sides: dict[str, dict[Decimal, Decimal]] = {"bids": {}, "asks": {}}
    checked = 0
    for message in [recorded["init"], *recorded["updates"]]:
        data = message["data"][0]
        for name, side in sides.items():
            for row in data[name]:
                price, amount = Decimal(row["price"]), Decimal(row["qty"])
                side.pop(price, None)
                if amount:
                    side[price] = amount
            keep = sorted(side.items(), reverse=name == "bids")[:10]
            sides[name] = dict(keep)
        assert checksum(list(sides["asks"].items()), list(sides["bids"].items()), 1, 8) == data["checksum"]
        checked += 1
    assert checked > 500

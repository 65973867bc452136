"""Where streams say nothing: quiet and halted markets, candles from trades, polling, a market in a hurry."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from actors.venues.exchange.connection import Link
from core.clock import SystemClock
from core.market import Freshness
from tests.fakes.live_feed_bench import Desk, desk_on, life, link_to, until
from tests.venue.kraken import Kraken
from tests.venue.market_driver import in_the_past
from tests.venue.server import VenueServer
from tests.venue.tape import MINUTE


@pytest.fixture(params=["binance", "kraken"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk_on(request.param) as made:
        yield made


@pytest.fixture
def binance() -> Iterator[Desk]:
    with desk_on("binance", seed=4) as made:
        yield made


@pytest.mark.long
def test_a_quiet_market_closes_by_rest(desk: Desk) -> None:
    """One market does not trade at all: REST knows its flat candles, and they are live ones."""
    quiet = desk.symbols[1]
    reader = desk.ready()
    desk.minutes(reader, 2)
    for _ in range(3):
        desk.driver.minute(quiet=(quiet,))
        desk.caught_up(reader, quiet=(quiet,))
        until(
            lambda: reader.candles(quiet)[-1] == desk.driver.closed(quiet)[-1],
            "the quiet market's candle",
            15,
        )
    desk.check(reader)
    assert len(reader.live(quiet)) == 5


def test_a_whole_market_that_stops_trading_closes_by_its_pace(binance: Desk) -> None:
    """Nothing comes by any stream: the pace of before says when to ask."""
    reader = binance.ready()
    for _ in range(5):
        binance.driver.minute()
        time.sleep(0.5)  # the pace itself
    binance.caught_up(reader)
    api = binance.server.api
    binance.server.do(lambda: api.clock.advance(MINUTE))
    assert (
        until(lambda: reader.candles("BTC/USDT")[-1] == binance.driver.closed("BTC/USDT")[-1], "it", 15) < 10
    )
    binance.check(reader)


@pytest.mark.parametrize(
    "without",
    [
        ("watchOHLCV", "watchOHLCVForSymbols"),
        pytest.param(("watchOHLCV", "watchTrades", "watchTradesForSymbols"), marks=pytest.mark.long),
    ],
)
def test_without_a_candle_stream_trades_or_polling_give_the_same(
    binance: Desk, without: tuple[str, ...]
) -> None:
    link = link_to(binance.server)
    table = {**link.access.ccxt, "has": dict.fromkeys(without, False)}
    reader = binance.ready(link=Link(replace(link.access, ccxt=table), SystemClock()))
    kinds = {group.watch.kind for group in life(reader).streams.groups}
    assert kinds == ({"trades", "quotes"} if "watchTrades" not in without else {"quotes"})
    binance.minutes(reader, 4, moves=4)
    binance.check(reader)
    assert len(reader.live("BTC/USDT")) == 4


def test_without_any_stream_everything_is_polled(binance: Desk) -> None:
    link = link_to(binance.server)
    names = ("watchOHLCV", "watchOHLCVForSymbols", "watchTrades", "watchBidsAsks", "watchTickers", "watchTicker",
             "watchOrderBook")  # fmt: skip
    table = {**link.access.ccxt, "has": dict.fromkeys(names, False)}
    reader = binance.read(link=Link(replace(link.access, ccxt=table), SystemClock()))
    until(
        lambda: all(reader.candles(symbol) and reader.quotes(symbol) for symbol in binance.symbols),
        "the start",
    )
    binance.minutes(reader, 2)
    binance.check(reader)
    assert {told.way for told in reader.ages("BTC/USDT") if told.freshness is Freshness.FRESH} == {"polling"}


def test_a_halted_market_is_told_and_the_others_go_on(binance: Desk) -> None:
    reader = binance.ready(refresh_every=0.3)
    halted, other = binance.symbols
    tape = binance.server.api.core.tapes[halted]
    binance.server.do(setattr, tape, "closed", True)
    until(lambda: reader.ages(halted)[-1].freshness is Freshness.STALE, "the halt")
    assert reader.ages(halted)[-1].way == "none"
    for _ in range(2):
        binance.driver.minute(quiet=(halted,))
        binance.caught_up(reader, quiet=(halted,))
    assert len(reader.live(other)) == 2
    assert reader.ages(other)[-1].freshness is Freshness.FRESH
    binance.server.do(setattr, tape, "closed", False)
    until(lambda: reader.ages(halted)[-1].freshness is Freshness.FRESH, "the market's return")
    binance.minutes(reader, 1)
    binance.check(reader)


@pytest.mark.long
def test_a_fast_market_is_live_though_its_stream_does_not_say_what_is_over() -> None:
    """Faster than Kraken's limit lets anyone ask: the successor closes each candle, with few requests."""
    with VenueServer(in_the_past(Kraken(seed=3))) as server:
        desk = Desk(server)
        reader = desk.ready(link=link_to(server, is_quick=False))
        for _ in range(60):
            desk.driver.minute(moves=2)
            time.sleep(0.1)
        desk.caught_up(reader)
        desk.check(reader)
        live = {symbol: len(reader.live(symbol)) for symbol in desk.symbols}
        asked = len(server.api.audit.named("OHLC"))
        print(f"\n{live} of 60 live, {asked} requests for candles")
        assert min(live.values()) > 40
        assert asked < 20
        desk.close()

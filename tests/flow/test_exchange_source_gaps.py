"""The live source on a venue that lacks something: lists of markets that cannot be, no candles by REST."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from actors.venues.exchange import source_markets
from core.market import Freshness
from tests.fakes.live_feed_bench import Desk, Reader, desk_on, life, until
from tests.fakes.venue_gaps import answering, lacking
from tests.venue.wire import Answer

MARKETS = {"binance": "GET /api/v3/exchangeInfo", "kraken": "AssetPairs"}
CANDLES = {"binance": "GET /api/v3/klines", "kraken": "OHLC"}


@pytest.fixture(params=["binance", "kraken"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk_on(request.param) as made:
        yield made


@pytest.fixture
def binance() -> Iterator[Desk]:
    with desk_on("binance", seed=3) as made:
        yield made


# ---- lists of markets ------------------------------------------------------------------------------------


def cut(answer: Answer, kept: int) -> Answer:
    """Only the first markets."""
    body = dict(answer.body)  # type: ignore[call-overload]
    if "symbols" in body:
        body["symbols"] = body["symbols"][:kept]
    else:
        body["result"] = dict(list(body["result"].items())[:kept])
    return Answer(body)


def refreshes(desk: Desk) -> int:
    return len(desk.server.api.audit.named(MARKETS[desk.server.api.ccxt_id]))


@pytest.mark.parametrize("kept", [0, 1])
def test_a_list_without_most_markets_halts_none(desk: Desk, kept: int) -> None:
    reader = desk.ready(refresh_every=0.2, confirms=True)
    before, known = refreshes(desk), len(life(reader)._connection.exchange.markets)
    assert 2 * (known - kept) > known
    with answering(desk.server, MARKETS[desk.server.api.ccxt_id], lambda _, answer: cut(answer, kept)):
        until(lambda: refreshes(desk) >= before + 3, "some lists")
        desk.minutes(reader, 1)
        assert not any(market.is_halted for market in life(reader).markets.values())
        assert len(life(reader)._connection.exchange.markets) == known
    seen = refreshes(desk)
    until(lambda: refreshes(desk) >= seen + 2, "a good list")
    assert not life(reader)._refresh._is_disbelieved
    desk.minutes(reader, 1)
    desk.check(reader)


def test_a_short_break_of_all_markets_ends_soon(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though the next look would be in half an hour."""
    monkeypatch.setattr(source_markets, "PAUSE", 0.3)
    reader = desk.ready(confirms=True)
    for symbol in desk.symbols:
        desk.server.do(setattr, desk.server.api.core.tapes[symbol], "closed", True)
    life(reader)._connection.loop.call_soon_threadsafe(life(reader).doubt_markets)
    for symbol in desk.symbols:
        until(lambda s=symbol: reader.ages(s)[-1].freshness is Freshness.STALE, "the break")  # type: ignore[misc]
    for symbol in desk.symbols:
        desk.server.do(setattr, desk.server.api.core.tapes[symbol], "closed", False)
    for symbol in desk.symbols:
        until(lambda s=symbol: reader.ages(s)[-1].freshness is Freshness.FRESH, "its end", 10)  # type: ignore[misc]
    desk.minutes(reader, 1)
    desk.check(reader)


@pytest.mark.long
def test_quotes_of_halted_markets_are_asked_for(binance: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    reader = binance.ready(refresh_every=0.3)
    halted, other = binance.symbols
    binance.server.do(setattr, binance.server.api.core.tapes[halted], "closed", True)
    until(lambda: reader.ages(halted)[-1].freshness is Freshness.STALE, "the halt")
    told = len(reader.quotes(halted))
    binance.server.set_price(halted, "34567.8")
    until(lambda: any(quote.last == quote.last for quote in reader.quotes(halted)[told:]), "a quote", 15)
    assert reader.ages(halted)[-1].freshness is Freshness.STALE
    assert reader.ages(other)[-1].freshness is Freshness.FRESH


# ---- no candles by REST ----------------------------------------------------------------------------------


def started(desk: Desk, reader: Reader) -> None:
    until(lambda: all(life(reader).markets[s].line.first is not None for s in desk.symbols), "the streams")


def test_without_past_candles_the_streams_second_one_is_the_first(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.venues.exchange.source_start.UNTOLD", 1.0)
    with lacking(desk.server, CANDLES[desk.server.api.ccxt_id]):
        reader = desk.read()
        desk.driver.stir()
        started(desk, reader)
        first = {symbol: life(reader).markets[symbol].line.first.ts for symbol in desk.symbols}
        until(lambda: all(life(reader).markets[s].line.last is not None for s in desk.symbols), "the start")
        desk.driver.minute()
        desk.driver.minute()
        until(lambda: all(reader.candles(symbol) for symbol in desk.symbols), "the second candle")
        desk.minutes(reader, 2)
        for symbol in desk.symbols:
            (sentence,) = [one for one in reader.dropped() if one.symbol == symbol]
            assert "the venue tells no past candles" in sentence.reason
            got = reader.candles(symbol)
            assert got[0][0] == first[symbol] + 60_000
            assert len(got) >= 3
            assert reader.shown(symbol) == []
        desk.check(reader)


def test_a_past_that_comes_late_is_waited_for(binance: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """A venue in trouble (503) is not one without candles."""
    monkeypatch.setattr("actors.venues.exchange.source_start.UNTOLD", 0.5)
    with lacking(binance.server, CANDLES["binance"], 503):
        reader = binance.read()
        binance.driver.stir()
        started(binance, reader)
        asked = len(binance.server.api.audit.named(CANDLES["binance"]))
        until(
            lambda: len(binance.server.api.audit.named(CANDLES["binance"])) > asked + 6, "more questions", 60
        )
        assert not reader.dropped()
        assert not any(reader.candles(symbol) for symbol in binance.symbols)
    until(lambda: all(reader.candles(symbol) for symbol in binance.symbols), "the warm-up", 60)
    assert not reader.dropped()

"""The live source on the wire-level venues: warm-up, live candles, quotes, restarts, quiet and halted markets."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from actors.feed.pace import Pace
from actors.feed.stage import FeedStage
from actors.hub import FactHub
from actors.stage import Address
from actors.venues.exchange.source import ExchangeSource
from core.clock import SystemClock, millis
from core.errors import BadSettings
from core.ids import Symbol
from core.market import Freshness
from core.messages import Begin, CandlesClosed, Drained, FeedEnded, Look, StageFailed, SymbolAged
from core.ports import LiveSource
from tests.fakes.live_feed_bench import Desk, desk_on, life, link_to, until
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
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


def test_it_is_a_live_source_that_says_what_it_is(binance: Desk) -> None:
    source = ExchangeSource(link_to(binance.server), binance.symbols, "1m")
    assert isinstance(source, LiveSource)
    assert (source.label, source.timeframe, source.total) == ("Binance", "1m", None)
    assert source.fingerprint == "exchange:binance:1m:BTC/USDT,ETH/USDT"
    assert [one.symbol for one in source.instruments()] == list(binance.symbols)
    source.close()


def test_the_past_comes_first_then_every_candle_as_it_closes(desk: Desk) -> None:
    reader = desk.ready()
    warm = {symbol: len(reader.candles(symbol)) for symbol in desk.symbols}
    assert not any(reader.live(symbol) for symbol in desk.symbols)
    times = [event.bar.ts for _, event in reader.events if event.bar is not None]
    assert times == sorted(times)  # all markets' pasts in one order of time
    desk.minutes(reader, 6, moves=4)
    desk.check(reader)
    for symbol in desk.symbols:
        assert len(reader.candles(symbol)) == warm[symbol] + 6
        assert len(reader.live(symbol)) == 6
    assert not reader.dropped()


def test_charts_get_the_older_part_and_strategies_the_newer(
    binance: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.venues.exchange.source_warm.HISTORY", 100)
    monkeypatch.setattr("actors.venues.exchange.source_warm.WARM_UP", 30)
    reader = binance.ready()
    for symbol in binance.symbols:
        assert (len(reader.shown(symbol)), len(reader.candles(symbol))) == (70, 30)
        assert [tuple(row) for row in reader.source.history(symbol)] == reader.shown(symbol)
    binance.minutes(reader, 1)
    binance.check(reader)


def test_a_restart_gets_exactly_what_it_missed(desk: Desk) -> None:
    first = desk.ready()
    desk.minutes(first, 2)
    last = {symbol: int(first.candles(symbol)[-1][0]) for symbol in desk.symbols}
    first.close()
    for _ in range(7):
        desk.driver.minute()
    second = desk.ready(last=last)
    desk.minutes(second, 2)
    for symbol in desk.symbols:
        came = second.candles(symbol)
        assert [row[0] for row in came] == [last[symbol] + MINUTE * n for n in range(1, 10)]
        assert len(second.live(symbol)) == 2
        assert second.shown(symbol)[-1][0] == last[symbol]
    desk.check(second)


def test_a_long_absence_keeps_the_newest_and_says_so(binance: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.venues.exchange.source_warm.MOST_BEHIND", 20)
    monkeypatch.setattr("actors.venues.exchange.source_warm.HISTORY", 10)
    own = binance.driver.closed("BTC/USDT")
    last = {symbol: int(own[-61][0]) for symbol in binance.symbols}
    reader = binance.ready(last=last)
    assert {told.reason for told in reader.dropped()} == {
        "40 candles are left out: Belay was away for longer than what is filled"
    }
    assert [row[0] for row in reader.candles(binance.symbols[0])] == [row[0] for row in own[-20:]]


def test_a_venue_that_lies_behind_the_last_session_is_told(binance: Desk) -> None:
    ahead = {symbol: int(binance.driver.closed(symbol)[-1][0]) + 3 * MINUTE for symbol in binance.symbols}
    reader = binance.read(last=ahead)
    until(lambda: len(reader.dropped()) == 2, "the sentences")
    assert "nothing follows before it is later" in reader.dropped()[0].reason
    for _ in range(3):
        binance.driver.minute()
    assert not reader.candles("BTC/USDT")
    binance.driver.minute()
    until(lambda: len(reader.candles("BTC/USDT")) == 1, "the first candle behind it")
    assert reader.candles("BTC/USDT")[0][0] == ahead[binance.symbols[0]] + MINUTE


def test_quotes_are_exact_and_within_the_candle_that_forms(desk: Desk) -> None:
    reader = desk.ready()
    desk.minutes(reader, 2)
    symbol = desk.symbols[0]
    book = desk.server.api.core.tapes[symbol].book
    best = desk.server.do(lambda: (book.bids(1)[0][0], book.asks(1)[0][0]))
    until(lambda: (reader.quotes(symbol)[-1].bid, reader.quotes(symbol)[-1].ask) == best, "the newest quote")
    now = desk.server.api.clock.now()
    assert now // MINUTE == millis(reader.quotes(symbol)[-1].at) // MINUTE
    assert until(lambda: reader.forming(symbol)[-1][0] == now // MINUTE * MINUTE) < 5


def test_a_bad_quote_is_dropped_and_counted(binance: Desk) -> None:
    reader = binance.ready()
    symbol = binance.symbols[0]
    market = life(reader).markets[symbol]
    before = len(reader.quotes(symbol))
    for ticker in (
        {"bid": "2", "ask": "1"},
        {"bid": "-1", "ask": "1"},
        {"bid": "x", "ask": "1"},
        {"bid": None},
    ):
        life(reader)._connection.loop.call_soon_threadsafe(life(reader).ticker, symbol, ticker)
    until(lambda: market.bad_quotes == 3)
    assert all(quote.bid > 2 for quote in reader.quotes(symbol)[before:])


def test_the_age_of_each_market_and_the_connection_are_told(binance: Desk) -> None:
    reader = binance.ready()
    binance.minutes(reader, 1)
    until(lambda: reader.ages("BTC/USDT")[-1].freshness is Freshness.FRESH, "freshness")
    assert reader.ages("BTC/USDT")[-1].way == "stream"
    assert {told.freshness for told in reader.ages("BTC/USDT")} <= {Freshness.FRESH, Freshness.UNKNOWN}
    until(lambda: reader.notes()[-1].public == "streams", "the second note")
    note = reader.notes()[-1]
    assert (note.venue, note.private) == ("binance", "")
    assert note.statistics.stream_messages > 0


def test_streams_save_requests(binance: Desk) -> None:
    reader = binance.ready()
    before = len(binance.server.api.audit.lines)
    binance.minutes(reader, 30)
    asked = len(binance.server.api.audit.lines) - before
    print(f"\n60 candles with {asked} requests")
    assert asked <= 6


def test_an_unknown_timeframe_or_market_is_a_sentence(binance: Desk) -> None:
    link = link_to(binance.server)
    with pytest.raises(BadSettings, match="NOPE"):
        ExchangeSource(link, (Symbol("NOPE/USDT"),), "1m").instruments()
    with (
        VenueServer(Kraken()) as kraken,
        pytest.raises(BadSettings, match="Kraken has no candles of 3m; choose"),
    ):
        ExchangeSource(link_to(kraken), (Symbol("BTC/USD"),), "3m").instruments()


def test_a_venue_that_fails_at_the_start_is_asked_until_it_answers(binance: Desk) -> None:
    binance.server.plan.add(Trouble.UNAVAILABLE, "GET /api/v3/klines", times=12)
    reader = binance.ready()
    binance.minutes(reader, 1)
    binance.check(reader)


def test_a_reader_that_is_too_slow_stops_the_streams_and_loses_nothing(binance: Desk) -> None:
    reader = binance.ready(full=20)
    reader.source.pull, pull = lambda: None, reader.source.pull  # type: ignore[method-assign]
    for _ in range(12):
        binance.driver.minute()
        time.sleep(0.05)
    until(
        lambda: not any(g.is_up for g in life(reader).streams.groups if g.watch.kind == "candles"), "the rest"
    )
    for _ in range(5):
        binance.driver.minute()
    reader.source.pull = pull  # type: ignore[method-assign]
    binance.caught_up(reader)
    binance.minutes(reader, 1)
    binance.check(reader)


def test_closing_leaves_nothing_behind(binance: Desk) -> None:
    before = threading.active_count()
    for _ in range(3):
        reader = binance.ready()
        start = time.monotonic()
        reader.close()
        assert time.monotonic() - start < 3
    until(lambda: not binance.server.sockets, "the end of the sockets")
    assert threading.active_count() == before


def test_the_feed_runs_it(binance: Desk) -> None:
    """Through the stage in its own thread: each candle matched, looked at, drained; past ones as past."""
    looks: list[Look] = []
    hub = FactHub()

    class Strategy:
        name = "strategy"

        def tell(self, message: Any) -> None:
            looks.append(message)
            hub.publish(Drained(message.number))

    source = ExchangeSource(link_to(binance.server), binance.symbols, "1m")
    matched: list[int] = []
    facts: list[Any] = []
    hub.subscribe(facts.append, SymbolAged, CandlesClosed, FeedEnded, StageFailed)
    feed = Address(
        lambda: FeedStage.start(
            hub, source, lambda number, symbol, bar: matched.append(number) or (), Strategy(), Pace(1), SystemClock(),
            7, is_held=lambda: True, last={},
        ), "feed", hub,
    )  # fmt: skip
    hub.subscribe(feed.tell, Drained)
    feed.bring_up(10)
    feed.tell(Begin())
    until(lambda: len(looks) == 360 and source.life is not None, "the warm-up")
    assert {look.is_past for look in looks} == {True}
    for n in range(5):
        binance.driver.minute()
        until(lambda n=n: len(looks) == 362 + 2 * n, "the candles")  # type: ignore[misc]
    assert [look.number for look in looks] == matched == list(range(8, 8 + 370))
    assert not any(look.is_past for look in looks[360:])
    start = time.monotonic()
    feed.stop(5)
    assert time.monotonic() - start < 3
    assert "market-data" not in {thread.name for thread in threading.enumerate()}
    assert not [fact for fact in facts if isinstance(fact, FeedEnded | StageFailed)]
    assert {fact.symbol for fact in facts if isinstance(fact, SymbolAged)} == set(binance.symbols)
    shown = [bar for fact in facts if isinstance(fact, CandlesClosed) for bar in fact.bars]
    assert len(shown) == 370

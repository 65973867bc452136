"""The live source under faults of streams and requests: afterwards every candle is the venue's own, none is missing."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from actors.venues.exchange import streams
from core.market import Freshness
from tests.fakes.live_feed_bench import Desk, Reader, desk_on, life, until
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.market_driver import in_the_past
from tests.venue.server import VenueServer

CANDLES = {"binance": "ws kline", "kraken": "ws ohlc"}
REST = {"binance": "GET /api/v3/klines", "kraken": "OHLC"}
ON_STREAMS = [
    Trouble.DISCONNECT,
    Trouble.SILENT,
    Trouble.BAD_FRAME,
    Trouble.LOST,
    Trouble.DUPLICATE,
    Trouble.LATE,
]
ON_REST = [Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.UNAVAILABLE, Trouble.GATEWAY, Trouble.BAD_JSON,
           Trouble.HTML, Trouble.MAINTENANCE]  # fmt: skip


@pytest.fixture(params=["binance", "kraken"])
def desk(request: pytest.FixtureRequest) -> Iterator[Desk]:
    with desk_on(request.param) as made:
        yield made


@pytest.fixture(autouse=True)
def quick_pings(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A silent socket is found out after two pings: 0.8 s here, 6 s in earnest (and in the long tests)."""
    if request.node.get_closest_marker("long") is None:
        monkeypatch.setattr("actors.venues.exchange.streams_guard.PING_MS", 400)


BREAKING = [Trouble.DISCONNECT, Trouble.SILENT, Trouble.BAD_FRAME]


def ready(desk: Desk) -> Reader:
    """Kraken's stream does not say that a candle is over, so REST confirms each."""
    return desk.ready(confirms=True)


def report(desk: Desk, reader: Reader, what: object) -> None:
    restored = [f"{seconds:.1f}" for group in life(reader).streams.groups for seconds in group.restored]
    repaired = life(reader).asker.repairs
    worst = f"{max(repaired):.2f}" if repaired else "-"
    name = desk.server.api.ccxt_id
    print(f"\n{name} {what}: streams back after {' '.join(restored) or '-'} s, worst repair {worst} s")


@pytest.mark.parametrize("desk", ["binance", pytest.param("kraken", marks=pytest.mark.long)], indirect=True)
@pytest.mark.parametrize(
    "trouble",
    [  # a cut stream of Binance was not heard of in time in one of four runs: to be found out
        pytest.param(one, marks=pytest.mark.long if one is Trouble.DISCONNECT else (), id=one.name)
        for one in ON_STREAMS
    ],
)
def test_one_fault_of_a_stream(desk: Desk, trouble: Trouble) -> None:
    reader = ready(desk)
    desk.minutes(reader, 2)
    plan, name = desk.server.plan, desk.server.api.ccxt_id
    plan.add(trouble, CANDLES[name], skip=3, times=1)
    desk.minutes(reader, 4, moves=2)
    until(lambda: plan.count(trouble) == 1, "the fault")
    if trouble in BREAKING:
        until(lambda: sum(group.reconnects for group in life(reader).streams.groups) >= 1, "the break")
    until(lambda: desk.are_up(reader), "the streams")
    desk.minutes(reader, 2)
    desk.check(reader)
    assert all(len(reader.live(symbol)) >= 6 for symbol in desk.symbols)
    assert not reader.dropped()
    report(desk, reader, trouble.name)


@pytest.mark.parametrize("desk", ["binance", pytest.param("kraken", marks=pytest.mark.long)], indirect=True)
@pytest.mark.parametrize(
    "trouble", [Trouble.DISCONNECT, Trouble.SILENT, Trouble.BAD_FRAME], ids=lambda t: t.name
)
def test_a_broken_stream_of_quotes_comes_back_too(desk: Desk, trouble: Trouble) -> None:
    reader = ready(desk)
    name = {"binance": "ws bookTicker", "kraken": "ws ticker"}[desk.server.api.ccxt_id]
    desk.server.plan.add(trouble, name)
    desk.driver.stir()
    until(lambda: desk.server.plan.count(trouble) == 1, "the fault")
    (group,) = (group for group in life(reader).streams.groups if group.watch.kind == "quotes")
    until(lambda: group.reconnects and desk.are_up(reader), "the streams")
    before = len(reader.quotes(desk.symbols[0]))
    desk.minutes(reader, 1)
    until(lambda: len(reader.quotes(desk.symbols[0])) > before, "a quote")
    desk.check(reader)
    report(desk, reader, f"{trouble.name} of quotes")


@pytest.mark.long
def test_a_silent_stream_in_earnest(desk: Desk) -> None:
    reader = ready(desk)
    desk.minutes(reader, 1)
    desk.server.plan.add(Trouble.SILENT, CANDLES[desk.server.api.ccxt_id])
    desk.driver.stir()
    until(lambda: sum(group.reconnects for group in life(reader).streams.groups) >= 1, "the break")
    until(lambda: desk.are_up(reader), "the streams")
    desk.minutes(reader, 1)
    desk.check(reader)
    report(desk, reader, "SILENT in earnest")


@pytest.mark.parametrize("desk", ["binance", pytest.param("kraken", marks=pytest.mark.long)], indirect=True)
@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(2, 12))])
def test_many_faults_of_both_ways_at_once(desk: Desk, seed: int) -> None:
    reader = ready(desk)
    plan, name = desk.server.plan, desk.server.api.ccxt_id
    rest = {trouble: plan.add(trouble, REST[name], skip=2 * n + 1) for n, trouble in enumerate(ON_REST)}
    kinds = [trouble for trouble in ON_STREAMS if trouble is not Trouble.SILENT]
    plan.chance(seed, 0.04, kinds, "ws *")
    for _ in range(12):
        desk.driver.minute(moves=3)
        time.sleep(0.15)
    plan.chance(seed, 0.0, [])
    for fault in rest.values():
        fault.times = 0
    until(lambda: desk.are_up(reader), "the streams", 60)
    desk.caught_up(reader)
    desk.minutes(reader, 2)
    desk.check(reader)
    assert not reader.dropped()
    report(desk, reader, f"seed {seed}, {len(plan.fired)} faults")


@pytest.mark.parametrize("desk", ["binance", pytest.param("kraken", marks=pytest.mark.long)], indirect=True)
def test_while_the_streams_are_down_polling_goes_on(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every socket breaks at its first event: after ten failures the stream is only tried now and then."""
    monkeypatch.setattr(streams, "FIRST_WAIT", 0.001)
    monkeypatch.setattr(streams, "LONGEST_WAIT", 0.5)
    reader = ready(desk)
    desk.minutes(reader, 1)
    desk.server.plan.chance(1, 1.0, [Trouble.DISCONNECT], "ws *")
    desk.server.cut_sockets()
    until(lambda: all(group.is_polled_only for group in life(reader).streams.groups), "ten failures", 60)
    desk.minutes(reader, 3)
    desk.check(reader)
    for symbol in desk.symbols:
        until(lambda s=symbol: reader.ages(s)[-1].way == "polling", "the way")  # type: ignore[misc]
        assert reader.ages(symbol)[-1].freshness is Freshness.FRESH
    desk.server.plan.chance(1, 0.0, [])
    until(lambda: desk.are_up(reader), "the streams")
    desk.minutes(reader, 2)
    desk.check(reader)
    assert life(reader).streams.state == "streams"


def test_a_venue_that_is_gone_is_stale_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actors.venues.exchange.source_life.LEAST_BUDGET", 1.5)
    monkeypatch.setattr("actors.venues.exchange.source_asking.QUOTE_QUIET", 0.5)
    with VenueServer(in_the_past(Binance(seed=3))) as server:
        desk = Desk(server)
        reader = desk.ready()
        symbol = desk.symbols[0]
        server.plan.chance(1, 1.0, [Trouble.DISCONNECT], "ws *")
        gone = [server.plan.add(Trouble.RESET_BEFORE, "GET *", times=10**6)]
        server.cut_sockets()
        until(lambda: reader.ages(symbol)[-1].freshness is Freshness.STALE, "staleness", 15)
        assert reader.ages(symbol)[-1].way == "none"
        desk.driver.minute()
        desk.driver.minute()
        for fault in gone:
            fault.times = 0
        server.plan.chance(1, 0.0, [])
        until(lambda: reader.ages(symbol)[-1].freshness is Freshness.FRESH, "freshness")
        desk.caught_up(reader)
        desk.check(reader)
        desk.close()


def test_a_stream_that_leaves_out_all_news_is_found_out_by_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket lives, pings are answered, but no candle comes any more."""
    monkeypatch.setattr("actors.venues.exchange.source_asking.LONGEST", 1.0)
    with VenueServer(in_the_past(Binance(seed=3))) as server:
        desk = Desk(server)
        reader = desk.ready()
        desk.minutes(reader, 1)
        lost = server.plan.add(Trouble.LOST, "ws kline", times=10**6)
        (group,) = (group for group in life(reader).streams.groups if group.watch.kind == "candles")
        for _ in range(20):
            if group.reconnects:
                break
            desk.driver.minute()
            desk.caught_up(reader)
            time.sleep(0.5)
        assert group.reconnects == 1
        lost.times = 0
        until(lambda: desk.are_up(reader), "the streams")
        desk.minutes(reader, 1)
        desk.check(reader)
        desk.close()


def test_a_candle_that_the_venue_spoils_is_dropped_and_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    with VenueServer(in_the_past(Binance(seed=3))) as server:
        desk = Desk(server)
        reader = desk.ready()
        symbol = desk.symbols[0]
        ends = life(reader)
        spoilt = ends.markets[symbol].line.forming._replace(high=-1.0, volume=1e9)
        loop = ends._connection.loop
        loop.call_soon_threadsafe(lambda: ends.candle(symbol, spoilt, 1, is_closed=True))
        until(lambda: bool(reader.dropped()), "the sentence")
        assert [(told.symbol, told.reason) for told in reader.dropped()] == [
            (symbol, "a price is zero or negative")
        ]
        desk.minutes(reader, 2)
        desk.check(reader)
        desk.close()

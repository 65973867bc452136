"""Firi's public prices: candles from trades equal the venue's own, no hole, none twice, in order; quotes and ages."""

from __future__ import annotations

import random
import threading
from collections.abc import Iterator
from decimal import Decimal

import pytest

from actors.venues.firi.access import access_from
from actors.venues.firi.link import FiriLink
from actors.venues.firi.source import FiriSource
from actors.venues.firi.tracker import GRACE_MS
from core.clock import SystemClock, instant
from core.errors import BadSettings, BadValue, TryAgain
from core.ids import Symbol
from core.market import Bar, Freshness
from core.messages import LinkNoted, SymbolAged
from core.ports import LiveSource, MarketEvent
from tests.venue.faults import Trouble
from tests.venue.firi import Firi
from tests.venue.firi_bench import BTC, ETH, firi, table
from tests.venue.server import VenueServer

MINUTE = 60_000


@pytest.fixture
def venue() -> Iterator[VenueServer]:
    api = Firi()
    api.clock.fix(api.clock.now() // MINUTE * MINUTE + 3 * MINUTE)
    with VenueServer(api) as server:
        yield server


def source(venue: VenueServer, *, symbols: tuple[Symbol, ...] = (BTC, ETH), pace: float = 0.02) -> FiriSource:
    link = FiriLink(access_from(table(venue), None), SystemClock(), resync=0.0)
    return FiriSource(link, symbols, "1m", pace=pace)


def walk(venue: VenueServer, minutes: int, seed: int = 1) -> None:
    """The market goes on for so long: a few trades in some minutes, none in others."""
    rng, api = random.Random(seed), firi(venue)

    def minute() -> None:
        for _ in range(rng.choice((0, 0, 1, 3, 6))):
            api.clock.advance(rng.randrange(1, 9000))
            for symbol in (BTC, ETH):
                api.core.walk(symbol)
        api.clock.advance(MINUTE - api.clock.now() % MINUTE)

    for _ in range(minutes):
        venue.do(minute)


def settle(venue: VenueServer) -> None:
    """The last candle may be released now."""
    venue.do(firi(venue).clock.advance, GRACE_MS + 1000)


def pulled(market: FiriSource) -> list[MarketEvent]:
    found = []
    while (event := market.pull()) is not None:
        found.append(event)
    return found


def candles(events: list[MarketEvent], symbol: Symbol) -> list[Bar]:
    return [event.bar for event in events if event.bar is not None and event.symbol == symbol]


def theirs(venue: VenueServer, symbol: Symbol, like: list[Bar]) -> list[Bar]:
    """The venue's own candles over the same time."""
    api = firi(venue)
    rows = venue.do(api.core.tapes[symbol].candles, MINUTE, like[-1].ts, like[0].ts, 100_000)
    return [Bar(r.ts, float(r.open), float(r.high), float(r.low), float(r.close), float(r.volume))
            for r in rows]  # fmt: skip


def test_it_is_a_live_source(venue: VenueServer) -> None:
    market = source(venue)
    assert isinstance(market, LiveSource)
    assert market.fingerprint == "firi:1m:BTC/NOK,ETH/NOK"
    assert [one.symbol for one in market.instruments()] == [BTC, ETH]
    assert market.total is None
    with pytest.raises(BadSettings, match="no market XRP/NOK"):
        source(venue, symbols=(Symbol("XRP/NOK"),)).instruments()


def test_the_past_comes_first_and_the_newest_is_live(venue: VenueServer) -> None:
    walk(venue, 12)
    settle(venue)
    market = source(venue)
    market.look()
    events = [event for event in pulled(market) if event.bar is not None]
    for symbol in (BTC, ETH):
        bars = candles(events, symbol)
        assert len(bars) >= 12
        assert bars == theirs(venue, symbol, bars)
        assert [event.is_past for event in events if event.symbol == symbol] == [True] * (len(bars) - 1) + [
            False
        ]
    times = [event.bar.ts for event in events if event.bar is not None]
    assert times == sorted(times)


@pytest.mark.parametrize("seed", range(3))
def test_candles_equal_the_venues_own(venue: VenueServer, seed: int) -> None:
    """Looked at irregularly and through trouble: nothing twice, no hole, in order."""
    market, rng = source(venue), random.Random(seed)
    events: list[MarketEvent] = []
    if seed:
        venue.plan.chance(seed, 0.2, [Trouble.RESET_BEFORE, Trouble.BAD_JSON, Trouble.UNAVAILABLE])
    for turn in range(12):
        walk(venue, rng.choice((0, 1, 1, 4)), seed=100 * seed + turn)
        if rng.random() < 0.5:
            settle(venue)
        try:
            market.look()
        except TryAgain:
            continue
        finally:
            events += pulled(market)
    venue.plan.clear()
    settle(venue)
    market.look()
    events += pulled(market)
    for symbol in (BTC, ETH):
        bars = candles(events, symbol)
        assert [bar.ts for bar in bars] == list(range(bars[0].ts, bars[-1].ts + 1, MINUTE))
        assert bars == theirs(venue, symbol, bars)
        assert bars[-1].ts == firi(venue).clock.now() // MINUTE * MINUTE - MINUTE
    assert not any(event.dropped for event in events)


def test_going_on_behind_the_last_candle(venue: VenueServer) -> None:
    walk(venue, 3)
    settle(venue)
    first = source(venue)
    first.look()
    seen = candles(pulled(first), BTC)
    walk(venue, 4, seed=2)
    settle(venue)
    second = source(venue)
    second.resume({BTC: seen[-1].ts})
    second.look()
    events = [event for event in pulled(second) if event.bar is not None and event.symbol == BTC]
    bars = candles(events, BTC)
    assert bars[0].ts == seen[-1].ts + MINUTE
    assert bars == theirs(venue, BTC, bars)
    assert [event.is_past for event in events] == [True] * (len(bars) - 1) + [False]


def test_a_hole_that_nobody_can_fill_is_told_once(
    venue: VenueServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actors.venues.firi.source.PAGES", (5, 6))
    walk(venue, 1)
    settle(venue)
    market = source(venue, symbols=(BTC,))
    market.resume({BTC: firi(venue).clock.now() // MINUTE * MINUTE - 2 * MINUTE})
    for minute in range(10):
        venue.do(firi(venue).core.walk, BTC, 2)
        walk(venue, 1, seed=minute)
    settle(venue)
    market.look()
    market.look()
    events = pulled(market)
    (dropped,) = [event.dropped for event in events if event.dropped]
    assert "only its newest trades" in dropped.reason
    bars = candles(events, BTC)
    assert bars == theirs(venue, BTC, bars)
    assert dropped.at < instant(bars[0].ts)


def test_quotes_and_the_forming_candle_are_the_newest(venue: VenueServer) -> None:
    market = source(venue)
    for price in ("910000", "920000"):
        venue.set_price(BTC, price)
        market.look()
    quotes = [event for event in pulled(market) if event.quote is not None and event.symbol == BTC]
    (event,) = quotes
    assert event.quote is not None
    assert (event.quote.bid, event.quote.ask, event.quote.last) == (
        Decimal(920000), Decimal("920000.01"), Decimal(920000),
    )  # fmt: skip
    assert event.forming is not None
    assert event.forming.close == 920_000.0


def test_requests_are_saved_while_nothing_happens(venue: VenueServer) -> None:
    market = source(venue)
    market.look()
    before = len(firi(venue).audit.lines)
    for _ in range(5):
        market.look()
    paths = [line.call.path for line in firi(venue).audit.lines[before:]]
    assert paths == ["/time", "/v2/markets", "/v2/markets/tickers"] * 5
    venue.do(firi(venue).core.walk, BTC)
    market.look()
    paths = [line.call.path for line in firi(venue).audit.lines[before + 15 :]]
    assert paths[-1] == "/v2/markets/BTCNOK/history"


def test_a_wrong_price_of_one_market_loses_no_candle(venue: VenueServer) -> None:
    walk(venue, 2)
    settle(venue)
    market = source(venue)
    tape, name = firi(venue).core.tapes[ETH], "last"
    good, tape.last = getattr(tape, name), Decimal(0)
    with pytest.raises(BadValue):
        market.look()
    tape.last = good
    bars = candles(pulled(market), ETH)
    assert bars == theirs(venue, ETH, bars)
    assert len(bars) >= 2


def test_the_thread_tells_ages_and_recovers(venue: VenueServer) -> None:
    walk(venue, 2)
    market, woken = source(venue), threading.Event()
    market.start(woken.set)
    facts: list[object] = []
    try:
        while not any(isinstance(one, SymbolAged) and one.freshness is Freshness.FRESH for one in facts):
            assert woken.wait(5)
            woken.clear()
            facts += [event.fact for event in pulled(market)]
        assert any(isinstance(one, LinkNoted) and one.public == "polling" for one in facts)
        venue.plan.add(Trouble.UNAVAILABLE, "*", times=4)
        while len(venue.plan.fired) < 4:
            assert woken.wait(5)
            woken.clear()
        settle(venue)
        walk(venue, 1)
        settle(venue)
        got: list[Bar] = []
        while not got or got[-1].ts < firi(venue).clock.now() // MINUTE * MINUTE - MINUTE:
            assert woken.wait(5)
            woken.clear()
            got += candles(pulled(market), BTC)
    finally:
        market.close()
    assert not [one for one in threading.enumerate() if one.name == "firi-prices"]


def test_a_market_that_is_gone_ages(venue: VenueServer) -> None:
    market = source(venue)
    market.look()
    del firi(venue).core.tapes[ETH]
    market.look()
    assert market.pull() is not None
    firi(venue).missing = {"GET /v2/markets"}
    market.look()  # nothing is listed any more: no quote, no crash

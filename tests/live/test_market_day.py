"""The simulated day itself: what its streams tell is what its REST candles say, and time runs as fast as asked."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from itertools import pairwise
from time import monotonic
from typing import Any

import pytest

from tests.venue.binance import Binance
from tests.venue.client import drive
from tests.venue.day import EVENING, Day, listens
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer
from tests.venue.tape import MINUTE

CANDLES = 60


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    made = Binance(seed=3, start=EVENING) if request.param == "binance" else Kraken(seed=3, start=EVENING)
    with VenueServer(made) as server:
        yield server
        server.do(server.api.core.check)


def symbols(venue: VenueServer) -> list[str]:
    quote = "USDT" if venue.api.ccxt_id == "binance" else "USD"
    return [f"BTC/{quote}", f"ETH/{quote}"]


def test_streams_and_rest_tell_the_same_candles(venue: VenueServer) -> None:
    """Over a whole fast hour, every candle that a stream told last is the one that REST gives afterwards."""
    pair = symbols(venue)[0]

    async def script(e: Any) -> tuple[dict[int, list[float]], list[list[float]], list[list[float]]]:
        told: dict[int, list[float]] = {}
        with Day(venue, symbols(venue), candles=CANDLES, per_second=40, seed=4,
                 ready=lambda: bool(venue.streams())) as day:  # fmt: skip
            while not day.is_over:
                task = asyncio.ensure_future(e.watch_ohlcv(pair, "1m"))
                await asyncio.wait([task], timeout=0.5)
                told |= {bar[0]: bar for rows in e.ohlcvs.get(pair, {}).values() for bar in rows}
            await asyncio.sleep(0.2)
            told |= {bar[0]: bar for rows in e.ohlcvs.get(pair, {}).values() for bar in rows}
            assert not day.began_blind
            trades = await e.fetch_trades(pair, limit=1000)
        prices = [[trade["timestamp"], trade["price"], trade["amount"]] for trade in trades]
        return told, await e.fetch_ohlcv(pair, "1m", limit=500), prices

    told, rest, prices = drive(venue, script, keys=False)
    closed = {bar[0]: bar for bar in rest[:-1]}
    seen = sorted(set(told) & set(closed))
    assert len(seen) >= CANDLES - 2
    assert [told[ts] for ts in seen] == [closed[ts] for ts in seen]
    assert {later - ts for ts, later in pairwise(seen)} == {MINUTE}
    for ts in [ts for ts in seen if ts > EVENING]:  # and the candles are made of the trades
        inside = [price for at, price, _ in prices if ts <= at < ts + MINUTE]
        assert (max(inside), min(inside), inside[-1]) == tuple(closed[ts][i] for i in (2, 3, 4))


def test_signed_requests_are_taken_while_the_market_runs_fast(venue: VenueServer) -> None:
    """Whether the venue tells the real time or the market's: orders work, rest, fill, and bear the market's time."""
    pair = symbols(venue)[0]

    async def script(e: Any) -> None:
        for tells_market in (False, True):
            venue.api.clock.tells_market = tells_market
            with Day(venue, symbols(venue), candles=20, per_second=40, seed=5) as day:
                order = await e.create_order(pair, "limit", "buy", 0.001, 40000)
                bought = await e.create_order(pair, "market", "buy", 0.001)
                assert (await e.fetch_balance())["used"][e.market(pair)["quote"]] > 0
                await e.cancel_order(order["id"], pair)
                assert day.wait(20)
                mine = await e.fetch_my_trades(pair)
                assert bought["id"] in {trade["order"] for trade in mine}
                assert abs(mine[-1]["timestamp"] - EVENING) < 3_600_000

    drive(venue, script)


def test_the_pace_is_kept_and_the_day_waits_for_listeners(venue: VenueServer) -> None:
    ready = listens(venue, symbols(venue), account=False)
    with Day(venue, symbols(venue), candles=1000, per_second=50, ready=ready, patience=60) as day:
        assert not day.wait(0.2)
        assert day.done == 0

        async def script(e: Any) -> float:
            for pair in symbols(venue):
                await e.watch_ticker(pair)
            begin, done = monotonic(), day.done
            await asyncio.sleep(1.5)
            return (day.done - done) / (monotonic() - begin)

        assert drive(venue, script, keys=False) > 25
    assert day.is_over


def test_weather_is_seeded_and_moves(venue: VenueServer) -> None:
    def walked(seed: int) -> list[str]:
        with VenueServer(type(venue.api)(seed=3, start=EVENING)) as other:
            with Day(other, symbols(venue), candles=40, per_second=500, seed=seed, nibbles=0) as day:
                assert day.wait(20)
            tape = other.api.core.tapes[symbols(venue)[0]]
            return [f"{bar.close}" for bar in other.do(tape.candles, MINUTE, other.api.clock.now(), None, 40)]

    first = walked(1)
    assert (walked(1) == first, walked(2) == first) == (True, False)
    assert len(set(first)) > 20

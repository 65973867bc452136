"""A market's candles on their way out, under every kind of bad news."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.venues.exchange.candles import FAR, MOST_BEHIND, PATIENCE, CandleLine
from core.clock import instant
from core.ids import Symbol
from core.market import Bar

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
SPAN = 60_000
START = 1_600_000_020_000


def at(n: int) -> int:
    return START + n * SPAN


def bar(n: int, close: float = 10.0, volume: float = 5.0) -> Bar:
    return Bar(at(n), 10.0, 11.0, 9.0, close, volume)


def line(*, trusts: bool = False, last: int = -1) -> CandleLine:
    made = CandleLine(BTC, SPAN, trusts_stream=trusts)
    made.begin(at(last), 10.0, 0.0)
    return made


def closed(candles: CandleLine, now: float = 0.0) -> list[Bar]:
    return candles.release(now).bars


# ---------------------------------------------------------------- every kind of bad news at once


class Tape:
    """The truth: each candle's growing bars, the last of them its final shape."""

    def __init__(self, rng: random.Random, candles: int) -> None:
        self.grown: list[list[Bar]] = []
        price = 100.0
        for n in range(candles):
            shapes: list[Bar] = []
            opened = high = low = price
            volume = 0.0
            for _ in range(rng.randrange(1, 5)):
                price = round(price * (1 + rng.gauss(0, 0.01)), 2)
                high, low, volume = max(high, price), min(low, price), volume + rng.randrange(1, 9)
                shapes.append(Bar(at(n), opened, high, low, price, volume))
            self.grown.append(shapes)
        self.final = [shapes[-1] for shapes in self.grown]

    def answer(self, n: int, step: int, after: int) -> list[Bar]:
        """REST in the middle of candle ``n``: all behind the open time ``after``."""
        rows = [*self.final[:n], self.grown[n][step]]
        return [row for row in rows if row.ts > after]


@given(st.integers(0, 2**32), st.sampled_from(["flags", "confirmed", "trusted"]), st.floats(0, 0.5))
def test_what_goes_out_is_the_venues_own_however_it_came(seed: int, kind: str, rate: float) -> None:
    rng = random.Random(seed)
    tape, candles, out, now, epoch = Tape(rng, 12), line(trusts=kind == "trusted"), [], 0.0, 1
    late: tuple[Bar, bool] | None = None
    left_out = set[int]()
    for n, shapes in enumerate(tape.grown):
        news = [(shape, False) for shape in shapes] + ([(shapes[-1], True)] if kind == "flags" else [])
        for step, (shape, is_closed) in enumerate(news):
            now += 0.1
            trouble = rng.choice(["lost", "twice", "late", "cut", "bad"]) if rng.random() < rate else ""
            told = (
                []
                if trouble in ("lost", "late", "cut")
                else [(shape, is_closed)] * (2 if trouble == "twice" else 1)
            )
            if trouble == "bad":
                told.insert(0, (shape._replace(high=float("nan"), volume=shape.volume + 1), False))
            if late is not None:
                told.append(late)
                late = None
            if trouble == "late":
                late = (shape, is_closed)
            epoch += trouble == "cut"
            for heard, is_over in told:
                candles.streamed(heard, now, epoch, is_closed=is_over)
            out += candles.release(now).bars
            if candles.last is not None and rng.random() < 0.2:
                rows = tape.answer(n, min(step, len(shapes) - 1), candles.last)
                if rng.random() < rate and rows and (gone := rng.choice(rows)).ts not in left_out:
                    left_out.add(gone.ts)  # once: an answer that leaves a candle out twice means no trades
                    rows.remove(gone)
                candles.told(rows, now, None)
                out += candles.release(now).bars
    for _ in range(3):
        assert candles.last is not None
        candles.told(tape.answer(11, -1, candles.last), now, None)
        out += candles.release(now).bars
    assert all(after.ts - before.ts == SPAN for before, after in pairwise(out))
    assert [made.ts for made in out] == [at(n) for n in range(len(out))]
    assert len(out) >= 11
    if kind != "trusted":
        assert out == tape.final[: len(out)]


# ---------------------------------------------------------------- one thing at a time


def test_a_candle_is_closed_when_the_venue_says_so() -> None:
    candles = line()
    candles.streamed(bar(0, volume=1), 1.0, 1)
    assert closed(candles, 1.0) == []
    candles.streamed(bar(0), 1.1, 1, is_closed=True)
    assert closed(candles, 1.1) == [bar(0)]
    candles.streamed(bar(0, 10.5, 99), 1.2, 1, is_closed=True)
    assert closed(candles, 1.2) == []


def test_without_such_words_its_successor_closes_it_on_the_same_connection_only() -> None:
    candles = line(trusts=True)
    candles.streamed(bar(0), 1.0, 1)
    candles.streamed(bar(1), 2.0, 1)
    assert closed(candles) == [bar(0)]
    candles.streamed(bar(2), 3.0, 2)  # what happened to candle 1 while there was no connection nobody told
    assert closed(candles) == []
    assert candles.over_since == 3.0
    candles.told([bar(1, 10.2, 7), bar(2)], 3.1, None)
    assert closed(candles) == [bar(1, 10.2, 7)]


def test_late_news_does_not_shrink_a_candle() -> None:
    candles = line()
    candles.streamed(bar(0, 10.5, 8), 1.0, 1)
    assert not candles.streamed(bar(0, 10.1, 3), 1.1, 1)
    assert candles.forming == bar(0, 10.5, 8)


def test_a_hole_holds_back_what_is_behind_it_until_rest_fills_it() -> None:
    candles = line()
    candles.streamed(bar(0), 1.0, 1, is_closed=True)
    candles.streamed(bar(2), 2.0, 1, is_closed=True)
    assert closed(candles, 2.0) == [bar(0)]
    assert (candles.over_since, candles.forming) == (2.0, None)
    candles.told([bar(1, 10.3)], 2.5, None)
    assert closed(candles, 2.5) == []  # the answer's last one may still be forming
    candles.told([bar(1, 10.3), bar(2), bar(3, volume=1)], 3.0, None)
    assert closed(candles, 3.0) == [bar(1, 10.3), bar(2)]
    assert candles.forming == bar(3, volume=1)


def test_a_hole_that_nobody_fills_is_given_up_with_a_sentence() -> None:
    candles = line()
    candles.streamed(bar(2), 5.0, 1, is_closed=True)
    assert closed(candles, 5.0 + PATIENCE) == []
    released = candles.release(5.1 + PATIENCE)
    assert released.bars == [bar(2)]
    (told,) = released.dropped
    assert (told.symbol, told.at) == (BTC, instant(at(0)))
    assert told.reason == "2 candles are left out: the venue did not give it in time"


def test_a_candle_without_trades_is_flat() -> None:
    candles = line()
    rows = [bar(0, 10.4), bar(3, 10.6), bar(4)]
    candles.told(rows, 1.0, None)
    assert closed(candles, 1.0) == [bar(0, 10.4)]
    candles.told(rows[1:], 2.0, None)
    flat = [Bar(at(n), 10.4, 10.4, 10.4, 10.4, 0.0) for n in (1, 2)]
    assert closed(candles, 2.0) == [*flat, bar(3, 10.6)]


def test_a_quiet_market_closes_by_the_venues_time() -> None:
    """Other markets have reached candle 2; REST has nothing newer than candle 0, twice."""
    candles = line()
    candles.told([bar(0, 10.4)], 1.0, at(2))
    assert closed(candles, 1.0) == []
    candles.told([bar(0, 10.4)], 2.0, at(2))
    assert closed(candles, 2.0) == [bar(0, 10.4), Bar(at(1), 10.4, 10.4, 10.4, 10.4, 0.0)]


def test_a_bad_candle_is_told_once_and_a_good_one_takes_its_place() -> None:
    candles = line()
    bad = bar(0)._replace(low=-1.0)
    for _ in range(3):
        assert not candles.streamed(bad, 1.0, 1)
    released = candles.release(1.0)
    assert [told.reason for told in released.dropped] == ["a price is zero or negative"]
    assert (candles.bad, candles.is_suspect) == (3, True)
    candles.told([bar(0), bar(1)], 2.0, None)
    assert closed(candles, 2.0) == [bar(0)]
    assert not candles.is_suspect


def test_a_candle_that_rest_calls_bad_twice_is_left_out() -> None:
    candles = line()
    rows = [bar(0)._replace(close=float("inf")), bar(1), bar(2)]
    candles.told(rows, 1.0, None)
    assert closed(candles, 1.0) == []
    candles.told(rows, 2.0, None)
    assert closed(candles, 2.0) == [bar(1)]


@pytest.mark.parametrize("ts", [-1, at(0) + 1, 10**15 * SPAN])
def test_a_time_of_nonsense_is_no_candle(ts: int) -> None:
    candles = line()
    assert not candles.streamed(bar(0)._replace(ts=ts if ts > 0 else at(0) + 7), 1.0, 1)
    assert candles.newest == at(-1)


def test_a_jump_is_not_believed_before_rest_says_the_same() -> None:
    candles = line()
    far = FAR + 5
    assert not candles.streamed(bar(far), 1.0, 1)
    assert (candles.is_suspect, candles.newest) == (True, at(-1))
    candles.told([bar(n) for n in range(far + 1)], 1.5, None)
    assert len(closed(candles)) == far
    assert candles.streamed(bar(far + 1), 2.0, 1)


def test_a_jump_is_believed_when_rest_says_nothing_for_long() -> None:
    candles = line()
    candles.streamed(bar(50), 1.0, 1)
    assert candles.streamed(bar(50, volume=6), 1.1 + PATIENCE, 1)
    assert candles.newest == at(50)


def test_a_hole_longer_than_what_is_filled_keeps_the_newest() -> None:
    candles = line()
    rows = [bar(n) for n in range(MOST_BEHIND + 100)]
    candles.told(rows, 1.0, None)
    released = candles.release(1.0)
    assert [made.ts for made in released.bars] == [made.ts for made in rows[-MOST_BEHIND - 1 : -1]]
    assert [told.reason for told in released.dropped] == [
        "99 candles are left out: the hole is longer than what is filled"
    ]


def test_nothing_goes_out_before_the_past_is_known() -> None:
    candles = CandleLine(BTC, SPAN, trusts_stream=False)
    for n in range(4):
        candles.streamed(bar(n), 1.0, 1, is_closed=True)
    assert closed(candles) == []
    candles.begin(at(1), 10.0, 2.0)
    assert closed(candles) == [bar(2), bar(3)]

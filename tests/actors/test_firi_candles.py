"""Candles from pages of trades: in whatever steps one looks, right, in order and never twice."""

from __future__ import annotations

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.venues.firi.candles import Page, PublicTrade, bar_of, page_of
from actors.venues.firi.tracker import GRACE_MS, Tracker
from core.errors import BadData
from core.ids import Symbol
from core.market import Bar
from core.ports import MarketEvent

BTC, MINUTE = Symbol("BTC/NOK"), 60_000


def test_a_candle_is_not_closed_before_its_grace_is_over() -> None:
    tracker = Tracker(BTC, MINUTE, last=0)
    trades = (PublicTrade(MINUTE + 1, Decimal(5), Decimal(1)),)
    assert not tracker.look(Page(trades, is_whole=True), 2 * MINUTE + GRACE_MS - 1).events
    late = PublicTrade(2 * MINUTE - 1, Decimal(6), Decimal(2))
    (event,) = tracker.look(Page((*trades, late), is_whole=True), 2 * MINUTE + GRACE_MS).events
    assert event.bar == Bar(MINUTE, 5.0, 6.0, 5.0, 6.0, 3.0)


def test_a_page_that_makes_no_sense() -> None:
    row = {"type": "bid", "amount": "1", "price": "0", "created_at": "2026-05-27T12:00:00Z"}
    with pytest.raises(BadData):
        page_of([row], 100)


@given(
    st.lists(st.tuples(st.integers(0, 600), st.integers(1, 99)), min_size=1, max_size=40),
    st.lists(st.integers(1, 200), min_size=1, max_size=12),
    st.integers(3, 40),
)
def test_any_way_of_looking_gives_the_same_candles(
    made: list[tuple[int, int]], steps: list[int], size: int
) -> None:
    """Trades at seconds, looks in between, pages that may be too short: what is told is right and never twice."""
    trades = [PublicTrade(s * 1000, Decimal(p), Decimal(1)) for s, p in sorted(made, key=lambda one: one[0])]
    tracker, now = Tracker(Symbol("A/B"), MINUTE), 0
    events: list[MarketEvent] = []
    for step in [*steps, 700]:
        now += step * 1000
        there = [trade for trade in trades if trade.at <= now]
        page = Page(tuple(there[-size:]), len(there) < size)
        events += tracker.look(page, now).events
    bars = [event.bar for event in events if event.bar is not None]
    times = [bar.ts for bar in bars]
    assert times == sorted(set(times))
    holes = {late - MINUTE for early, late in itertools.pairwise(times) if late - early > MINUTE}
    assert len(holes) <= sum(event.dropped is not None for event in events)
    for bar in bars:
        inside = [trade for trade in trades if bar.ts <= trade.at < bar.ts + MINUTE]
        if inside:
            assert bar == bar_of(bar.ts, inside)
        else:
            last = [trade for trade in trades if trade.at < bar.ts][-1]
            assert bar == Bar(bar.ts, *[float(last.price)] * 4, 0.0)

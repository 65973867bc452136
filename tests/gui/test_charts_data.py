"""Candles behind the chart: the ring's bounds, aggregation and averages against plain loops."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.market import Bar
from gui.charts.bars import CLOSE, TS, BarRing
from gui.charts.series import Series, aggregated, ema
from gui.charts.spread import apart
from gui.charts.ticks import DAY, HOUR, MINUTE, axis_time, price_ticks, time_ticks
from gui.charts.viewport import STEP, Viewport


def bar(minute: int, close: float = 100.0) -> Bar:
    return Bar(minute * MINUTE, close - 1, close + 2, close - 3, close, 1.5)


def bars(first: int, count: int) -> list[Bar]:
    return [bar(first + n, 100 + (first + n) % 17) for n in range(count)]


def times(ring: BarRing) -> list[int]:
    return [int(ms) // MINUTE for ms in ring.columns()[TS]]


@given(st.lists(st.integers(1, 40), min_size=1, max_size=12), st.integers(3, 50))
def test_the_ring_keeps_the_newest_whatever_the_bundles(bundles: list[int], capacity: int) -> None:
    ring, first = BarRing(capacity), 0
    for count in bundles:
        ring.append(bars(first, count))
        first += count
    assert times(ring) == list(range(max(0, first - capacity), first))
    assert len(ring) == min(first, capacity)


def test_memory_stays_bounded() -> None:
    ring = BarRing(100)
    for n in range(50):
        ring.append(bars(100 * n, 100))
    assert ring._block.shape[1] < 200


def test_history_that_comes_late_goes_in_front_and_known_times_are_replaced() -> None:
    ring = BarRing()
    ring.append(bars(10, 5))
    ring.append([*bars(6, 4), bar(12, 777.0)])
    assert times(ring) == list(range(6, 15))
    assert ring.columns()[CLOSE, 6] == 777.0


def test_the_forming_candle_is_last_and_gives_way_when_it_closes() -> None:
    ring = BarRing()
    ring.append(bars(0, 3))
    ring.update_forming(bar(3, 50.0))
    ring.update_forming(bar(3, 51.0))
    assert times(ring) == [0, 1, 2, 3]
    assert ring.columns()[CLOSE, -1] == 51.0
    ring.append([bar(3, 52.0)])
    assert times(ring) == [0, 1, 2, 3]
    assert ring.columns()[CLOSE, -1] == 52.0
    ring.update_forming(bar(2, 9.0))
    assert times(ring) == [0, 1, 2, 3]


def test_the_forming_candle_survives_the_move_of_the_block() -> None:
    ring = BarRing(10)
    ring.append(bars(0, 70))
    ring.update_forming(bar(90))
    ring.append(bars(70, 8))
    assert times(ring)[-1] == 90
    assert len(ring) == 10


def test_aggregation_is_aligned_to_utc_and_keeps_the_extremes() -> None:
    ring = BarRing()
    ring.append(bars(3, 9))  # minutes 3 to 11: 3-4 | 5-9 | 10-11
    five = aggregated(ring.columns(), 5 * MINUTE)
    assert five.number.tolist() == [0, 1, 2]
    base = ring.columns()
    assert five.open[1] == base[1, 2]
    assert five.close[1] == base[CLOSE, 6]
    assert five.high[1] == base[2, 2:7].max()
    assert five.low[1] == base[3, 2:7].min()
    assert five.volume.tolist() == [3.0, 7.5, 3.0]


@given(st.integers(1, 400), st.sampled_from([1, 20, 50]))
def test_the_average_equals_the_plain_loop(count: int, length: int) -> None:
    values = np.random.default_rng(count).normal(50_000, 500, count)
    plain = [values[0]]
    for value in values[1:]:
        plain.append(plain[-1] + 2 / (length + 1) * (value - plain[-1]))
    assert np.allclose(ema(values, length), plain, rtol=1e-12)


def test_a_moving_last_candle_gives_the_same_as_a_fresh_computation() -> None:
    ring = BarRing()
    ring.append(bars(0, 300))
    series = Series(ring, 5 * MINUTE)
    assert series.refresh()
    assert not series.refresh()
    for close in (90.0, 130.0, 111.0):
        ring.update_forming(bar(300, close))
        _same_as_fresh(series)


def test_appended_candles_give_the_same_as_a_fresh_computation() -> None:
    ring = BarRing(500)
    ring.append(bars(0, 12))
    series = Series(ring, 5 * MINUTE)
    series.refresh()
    for n in range(60):
        ring.append(bars(12 + 7 * n, 7))
        _same_as_fresh(series)


def test_the_end_goes_on_when_the_ring_lets_the_beginning_go() -> None:
    ring = BarRing(100)
    ring.append(bars(0, 100))
    series = Series(ring, 5 * MINUTE)
    series.refresh()
    for n in range(40):
        ring.append(bars(100 + 3 * n, 3))
        series.refresh()
    fresh = aggregated(ring.columns(), 5 * MINUTE)
    assert series.candles.number.tolist() == fresh.number.tolist()
    assert series.candles.close.tolist() == fresh.close.tolist()
    assert series.candles.high.tolist()[1:] == fresh.high.tolist()[1:]  # the first may have lost a part


def test_history_that_comes_late_is_taken_over() -> None:
    ring = BarRing()
    ring.append(bars(100, 50))
    series = Series(ring, 5 * MINUTE)
    series.refresh()
    ring.append(bars(0, 100))
    _same_as_fresh(series)
    assert series.candles.number[0] == 0


def _same_as_fresh(series: Series) -> None:
    ring = series.ring
    assert series.refresh()
    fresh = Series(ring, 5 * MINUTE)
    fresh.refresh()
    for name in ("number", "open", "high", "low", "close", "volume"):
        assert getattr(series.candles, name).tolist() == getattr(fresh.candles, name).tolist()
    assert np.allclose(series.fast, fresh.fast, rtol=1e-12)
    assert np.allclose(series.slow, fresh.slow, rtol=1e-12)


@given(st.lists(st.floats(-100, 700), max_size=12))
def test_labels_move_apart_in_their_order_and_no_further_than_needed(wanted: list[float]) -> None:
    placed = apart(wanted, 21.0, 0.0, 600.0)
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    for a, b in pairwise(order):
        assert placed[b] - placed[a] >= 21.0 - 1e-6
    assert all(-1e-6 <= y <= 600.0 + 1e-6 for y in placed)
    lonely = all(abs(a - b) >= 21 for i, a in enumerate(wanted) for b in wanted[:i])
    if lonely and all(0 <= y <= 600 for y in wanted):
        assert placed == pytest.approx(wanted)


def test_round_prices_are_round_and_apart() -> None:
    assert price_ticks(57_300, 59_700, 500, 90) == [57500.0, 58000.0, 58500.0, 59000.0, 59500.0]
    assert price_ticks(0.5991, 0.6153, 300, 60) == pytest.approx([0.60, 0.605, 0.61, 0.615])
    assert price_ticks(5, 5, 500) == []


@pytest.mark.parametrize(
    ("span", "step"), [(2 * HOUR, 15 * MINUTE), (20 * HOUR, 2 * HOUR), (9 * DAY, DAY), (500 * DAY, None)]
)
def test_time_marks_stand_on_the_marks_of_utc(span: int, step: int | None) -> None:
    start = 1_620_432_000_000 + 7 * MINUTE
    marks = time_ticks(start, start + span, 900)
    assert 4 <= len(marks) <= 11
    if step is not None:
        assert {b - a for a, b in pairwise(marks)} == {step}
        assert all(ms % step == 0 for ms in marks)
    else:
        assert all(axis_time(ms, marks).isalpha() or axis_time(ms, marks) == "2022" for ms in marks)


def test_the_viewport_follows_until_panned_and_again_at_the_end() -> None:
    view = Viewport()
    view.settle(0, 1000, 600)
    assert (view.right, view.follows) == (1000, True)
    view.pan(60)
    view.settle(0, 1003, 600)
    assert view.right == 1000 - 60 / STEP
    assert not view.follows
    view.pan(-600)
    view.settle(0, 1003, 600)
    assert (view.right, view.follows) == (1003, True)


def test_zoom_keeps_what_is_under_the_pointer_and_ends_at_all_candles() -> None:
    view = Viewport()
    view.settle(0, 1000, 600)
    view.pan(300)
    view.settle(0, 1000, 600)
    pointed = view.right + -120 / view.step
    view.zoom(2.0, -120)
    assert view.right + -120 / view.step == pytest.approx(pointed)
    for _ in range(60):
        view.zoom(0.5, 0)
    view.settle(0, 1000, 600)
    assert view.step * 1000 == pytest.approx(600, rel=0.01)

"""The checks on candle arrays agree with the rule for one candle, and find frames, holes and decimals."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.candles import (
    CANDLE,
    dated,
    decimal_places,
    first_backward,
    missing,
    on_grid,
    repeated,
    sound,
    timeframe_of,
)
from core.errors import BadData
from core.market import TIMEFRAME_MS, Bar, bar_fault

NUMBERS = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 1e-8, 1.0, 1.5, 2.0, 60_000.0])


def times(*ts: int) -> np.ndarray:
    return np.array(ts, dtype=np.int64)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS, NUMBERS))
def test_sound_is_the_rule_of_one_candle(numbers: tuple[float, ...]) -> None:
    bars = np.array([(0, *numbers)], dtype=CANDLE)
    assert bool(sound(bars)[0]) == (bar_fault(Bar(0, *numbers)) is None)


def test_the_record_is_that_of_the_kernel() -> None:
    records = pytest.importorskip("core.kernel.records")
    assert records.candle_t == CANDLE
    assert CANDLE.isalignedstruct


@pytest.mark.parametrize(
    ("ts", "index"), [((), None), ((5,), None), ((1, 1, 2), None), ((1, 3, 2, 1), 2), ((9, 1), 1)]
)
def test_first_backward(ts: tuple[int, ...], index: int | None) -> None:
    assert first_backward(times(*ts)) == index


def test_repeated_marks_all_but_the_first() -> None:
    assert repeated(times(1, 1, 1, 2, 3, 3)).tolist() == [False, True, True, False, False, True]
    assert repeated(times()).tolist() == []


def test_dated_is_what_python_can_write_down() -> None:
    assert dated(times(-1, 0, 1_700_000_000_000, 253_402_300_799_999, 253_402_300_800_000)).tolist() == [
        False, True, True, True, False,
    ]  # fmt: skip


@pytest.mark.parametrize("name", TIMEFRAME_MS)
def test_the_time_frame_is_the_commonest_gap(name: str) -> None:
    step = TIMEFRAME_MS[name]
    assert timeframe_of(times(0, step, 2 * step, 9 * step, 10 * step)) == name


def test_no_time_frame_is_a_sentence() -> None:
    with pytest.raises(BadData, match=r"commonest gap between candles is 60 ms.*milliseconds"):
        timeframe_of(times(0, 60, 120))
    with pytest.raises(BadData, match="at least two"):
        timeframe_of(times(0))


def test_missing_counts_the_candles_of_the_holes() -> None:
    minute = 60_000
    assert missing(times(0, minute, 4 * minute, 5 * minute, 7 * minute), "1m") == 3
    assert missing(times(0, minute), "1m") == 0
    assert missing(times(0), "1m") == 0


@given(st.lists(st.integers(1, 10**9), min_size=1, max_size=40), st.integers(0, 8))
def test_decimal_places_are_found_behind_floating_noise(units: list[int], places: int) -> None:
    clean = np.array(units) / 10**places
    noisy = clean * 3.0 / 3.0 * 1.1 / 1.1
    fewest = max(0, places - min(len(str(u)) - len(str(u).rstrip("0")) for u in units))
    assert decimal_places(clean) == fewest
    assert decimal_places(noisy) == fewest
    assert on_grid(noisy, fewest).tolist() == clean.tolist()


def test_decimal_places_end_at_the_most() -> None:
    assert decimal_places(np.array([1 / 3])) == 8
    assert decimal_places(np.array([1 / 3]), most=2) == 2
    late = np.ones(10_000)
    late[-1] = 1.25
    assert decimal_places(late) == 2


def test_on_grid_leaves_what_means_another_number() -> None:
    assert on_grid(np.array([0.123, 5.330000000000001e-05]), 2).tolist() == [0.123, 5.330000000000001e-05]
    assert on_grid(np.array([5.330000000000001e-05]), 8).tolist() == [5.33e-05]

"""Streaming indicators against the textbook's batch formulas, written here in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars
import pytest
from numba import njit

from core.kernel.indicators import SMA_MAX, atr, atr_t, ema, ema_t, rsi, rsi_t, sma, sma_t
from core.kernel.records import candle_t

Batch = Callable[[Any, int], list[float]]


def batch_ema(candles: Any, length: int) -> list[float]:
    """The sum of all values, each weighed with a (1 - a) ** age; the first one with what remains."""
    a, closes = 2 / (length + 1), candles["close"]
    found = []
    for n in range(1, len(closes) + 1):
        ages = np.arange(n)[::-1]
        weights = a * (1 - a) ** ages
        weights[0] = (1 - a) ** (n - 1)
        found.append(float(np.sum(weights * closes[:n])))
    return found


def batch_sma(candles: Any, length: int) -> list[float]:
    closes = candles["close"]
    return [float(np.mean(closes[max(0, n - length) : n])) for n in range(1, len(closes) + 1)]


def wilder(values: list[float], length: int) -> list[float]:
    """Means up to ``length`` values, then (old x (length - 1) + new) / length."""
    found: list[float] = []
    for n, value in enumerate(values):
        if n < length:
            found.append(sum(values[: n + 1]) / (n + 1))
        else:
            found.append((found[-1] * (length - 1) + value) / length)
    return found


def batch_atr(candles: Any, length: int) -> list[float]:
    ranges = [float(candles[0]["high"] - candles[0]["low"])]
    for before, one in pairwise(candles):
        top, bottom = max(one["high"], before["close"]), min(one["low"], before["close"])
        ranges.append(float(top - bottom))
    return wilder(ranges, length)


def batch_rsi(candles: Any, length: int) -> list[float]:
    changes = np.diff(candles["close"])
    up = wilder([float(each) if each > 0 else 0.0 for each in changes], length)
    down = wilder([float(-each) if each < 0 else 0.0 for each in changes], length)
    pairs = zip(up, down, strict=True)
    return [50.0, *(100 - 100 / (1 + u / d) if d else 100.0 if u else 50.0 for u, d in pairs)]


CASES: dict[str, tuple[Any, Any, Batch]] = {
    "ema": (ema_t, ema, batch_ema),
    "sma": (sma_t, sma, batch_sma),
    "atr": (atr_t, atr, batch_atr),
    "rsi": (rsi_t, rsi, batch_rsi),
}


def streamed(name: str, candles: Any, length: int) -> list[float]:
    dtype, function, _ = CASES[name]
    state = np.zeros(1, dtype)[0]
    values = candles if name == "atr" else candles["close"]
    return [float(function(state, value, length)) for value in values]


def made(count: int, seed: int = 3) -> Any:
    chance = np.random.default_rng(seed)
    candles = np.zeros(count, candle_t)
    closes = 30_000 * np.exp(np.cumsum(chance.normal(0, 0.01, count)))
    candles["close"] = np.round(closes, 2)
    candles["open"] = np.concatenate([closes[:1], candles["close"][:-1]]) * chance.choice([1, 1, 1.02], count)
    body = np.maximum(candles["open"], candles["close"]), np.minimum(candles["open"], candles["close"])
    candles["high"], candles["low"] = body[0] * 1.003, body[1] * 0.997
    return candles


@pytest.mark.parametrize("length", [1, 2, 14, 50, 256])
@pytest.mark.parametrize("name", CASES)
def test_streaming_equals_batch(name: str, length: int) -> None:
    candles = made(600)
    assert streamed(name, candles, length) == pytest.approx(CASES[name][2](candles, length), rel=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_streaming_equals_batch_on_a_real_market(name: str, shared: Path) -> None:
    rows = polars.read_parquet(shared / "data/candles/binance_BTCUSDT_1h_2020-12_2021-07.parquet")
    candles = np.zeros(1500, candle_t)
    for column in ("open", "high", "low", "close"):
        candles[column] = rows[column].cast(polars.Float64).to_numpy()[:1500]
    assert streamed(name, candles, 26) == pytest.approx(CASES[name][2](candles, 26), rel=1e-9)


@pytest.mark.parametrize(("name", "expected"), [("ema", 7.0), ("sma", 7.0), ("atr", 0.0), ("rsi", 50.0)])
def test_a_market_that_stands_still(name: str, expected: float) -> None:
    candles = np.zeros(400, candle_t)
    for column in ("open", "high", "low", "close"):
        candles[column] = 7.0
    assert streamed(name, candles, 20) == [expected] * 400


def test_by_hand() -> None:
    candles = np.zeros(4, candle_t)
    candles["high"], candles["low"] = [11, 13, 12, 10], [9, 11, 11, 8]
    candles["close"] = [10, 12, 11, 9]
    assert streamed("ema", candles, 3) == [10, 11, 11, 10]
    assert streamed("sma", candles, 3) == pytest.approx([10, 11, 11, 32 / 3])
    # true ranges 2, 13 - 10, 12 - 11, 11 - 8
    assert streamed("atr", candles, 2) == [2, 2.5, 1.75, 2.375]
    # ups 2, 0, 0 and downs 0, 1, 2 with length 2
    assert streamed("rsi", candles, 2) == pytest.approx([50, 100, 100 * 2 / 3, 100 * 0.5 / 1.75])


@njit
def _walk(state: Any, values: Any, length: int, rounds: int) -> float:
    answer = 0.0
    for _ in range(rounds):
        for value in values:
            answer = sma(state, value, length)
    return answer


def test_the_moving_average_does_not_drift() -> None:
    """Millions of values of very different size: a running sum alone would lose the small ones."""
    values = made(100_000, seed=5)["close"] * np.where(np.arange(100_000) % 5000 == 0, 1e9, 1.0)
    values[-2 * SMA_MAX :] = 0.1  # so that the sum was taken anew from small ones
    for length in (200, 255, 256):
        found = _walk(np.zeros(1, sma_t)[0], values, length, 30)
        assert found == pytest.approx(0.1, rel=1e-9)


@pytest.mark.parametrize("length", [0, -1, SMA_MAX + 1, 10**9])
def test_a_length_that_the_window_cannot_hold_is_no_number(length: int) -> None:
    states = np.zeros(2, sma_t)
    for value in range(1000):
        assert np.isnan(sma(states[0], float(value + 1), length))
    assert not states[1].tobytes().strip(b"\0")  # nothing was written beyond the state

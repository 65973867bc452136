"""Made candles on the tick: a restless walk with jumps and thin volume, the same for the same seed."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.records import candle_t

START_MS = 1_700_006_400_000 - 3_600_000
"""An hour before midnight UTC, so that days change within a short walk."""


def walk(count: int, *, seed: int, start: float = 100.0, wild: float = 0.004, places: int = 2, volume: float = 3.0,
         frame_ms: int = 60_000) -> Any:  # fmt: skip
    """``count`` candles; every hundredth or so opens with a jump, and some have no volume at all."""
    chance = np.random.default_rng(seed)
    drift = np.sin(np.arange(count) / 60) * wild / 4
    closes = np.round(start * np.exp(np.cumsum(chance.normal(0, wild, count) + drift)), places)
    opens = np.concatenate([[start], closes[:-1]])
    jumps = np.where(chance.random(count) < 0.01, chance.choice([0.96, 1.04], count), 1.0)
    opens = np.round(opens * jumps, places)
    reach = np.abs(chance.normal(0, wild, (2, count)))
    candles = np.zeros(count, candle_t)
    candles["ts"] = START_MS + frame_ms * np.arange(count)
    candles["open"], candles["close"] = opens, closes
    candles["high"] = np.round(np.maximum(opens, closes) * (1 + reach[0]), places)
    candles["low"] = np.round(np.minimum(opens, closes) * (1 - reach[1]), places)
    candles["volume"] = np.round(chance.exponential(volume, count) * (chance.random(count) > 0.05), 3)
    return candles


def merged(*streams: Any) -> tuple[Any, Any]:
    """Several symbols' candles in the order of their time, and the index of each one's symbol."""
    candles = np.concatenate(streams)
    symbols = np.concatenate([np.full(len(one), at, np.int64) for at, one in enumerate(streams)])
    order = np.argsort(candles["ts"], kind="stable")
    return candles[order], symbols[order]

"""Streaming indicators over flat state records; batch is the same function in a loop, so the two cannot differ.

Each ``*_t`` is the state, each function takes (state, newest value(s), length) and returns the newest indicator value.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.compiled import inlined

ema_t = np.dtype([("value", "f8"), ("count", "i8")], align=True)
atr_t = np.dtype([("value", "f8"), ("count", "i8"), ("close", "f8")], align=True)
rsi_t = np.dtype([("up", "f8"), ("down", "f8"), ("count", "i8"), ("last", "f8")], align=True)

SMA_MAX = 256
"""Longest simple moving average, in candles: the window lives in the flat state."""
sma_t = np.dtype([("sum", "f8"), ("count", "i8"), ("window", "f8", (SMA_MAX,))], align=True)


@inlined
def ema(state: Any, x: float, length: int) -> float:
    """Exponential moving average with weight 2 / (length + 1), started at the first value."""
    state.count += 1
    if state.count == 1:
        state.value = x
    else:
        state.value += (x - state.value) * 2.0 / (length + 1)
    return state.value


@inlined
def atr(state: Any, candle: Any, length: int) -> float:
    """Average true range (Wilder 1978): mean of the first ``length`` true ranges, then Wilder's smoothing."""
    reach = candle.high - candle.low
    if state.count > 0:
        reach = max(reach, abs(candle.high - state.close), abs(candle.low - state.close))
    state.close = candle.close
    state.count += 1
    weight = state.count if state.count < length else length
    state.value += (reach - state.value) / weight
    return state.value


@inlined
def rsi(state: Any, x: float, length: int) -> float:
    """Relative strength index (Wilder 1978), 0 to 100; 50 while nothing has moved."""
    state.count += 1
    if state.count == 1:
        state.last = x
        return 50.0
    change = x - state.last
    state.last = x
    weight = min(state.count - 1, length)
    state.up += (max(change, 0.0) - state.up) / weight
    state.down += (max(-change, 0.0) - state.down) / weight
    whole = state.up + state.down
    return 100.0 * state.up / whole if whole > 0.0 else 50.0


@inlined
def sma(state: Any, x: float, length: int) -> float:
    """Simple moving average of the last ``length`` values (of fewer, until there are so many).

    The sum is taken anew each time the window wraps, so rounding errors do not pile up over millions of candles.
    A ``length`` that the window cannot hold gives NaN, on which nothing is ever bought.
    """
    if not 0 < length <= SMA_MAX:
        return np.nan
    at = state.count % length
    if state.count >= length:
        state.sum -= state.window[at]
    state.window[at] = x
    state.sum += x
    state.count += 1
    filled = min(state.count, length)
    if at == length - 1:
        state.sum = 0.0
        for i in range(length):
            state.sum += state.window[i]
    return state.sum / filled

"""Candle arrays: the record of one candle and the checks that find unusable ones; pure, any thread.

An array holds one record per candle, oldest first.  The rules are those of ``core.market.bar_fault``, for a
whole array at once (D12).
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from core.errors import BadData
from core.market import TIMEFRAME_MS

CANDLE = np.dtype(
    [("ts", "i8"), ("open", "f8"), ("high", "f8"), ("low", "f8"), ("close", "f8"), ("volume", "f8")],
    align=True,
)
"""``core.kernel.records.candle_t`` without the compiler: open time in ms UTC, volume in base units."""

PRICES = ("open", "high", "low", "close")
MOST_PLACES = 8
"""Decimal places of the finest tick or step that is looked for."""
LAST_MS = 253_402_300_800_000  # the year 10000, where Python's dates end
NOISE = 16  # spacings of a double that a decimal may be off after some arithmetic

Candles: TypeAlias = NDArray[np.void]
Flags: TypeAlias = NDArray[np.bool_]
Floats: TypeAlias = NDArray[np.float64]
Times: TypeAlias = NDArray[np.int64]


def sound(bars: Candles) -> Flags:
    """Which candles can be used by themselves: finite, above zero, high and low around open and close."""
    opens, highs, lows, closes, volumes = (bars[name] for name in (*PRICES, "volume"))
    with np.errstate(invalid="ignore"):
        flags: Flags = (
            (lows > 0)
            & (lows <= np.minimum(opens, closes))
            & (highs >= np.maximum(opens, closes))
            & (highs < np.inf)
            & (volumes >= 0)
            & (volumes < np.inf)
        )
    return flags


def dated(ts: Times) -> Flags:
    """Which times are instants between 1970 and 9999 in milliseconds."""
    flags: Flags = (ts >= 0) & (ts < LAST_MS)
    return flags


def first_backward(ts: Times) -> int | None:
    """Index of the first time that is smaller than the one in front of it, or None."""
    steps = np.flatnonzero(np.diff(ts) < 0)
    return int(steps[0]) + 1 if len(steps) else None


def repeated(ts: Times) -> Flags:
    """Which times equal the one in front of them (of times that never go backward)."""
    flags = np.zeros(len(ts), dtype=np.bool_)
    flags[1:] = np.diff(ts) == 0
    return flags


def timeframe_of(ts: Times) -> str:
    """The time frame whose length is the commonest gap; ``BadData`` when there is none."""
    if len(ts) < 2:
        raise BadData("One candle has no time frame; give a file with at least two.")
    gaps, counts = np.unique(np.diff(ts), return_counts=True)
    commonest = int(gaps[np.argmax(counts)])
    for name, length in TIMEFRAME_MS.items():
        if length == commonest:
            return name
    raise BadData(
        f"The commonest gap between candles is {commonest} ms, which is no time frame "
        f"({', '.join(TIMEFRAME_MS)}); ts must be the open time in milliseconds."
    )


def missing(ts: Times, timeframe: str) -> int:
    """How many candles the holes between ``ts`` leave out; holes are counted, never filled."""
    return int(np.sum(np.maximum(np.diff(ts) // TIMEFRAME_MS[timeframe] - 1, 0)))


def decimal_places(values: Floats, most: int = MOST_PLACES) -> int:
    """The fewest decimal places (0 to ``most``) on which all ``values`` sit, floating noise aside."""
    places = 0
    for low in range(0, len(values), 4096):  # it only ever goes up, so the first piece does most of the work
        piece = values[low : low + 4096]
        while places < most and not np.all(_near(piece, np.round(piece, places))):
            places += 1
    return places


def on_grid(values: Floats, places: int) -> Floats:
    """``values`` without floating noise: what means a decimal of ``places`` becomes its nearest double."""
    rounded = np.round(values, places)
    return np.where(_near(values, rounded), rounded, values)


def _near(values: Floats, rounded: Floats) -> Any:
    return np.abs(values - rounded) <= NOISE * np.spacing(np.abs(values))

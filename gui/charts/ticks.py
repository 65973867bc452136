"""Round values for the axes: prices in steps of 1, 2, 2.5 or 5, times on UTC's own marks; pure."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from core.clock import instant
from gui.text import clock, day

MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
STEPS = (
    MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR,
    DAY, 2 * DAY, 7 * DAY,
)  # fmt: skip
"""Steps of the time axis in ms; beyond them come months."""
MONTHS = (1, 3, 6, 12, 24, 60)


def price_ticks(low: float, high: float, room: float, gap: float = 56.0) -> list[float]:
    """Round prices from ``low`` to ``high`` at least ``gap`` pixels apart on ``room`` pixels."""
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low or room <= 0:
        return []
    raw = (high - low) * gap / room
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(m * size for m in (1, 2, 2.5, 5, 10) if m * size >= raw * 0.999)
    first = math.ceil(low / step)
    return [step * k for k in range(first, math.floor(high / step) + 1)]


def time_ticks(first_ms: float, last_ms: float, room: float, gap: float = 84.0) -> list[int]:
    """Marks in ms UTC from ``first_ms`` to ``last_ms``, at least ``gap`` pixels apart on ``room`` pixels."""
    if last_ms <= first_ms or room <= 0:
        return []
    least = (last_ms - first_ms) * gap / room
    for step in STEPS:
        if step >= least:
            start = math.ceil(first_ms / step) * step
            return list(range(start, int(last_ms) + 1, step))
    return _months(first_ms, last_ms, least / (30.44 * DAY))


def _months(first_ms: float, last_ms: float, least: float) -> list[int]:
    every = next((m for m in MONTHS if m >= least), MONTHS[-1])
    begin = instant(int(first_ms))
    month = (begin.year * 12 + begin.month - 1) // every * every
    marks: list[int] = []
    while True:
        at = datetime(month // 12, month % 12 + 1, 1, tzinfo=begin.tzinfo)
        ms = int(at.timestamp() * 1000)
        if ms > last_ms:
            return marks
        if ms >= first_ms:
            marks.append(ms)
        month += every


def is_day(ms: int) -> bool:
    """Whether a mark is midnight UTC."""
    return ms % DAY == 0


def axis_time(ms: int, marks: list[int]) -> str:
    """A mark as the axis shows it: an hour, a day where one begins, or a month when months are the step."""
    at = instant(ms)
    if len(marks) > 1 and marks[1] - marks[0] > 20 * DAY:
        return f"{at:%Y}" if at.month == 1 else f"{at:%b}"
    return day(at) if is_day(ms) else clock(at)[:5]


def moment(ms: int, period_ms: int) -> str:
    """The open time of one candle in full: ``8 May 15:40``, or a day with its year."""
    at = instant(ms)
    if timedelta(milliseconds=period_ms) >= timedelta(days=1):
        return f"{day(at)} {at.year}"
    return f"{day(at)} {clock(at)[:5]}"

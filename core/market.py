"""What a market says: candles and quotes that validate themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from core.errors import BadValue
from core.ids import Symbol
from core.money import Price, Quantity

TIMEFRAME_MS = {"1m": 60_000, "3m": 180_000, "5m": 300_000, "15m": 900_000, "30m": 1_800_000, "1h": 3_600_000,
                "2h": 7_200_000, "4h": 14_400_000, "1d": 86_400_000}  # fmt: skip
"""Length of each time frame in milliseconds."""


class Bar(NamedTuple):
    """A candle's five numbers as the kernel sees them: float64, at the border; ``ts`` is the open time in ms UTC."""

    ts: int
    open: float
    high: float
    low: float
    close: float
    volume: float


def bar_fault(bar: Bar, before: int | None = None) -> str | None:
    """Why ``bar`` cannot be used, or None; ``before`` is the open time of the candle in front of it (ms)."""
    prices = bar[1:5]
    if any(p != p or p in (float("inf"), float("-inf")) for p in bar[1:]):
        return "a value is missing or not finite"
    if min(prices) <= 0:
        return "a price is zero or negative"
    if bar.volume < 0:
        return "the volume is negative"
    if bar.high < max(prices) or bar.low > min(prices):
        return "the high and low do not enclose the open and close"
    if before is not None and bar.ts <= before:
        return "the time does not go forward"
    return None


class Freshness(StrEnum):
    """How far a price may be trusted."""

    FRESH = "fresh"
    STALE = "stale"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Quote:
    """Best bid and ask of one symbol at one instant."""

    symbol: Symbol
    bid: Price
    ask: Price
    last: Price
    at: datetime

    def __post_init__(self) -> None:
        if self.bid > self.ask:
            raise BadValue(f"{self.symbol}: bid {self.bid} is above ask {self.ask}")
        if self.at.tzinfo is None:
            raise BadValue(f"{self.symbol}: the quote's time has no time zone")


@dataclass(frozen=True, slots=True)
class Candle:
    """One closed (or, with ``closed`` False, still forming) candle in exact numbers; ``at`` is its open time."""

    symbol: Symbol
    timeframe: str
    at: datetime
    open: Price
    high: Price
    low: Price
    close: Price
    volume: Quantity
    closed: bool = True

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise BadValue(f"{self.symbol}: the candle's time has no time zone")
        if self.timeframe not in TIMEFRAME_MS:
            raise BadValue(
                f"{self.symbol}: no time frame {self.timeframe!r}; one of {', '.join(TIMEFRAME_MS)}"
            )
        if not self.low <= min(self.open, self.close) <= max(self.open, self.close) <= self.high:
            raise BadValue(f"{self.symbol} {self.at}: the high and low do not enclose the open and close")

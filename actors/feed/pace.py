"""How fast the market's time runs: as fast as it goes, or N times real time; the feed's thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from core.errors import BadSettings


@dataclass(frozen=True, slots=True)
class Pace:
    """``times`` real time; None is as fast as the pipeline drains."""

    times: float | None = None

    def __post_init__(self) -> None:
        if self.times is not None and not 0 < self.times < float("inf"):
            raise BadSettings(f"The speed is {self.times:g}; give a number above zero, or max.")

    @classmethod
    def parse(cls, told: str) -> Self:
        """``max`` or a number, as ``--speed`` takes it; ``BadSettings`` otherwise."""
        if told.strip().lower() == "max":
            return cls(None)
        try:
            return cls(float(told))
        except ValueError:
            raise BadSettings(f"The speed {told!r} is no number; give one above zero, or max.") from None

    @property
    def is_max(self) -> bool:
        return self.times is None

    def __str__(self) -> str:
        return "max" if self.times is None else f"{self.times:g}x"


class Metronome:
    """When each event is due, in seconds of a clock that never goes back.

    A hole in the candles takes no longer than one candle, and time lost (a slow pipeline, a sleeping
    computer) is not made up for: the market goes on from where it stands.
    """

    def __init__(self, pace: Pace, candle_ms: int) -> None:
        self._times = pace.times
        self._candle_ms = candle_ms
        self._at_ms: int | None = None
        self._due = 0.0

    def due(self, at_ms: int, now: float) -> float:
        """When an event of the market time ``at_ms`` is due; ``now`` or earlier means at once."""
        if self._times is None or self._at_ms is None:
            return now
        gap_ms = min(max(at_ms - self._at_ms, 0), self._candle_ms)
        return self._due + gap_ms / 1000 / self._times

    def released(self, at_ms: int, now: float) -> None:
        """Note that the event of ``at_ms`` has gone out."""
        if self._times is None:
            return
        due = self.due(at_ms, now)
        slack = self._candle_ms / 1000 / self._times
        self._due = due if now - due < slack else now
        self._at_ms = at_ms if self._at_ms is None else max(at_ms, self._at_ms)

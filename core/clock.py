"""Time as an input: instants are aware UTC, milliseconds since 1970 at the borders."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY_MS = 86_400_000


def instant(ms: int) -> datetime:
    """The aware UTC instant of ``ms`` milliseconds since 1970."""
    return EPOCH + timedelta(milliseconds=ms)


def millis(at: datetime) -> int:
    """Milliseconds since 1970 of an aware instant."""
    return (at - EPOCH) // timedelta(milliseconds=1)


class Clock(Protocol):
    """Where the present comes from."""

    def now(self) -> datetime: ...


class SystemClock:
    """The computer's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

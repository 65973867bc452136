"""Lets the first alert of a group through at once and counts the rest of a window into one; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from actors.alerts.wording import Notice

WINDOW = timedelta(seconds=10)


@dataclass(slots=True)
class _Open:
    until: datetime
    held: int = 0
    last: Notice | None = None


class Grouping:
    """One window per (kind, group); time is the computer's, so a replay at full speed says little."""

    def __init__(self, window: timedelta = WINDOW) -> None:
        self._window = window
        self._open: dict[tuple[str, str], _Open] = {}
        self._next: datetime | None = None

    def admit(self, notice: Notice, now: datetime) -> Notice | None:
        """The notice when it may be said now; None when it is only counted."""
        key = (notice.kind, notice.group)
        group = self._open.get(key)
        if group is not None and now < group.until:
            group.held, group.last = group.held + 1, notice
            return None
        until = now + self._window
        self._open[key] = _Open(until)
        self._next = until if self._next is None else min(self._next, until)
        if group is not None and group.last is not None:
            return _merged(group, group.last, notice)
        return notice

    def due(self, now: datetime, *, is_last: bool = False) -> list[Notice]:
        """What was counted in windows that have ended (or, at the end, in all of them)."""
        if self._next is None or (now < self._next and not is_last):
            return []
        said: list[Notice] = []
        for key, group in list(self._open.items()):
            if now < group.until and not is_last:
                continue
            if group.last is None:
                del self._open[key]
            else:
                said.append(_merged(group, group.last, None))
                self._open[key] = _Open(now + self._window)
        self._next = min((group.until for group in self._open.values()), default=None)
        return said


def _merged(group: _Open, last: Notice, newest: Notice | None) -> Notice:
    """One notice for all that was held, and the newest on top; a single one keeps its own words."""
    count = group.held + (newest is not None)
    one = newest or last
    if count == 1:
        return one
    text = f"{count} more {one.many}; the last: {one.text}"
    return Notice(
        max(last, one, key=_loudness).severity, one.kind, text, one.group, one.many, one.mode, one.at
    )


def _loudness(notice: Notice) -> int:
    return list(type(notice.severity)).index(notice.severity)

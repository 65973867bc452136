"""The line at the bottom: age of the prices, parts alive, last save, and the time; the window's thread."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from core.market import Freshness
from core.messages import LinkNoted
from gui.icons import Icon
from gui.panels import label
from gui.standing import Standing
from gui.text import age, clock, duration, number
from gui.theme import color, current
from gui.wording import offset_words, state_mark

HEIGHT = 28
NARROW = 1280
"""Below this width of the window only the first three are shown."""
LINK_QUIET = timedelta(seconds=15)
"""A connection that has told nothing for so long is silent; it reports every five seconds."""
Part = tuple[str, str, str]
"""Icon, its colour, and the words."""


def price_part(standing: Standing, now: datetime) -> Part:
    """How old the newest price is, and how far it may be trusted."""
    progress, seen = standing.progress, standing.seen_at
    if progress is None or seen is None:
        return "dash", "faint", "No price yet"
    label_ = {"simulated": "Simulated prices", "recorded": "Recorded prices"}.get(standing.prices, "Prices")
    if standing.is_halted:  # the feed is held: their age says nothing about the venue
        return "dash", "faint", f"{label_} {age(now - seen)}"
    if progress.freshness is Freshness.FRESH:
        return "check", "paper", f"{label_} {age(now - seen)}"
    how_long = duration(timedelta(seconds=int((now - seen).total_seconds())))
    return "cross", "bad", f"{label_} {progress.freshness.value}, silent for {how_long}"


def link_part(link: LinkNoted) -> Part:
    """How the line to the venue is, and how far its clock is off."""
    state = f"{link.venue.capitalize()} {link.public}".strip()
    icon, tone = state_mark(link.public)
    if link.statistics.offset_ms is not None:
        state += f", clock {offset_words(link.statistics.offset_ms)}"
    return icon, tone, state


def status_parts(standing: Standing, now: datetime, link: LinkNoted | None = None) -> list[Part]:
    """What the line says, left to right; ``now`` is the computer's time."""
    found = [price_part(standing, now)]
    if link is not None:
        found.append(link_part(link))
    checked = standing.parts
    if checked is None:
        found.append(("dash", "faint", "Parts not checked yet"))
    elif checked.well == checked.total:
        found.append(("check", "paper", f"{checked.well} of {checked.total} parts well"))
    else:
        silent = ", ".join(checked.silent)
        found.append(("cross", "bad", f"{checked.well} of {checked.total} parts well, silent: {silent}"))
    if standing.is_halted:
        found.append(("kill", "bad", "Nothing is sent until re-armed"))
    if checked is not None and checked.saved_at is not None:
        found.append(("check", "paper", f"Saved {clock(checked.saved_at)}"))
    progress = standing.progress
    if progress is not None:
        of = f" of {number(progress.total, 0)}" if progress.total is not None else ""
        found.append(("dash", "faint", f"Event {number(progress.number, 0)}{of}, {progress.speed}"))
    return found


class StatusBar(QWidget):
    """``show_standing`` is called with every change and once a second."""

    SLOTS = 5

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(HEIGHT)
        self.setAccessibleName("Status")
        box = QHBoxLayout(self)
        box.setContentsMargins(20, 0, 16, 0)
        box.setSpacing(6)
        self._slots: list[tuple[Icon, QLabel]] = []
        for _ in range(self.SLOTS):
            slot = Icon("dash", 14, "faint"), label("", 12, 400, "soft")
            slot[1].setContentsMargins(0, 0, 12, 0)
            self._slots.append(slot)
            box.addWidget(slot[0])
            box.addWidget(slot[1])
        self._link: LinkNoted | None = None
        self._linked_at = datetime.now(UTC)
        box.addStretch(1)
        self.utc, self.local = label("", 12, 600), label("", 12, 400, "faint")
        box.addWidget(self.utc)
        box.addWidget(self.local)
        current().changed.connect(self.update)

    def words(self) -> list[str]:
        return [text.text() for _, text in self._slots if text.text()]

    def show_link(self, link: LinkNoted) -> None:
        """What the connection has just told; shown with the next second."""
        if link.public:  # what the executor tells of its own half says nothing about prices
            self._link, self._linked_at = link, datetime.now(UTC)

    def show_standing(self, standing: Standing, now: datetime) -> None:
        link = self._link
        if link is not None and now - self._linked_at > LINK_QUIET:
            link = replace(link, public="silent")
        parts = status_parts(standing, now, link)
        room = len(self._slots) if self.window().width() >= NARROW else 3
        for at, (mark, words) in enumerate(self._slots):
            is_used = at < min(len(parts), room)
            mark.setVisible(is_used)
            words.setVisible(is_used)
            if is_used:
                name, token, text = parts[at]
                mark.show_icon(name, token)
                if words.text() != text:
                    words.setText(text)
            elif words.text():
                words.setText("")
        local = now.astimezone()
        self.utc.setText(f"{clock(now)} UTC")
        self.local.setText(f"{local:%H:%M:%S} here")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), color("surface"))
        painter.setPen(color("line"))
        painter.drawLine(0, 0, self.width(), 0)

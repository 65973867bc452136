"""The dashboard's smaller panels: what strategies wait for, what happened, what comes; window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from PySide6.QtWidgets import QLabel, QWidget

from core.market import TIMEFRAME_MS
from core.messages import StrategyNoted
from gui.icons import Icon
from gui.order_words import strategy_name
from gui.pages.happened import Happened
from gui.panels import EmptyState, Panel, Short, column, label, row, sentence, set_tone
from gui.text import clock

EVENTS = 6


class StrategiesPanel(Panel):
    """One entry per instance, in the order in which they first spoke."""

    def __init__(self) -> None:
        super().__init__("Strategies", note="what each waits for", gap=10)
        self._entries: dict[str, tuple[Icon, QLabel, QLabel]] = {}
        self.empty = EmptyState("No strategy has spoken yet. Each says after a candle what it waits for.")
        self._list = column(gap=10)
        self.add(self._list, self.empty, None)
        self.sentences: dict[str, str] = {}

    def noted(self, fact: StrategyNoted) -> None:
        self.empty.hide()
        self.sentences[fact.instance] = fact.note
        known = self._entries.get(fact.instance)
        if known is None:
            known = self._new(fact)
        mark, state, words = known
        mark.show_icon(*(("play", "text") if fact.is_running else ("pause", "warn")))
        state.setText("Running" if fact.is_running else "Paused")
        set_tone(state, "text" if fact.is_running else "warn")
        words.setText(fact.note)

    def _new(self, fact: StrategyNoted) -> tuple[Icon, QLabel, QLabel]:
        name = strategy_name(fact.instance)
        mark, state, words = Icon("play", 12, "text"), label("", 12, 500), sentence("", "soft", 12)
        head = row(label(name, 13, 600), label(fact.symbol, 13, 400, "faint"), None, mark, state)
        box = self._list.layout()
        assert box is not None
        box.addWidget(column(head, words, gap=1))
        self._entries[fact.instance] = (mark, state, words)
        return mark, state, words


class EventsPanel(Panel):
    """The last six events, newest first."""

    def __init__(self) -> None:
        super().__init__("Just now", side=label("everything is in Logs", 12, 400, "faint"), gap=5)
        self._events: list[Happened] = []
        self._lines: list[tuple[QWidget, Short, Icon, Short]] = []
        self.empty = EmptyState("Nothing has happened yet. Orders, denials and pauses appear here.")
        self.add(self.empty)
        for _ in range(EVENTS):
            at, mark, words = Short("", 12, 400, "faint"), Icon("dash", 12), Short("", 13)
            at.setFixedWidth(64)
            line = row(at, mark, words, gap=12)
            line.hide()
            self._lines.append((line, at, mark, words))
            self.add(line)
        self.add(None)

    def add_event(self, event: Happened) -> None:
        self.set_events([event, *self._events])

    def set_events(self, events: Sequence[Happened]) -> None:
        self._events = list(events[:EVENTS])
        self.empty.setVisible(not self._events)
        for place, (line, at, mark, words) in enumerate(self._lines):
            line.setVisible(place < len(self._events))
            if place < len(self._events):
                event = self._events[place]
                at.setText(clock(event.at))
                mark.show_icon(event.icon, event.tone)
                words.setText(event.words)

    def words(self) -> list[str]:
        return [event.words for event in self._events]


def coming_up(at: datetime, timeframe: str) -> list[tuple[datetime, str]]:
    """The next things that happen by the clock of the market."""
    length = TIMEFRAME_MS[timeframe]
    now_ms = int(at.timestamp() * 1000)
    candle = datetime.fromtimestamp((now_ms // length + 1) * length / 1000, UTC)
    midnight = (at.astimezone(UTC) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return sorted(
        [(candle, "The strategies look at the closed candle"), (midnight, "Daily counters start again")]
    )


class ComingPanel(Panel):
    """What comes next, by the market's time."""

    def __init__(self) -> None:
        super().__init__("Coming up", side=label("UTC, the market's time", 12, 400, "faint"), gap=5)
        self._lines: list[tuple[Short, Short]] = []
        for _ in range(2):
            at, words = Short("", 12, 400, "faint"), Short("", 13)
            at.setFixedWidth(64)
            self._lines.append((at, words))
            self.add(row(at, words, gap=12))
        self.add(None)

    def show_time(self, at: datetime, timeframe: str) -> None:
        for (when, words), (left, right) in zip(coming_up(at, timeframe), self._lines, strict=True):
            left.setText(clock(when))
            right.setText(words)

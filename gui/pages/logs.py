"""The logs page: every line with its mode, filtered by level and words, newest first; the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent

from core.errors import BelayError
from core.messages import Fact
from core.ports import Desk
from core.records import LogLine
from gui.bridge import Bridge
from gui.pages.page import Page
from gui.panels import Button, Panel, label, row, sentence
from gui.record_panel import RecordPanel
from gui.table_column import Column, Store, quiet_ink
from gui.tables import Table
from gui.text import clock_ms, day, plural

FILTERS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("All", ()), ("Info", ("info",)), ("Warning", ("warning",)), ("Error", ("error", "critical")),
)  # fmt: skip
LEVELS = {"debug": ("dash", "faint"), "info": ("info", "soft"), "warning": ("warning", "warn"),
          "error": ("cross", "bad"), "critical": ("kill", "bad")}  # fmt: skip
"""Severity by shape, then by colour."""
MODES = {"paper": ("sheet", "paper"), "dry-run": ("ring", "dry"), "live": ("disc", "live")}
LINES = 1_000
EVERY_MS = 1_000
EMPTY = "No line yet. Belay writes one for each thing that changes."


@dataclass(frozen=True, slots=True)
class Row:
    """A line, and which one of its equals it is: the same words may be said twice in a millisecond."""

    line: LogLine
    nth: int


def rows(lines: list[LogLine]) -> list[Row]:
    """The lines with their places among equals, oldest first."""
    seen: dict[LogLine, int] = {}
    found = []
    for line in reversed(lines):
        seen[line] = seen.get(line, 0) + 1
        found.append(Row(line, seen[line]))
    return found


def fields(line: LogLine) -> str:
    """``number=412 symbol=BTC/USDT``."""
    return "  ".join(f"{name}={value}" for name, value in line.fields)


def _columns() -> list[Column[Row]]:
    column, nothing = Column[Row], ("dash", "soft")
    return [
        column(key="at", head="Time, UTC", width=176, ink=quiet_ink, order=lambda r: r.line.at,
               text=lambda r: f"{day(r.line.at)} {clock_ms(r.line.at)}",
               plain=lambda r: r.line.at.isoformat()),
        column(key="mode", head="Mode", width=96, order=lambda r: r.line.mode, weight=500,
               text=lambda r: r.line.mode.capitalize(), sign=lambda r: MODES.get(r.line.mode, nothing)[0],
               ink=lambda r: "text" if r.line.mode == "live" else MODES.get(r.line.mode, nothing)[1],
               sign_ink=lambda r: MODES.get(r.line.mode, nothing)[1]),
        column(key="level", head="Level", width=100, order=lambda r: list(LEVELS).index(r.line.level)
               if r.line.level in LEVELS else -1, text=lambda r: r.line.level.capitalize(),
               sign=lambda r: LEVELS.get(r.line.level, nothing)[0],
               ink=lambda r: LEVELS.get(r.line.level, nothing)[1]),
        column(key="source", head="From", width=104, ink=quiet_ink, order=lambda r: r.line.source,
               text=lambda r: r.line.source),
        column(key="text", head="What was said", width=320, stretches=True, order=lambda r: r.line.text,
               text=lambda r: f"{r.line.text}  {fields(r.line)}".rstrip()),
    ]  # fmt: skip


class LogsPage(Page):
    """While it is seen and follows, the books are asked every second; the chosen line is read below."""

    title = "Logs"
    subtitle = "Every line, with its mode"
    group = "Look back"
    icon = "logs"

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self._bridge: Bridge | None = None
        self._is_asking = False
        way_out = Button("")
        self.table = Table(
            _columns(), lambda r: r, name="Log lines", empty=EMPTY, action=way_out, row_height=28
        )
        self.follow = Button("Following", "play")
        self.follow.setCheckable(True)
        self.follow.setChecked(True)
        self.follow.toggled.connect(self._follow_changed)
        names = [name for name, _ in FILTERS]
        self.panel = RecordPanel(self.table, "logs", names, "Find in the log", way_out, "", self.follow)
        self.panel.tell_empty("", EMPTY)
        self.body.addWidget(self.panel, 1)
        self.whole = sentence("Choose a line to read it in full.", "soft")
        self.about = label("", 12, 400, "faint", mono=True, wrap=True)
        below = Panel(gap=4)
        below.setAccessibleName("The chosen line")
        below.add(row(self.whole), self.about)
        self.body.addWidget(below)
        self._every = QTimer(self, interval=EVERY_MS)
        self._every.timeout.connect(self._ask)
        self.panel.searched.connect(self._search)
        self.table.chosen.connect(self._tell_line)

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk, self._bridge = desk, bridge
        self.panel.export.attach(desk.books, bridge)
        self._ask()

    def facts(self) -> tuple[type, ...]:
        return ()

    def on_fact(self, fact: Fact) -> None:
        """The log has no facts: it is read from the records."""

    def refresh(self) -> None:
        self._ask()
        if self.follow.isChecked():
            self._every.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._every.stop()

    def remember(self, store: Store) -> None:
        """Keep the table's columns in ``store``."""
        self.table.remember(store, "logs")

    # ---- lines

    def _follow_changed(self, on: bool) -> None:
        self.follow.setText("Follow" if not on else "Following")
        self._every.stop()
        if on:
            self.refresh()

    def _search(self) -> None:
        self.table.clear()
        self.panel.tell_empty("No line fits what you look for.", EMPTY)
        self._is_asking = False
        self._ask()

    def _ask(self) -> None:
        if self._desk is None or self._bridge is None or self._is_asking:
            return
        self._is_asking = True
        books, asked = self._desk.books, (self.panel.filters.at, self.panel.words)
        self._bridge.ask(
            lambda: books.log(limit=LINES, text=asked[1], levels=FILTERS[asked[0]][1]),
            lambda lines: self._loaded(lines, asked),
            self._failed,
        )

    def _loaded(self, lines: list[LogLine], asked: tuple[int, str]) -> None:
        if asked != (self.panel.filters.at, self.panel.words):
            return  # the person looks for something else by now
        self._is_asking = False
        known = self.table.model
        self.table.put(r for r in rows(lines) if known.row_of(r) is None)
        more = "; the file of the log holds them all" if len(lines) == LINES else ""
        self.panel.say(f"The newest {plural(len(lines), 'line')}{more}" if lines else "")

    def _failed(self, fault: BelayError) -> None:
        self._is_asking = False
        self.panel.fail(fault)

    def _tell_line(self, chosen: Row | None) -> None:
        if chosen is not None:
            self.whole.setText(chosen.line.text)
            self.about.setText(f"{chosen.line.at.isoformat()}  {fields(chosen.line)}".rstrip())

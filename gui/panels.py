"""The pieces that pages are made of: labels, rows, panels, key-value lines, buttons; window's thread."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gui.icons import Icon, icon
from gui.meter import Meter
from gui.segments import Segments
from gui.text import direction
from gui.theme import current, font

__all__ = [
    "Button",
    "Change",
    "EmptyState",
    "Meter",
    "Pair",
    "Panel",
    "Segments",
    "Short",
    "button",
    "column",
    "label",
    "row",
    "rule",
    "sentence",
    "set_tone",
]

Part = QWidget | int | None
"""What a row or column takes: a widget, a gap in pixels, or None for all the room that is left."""


def label(
    text: str, px: int = 13, weight: int = 400, tone: str = "text", *, mono: bool = False, wrap: bool = False
) -> QLabel:
    """A line of text; ``tone`` is a text token and follows the theme."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setFont(font(px, weight, mono=mono))
    made.setProperty("tone", tone)
    made.setWordWrap(wrap)
    if wrap:
        made.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
    return made


def sentence(text: str, tone: str = "soft", px: int = 13) -> QLabel:
    """Words that wrap."""
    return label(text, px, 400, tone, wrap=True)


def set_tone(widget: QLabel, tone: str) -> None:
    """Another colour for a label; costs nothing when it is the same."""
    if widget.property("tone") != tone:
        widget.setProperty("tone", tone)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


class Short(QLabel):
    """One line that elides with a tooltip where the room ends; never for money."""

    def __init__(self, text: str = "", px: int = 13, weight: int = 400, tone: str = "text") -> None:
        super().__init__(text)
        self.setFont(font(px, weight))
        self.setProperty("tone", tone)
        self.setMinimumWidth(24)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def setText(self, text: str) -> None:
        super().setText(text)
        self._tip()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._tip()

    def _tip(self) -> None:
        is_cut = self.fontMetrics().horizontalAdvance(self.text()) > self.width()
        self.setToolTip(self.text() if is_cut else "")

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        shown = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, self.width())
        self.style().drawItemText(
            painter, self.rect(), self.alignment(), self.palette(), True, shown, QPalette.ColorRole.WindowText
        )


def _fill(box: QBoxLayout, parts: tuple[Part, ...]) -> None:
    for part in parts:
        if part is None:
            box.addStretch(1)
        elif isinstance(part, int):
            box.addSpacing(part)
        else:
            box.addWidget(part)


def row(*parts: Part, gap: int = 8) -> QWidget:
    """Parts from left to right."""
    made = QWidget()
    box = QHBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(gap)
    _fill(box, parts)
    return made


def column(*parts: Part, gap: int = 8) -> QWidget:
    """Parts from top to bottom."""
    made = QWidget()
    box = QVBoxLayout(made)
    box.setContentsMargins(0, 0, 0, 0)
    box.setSpacing(gap)
    _fill(box, parts)
    return made


def rule() -> QFrame:
    """A hairline."""
    made = QFrame()
    made.setObjectName("rule")
    made.setFixedHeight(1)
    return made


class Panel(QFrame):
    """A framed part of a page with an optional head; ``flush`` lets a table run to the edges.

    Add the content to ``body``; ``note`` stands behind the title in small letters, ``side`` at the right end.
    """

    def __init__(
        self,
        title: str = "",
        *,
        note: str = "",
        side: QWidget | None = None,
        flush: bool = False,
        gap: int = 8,
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        box = QVBoxLayout(self)
        edge = 0 if flush else 16
        box.setContentsMargins(edge, 12 if title else edge, edge, 8 if flush else 12)
        box.setSpacing(gap)
        self.title = label(title, 13, 600)
        self.note = label(note, 12, 400, "faint")
        if title:
            self.setAccessibleName(title)
            head = row(self.title, self.note, None, *([side] if side else []), gap=10)
            layout = head.layout()
            assert layout is not None
            layout.setContentsMargins(16 if flush else 0, 0, 16 if flush else 0, 0)
            head.setMinimumHeight(24)
            box.addWidget(head)
        self.body = box

    def add(self, *parts: Part) -> None:
        _fill(self.body, parts)

    def set_alarm(self, on: bool) -> None:
        """The yellow frame of what is not proven."""
        if bool(self.property("alarm")) != on:
            self.setProperty("alarm", on)
            self.style().unpolish(self)
            self.style().polish(self)


class Change(QWidget):
    """A signed number with its triangle: the shape and the sign say what the colour says."""

    def __init__(self, px: int = 13, weight: int = 500) -> None:
        super().__init__()
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(6)
        self._mark = Icon("up", max(8, px - 5), "up")
        self._text = label("", px, weight)
        keep = self._mark.sizePolicy()
        keep.setRetainSizeWhenHidden(True)
        self._mark.setSizePolicy(keep)
        box.addWidget(self._mark)
        box.addWidget(self._text)

    def show_change(self, value: Decimal | None, text: str) -> None:
        token = "soft" if value is None else direction(value)
        self._mark.setVisible(token != "soft")
        if token != "soft":
            self._mark.show_icon(token, token)
        self._text.setText(text)
        set_tone(self._text, "text" if token == "soft" else token)


class Pair(QWidget):
    """A name at the left and its value at the right; ``value`` is a label, or any widget given as one."""

    def __init__(self, name: str, value: str | QWidget = "", tone: str = "text") -> None:
        super().__init__()
        self.value = value if isinstance(value, QWidget) else label(value, 13, 500, tone)
        self.name = label(name, 13, 400, "soft")
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        box.addWidget(self.name)
        box.addStretch(1)
        box.addWidget(self.value)
        self.setMinimumHeight(18)

    def set_value(self, text: str, tone: str = "text") -> None:
        if isinstance(self.value, QLabel):
            self.value.setText(text)
            set_tone(self.value, tone)


class Button(QPushButton):
    """A button of 32 px, at most one ``primary`` per page; its icon follows the theme."""

    def __init__(self, text: str, icon_name: str = "", *, primary: bool = False) -> None:
        super().__init__(text)
        self._icon_name, self._token = icon_name, "inverse" if primary else "text"
        self.setFont(font(13, 500))
        self.setProperty("kind", "primary" if primary else "quiet")
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        if icon_name:
            self.setIconSize(QSize(16, 16))
            self._colour()
            current().changed.connect(self._colour)

    def _colour(self) -> None:
        self.setIcon(icon(self._icon_name, self._token))


def button(
    text: str, icon_name: str = "", *, primary: bool = False, clicked: Callable[[], object] | None = None
) -> Button:
    """A ``Button`` with what its click does."""
    made = Button(text, icon_name, primary=primary)
    if clicked is not None:
        made.clicked.connect(lambda: clicked())
    return made


class EmptyState(QWidget):
    """One sentence why there is nothing, and at most one button."""

    def __init__(self, text: str, action: QPushButton | None = None) -> None:
        super().__init__()
        box = QVBoxLayout(self)
        box.setContentsMargins(16, 12, 16, 12)
        self.sentence = sentence(text)
        box.addWidget(self.sentence)
        if action is not None:
            box.addWidget(action)
        box.addStretch(1)

    def set_sentence(self, text: str) -> None:
        self.sentence.setText(text)

"""What every page is: a title, a place in the navigation, the facts it wants, a body; window's thread."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from core.messages import Fact
from core.ports import Desk
from gui.bridge import Bridge
from gui.panels import Short, label
from gui.table_column import Store

NARROW = 1280
"""Below this width of the window the side column goes under the wide one."""


class _Content(QWidget):
    """Scrolls only below its smallest height: otherwise charts would get the height that they hint at."""

    def heightForWidth(self, width: int) -> int:
        layout = self.layout()
        return -1 if layout is None else layout.minimumHeightForWidth(width)


class Page(QWidget):
    """A page of the window.

    Subclasses set the four names, build into ``self.body`` and override ``attach``, ``facts``, ``on_fact``
    and ``refresh``.  Before ``attach`` there is no desk: build what needs none.  ``asked_for`` carries the
    title of a page to open instead, ``counted`` the plain number behind its name in the navigation.
    """

    title = ""
    subtitle = ""
    group = "Watch"
    icon = "dashboard"
    asked_for = Signal(str)
    counted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("ground")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(self.title)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 16, 0, 0)
        outer.setSpacing(12)
        head = QHBoxLayout()
        head.setContentsMargins(24, 0, 24, 0)
        head.setSpacing(12)
        self.head = head
        """The line with the title; add widgets to its right end."""
        name = label(self.title, 20, 600)
        name.setMinimumHeight(32)
        head.addWidget(name)
        head.addWidget(Short(self.subtitle, 13, 400, "faint"), 1)
        outer.addLayout(head)
        content = _Content()
        content.setObjectName("content")
        self.body = QVBoxLayout(content)
        """Where the page's panels go: padding 24 at the sides, gutter 16."""
        self.body.setContentsMargins(24, 0, 24, 16)
        self.body.setSpacing(16)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(content)
        outer.addWidget(scroll, 1)

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        """The pipeline is up: keep what is needed and ask for the first data (through ``bridge.ask``)."""

    def facts(self) -> tuple[type, ...]:
        """The facts that ``on_fact`` wants, shown or not."""
        return ()

    def on_fact(self, fact: Fact) -> None:
        """One fact, in the window's thread; must be quick."""

    def refresh(self) -> None:
        """The page has come to the front."""

    def remember(self, store: Store) -> None:
        """Keep columns and choices in ``store``; called once, before ``attach``."""

    def theme_changed(self) -> None:
        """Repaint what neither the style sheet nor an own connection repaints."""


class Columns(QWidget):
    """A wide column and a side column; in a narrow window the side goes below."""

    def __init__(self, side_width: int = 386) -> None:
        super().__init__()
        self._side_width = side_width
        self._box = QHBoxLayout(self)
        self._box.setContentsMargins(0, 0, 0, 0)
        self._box.setSpacing(16)
        self._left, self._right = QWidget(), QWidget()
        self.wide, self.side = QVBoxLayout(self._left), QVBoxLayout(self._right)
        for column in (self.wide, self.side):
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(16)
        self._box.addWidget(self._left, 1)
        self._box.addWidget(self._right)
        self._arrange(False)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(self.window().width() < NARROW)

    def _arrange(self, is_narrow: bool) -> None:
        way = QHBoxLayout.Direction.TopToBottom if is_narrow else QHBoxLayout.Direction.LeftToRight
        self._box.setDirection(way)
        self._right.setMinimumWidth(0 if is_narrow else self._side_width)
        self._right.setMaximumWidth(16777215 if is_narrow else self._side_width)

    def minimumSizeHint(self) -> QSize:
        # The wide column gives way; only the height asks for a scroll bar.
        return QSize(320, super().minimumSizeHint().height())

"""The side panel of the orders page: the chosen order's life from wish to last fill; window's thread."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from core.errors import BelayError
from core.instrument import Instrument
from core.order import Order
from core.records import OrderEvent
from gui.icons import Icon
from gui.order_words import WORDS, headline, is_unknown, kind_word, origin, side_token, why_sentence
from gui.panels import Panel, button, column, label, row, sentence
from gui.text import clock_ms, day, money

TITLES = {
    "wished": ("The strategy asked", "disc", "soft"),
    "signal": ("The strategy asked", "disc", "soft"),
    "judged": ("Judged", "disc", "soft"),
    "approved": ("Approved", "disc", "soft"),
    "intent": ("Written down", "disc", "soft"),
    "denied": ("Denied by Belay", "dash", "warn"),
    "placed": ("The venue took it", "disc", "soft"),
    "acknowledged": ("The venue took it", "disc", "soft"),
    "amended": ("Amended", "disc", "soft"),
    "refused": ("Refused by the venue", "warning", "bad"),
    "filled in part": ("Part filled", "half", "text"),
    "filled": ("Filled", "disc", "text"),
    "cancel asked": ("Cancel asked", "ring", "soft"),
    "cancelled": ("Cancelled", "cross", "soft"),
    "not sent": ("Not sent, halted", "cross", "soft"),
    "answer lost": ("Unknown, no answer", "unknown", "warn"),
    "not found": ("Not found at the venue", "unknown", "warn"),
    "kept back": ("Kept back here", "pause", "soft"),
    "released": ("Let go, price reached", "disc", "soft"),
    "sent again": ("Not there, sent again", "disc", "soft"),
    "still open": ("Still open, cancel again", "ring", "soft"),
}
"""Each happening as a person reads it, with its sign and colour; others are shown by their own name."""
NOTHING = "Choose an order to see its life from the wish to the last fill."


class OrderLife(Panel):
    """Says what the order is, then each step with its time to the millisecond, oldest first."""

    chart_asked = Signal(str)
    """The symbol to show in the chart."""

    def __init__(self) -> None:
        super().__init__(gap=6)
        self.setAccessibleName("The chosen order")
        self.order: Order | None = None
        self._instrument: Instrument | None = None
        self._sign = Icon("up", 12, "up")
        self.head = label("", 15, 600, wrap=True)
        self.under = sentence("", "faint", 12)
        self.steps = sentence(NOTHING)
        self._list = QWidget()
        self._list.setObjectName("content")
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 4, 4, 0)
        self._lines.setSpacing(8)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(self._list)
        scroll.setMinimumHeight(170)
        self._id = label("", 12, 400, "soft", mono=True)
        self._id.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._copy = button("Copy id", clicked=self._copy_id)
        self._chart = button("Show in chart", clicked=self._ask_chart)
        top = row(self._sign, self.head, gap=8)
        layout = top.layout()
        assert layout is not None
        layout.setAlignment(self._sign, Qt.AlignmentFlag.AlignVCenter)
        self._known = column(
            label("Id", 12, 500, "faint"), self._id, row(self._copy, self._chart, None), gap=6
        )
        self.add(top, self.under)
        self.body.addWidget(scroll, 1)
        self.add(self._known)
        head = top.layout()
        assert head is not None
        self._top = top
        self.show_order(None, None)

    def show_order(self, order: Order | None, instrument: Instrument | None) -> None:
        """Show the order itself; its steps follow with ``show_steps``."""
        is_other = order is None or self.order is None or order.client_order_id != self.order.client_order_id
        self.order, self._instrument = order, instrument
        for part in (self._top, self.under, self._known):
            part.setVisible(order is not None)
        if is_other:
            self._put([sentence(NOTHING)] if order is None else [])
        if order is None:
            return
        token = side_token(order.side)
        self._sign.show_icon(token, token)
        self.head.setText(headline(order, instrument))
        words = [origin(order), kind_word(order).lower(), str(order.mode), WORDS[order.status].lower()]
        if order.fee:
            words.append(f"fees {money(order.fee, places=4)}")
        self.under.setText(", ".join(words))
        self._id.setText(order.client_order_id)

    def show_steps(self, events: Sequence[OrderEvent]) -> None:
        """The steps as the records tell them, newest first; without any, the order's own reason."""
        lines: list[QWidget] = []
        before = ""
        in_order = list(reversed(events))  # sorting keeps the order of steps written at the same moment
        in_order.sort(key=lambda event: event.written)
        for event in in_order:
            today = day(event.written)
            if today != before:
                lines.append(label(f"{today} {event.written.year}, UTC", 12, 500, "faint"))
            lines.append(_step(event))
            before = today
        if not lines and self.order is not None:
            lines.append(sentence(self.order.reason or "The records hold no step of this order yet."))
        why = why_sentence(self.order, self._instrument) if self.order is not None else ""
        if why:
            lines.append(sentence(why, "warn" if self.order and is_unknown(self.order) else "soft", 12))
        self._put(lines)

    def fail(self, fault: BelayError) -> None:
        """Why the steps are not shown."""
        self._put([sentence(str(fault), "bad")])

    def step_words(self) -> list[str]:
        """The accessible words of the lines shown, in their order."""
        return [
            widget.accessibleName() or getattr(widget, "text", str)()
            for k in range(self._lines.count())
            if (item := self._lines.itemAt(k)) is not None and (widget := item.widget()) is not None
        ]

    def _put(self, lines: Sequence[QWidget]) -> None:
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for line in lines:
            self._lines.addWidget(line)
        self._lines.addStretch(1)

    def _copy_id(self) -> None:
        QGuiApplication.clipboard().setText(self._id.text())

    def _ask_chart(self) -> None:
        if self.order is not None:
            self.chart_asked.emit(self.order.identity.symbol)


def _step(event: OrderEvent) -> QWidget:
    title, sign, ink = TITLES.get(event.happening.lower(), (event.happening.capitalize(), "disc", "soft"))
    head = row(label(title, 13, 500), None, label(clock_ms(event.written), 12, 400, "faint"), gap=4)
    made = QWidget()
    box = row(column(3, Icon(sign, 12, ink), None, gap=0), gap=0)
    outer = QVBoxLayout(made)
    outer.setContentsMargins(0, 0, 0, 0)
    words = column(head, *([sentence(event.detail, "soft", 12)] if event.detail else []), gap=0)
    line = box.layout()
    assert line is not None
    line.setSpacing(10)
    line.addWidget(words)
    outer.addWidget(box)
    made.setAccessibleName(f"{clock_ms(event.written)} {title}. {event.detail}".rstrip(" ."))
    return made

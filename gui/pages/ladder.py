"""Our resting orders by price, with the market's own price among them; window's thread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from PySide6.QtCore import QLineF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.order import Order, OrderState, Role
from gui.icons import draw
from gui.order_words import side_token
from gui.pages.symbol_state import SymbolState
from gui.panels import EmptyState, Panel
from gui.text import percent, plural, price
from gui.theme import color, current, font

ROW = 28
HEAD = 30
MOST = 12
"""Rows shown: the orders nearest to the price."""
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


@dataclass(frozen=True, slots=True)
class Rung:
    """One line; ``is_now`` marks the market's own price."""

    name: str
    sign: str
    ink: str
    price: str
    distance: str
    is_now: bool = False

    @property
    def words(self) -> str:
        """The name with what its sign says."""
        return self.name + {"unknown": ", unknown", "pause": ", kept back here"}.get(self.sign, "")


def rungs(state: SymbolState) -> list[Rung]:
    """The nearest orders by price, highest first, and the price now among them."""
    last, instrument = state.last, state.instrument
    priced = [(order.price, order) for order in state.orders.values() if order.price is not None]
    if last is not None:
        priced = sorted(priced, key=lambda pair: abs(pair[0] - last))[:MOST]
    lines: list[tuple[Decimal, Rung]] = [
        (at, _rung(order, state.named(order), price(at, instrument), _distance(at, last)))
        for at, order in priced
    ]
    if last is not None:
        lines.append((last, Rung("Price now", "", "text", price(last, instrument), "", True)))
    return [rung for _, rung in sorted(lines, key=lambda pair: -pair[0])]


def _rung(order: Order, name: str, at: str, distance: str) -> Rung:
    if order.status is OrderState.UNKNOWN:
        return Rung(name, "unknown", "warn", at, distance)
    if order.status is OrderState.WAITING:
        return Rung(name, "pause", "soft", at, distance)
    if order.role is Role.PROTECTIVE:
        return Rung(name, "kill", "bad", at, distance)
    token = side_token(order.side)
    return Rung(name, token, token, at, distance)


def _distance(at: Decimal, last: Decimal | None) -> str:
    return percent(at / last - 1, signed=True) if last else ""


class Ladder(QWidget):
    """Painted rows of 28 px below a head."""

    def __init__(self) -> None:
        super().__init__()
        self.rungs: tuple[Rung, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        current().changed.connect(self.update)

    def show_rungs(self, lines: Sequence[Rung]) -> None:
        """Show these lines, highest price first."""
        if tuple(lines) == self.rungs:
            return
        is_resized = len(lines) != len(self.rungs)
        self.rungs = tuple(lines)
        told = ", ".join(f"{rung.words} {rung.price} {rung.distance}".strip() for rung in lines)
        self.setAccessibleName(f"Orders by price: {told}")
        if is_resized:
            self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(240, HEAD + ROW * len(self.rungs))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        right = self.width() - 16.0
        painter.setFont(font(12, 500))
        painter.setPen(color("faint"))
        self._row(painter, 0, HEAD, "Slot", "Price", "Distance", right)
        for place, rung in enumerate(self.rungs):
            top = HEAD + place * ROW
            where = QRectF(0, top, self.width(), ROW)
            if rung.is_now:
                painter.fillRect(where, color("raised"))
                painter.fillRect(QRectF(0, top, 3, ROW), color("text"))
            painter.setPen(QPen(color("line"), 1))
            painter.drawLine(QLineF(0, top + 0.5, self.width(), top + 0.5))
            painter.setFont(font(13, 600 if rung.is_now else 500))
            if rung.sign:
                draw(painter, rung.sign, QRectF(16, top + ROW / 2 - 6, 12, 12), rung.ink)
            painter.setPen(color("text"))
            left = 34 if rung.sign else 16
            self._row(painter, top, ROW, rung.name, rung.price, rung.distance, right, left)

    def _row(
        self,
        painter: QPainter,
        top: float,
        height: float,
        name: str,
        at: str,
        gone: str,
        right: float,
        left: float = 16,
    ) -> None:
        painter.drawText(QRectF(left, top, right - 160 - left, height), LEFT, name)
        painter.drawText(QRectF(right - 190, top, 110, height), RIGHT, at)
        if height == ROW:
            painter.setPen(color("soft"))
        painter.drawText(QRectF(right - 76, top, 76, height), RIGHT, gone)


class LadderPanel(Panel):
    """The ladder with its empty state and the number of orders too far away to be shown."""

    def __init__(self) -> None:
        super().__init__("Orders resting here", flush=True, gap=2)
        self.ladder = Ladder()
        self.empty = EmptyState("No order rests here. The sentence below says what the strategies wait for.")
        self.add(self.ladder, self.empty)

    def show_state(self, state: SymbolState, mode: str) -> None:
        """Show the orders of one symbol."""
        lines = rungs(state)
        resting = [rung for rung in lines if not rung.is_now]
        further = sum(order.price is not None for order in state.orders.values()) - len(resting)
        self.ladder.show_rungs(lines if resting else ())
        self.ladder.setVisible(bool(resting))
        self.empty.setVisible(not resting)
        words = f"nearest {len(resting)}, {plural(further, 'more', 'more')}" if further > 0 else mode
        self.note.setText(words if resting else "")

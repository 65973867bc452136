"""How cells and heads of tables are painted: numbers right, words left; the window's thread."""

from __future__ import annotations

from math import ceil
from typing import Any

from PySide6.QtCore import (
    QLineF,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    QTimer,
)
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QHeaderView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.icons import pixmap
from gui.table_column import Column
from gui.table_model import TableModel
from gui.theme import color, font

HEAD = 30
EDGE, INNER = 16, 8
BAR = 30.0
SIGN = 12
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CellPainter(QStyledItemDelegate):
    """Paints one cell from its column; the chosen row is raised and has a bar of 3 px at its left."""

    def __init__(self, model: TableModel[Any], header: QHeaderView) -> None:
        super().__init__(header)
        self._model, self._header = model, header
        self._narrow: dict[int, int] = {}
        self._widen = QTimer(self, interval=0, singleShot=True)
        self._widen.timeout.connect(self._make_room)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        column: Column[Any] = self._model.columns[index.column()]
        row = self._model.row_at(index.row())
        place = self._header.visualIndex(index.column())
        where = QRectF(option.rect)
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(where, color("raised"))
            if place == 0:
                painter.fillRect(QRectF(where.x(), where.y(), 3, where.height()), color("text"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(QLineF(where.left(), where.bottom() - 0.5, where.right(), where.bottom() - 0.5))
        self._content(painter, _padded(where, place, self._header.count()), column, row, index.column())
        painter.restore()

    def _make_room(self) -> None:
        narrow, self._narrow = self._narrow, {}
        for at, width in narrow.items():
            self._header.resizeSection(at, max(width, self._header.sectionSize(at)))

    def _content(self, painter: QPainter, where: QRectF, column: Column[Any], row: Any, at: int) -> None:
        ink = column.ink(row)
        sign = column.sign(row)
        if sign:
            shade = column.sign_ink(row) if column.sign_ink else ink
            corner = QPointF(where.left(), where.center().y() - SIGN / 2)
            painter.drawPixmap(corner, pixmap(sign, SIGN, shade, painter.device().devicePixelRatioF()))
            where.setLeft(where.left() + SIGN + 6)
        if column.share is not None:
            _bar(painter, where, column.share(row))
            where.setLeft(where.left() + BAR + 8)
        painter.setFont(font(12 if column.is_mono else 13, column.weight, mono=column.is_mono))
        painter.setPen(color(ink))
        words = column.text(row)
        metrics = QFontMetricsF(painter.font())
        missing = metrics.horizontalAdvance(words) - where.width()
        if column.is_number and missing > 1:  # money is never cut: its column grows instead
            self._narrow[at] = self._header.sectionSize(at) + ceil(missing)
            self._widen.start()
        elif missing > 1:
            words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, where.width())
        painter.drawText(where, RIGHT if column.is_number else LEFT, words)


class Head(QHeaderView):
    """Names of columns; the sorted one in ``text`` with an arrow.  Drag to move, click to sort."""

    def __init__(self, model: TableModel[Any], parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._rows = model
        self.setSectionsClickable(True)
        self.setSectionsMovable(True)
        self.setFixedHeight(HEAD)
        self.setMinimumSectionSize(40)
        self.setHighlightSections(False)

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:
        column = self._rows.columns[logicalIndex]
        is_sorted = logicalIndex == self._rows.sort_column
        painter.save()
        where = QRectF(rect)
        painter.fillRect(where, color("surface"))
        painter.setPen(QPen(color("line"), 1))
        painter.drawLine(QLineF(where.left(), where.bottom() - 0.5, where.right(), where.bottom() - 0.5))
        where = _padded(where, self.visualIndex(logicalIndex), self.count())
        painter.setFont(font(12, 500))
        painter.setPen(color("text" if is_sorted else "faint"))
        painter.drawText(where, RIGHT if column.is_number else LEFT, column.head)
        if is_sorted:
            width = QFontMetricsF(painter.font()).horizontalAdvance(column.head)
            left = where.right() - width - 14 if column.is_number else where.left() + width + 6
            arrow = pixmap(
                "down" if self._rows.is_descending else "up", 8, "text", painter.device().devicePixelRatioF()
            )
            painter.drawPixmap(QPointF(left, where.center().y() - 4), arrow)
        painter.restore()

    def sectionSizeFromContents(self, logicalIndex: int) -> QSize:
        return QSize(max(40, self._rows.columns[logicalIndex].width), HEAD)


def _bar(painter: QPainter, where: QRectF, share: float) -> None:
    track = QRectF(where.left(), where.center().y() - 2, BAR, 4)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color("text", 0.14))
    painter.drawRoundedRect(track, 2, 2)
    if share > 0:
        painter.setBrush(color("soft"))
        painter.drawRoundedRect(QRectF(track.x(), track.y(), max(4.0, BAR * min(share, 1.0)), 4), 2, 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _padded(where: QRectF, place: int, count: int) -> QRectF:
    return where.adjusted(EDGE if place == 0 else INNER, 0, -(EDGE if place == count - 1 else INNER), 0)

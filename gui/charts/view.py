"""The canvas of a chart: layers of graphics items in pixels, mouse and keys; the window's thread."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import (
    QFrame,
    QGraphicsItem,
    QGraphicsScene,
    QGraphicsView,
    QStyleOptionGraphicsItem,
    QWidget,
)

from gui.theme import current

PAN_STEP = 60.0
ZOOM_STEP = 1.25


class Layer(QGraphicsItem):
    """One item that fills the canvas.  Its picture is kept, so moving the crosshair repaints no candle."""

    def __init__(self, paint: Callable[[QPainter], None], depth: int, *, keep: bool) -> None:
        super().__init__()
        self._paint, self._area = paint, QRectF()
        self.setZValue(depth)
        if keep:
            self.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)

    def boundingRect(self) -> QRectF:
        return self._area

    def fill(self, area: QRectF) -> None:
        """Take a new size."""
        self.prepareGeometryChange()
        self._area = area

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        painter.save()
        self._paint(painter)
        painter.restore()


class Canvas(QGraphicsView):
    """Scene coordinates are pixels of the widget.  Left drag pans, the wheel zooms, a double click resets."""

    resized = Signal()
    panned = Signal(float)
    zoomed = Signal(float, float)
    hovered = Signal(object)
    """A ``QPointF``, or None when the pointer has left."""
    stepped = Signal(int)
    """The crosshair by keys: candles to the right (or left, negative)."""
    reset_asked = Signal()

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setScene(QGraphicsScene(self))
        self._layers: list[Layer] = []
        self._drag: float | None = None
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setStyleSheet("background: transparent; border: 0;")
        self.viewport().setAutoFillBackground(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setViewportUpdateMode(QGraphicsView.ViewportUpdateMode.MinimalViewportUpdate)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.setMinimumSize(240, 160)
        current().changed.connect(self.renew)

    def add_layer(self, paint: Callable[[QPainter], None], *, keep: bool = True) -> Layer:
        """A further layer above those there are; ``paint`` gets a painter in pixels of the canvas."""
        layer = Layer(paint, len(self._layers), keep=keep)
        self._layers.append(layer)
        self.scene().addItem(layer)
        layer.fill(QRectF(self.viewport().rect()))
        return layer

    def renew(self) -> None:
        """Repaint every layer."""
        for layer in self._layers:
            layer.update()

    # ---- Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        area = QRectF(self.viewport().rect())
        self.setSceneRect(area)
        for layer in self._layers:
            layer.fill(area)
        self.resized.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = event.position().x()
            self.viewport().setCursor(Qt.CursorShape.ClosedHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._drag = None
        self.viewport().unsetCursor()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._drag is not None:
            self.panned.emit(event.position().x() - self._drag)
            self._drag = event.position().x()
        self.hovered.emit(QPointF(event.position()))

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_asked.emit()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hovered.emit(None)
        return super().viewportEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn = event.angleDelta()
        if abs(turn.x()) > abs(turn.y()):
            self.panned.emit(turn.x() / 2)
        else:
            self.zoomed.emit(ZOOM_STEP ** (turn.y() / 120), event.position().x())
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, middle = Qt.Key(event.key()), self.viewport().width() * 0.75
        by_hand = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and by_hand:
            self.stepped.emit(-1 if key == Qt.Key.Key_Left else 1)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.panned.emit(PAN_STEP if key == Qt.Key.Key_Left else -PAN_STEP)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Up):
            self.zoomed.emit(ZOOM_STEP, middle)
        elif key in (Qt.Key.Key_Minus, Qt.Key.Key_Down):
            self.zoomed.emit(1 / ZOOM_STEP, middle)
        elif key in (Qt.Key.Key_End, Qt.Key.Key_Home, Qt.Key.Key_0):
            self.reset_asked.emit()
        elif key == Qt.Key.Key_Escape:
            self.hovered.emit(None)
        else:
            super().keyPressEvent(event)

"""Draws arrays of shapes in one call each, without a Python object per shape; the window's thread."""

from __future__ import annotations

import numpy as np
from pyqtgraph import arrayToQPath
from pyqtgraph.Qt.internals import PrimitiveArray
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPainterPath

from gui.charts.bars import Floats


def draw_rects(painter: QPainter, left: Floats, top: Floats, width: Floats | float, height: Floats) -> None:
    """Rectangles with the painter's pen and brush; pixels."""
    if not len(left):
        return
    rects = PrimitiveArray(QRectF, 4)
    rects.resize(len(left))
    block = rects.ndarray()
    block[:, 0], block[:, 1], block[:, 2], block[:, 3] = left, top, width, height
    painter.drawRects(*rects.drawargs())


def curve(x: Floats, y: Floats) -> QPainterPath:
    """One connected line through all points; gaps where a value is not finite."""
    path: QPainterPath = arrayToQPath(np.ascontiguousarray(x), np.ascontiguousarray(y), connect="finite")
    return path


def thinned(x: Floats, y: Floats, room: float) -> tuple[Floats, Floats]:
    """At most four points per pixel column (first, lowest, highest, last), which draw the same line."""
    if len(x) <= 4 * room or len(x) < 8:
        return x, y
    column = np.floor((x - x[0]) / max(1e-12, x[-1] - x[0]) * room).astype(np.int64)
    starts = np.flatnonzero(np.append(True, np.diff(column) != 0))
    ends = np.append(starts[1:], len(x)) - 1
    out_x = np.repeat(x[starts], 4)
    out_y = np.empty(len(starts) * 4)
    out_y[0::4], out_y[3::4] = y[starts], y[ends]
    out_y[1::4], out_y[2::4] = np.minimum.reduceat(y, starts), np.maximum.reduceat(y, starts)
    return out_x, out_y

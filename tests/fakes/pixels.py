"""What a chart has painted, by colour."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage

from gui.charts.candles import CandleChart
from gui.charts.equity import EquityChart
from gui.theme import current


def colours(chart: CandleChart | EquityChart) -> dict[str, int]:
    """How many pixels of the canvas have each colour."""
    image = chart.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found: dict[str, int] = {}
    for y in range(image.height()):
        for x in range(image.width()):
            name = image.pixelColor(x, y).name()
            found[name] = found.get(name, 0) + 1
    return found


def token(name: str) -> str:
    return QColor(getattr(current().tokens, name)).name()

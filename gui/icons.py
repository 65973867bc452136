"""Our own icons: read once from resources/icons, coloured with a token, kept; the window's thread only."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPaintEvent, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QWidget

from gui.theme import color, current

ICON_FOLDER = Path(__file__).resolve().parent.parent / "resources" / "icons"


@lru_cache(maxsize=256)
def _renderer(name: str, shade: str) -> QSvgRenderer:
    # Qt's SVG knows no currentColor, so the colour goes into the text.
    source = (ICON_FOLDER / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", shade)
    return QSvgRenderer(QByteArray(source.encode()))


@lru_cache(maxsize=512)
def _pixmap(name: str, px: int, shade: str, ratio: float) -> QPixmap:
    side = round(px * ratio)
    made = QPixmap(side, side)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _renderer(name, shade).render(painter, QRectF(0, 0, side, side))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def draw(painter: QPainter, name: str, where: QRectF, token: str = "soft") -> None:
    """Paint an icon into ``where``; ``token`` colours what is not coloured by itself."""
    _renderer(name, color(token).name()).render(painter, where)


def pixmap(name: str, px: int = 16, token: str = "soft", ratio: float = 2.0) -> QPixmap:
    """The icon at ``px`` logical pixels; ``OSError`` where there is no such file."""
    return _pixmap(name, px, color(token).name(), ratio)


def icon(name: str, token: str = "text", px: int = 16) -> QIcon:
    """For buttons, menus and the tray; take it again when the theme changes."""
    made = QIcon()
    for size in {px, 16, 22, 32, 64}:
        made.addPixmap(pixmap(name, size, token, 1.0))
        made.addPixmap(pixmap(name, size, token, 2.0))
    return made


class Icon(QWidget):
    """An icon in a layout; follows the theme by itself."""

    def __init__(self, name: str, px: int = 16, token: str = "soft", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name, self._token = name, token
        self.setFixedSize(QSize(px, px))
        current().changed.connect(self.update)

    def show_icon(self, name: str, token: str) -> None:
        if (name, token) != (self._name, self._token):
            self._name, self._token = name, token
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        draw(QPainter(self), self._name, QRectF(self.rect()), self._token)

"""The colours and fonts of the window: two sets of tokens, one of them in force; the window's thread only."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from gui.stylesheet import stylesheet

FAMILIES = ["Inter", ".AppleSystemUIFont", "Segoe UI Variable Text", "Segoe UI", "Cantarell", "Noto Sans",
            "DejaVu Sans"]  # fmt: skip
MONO_FAMILIES = ["JetBrains Mono", "SF Mono", "Cascadia Mono", "Noto Sans Mono", "DejaVu Sans Mono"]
_PROPERTY = "belay_theme"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """Colours by meaning, as ``#RRGGBB``; each text colour reaches 4.7:1 on ground, surface and raised."""

    ground: str
    surface: str
    raised: str
    sunken: str
    field: str
    line: str
    edge: str
    text: str
    soft: str
    faint: str
    inverse: str
    up: str
    down: str
    paper: str
    dry: str
    warn: str
    bad: str
    ema_fast: str
    ema_slow: str
    live: str = "#C8252C"
    on_live: str = "#FFFFFF"
    halt: str = "#FFD60A"
    on_halt: str = "#000000"
    kill: str = "#B3141C"


DARK = Tokens(
    ground="#0E1215", surface="#161B1F", raised="#1E252A", sunken="#0A0D0F", field="#0A0D0F", line="#283138",
    edge="#77848E", text="#E9EDF0", soft="#AAB4BC", faint="#87929B", inverse="#0E1215", up="#5EB1F5",
    down="#F29A4A", paper="#4CC596", dry="#7FA9F7", warn="#E6B450", bad="#FF8A85",
    ema_fast="#D8BE8A", ema_slow="#B5A3E6",
)  # fmt: skip
LIGHT = Tokens(
    ground="#F2F3F1", surface="#FFFFFF", raised="#ECEFEE", sunken="#E6E9E8", field="#FFFFFF", line="#DDE2E2",
    edge="#78838A", text="#14191C", soft="#465159", faint="#5F6A72", inverse="#FFFFFF", up="#1769B5",
    down="#A94E08", paper="#0C7350", dry="#2257BF", warn="#8A5B00", bad="#B3141C",
    ema_fast="#836519", ema_slow="#6A50B8",
)  # fmt: skip
TOKEN_NAMES = tuple(field.name for field in fields(Tokens))


class ThemeChoice(StrEnum):
    """What the person chose; ``SYSTEM`` follows the desktop, also while Belay runs."""

    SYSTEM = "system"
    DARK = "dark"
    LIGHT = "light"


class Theme(QObject):
    """The tokens in force.  ``changed`` fires after every widget has the new style sheet."""

    changed = Signal()

    def __init__(self, app: QApplication, choice: ThemeChoice = ThemeChoice.SYSTEM) -> None:
        super().__init__(app)
        self._app = app
        self.choice = choice
        self.tokens = _tokens(choice)
        app.setProperty(_PROPERTY, self)
        app.setStyle("Fusion")
        app.setFont(font())
        self._apply()
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._system_changed)

    @property
    def is_dark(self) -> bool:
        return QColor(self.tokens.ground).lightness() < 128

    def choose(self, choice: ThemeChoice) -> None:
        """Take another theme at once, in every open window."""
        self.choice = choice
        self._apply()

    def _system_changed(self) -> None:
        if self.choice is ThemeChoice.SYSTEM and _tokens(self.choice) != self.tokens:
            self._apply()

    def _apply(self) -> None:
        self.tokens = _tokens(self.choice)
        self._app.setPalette(_palette(self.tokens))
        self._app.setStyleSheet(stylesheet(self.tokens))
        self.changed.emit()


def current() -> Theme:
    """The application's theme; made dark where none was chosen (a widget alone in a test)."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        raise TypeError("the theme needs a QApplication")
    theme = app.property(_PROPERTY)
    return theme if isinstance(theme, Theme) else Theme(app, ThemeChoice.DARK)


def color(token: str, alpha: float = 1.0) -> QColor:
    """A token (or a plain ``#RRGGBB``) as a colour in the theme in force; ``alpha`` from 0 to 1."""
    value = QColor(getattr(current().tokens, token, token))
    value.setAlphaF(alpha)
    return value


def font(px: int = 13, weight: int = 400, *, mono: bool = False) -> QFont:
    """The system's font at ``px`` logical pixels with digits of one width.

    Sizes in use: 30, 24, 20, 15, 13, 12 and 11; ``mono`` only for ids and typed phrases.
    """
    made = QFont(MONO_FAMILIES if mono else FAMILIES)
    made.setPixelSize(px)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    return made


def _tokens(choice: ThemeChoice) -> Tokens:
    scheme = QGuiApplication.styleHints().colorScheme()
    is_light = choice is ThemeChoice.LIGHT or (
        choice is ThemeChoice.SYSTEM and scheme is Qt.ColorScheme.Light
    )
    return LIGHT if is_light else DARK


def _palette(tokens: Tokens) -> QPalette:
    role = QPalette.ColorRole
    palette = QPalette()
    for name, token in (
        (role.Window, tokens.ground), (role.WindowText, tokens.text), (role.Base, tokens.surface),
        (role.AlternateBase, tokens.raised), (role.Text, tokens.text), (role.Button, tokens.surface),
        (role.ButtonText, tokens.text), (role.ToolTipBase, tokens.raised), (role.ToolTipText, tokens.text),
        (role.Highlight, tokens.text), (role.HighlightedText, tokens.inverse), (role.Link, tokens.text),
        (role.PlaceholderText, tokens.faint), (role.Mid, tokens.line), (role.Light, tokens.raised),
        (role.Dark, tokens.sunken), (role.Shadow, tokens.sunken),
    ):  # fmt: skip
        palette.setColor(name, QColor(token))
    return palette

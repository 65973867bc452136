"""What the window remembers in Belay's home: theme, size, page and columns; the window's thread only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from gui.theme import ThemeChoice

FILE = "window.ini"


class Preferences:
    """Values that may be lost without harm: a missing or foreign one is the default."""

    def __init__(self, home: Path, theme: str = ThemeChoice.SYSTEM) -> None:
        """``theme`` is the settings' word, in force until the person chooses one in the window."""
        self.home, self._first_theme = home, ThemeChoice(theme)
        self._kept = QSettings(str(home / FILE), QSettings.Format.IniFormat)

    @property
    def theme(self) -> ThemeChoice:
        kept = self._text("theme")
        return ThemeChoice(kept) if kept in list(ThemeChoice) else self._first_theme

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._kept.setValue("theme", choice.value)

    @property
    def page(self) -> str:
        """The title of the page shown last."""
        return self._text("page")

    @page.setter
    def page(self, title: str) -> None:
        self._kept.setValue("page", title)

    @property
    def has_said_closing(self) -> bool:
        """Whether the person was told that closing the window keeps trading."""
        return self._text("said_closing") == "yes"

    @has_said_closing.setter
    def has_said_closing(self, said: bool) -> None:
        self._kept.setValue("said_closing", "yes" if said else "no")

    def state(self, name: str) -> QByteArray:
        """A widget's saved state (window geometry, a table's columns); empty when there is none."""
        kept = self._kept.value(f"state/{name}")
        return kept if isinstance(kept, QByteArray) else QByteArray()

    def set_state(self, name: str, state: QByteArray) -> None:
        self._kept.setValue(f"state/{name}", state)

    def value(self, key: str, /) -> Any:
        """What was remembered under ``key``, None for nothing; with ``setValue`` the store of tables."""
        return self._kept.value(key)

    def setValue(self, key: str, value: Any, /) -> None:
        self._kept.setValue(key, value)

    def save(self) -> None:
        self._kept.sync()

    def _text(self, key: str) -> str:
        kept = self._kept.value(key)
        return kept if isinstance(kept, str) else ""

"""Colours that can be read, one theme at a time, and icons that follow it."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication

from gui.icons import ICON_FOLDER, Icon, pixmap
from gui.panels import label, set_tone
from gui.stylesheet import TONES
from gui.theme import DARK, LIGHT, TOKEN_NAMES, Theme, ThemeChoice, Tokens, color, current, font

TEXTS = ("text", "soft", "faint", "up", "down", "paper", "dry", "warn", "bad")


def luminance(token: str) -> float:
    parts = [
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4
        for part in QColor(token).getRgbF()[:3]
    ]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
@pytest.mark.parametrize("name", TEXTS)
def test_every_text_colour_can_be_read_everywhere(tokens: Tokens, name: str) -> None:
    worst = min(
        contrast(getattr(tokens, name), getattr(tokens, on)) for on in ("ground", "surface", "raised")
    )
    assert worst >= 4.5


@pytest.mark.parametrize("tokens", [DARK, LIGHT], ids=["dark", "light"])
def test_loud_plates_and_edges_of_controls(tokens: Tokens) -> None:
    assert contrast(tokens.live, tokens.on_live) >= 4.5
    assert contrast(tokens.halt, tokens.on_halt) >= 12
    assert contrast(tokens.kill, tokens.halt) >= 4.5
    assert contrast(tokens.edge, tokens.surface) >= 3


def test_the_theme_changes_in_place(qtbot, qapp: QApplication) -> None:
    theme = Theme(qapp, ThemeChoice.DARK)
    words = label("equity", tone="up")
    qtbot.addWidget(words)
    words.show()
    assert words.palette().windowText().color() == QColor(DARK.up)
    with qtbot.waitSignal(theme.changed):
        theme.choose(ThemeChoice.LIGHT)
    assert words.palette().windowText().color() == QColor(LIGHT.up)
    assert not theme.is_dark
    set_tone(words, "down")
    assert words.palette().windowText().color() == QColor(LIGHT.down)
    assert color("text") == QColor(LIGHT.text)
    assert current() is theme


def test_every_tone_is_a_token_and_every_token_a_colour() -> None:
    assert set(TONES) <= set(TOKEN_NAMES)
    for tokens in (DARK, LIGHT):
        assert all(QColor(value).isValid() for value in asdict(tokens).values())


def test_figures_have_one_width(qapp) -> None:
    from PySide6.QtGui import QFontMetricsF

    measure = QFontMetricsF(font(13))
    assert len({measure.horizontalAdvance(digit) for digit in "0123456789"}) == 1


@pytest.mark.parametrize("path", sorted(ICON_FOLDER.glob("*.svg")), ids=lambda path: path.stem)
def test_every_icon_draws_something(qapp, path) -> None:
    image = pixmap(path.stem, 32, "text", 1.0).toImage()
    assert any(image.pixelColor(x, y).alpha() for x in range(0, 32, 2) for y in range(0, 32, 2))


def test_an_icon_takes_the_colour_of_the_theme(qtbot, qapp) -> None:
    theme = Theme(qapp, ThemeChoice.DARK)
    mark = Icon("disc", 16, "text")
    qtbot.addWidget(mark)
    assert mark.grab().toImage().pixelColor(8, 8) == QColor(DARK.text)
    theme.choose(ThemeChoice.LIGHT)
    assert mark.grab().toImage().pixelColor(8, 8) == QColor(LIGHT.text)

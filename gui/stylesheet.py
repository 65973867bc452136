"""The application's style sheet as text, from one set of tokens; pure.

Labels say their colour with the property ``tone``; their fonts come from ``gui.theme.font``: a font in
a style sheet loses the figures of one width.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gui.theme import Tokens

TONES = ("text", "soft", "faint", "inverse", "up", "down", "paper", "dry", "warn", "bad", "halt", "on_halt")

BALLOON_INK = "#14191C"
"""Where the desktop shows no notes, Qt paints the tray's own, on pale yellow in every theme."""


def stylesheet(t: Tokens) -> str:
    """Everything a stock Qt widget needs to look like Belay."""
    tones = "\n".join(f'QLabel[tone="{name}"] {{ color: {getattr(t, name)}; }}' for name in TONES)
    return (
        tones
        + f"""
QMainWindow, QWidget#ground {{ background: {t.ground}; }}
QLabel {{ background: transparent; }}
QScrollArea, QScrollArea > QWidget > QWidget#content {{ background: transparent; border: 0; }}
QFrame#panel {{ background: {t.surface}; border: 1px solid {t.line}; border-radius: 8px; }}
QFrame#panel[alarm="true"] {{ border: 3px solid {t.halt}; }}
QFrame#rule {{ background: {t.line}; border: 0; }}
QToolTip {{ background: {t.raised}; color: {t.text}; border: 1px solid {t.edge}; padding: 4px; }}
{_controls(t)}
{_tables(t)}
{_menus(t)}
"""
    )


def _controls(t: Tokens) -> str:
    return f"""
QPushButton {{ background: transparent; color: {t.text}; border: 1px solid {t.edge}; border-radius: 6px;
    padding: 0 13px; min-height: 30px; }}
QPushButton:hover {{ background: {t.raised}; }}
QPushButton:pressed {{ background: {t.sunken}; }}
QPushButton[kind="primary"] {{ background: {t.text}; color: {t.inverse}; border-color: {t.text}; }}
QPushButton[kind="primary"]:hover {{ background: {t.soft}; border-color: {t.soft}; }}
QPushButton:disabled {{ background: {t.raised}; color: {t.faint}; border: 1px dashed {t.edge}; }}
QLineEdit, QComboBox {{ background: {t.field}; color: {t.text}; border: 1px solid {t.edge};
    border-radius: 6px; padding: 0 10px; min-height: 32px; placeholder-text-color: {t.faint};
    selection-background-color: {t.text}; selection-color: {t.inverse}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.faint}; border: 1px dashed {t.edge}; }}
QComboBox::drop-down {{ border: 0; width: 22px; }}
QComboBox QAbstractItemView {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.edge};
    selection-background-color: {t.raised}; selection-color: {t.text}; outline: 0; }}
QCheckBox {{ color: {t.text}; spacing: 8px; min-height: 24px; }}
QPlainTextEdit, QTextEdit {{ background: {t.field}; color: {t.text}; border: 1px solid {t.line};
    border-radius: 6px; }}
QScrollBar {{ background: transparent; border: 0; margin: 0; }}
QScrollBar:vertical {{ width: 10px; }}
QScrollBar:horizontal {{ height: 10px; }}
QScrollBar::handle {{ background: {t.edge}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 32px; }}
QScrollBar::handle:horizontal {{ min-width: 32px; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{
    background: transparent; border: 0; width: 0; height: 0; }}
QSplitter::handle {{ background: transparent; }}
"""


def _tables(t: Tokens) -> str:
    return f"""
QTableView, QTreeView, QListView {{ background: transparent; color: {t.text}; border: 0; outline: 0;
    gridline-color: {t.line}; alternate-background-color: transparent;
    selection-background-color: {t.raised}; selection-color: {t.text}; }}
QHeaderView {{ background: transparent; border: 0; }}
QHeaderView::section {{ background: transparent; color: {t.faint}; border: 0;
    border-bottom: 1px solid {t.line}; padding: 0 8px; }}
QTableCornerButton::section {{ background: transparent; border: 0; }}
"""


def _menus(t: Tokens) -> str:
    return f"""
QMenu {{ background: {t.surface}; color: {t.text}; border: 1px solid {t.edge}; padding: 6px; }}
QMenu::item {{ padding: 8px 24px 8px 12px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.raised}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::separator {{ height: 1px; background: {t.line}; margin: 5px 6px; }}
QMenu::icon {{ padding-left: 10px; }}
QBalloonTip QLabel {{ color: {BALLOON_INK}; }}
QBalloonTip QPushButton {{ border: 0; min-height: 0; padding: 0; }}
"""

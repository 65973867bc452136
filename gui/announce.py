"""Changes of state said aloud by screen readers, a halt before anything else; the window's thread only."""

from __future__ import annotations

from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QWidget


def announce(window: QWidget, words: str, *, is_halted: bool) -> None:
    """Interrupts what is being read where it is a halt; waits its turn otherwise."""
    event = QAccessibleAnnouncementEvent(window, f"Halted. {words}" if is_halted else words)
    manner = QAccessible.AnnouncementPoliteness
    event.setPoliteness(manner.Assertive if is_halted else manner.Polite)
    QAccessible.updateAccessibility(event)

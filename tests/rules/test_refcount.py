"""PySide must not eat the references of None and True: 6.12.0 does on Python 3.11, and the process aborts.

From Python 3.12 on both are immortal and the counts stand still, so the test passes there by nature.
"""

import sys

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

CALLS = 500  # each faulty call loses one reference; the process aborts after four to five thousand
NOISE = 100


class Bell(QObject):
    rung = Signal()


def test_calls_that_return_nothing_keep_none(qtbot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    before = sys.getrefcount(None)
    for _ in range(CALLS):
        label.setText("x")
    assert sys.getrefcount(None) - before > -NOISE


def test_emitting_keeps_true(qtbot) -> None:
    bell = Bell()
    before = sys.getrefcount(True)
    for _ in range(CALLS):
        bell.rung.emit()
    assert sys.getrefcount(True) - before > -NOISE

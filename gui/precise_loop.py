"""asyncio on Qt's event loop with timers that are never early: qasync's own are coarse by 5 per cent."""

from __future__ import annotations

import asyncio
import math
from typing import Any

import qasync
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication


class PreciseTimer(qasync._SimpleTimer):  # type: ignore[misc]
    """qasync's timer, on Qt's precise clock and rounded up to the next millisecond."""

    def add_callback(self, handle: Any, delay: float = 0) -> Any:
        wait = 0 if delay <= 0 else math.ceil(delay * 1000)
        timer = self.startTimer(wait, Qt.TimerType.PreciseTimer)
        self._SimpleTimer__callbacks[timer] = handle
        return handle


def precise_loop(app: QApplication) -> asyncio.AbstractEventLoop:
    """A loop for the window's thread; close it when done."""
    loop: Any = qasync.QEventLoop(app)
    loop._timer = PreciseTimer()
    assert isinstance(loop, asyncio.AbstractEventLoop)
    return loop

"""Questions that may hang: one at a time through the bridge, and a sentence when the time is up; window's thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from core.errors import BelayError, TryAgain
from gui.bridge import Bridge

Answer = TypeVar("Answer")


class PatientAsker(QObject):
    """Never has more than one question under way, so that what hangs takes one helper thread and no more.

    ``free`` fires when a question whose time was up has come back after all; its answer is not used.
    """

    free = Signal()

    def __init__(self, bridge: Bridge, seconds: float, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.seconds = seconds
        self._bridge = bridge
        self._is_out = False
        self._failed: Callable[[BelayError], object] | None = None
        self._late = ""
        self._timer = QTimer(self, interval=round(seconds * 1000), singleShot=True)
        self._timer.timeout.connect(self._give_up)

    @property
    def is_waiting(self) -> bool:
        """A question is under way and its time is not up."""
        return self._failed is not None

    @property
    def is_stuck(self) -> bool:
        """A question has not come back in its time, and not since."""
        return self._is_out and self._failed is None

    def ask(
        self,
        call: Callable[[], Answer],
        done: Callable[[Answer], object],
        failed: Callable[[BelayError], object],
        late: str,
        busy: str,
    ) -> None:
        """``late`` is said when the time is up, ``busy`` when the last question has not come back yet."""
        if self._is_out:
            failed(TryAgain(busy))
            return
        self._is_out, self._failed, self._late = True, failed, late
        self._timer.start()
        self._bridge.ask(
            call,
            lambda answer: self._came(lambda: done(answer)),
            lambda fault: self._came(lambda: failed(fault)),
        )

    def _came(self, then: Callable[[], object]) -> None:
        was_waited_for = self._failed is not None
        self._is_out, self._failed = False, None
        self._timer.stop()
        if was_waited_for:
            then()
        else:
            self.free.emit()

    def _give_up(self) -> None:
        failed, self._failed = self._failed, None
        if failed is not None:
            failed(TryAgain(self._late))

"""The lane between pipeline and window: facts come up from any thread, questions go down and never block.

``publish`` is called in the publishers' threads and touches no Qt object; everything else runs in the
window's thread.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable
from itertools import count
from queue import SimpleQueue
from time import perf_counter
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from core.errors import BelayError
from core.messages import (
    AccountMarked,
    CandleSeen,
    Fact,
    FeedProgressed,
    PartsChecked,
    QuoteSeen,
    StrategyNoted,
)

Answer = TypeVar("Answer")
TICK_MS = 50
BUDGET_S = 0.025
"""How long one delivery may hold the window; the rest waits for the next turn of its loop."""
ASKERS = 4

_Call = Callable[[], object]


def newest_wins(fact: Fact) -> object | None:
    """The key under which a newer fact replaces this one; None for what must never be merged."""
    match fact:
        case QuoteSeen(quote=quote):
            return QuoteSeen, quote.symbol
        case CandleSeen(candle=candle) if not candle.closed:
            return CandleSeen, candle.symbol, candle.timeframe
        case StrategyNoted():
            return StrategyNoted, fact.instance
        case AccountMarked() | FeedProgressed() | PartsChecked():
            return type(fact)
        case _:
            return None


class Bridge(QObject):
    """``fact`` carries each fact in the order of publishing; a merged one takes the place of its newest."""

    fact = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._is_open = True
        self._wanted: frozenset[type] | None = None
        self._serial = count()
        self._pending: dict[object, Fact] = {}
        self._ready: deque[Fact] = deque()
        self._questions: SimpleQueue[_Call] = SimpleQueue()
        self._answers: deque[_Call] = deque()
        self._askers: list[threading.Thread] = []
        self._tick = QTimer(self)
        self._tick.setTimerType(Qt.TimerType.PreciseTimer)
        self._tick.setInterval(TICK_MS)
        self._tick.timeout.connect(self.deliver)
        self._tick.start()

    def listen(self, wanted: Iterable[type]) -> None:
        """Take only these facts from now on; without it, every fact."""
        self._wanted = frozenset(wanted)

    def publish(self, fact: Fact) -> None:
        """Any thread; never blocks, never raises, and does nothing once closed."""
        wanted = self._wanted
        if wanted is not None and type(fact) not in wanted:
            return
        key = newest_wins(fact)
        with self._lock:
            if not self._is_open:
                return
            if key is None:
                key = next(self._serial)
            else:
                self._pending.pop(key, None)  # the newest stands where it was published, not the first
            self._pending[key] = fact

    def ask(
        self,
        call: Callable[[], Answer],
        done: Callable[[Answer], object],
        failed: Callable[[BelayError], object],
    ) -> None:
        """Run ``call`` in a helper thread; ``done`` or ``failed`` follows in the window's thread.

        The threads are daemons: a question that hangs never keeps the process alive.
        """

        def work() -> None:
            outcome: _Call = lambda: failed(BelayError("Belay cannot answer; the log has the cause."))  # noqa: E731
            try:
                answer = call()
            except BelayError as error:
                fault = error
                outcome = lambda: failed(fault)  # noqa: E731
            else:
                outcome = lambda: done(answer)  # noqa: E731
            finally:  # also for a bug in ``call``, which then goes to threading.excepthook
                self._answers.append(outcome)

        self._questions.put(work)
        self._askers = [thread for thread in self._askers if thread.is_alive()]
        if len(self._askers) < ASKERS:
            asker = threading.Thread(target=_answer, args=(self._questions,), name="ask", daemon=True)
            self._askers.append(asker)
            asker.start()

    def deliver(self) -> bool:
        """Hand out what has come, in the window's thread; the timer does it every 50 ms.

        True when the time was up before the end; the rest follows in the next turn of the loop.
        """
        with self._lock:
            pending, self._pending = self._pending, {}
        self._ready.extend(pending.values())
        until = perf_counter() + BUDGET_S
        while self._answers:
            self._answers.popleft()()
        while self._ready:
            self.fact.emit(self._ready.popleft())
            if perf_counter() > until:
                break
        self._tick.setInterval(0 if self._ready else TICK_MS)
        return bool(self._ready)

    def close(self) -> None:
        """Shut the gate, deliver the rest and stop; later publishing does nothing."""
        with self._lock:
            self._is_open = False
        self._tick.stop()
        while self._pending or self._ready or self._answers:
            self.deliver()
        self._tick.stop()


def _answer(questions: SimpleQueue[Any]) -> None:
    while True:
        questions.get()()

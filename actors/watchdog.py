"""The watchdog, in a thread of its own: asks every part each second, and decides by rule what a crash means."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Event, Thread

import structlog

from actors.stage import Address
from core.clock import Clock
from core.errors import BelayError, StageGone, StageSilent
from core.halt import Latch
from core.messages import PartsChecked, Ping, StageFailed, StageRestarted
from core.ports import Hub

log = structlog.get_logger("watchdog")
EVERY = 1.0
PATIENCE = 5.0
"""Seconds that a part may take to answer: longer than any commit, shorter than a person's patience."""
RESTARTED = frozenset({"alerts"})
"""Parts that may simply start again.  Every other one stands on the way of the money: its crash halts."""
HUNG_LOOKS = 4
"""Looks in a row without an answer after which such a part counts as hung, which halts too."""


class Watchdog(Thread):
    """Knows the stages by their addresses only; ``kill_switch`` is the one thread that must never end.

    ``saved_at`` tells when the records last took a row.
    """

    def __init__(
        self, stages: Mapping[str, Address], kill_switch: Thread, hub: Hub, latch: Latch, clock: Clock,
        saved_at: Callable[[], datetime | None],
    ) -> None:  # fmt: skip
        super().__init__(name="watchdog", daemon=True)
        self._stages, self._kill_switch, self._hub = stages, kill_switch, hub
        self._latch, self._clock, self._saved_at = latch, clock, saved_at
        self._missed: Counter[str] = Counter()
        self._over = Event()
        self._silent: tuple[str, ...] = ()
        hub.subscribe(self._on_failure, StageFailed)

    def run(self) -> None:
        while not self._over.wait(EVERY):
            self._look()

    def close(self) -> None:
        self._over.set()

    def _look(self) -> None:
        silent = tuple(name for name, stage in tuple(self._stages.items()) if not self._answers(stage))
        self._count(silent)
        if not self._kill_switch.is_alive() and not self._over.is_set():
            silent = (*silent, "kill switch")
            self._latch.trip(
                "the watchdog", "the kill switch has ended; start Belay again", self._clock.now()
            )
        for name in set(silent) - set(self._silent):
            log.warning("a part is silent", stage=name)
        self._silent = silent
        total = len(self._stages)
        self._hub.publish(PartsChecked(max(total - len(silent), 0), total, silent, self._last_saved()))

    def _last_saved(self) -> datetime | None:
        """When the records last took a row; None when they cannot be asked."""
        try:
            return self._saved_at()
        except BelayError:
            return None

    def _count(self, silent: tuple[str, ...]) -> None:
        """A part of the money's way that stays silent is as good as dead."""
        for name in self._stages:
            self._missed[name] = self._missed[name] + 1 if name in silent else 0
            if self._missed[name] == HUNG_LOOKS and name not in RESTARTED and not self._over.is_set():
                self._latch.trip("the watchdog", f"the part {name} does not answer", self._clock.now())

    def _answers(self, stage: Address) -> bool:
        if self._over.is_set():
            return True
        try:
            stage.ask(Ping(), timeout=PATIENCE)
        except StageGone:
            if stage.name in RESTARTED and not self._over.is_set():
                stage.start()
                self._hub.publish(StageRestarted(stage.name))
            return False
        except StageSilent:
            return False
        return True

    def _on_failure(self, failure: StageFailed) -> None:
        """In the failing stage's thread: the latch first, the rest at the next look."""
        if failure.stage in self._stages and failure.stage not in RESTARTED and not self._over.is_set():
            self._latch.trip(
                "the watchdog", f"the part {failure.stage} fails: {failure.why}", self._clock.now()
            )

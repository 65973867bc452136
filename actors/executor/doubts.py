"""Orders of which nobody can say where they stand: when to look for each of them next; executor's thread (E11).

Looks come soon at first, then ever more rarely, and never end by themselves; after ``PATIENCE`` a person is told.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.ids import ClientOrderId

WAITS = (0.2, 0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 30.0)
PATIENCE = 60.0
"""Seconds after which an order without a place becomes a person's business too."""


@dataclass(slots=True)
class Doubt:
    """``since`` and ``due`` in monotonic seconds; ``is_asked`` while a look is on its way."""

    order: ClientOrderId
    since: float
    due: float
    looks: int = 0
    is_asked: bool = False
    is_told: bool = False


class Doubts:
    """``settle`` is the time after which a request without an answer can no longer take effect (seconds)."""

    def __init__(self, settle: float, monotonic: Callable[[], float]) -> None:
        self._settle, self._monotonic = settle, monotonic
        self._doubts: dict[ClientOrderId, Doubt] = {}

    def __len__(self) -> int:
        return len(self._doubts)

    def __contains__(self, order: object) -> bool:
        return order in self._doubts

    def begin(self, order: ClientOrderId, after: float = 0.0, *, looks: int = 0) -> None:
        """Look for it, first in ``after`` seconds; one that is in doubt already is looked for no later.

        ``looks`` were made before, and it was not there.
        """
        now = self._monotonic()
        known = self._doubts.setdefault(order, Doubt(order, now, now + after, looks))
        known.due = min(known.due, now + after)

    def end(self, order: ClientOrderId) -> None:
        """Its place is known."""
        self._doubts.pop(order, None)

    def due(self) -> tuple[ClientOrderId, ...]:
        """Orders to look for now; each is asked once until ``answered``."""
        now = self._monotonic()
        found = [doubt for doubt in self._doubts.values() if doubt.due <= now and not doubt.is_asked]
        for doubt in found:
            doubt.is_asked = True
        return tuple(doubt.order for doubt in found)

    def hasten(self) -> None:
        """All are looked for now, those too for which a look is on its way: its answer may come too late."""
        now = self._monotonic()
        for doubt in self._doubts.values():
            doubt.due, doubt.is_asked = min(doubt.due, now), False

    def answered(self, order: ClientOrderId) -> None:
        """A look brought no certainty: the next one comes later."""
        doubt = self._doubts.get(order)
        if doubt is None:
            return
        doubt.is_asked = False
        doubt.due = self._monotonic() + WAITS[min(doubt.looks, len(WAITS) - 1)]
        doubt.looks += 1

    def is_settled(self, order: ClientOrderId, asked: float, settle: float | None = None) -> bool:
        """A second look without a find, begun at ``asked``, is the proof that nothing is there, nor will be."""
        doubt = self._doubts.get(order)
        return doubt is None or (
            doubt.looks > 0 and asked - doubt.since >= (self._settle if settle is None else settle)
        )

    def hopeless(self) -> tuple[ClientOrderId, ...]:
        """Orders looked for too long, each told once."""
        now = self._monotonic()
        found = [d for d in self._doubts.values() if now - d.since > PATIENCE and not d.is_told]
        for doubt in found:
            doubt.is_told = True
        return tuple(doubt.order for doubt in found)

"""Units of records: everything between two ``Drained`` goes to disk together; persistence's thread.

A restart needs all pieces of one event, so an open unit is never written but by a write-ahead, which is told
all pieces of its event, or when the whole pipeline stands still (``flush``).
"""

from __future__ import annotations

import time
from collections.abc import Callable

from actors.persistence.batch import Batch
from actors.persistence.rows import Row
from actors.persistence.writer import Writer
from core.messages import Keep, WriteAhead

MAX_UNITS = 256
MAX_SECONDS = 0.1
FULL_SPEED_SECONDS = 0.005
"""Units closer together than this are a replay in a hurry."""


class Recorder:
    """Collects the open unit, and the complete ones until they are worth a transaction."""

    def __init__(self, writer: Writer, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writer, self._monotonic = writer, monotonic
        self.open, self.complete = Batch(), Batch()
        self._ahead: list[Keep] = []
        self._number, self._drained = writer.number, writer.drained
        self._units = 0
        self._since = self._drained_at = monotonic()
        self._settled = False
        self._has_ended = False

    @property
    def drained(self) -> int:
        """The last event of which everything is known."""
        return self._drained

    def keep(self, piece: Keep) -> None:
        """A piece of the open unit; one of a later event waits, for the feed may be a step ahead."""
        self._settled = False
        if piece.number > self._drained + 1:
            self._ahead.append(piece)
        else:
            self.open.pieces[piece.key] = (piece.number, piece.value)

    def _catch_up(self, number: int | None) -> None:
        """Bring in the waiting pieces up to event ``number``, all for None."""
        if self._ahead:
            due = [piece for piece in self._ahead if number is None or piece.number <= number]
            self._ahead = [piece for piece in self._ahead if number is not None and piece.number > number]
            for piece in due:
                self.open.pieces[piece.key] = (piece.number, piece.value)

    def drain(self, number: int, *, is_idle: bool) -> None:
        """Close the unit of event ``number``; write if it holds rows and nobody waits, or if it is time.

        At full speed the next write-ahead or the 100 ms take it along: a transaction costs more than a unit.
        """
        self._settled = False
        self._catch_up(number)
        self.complete.absorb(self.open)
        self._number = self._drained = number
        self._units += 1
        self._catch_up(number + 1)
        now = self._monotonic()
        is_slow, self._drained_at = now - self._drained_at > FULL_SPEED_SECONDS, now
        is_wanted = is_idle and is_slow and self.complete.has_rows
        if is_wanted or self._units >= MAX_UNITS or now - self._since >= MAX_SECONDS:
            self._commit()

    def settle(self) -> None:
        """Write the complete units that wait: nobody is in a hurry."""
        if self.complete or self._units:
            self._commit()

    def waiting(self, sql: str, key: object) -> Row | None:
        """The row under ``key`` that is not on disk yet."""
        open_row = self.open.newest[sql].get(key)
        return open_row if open_row is not None else self.complete.newest[sql].get(key)

    def write_ahead(self, message: WriteAhead) -> None:
        """Everything told so far and the rows of this message, on disk when this returns."""
        self._settled = False
        self._catch_up(message.number)
        for piece in message.pieces:
            self.open.pieces[piece.key] = (piece.number, piece.value)
        self._number = max(self._number, message.number)
        self.complete.absorb(self.open)
        self._commit()

    def flush(self) -> None:
        """The pipeline stands still: write everything, the open unit too."""
        self._catch_up(None)
        self._number = max(self._number, *(number for number, _ in self.open.pieces.values()), 0)
        self.complete.absorb(self.open)
        self._settled = True
        self._commit()

    def end(self, number: int) -> None:
        """The feed has ended: from now on no unit is in flight, and facts are written as they come."""
        self._has_ended = True
        self._number = max(self._number, number)
        self.flush()

    def loose(self, sql: str, *rows: tuple[object, ...], at_once: bool = False) -> None:
        """Rows that belong to no unit (alerts, events); ``at_once`` does not wait for the end of a unit."""
        self.complete.add(sql, *rows)
        if at_once:
            self._commit()

    def told(self, *, is_idle: bool) -> None:
        """After a fact: once the feed has ended, no ``Drained`` will write it."""
        if self._has_ended and is_idle and (self.open or self.complete):
            self.flush()

    def close(self) -> bool:
        """Write what is complete; False when an unfinished unit is left out (its event comes again)."""
        if self._settled or self._has_ended:
            self.complete.absorb(self.open)
        self.settle()
        return not self.open.has_rows

    def _commit(self) -> None:
        self._writer.commit(self.complete, self._number, self._drained)
        self._units = 0
        self._since = self._monotonic()

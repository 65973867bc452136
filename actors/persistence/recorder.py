"""Units of records: everything between two ``UnitClosed`` goes to disk together; persistence's thread.

A restart needs all pieces of one event, so what belongs to an event on its way is never written but by a
write-ahead, which brings all pieces of that event.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import IntEnum

from actors.persistence.batch import Batch
from actors.persistence.rows import Row
from actors.persistence.writer import Writer
from core.messages import Keep, WriteAhead

MAX_UNITS = 256
MAX_SECONDS = 0.1
FULL_SPEED_SECONDS = 0.005
"""Units closer together than this are a replay in a hurry."""


class Lacks(IntEnum):
    """What the open unit needs before it may be written."""

    NOTHING = 0
    PIECE = 1
    """A cancel, made outside the pipeline perhaps (the kill switch): the venue's piece that goes with it."""
    END = 2


class Recorder:
    """Collects the open unit, and the complete ones until they are worth a transaction."""

    def __init__(self, writer: Writer, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._writer, self._monotonic = writer, monotonic
        self.open, self.complete = Batch(), Batch()
        self._number, self._drained = writer.number, writer.drained
        self._units = 0
        self._since = self._closed_at = monotonic()
        self._lacks = Lacks.NOTHING
        self.has_ended = False

    @property
    def drained(self) -> int:
        """The last event of which everything is known."""
        return self._drained

    def need(self, what: Lacks) -> None:
        """A row of the open unit has come that must not go to disk before ``what``."""
        self._lacks = max(self._lacks, what)

    def keep(self, piece: Keep) -> None:
        """A piece of the open unit."""
        self.open.pieces[piece.key] = (piece.number, piece.value)
        if piece.number > self._drained:
            self._lacks = Lacks.END
        elif self._lacks is Lacks.PIECE:
            self._lacks = Lacks.NOTHING

    def close_unit(self, number: int, pieces: tuple[Keep, ...], *, is_idle: bool) -> None:
        """Event ``number`` ends the unit; write if it holds rows and nobody waits, or if it is time.

        At full speed the next write-ahead or the 100 ms take it along: a transaction costs more than a unit.
        """
        self._take_pieces(pieces)
        self._complete()
        self._number = self._drained = number
        self._units += 1
        now = self._monotonic()
        is_slow, self._closed_at = now - self._closed_at > FULL_SPEED_SECONDS, now
        is_wanted = is_idle and is_slow and self.complete.has_rows
        if is_wanted or self._units >= MAX_UNITS or now - self._since >= MAX_SECONDS:
            self._commit()

    def _take_pieces(self, pieces: tuple[Keep, ...]) -> None:
        for piece in pieces:
            self.open.pieces[piece.key] = (piece.number, piece.value)

    def _complete(self) -> None:
        self.complete.absorb(self.open)
        self._lacks = Lacks.NOTHING

    def waiting(self, sql: str, key: object) -> Row | None:
        """The row under ``key`` that is not on disk yet."""
        open_row = self.open.newest[sql].get(key)
        return open_row if open_row is not None else self.complete.newest[sql].get(key)

    def write_ahead(self, message: WriteAhead) -> None:
        """Everything told so far and the rows of this message, on disk when this returns."""
        self._take_pieces(message.pieces)
        self._number = max(self._number, message.number)
        self._complete()
        self._commit()

    def settle(self) -> None:
        """Write all but the rows and pieces of an event that is still on its way."""
        if self._lacks is Lacks.NOTHING:
            self._complete()
        if self.complete or self._units:
            self._commit()

    def end(self, number: int) -> None:
        """The feed has ended: nothing is on its way any more, and no end of a unit will write what comes."""
        self.has_ended = True
        self._number = max(self._number, number)
        self.settle()

    def loose(self, sql: str, *rows: Row, at_once: bool) -> None:
        """Rows that belong to no unit (alerts, events); ``at_once`` does not wait for the end of a unit."""
        self.complete.add(sql, *rows)
        if at_once:
            self.settle()

    def told(self, *, is_idle: bool) -> None:
        """A message after the end of the feed: write what may be written when nobody waits."""
        if is_idle:
            self.settle()

    def close(self) -> bool:
        """Write what may be written; False when an event was cut off in its middle (it comes again)."""
        self.settle()
        return not self.open

    def _commit(self) -> None:
        self._writer.commit(self.complete, self._number, self._drained)
        self._units = 0
        self._since = self._monotonic()

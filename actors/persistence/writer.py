"""The one writer of a book: each commit is whole on disk or not at all; persistence's thread."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from peewee import SqliteDatabase

from actors.persistence.batch import Batch
from actors.persistence.failures import DATABASE_ERRORS, sentence
from actors.persistence.queries import connection, first
from actors.persistence.statements import Statements
from actors.persistence.tables import BookRow, SessionRow
from core.clock import Clock, millis
from core.errors import RecordsLost, Refused
from core.ids import BookId
from core.modes import Mode


class Writer:
    """Writes batches of one book; a fault of the database is ``RecordsLost`` then and at every later call."""

    def __init__(self, database: SqliteDatabase, path: Path, book: BookId, mode: Mode, clock: Clock) -> None:
        self.database, self.book, self.mode = database, book, mode
        self._path, self._clock = path, clock
        self._connection = connection(database)
        self.sql = Statements.of(database)
        self.lost: RecordsLost | None = None
        self.number, self.drained = self._claim()
        self._session: int | None = None

    def _claim(self) -> tuple[int, int]:
        """Where the book stands; ``Refused`` when it belongs to another mode."""
        columns = (BookRow.mode, BookRow.number, BookRow.drained)
        row = first(BookRow.select(*columns).where(BookRow.book == self.book), self.database)
        if row is None:
            return 0, 0
        mode, number, drained = row
        if mode != self.mode.value:
            raise Refused(f"The book {self.book} holds {mode} records; {self.mode.value} needs its own book.")
        return number, drained

    def written_at(self) -> int:
        """The computer's own time, for the column of that name."""
        return millis(self._clock.now())

    def begin_session(self, note: str) -> None:
        """The row of this session, which proves at the start that rows can be written."""
        row = {
            "started_at": self.written_at(), "first_number": self.number, "last_number": self.number,
            "note": note, "book": self.book, "mode": self.mode.value,
        }  # fmt: skip
        try:
            with self.database.atomic("IMMEDIATE"):
                self._session = SessionRow.insert(row).bind(self.database).execute()
                self._connection.execute(self.sql.book, self._book_row())
        except DATABASE_ERRORS as error:
            raise self._fail(error) from error

    def end_session(self) -> None:
        """Say goodbye in the row of this session."""
        if self.lost is not None or self._session is None:
            return
        ended = {SessionRow.ended_at: self.written_at(), SessionRow.last_number: self.number}
        try:
            SessionRow.update(ended).where(SessionRow.id == self._session).bind(self.database).execute()
        except DATABASE_ERRORS as error:
            raise self._fail(error) from error

    def _book_row(self) -> tuple[str, str, int, int, int]:
        return (self.book, self.mode.value, self.number, self.drained, self.written_at())

    def commit(self, batch: Batch, number: int, drained: int) -> None:
        """Write ``batch`` in one transaction and empty it; ``RecordsLost`` leaves the database as it was."""
        if self.lost is not None:
            raise RecordsLost(str(self.lost))
        self.number, self.drained = number, drained
        book, mode = self.book, self.mode.value
        run = self._connection
        try:
            run.execute("BEGIN IMMEDIATE")
            for sql, keyed in batch.newest.items():
                run.executemany(sql, keyed.values())
            for sql, rows in batch.added.items():
                run.executemany(sql, rows)
            if batch.pieces:
                pieces = [(book, mode, key, at, value) for key, (at, value) in batch.pieces.items()]
                run.executemany(self.sql.piece, pieces)
            run.execute(self.sql.book, self._book_row())
            run.execute("COMMIT")
        except DATABASE_ERRORS as error:
            raise self._fail(error) from error
        batch.clear()

    def _fail(self, error: Exception) -> RecordsLost:
        self.lost = RecordsLost(sentence(error, self._path))
        if self._connection.in_transaction:
            try:
                self._connection.execute("ROLLBACK")
            except DATABASE_ERRORS:
                pass  # SQLite has rolled back by itself; the first error is the one to tell
        return self.lost

    def first(self, sql: str, *values: object) -> tuple[object, ...] | None:
        """The first row of a question on the write path."""
        try:
            row: tuple[object, ...] | None = self._connection.execute(sql, values).fetchone()
        except DATABASE_ERRORS as error:
            raise self._fail(error) from error
        return row

    def now(self) -> datetime:
        return self._clock.now()

    def close(self) -> None:
        self.database.close()

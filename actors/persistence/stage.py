"""The persistence actor: facts and pieces of state go to disk; owns the one writing connection and thread."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any, assert_never

import structlog

from actors.persistence.bookkeeping import Bookkeeping
from actors.persistence.failures import DATABASE_ERRORS, sentence
from actors.persistence.opening import DATABASE_FILE, open_records
from actors.persistence.order_records import OrderRecords
from actors.persistence.questions import loaded_note
from actors.persistence.recorder import Lacks, Recorder
from actors.persistence.safety_records import SafetyNote, SafetyRecords
from actors.persistence.writer import Writer
from actors.stage import Stage
from core.clock import Clock, millis
from core.errors import RecordsLost
from core.ids import BookId
from core.messages import (
    AlertRaised,
    EquitySampled,
    FeedEnded,
    Flush,
    HaltProgressed,
    HaltTripped,
    Keep,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFact,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Ping,
    Rearmed,
    Severity,
    SignalRaised,
    StageFailed,
    StageRestarted,
    StateChanged,
    UnitClosed,
    WriteAhead,
)
from core.modes import Mode
from core.money import Money, text
from core.ports import Hub

log = structlog.get_logger("persistence")

Told = Keep | UnitClosed | WriteAhead | Flush | OrderFact | EquitySampled | FeedEnded | SafetyNote


class PersistenceStage(Stage):
    """Writes one book.  ``deposit`` is the money a new book opens with, the first entry of its ledger.

    ``WriteAhead`` and ``Flush`` are asked: None once on disk, else ``RecordsLost`` (and ever after, until the
    stage is started again) or ``Refused`` for an order that was placed before.  All else is told.  ``Flush``
    leaves out an event that was cut off in its middle: it comes again after the restart.
    """

    title = "persistence"

    def __init__(
        self, hub: Hub, home: Path, book: BookId, mode: Mode, clock: Clock, deposit: Money | None = None
    ) -> None:
        super().__init__(hub)
        self._home, self._book, self._mode, self._clock, self._deposit = home, book, mode, clock, deposit
        self._writer: Writer | None = None

    def begin(self) -> str:
        path = self._home / DATABASE_FILE
        opened = open_records(self._home, self._clock.now())
        with ExitStack() as undo:
            undo.callback(opened.database.close)
            try:
                writer = Writer(opened.database, path, self._book, self._mode, self._clock)
                note = loaded_note(opened.database, self._book)
                books = Bookkeeping(opened.database, self._book)
            except DATABASE_ERRORS as error:
                raise RecordsLost(sentence(error, path)) from error
            writer.begin_session(note)
            undo.pop_all()
        self._writer, self._books = writer, books
        self._recorder = Recorder(writer)
        self._orders = OrderRecords(writer, books, self._recorder, self._deposit, self._warn)
        self._safety = SafetyRecords(writer, self._recorder)
        if opened.recovered:
            self._warn(opened.recovered)
        return f"{opened.recovered} {note}".strip()

    def _warn(self, sentence: str) -> None:
        alert = AlertRaised(self._clock.now(), Severity.CRITICAL, "system", sentence, self._mode)
        self.hub.publish(alert)

    def on_receive(self, message: Any) -> Any:
        if type(message) is Ping and self._writer is not None and self._writer.lost is None:
            try:
                self._recorder.settle()  # the watchdog's beat: nothing complete waits longer than this
            except RecordsLost as lost:
                self._tell_lost(lost)
        return super().on_receive(message)

    def _tell_lost(self, lost: RecordsLost) -> None:
        log.error("records lost", why=str(lost))
        self._warn(str(lost))

    def receive(self, message: Told) -> None:
        writer = self._writer
        if writer is None or writer.lost is not None:
            if isinstance(message, WriteAhead | Flush):
                raise RecordsLost(str(writer.lost) if writer else "The records are not open.")
            return
        try:
            self._take(message, writer)
        except RecordsLost as lost:
            self._tell_lost(lost)
            if isinstance(message, WriteAhead | Flush):
                raise

    def _take(self, message: Told, writer: Writer) -> None:
        match message:
            case Keep():
                self._recorder.keep(message)
            case UnitClosed(number=number, pieces=pieces):
                self._recorder.close_unit(number, pieces, is_idle=self.is_idle)
            case WriteAhead():
                self._orders.check_new(message.orders)
                self._orders.write_ahead(message)
                self._recorder.write_ahead(message)
            case (
                SignalRaised() | OrderDenied() | OrderPlaced() | OrderRefused() | OrderAmended()
                | OrderCancelled() | OrderFilled() | OrderLost()
            ):  # fmt: skip
                self._orders.note(message)
            case EquitySampled(at=at, equity=equity):
                self._recorder.need(Lacks.END)
                self._orders.reach(at)
                books, tail = self._books, (self._mode.value, self._book)
                row = (millis(at), text(equity), books.trades, books.wins, text(books.profit), *tail)
                self._recorder.open.put(writer.sql.metric, millis(at), row)
            case FeedEnded(number=number):
                self._recorder.end(number)
            case Flush():
                self._recorder.settle()
            case (
                HaltTripped() | HaltProgressed() | Rearmed() | StateChanged() | StageFailed()
                | StageRestarted() | AlertRaised()
            ):  # fmt: skip
                self._safety.note(message)
            case _:
                assert_never(message)
        if self._recorder.has_ended:
            self._recorder.told(is_idle=self.is_idle)

    def finish(self) -> None:
        writer = self._writer
        if writer is None:
            return
        try:
            if writer.lost is None:
                if not self._recorder.close():
                    log.info("event cut off, it comes again", number=self._recorder.drained + 1)
                writer.end_session()
        finally:
            writer.close()

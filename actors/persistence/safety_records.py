"""Facts about the safety and health of Belay as rows: events, audit, alerts; persistence's thread."""

from __future__ import annotations

from datetime import datetime

from actors.persistence.recorder import Recorder
from actors.persistence.writer import Writer
from core.clock import millis
from core.messages import (
    AlertRaised,
    HaltProgressed,
    HaltTripped,
    Rearmed,
    Severity,
    StageFailed,
    StageRestarted,
    StateChanged,
)

SafetyNote = (
    HaltTripped | HaltProgressed | Rearmed | StateChanged | StageFailed | StageRestarted | AlertRaised
)  # fmt: skip


class SafetyRecords:
    """These rows belong to no unit: the grave ones go to disk at once, with nothing of an unfinished unit."""

    def __init__(self, writer: Writer, recorder: Recorder) -> None:
        self._writer, self._recorder = writer, recorder

    def note(self, fact: SafetyNote) -> None:
        """One fact, as rows."""
        match fact:
            case HaltTripped(record=record):
                self._event("halt tripped", record.reason, at_once=False)
                self._audit(self._writer.now(), record.cause, "halt tripped", record.reason, at_once=True)
            case HaltProgressed(evidence=evidence):
                self._event("halt progressed", evidence.step.value, evidence.as_json(), at_once=True)
            case Rearmed(at=at):
                self._audit(at, "person", "re-armed", "", at_once=True)
            case StateChanged(state=state, cause=cause, at=at):
                self._audit(at, "belay", f"state {state.value}", cause, at_once=True)
            case StageFailed(stage=stage, why=why):
                self._event("stage failed", f"{stage}: {why}", at_once=True)
            case StageRestarted(stage=stage):
                self._event("stage restarted", stage, at_once=True)
            case AlertRaised(at=at, severity=severity, kind=kind, text=sentence, mode=mode):
                row = (millis(at), severity.value, kind, sentence, mode.value, self._writer.book)
                self._recorder.loose(self._writer.sql.alert, row, at_once=severity is Severity.CRITICAL)

    def _event(self, kind: str, sentence: str, detail: str = "", *, at_once: bool) -> None:
        mode, book = self._writer.mode.value, self._writer.book
        row = (kind, sentence, detail, mode, book, self._writer.written_at())
        self._recorder.loose(self._writer.sql.event, row, at_once=at_once)

    def _audit(self, at: datetime, who: str, what: str, detail: str, *, at_once: bool) -> None:
        row = (millis(at), who, what, detail, self._writer.mode.value, self._writer.book)
        self._recorder.loose(self._writer.sql.audit, row, at_once=at_once)

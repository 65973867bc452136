"""The kill latch: in memory and on disk, outside every queue, read immediately before each send.

The file may be written by any process; whatever it holds, readable or not, its presence means halted.  Trip and
re-arm may come from any thread.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
import time
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from core.errors import Refused

REARM_PHRASE = "let belay trade again"
LATCH_FILE = "halt.json"
REARM_FILE = "rearm.note"
NOT_SENT = "Belay is halted: the order was not sent."
"""Why an order is over that the latch stopped; the halt's evidence lists such orders by it."""
WRITING = 0.5
"""Seconds that the record may take to follow the empty file."""


@dataclass(frozen=True, slots=True)
class HaltRecord:
    """Who stopped Belay, when (ISO 8601 UTC) and why.

    ``stops`` is ``keep`` or ``cancel`` where this kill says what becomes of protective stops, else empty: the
    settings say it.
    """

    at: str
    cause: str
    reason: str
    stops: str = ""


class HaltStep(StrEnum):
    """How far the kill switch has proved itself."""

    TRIPPED = "tripped"
    CANCELLING = "cancelling"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelLine:
    """One order that the kill switch met: what the venue answered and what two reads showed.

    ``read_1`` and ``read_2`` are ``gone``, ``open`` or ``kept`` (a protective stop that stays), empty before the read.
    """

    client_order_id: str
    symbol: str
    side: str
    slot: str
    price: str
    quantity: str
    sent_at: str
    answer_ms: float | None
    read_1: str = ""
    read_2: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaltEvidence:
    """The proof of one kill; times ISO 8601 UTC with milliseconds, empty where not reached."""

    record: HaltRecord
    step: HaltStep
    latch_ms: float
    cancel_from: str = ""
    cancel_to: str = ""
    read_1_at: str = ""
    read_2_at: str = ""
    read_1_open: int | None = None
    read_2_open: int | None = None
    tries: int = 0
    lines: tuple[CancelLine, ...] = ()
    not_sent: tuple[str, ...] = ()
    holdings: tuple[str, ...] = field(default=())

    def proves(self, record: HaltRecord | None) -> bool:
        """Whether this is the proof, verified, of that halt and not of an older one."""
        return self.step is HaltStep.VERIFIED and self.record == record

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)

    @classmethod
    def from_json(cls, text: str) -> HaltEvidence:
        raw = json.loads(text)
        raw["record"] = HaltRecord(**raw["record"])
        raw["step"] = HaltStep(raw["step"])
        raw["lines"] = tuple(CancelLine(**line) for line in raw["lines"])
        raw["not_sent"], raw["holdings"] = tuple(raw["not_sent"]), tuple(raw["holdings"])
        return cls(**raw)


class Latch:
    """Set once, read before each send, lifted only by the typed phrase.

    Without a folder it lives in memory only (backtests and tests).
    """

    def __init__(self, home: Path | None) -> None:
        self.path = home / LATCH_FILE if home is not None else None
        self._set = threading.Event()
        self._lock = threading.Lock()
        self._record: HaltRecord | None = None
        self._is_mine = False
        """This process made the file and has yet to write the record into it."""
        self.took_ms = 0.0
        """How long setting the latch took in this process, from the call to the moment when the gate sees it."""

    def is_set(self) -> bool:
        """Memory first, then the file: true if either says halted."""
        return self._set.is_set() or (self.path is not None and os.path.lexists(self.path))

    def wait(self, seconds: float) -> bool:
        """Sleep until this process trips the latch, at most ``seconds``; then the whole answer of ``is_set``."""
        self._set.wait(seconds)
        return self.is_set()

    def shut(self) -> None:
        """Halted from here on, for every process; ``trip`` then says who, when and why.  Never raises.

        Whoever takes the time after this call knows that no order is approved later.  Memory first, so a full
        or broken disk cannot delay it; then the presence of the file.
        """
        start = perf_counter()
        self._set.set()
        if self.took_ms == 0.0:
            self.took_ms = (perf_counter() - start) * 1000
        if self.path is None:
            return
        with self._lock:  # so that no other thread takes the empty file for a broken one
            try:
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
                self._is_mine = True
            except OSError:
                pass  # another process was quicker; or the disk takes nothing, which ``trip`` tells

    def trip(self, cause: str, reason: str, at: datetime, *, stops: str = "") -> HaltRecord:
        """Halt now; the first record stays.

        Never raises: what kept the file from being written is in the record's reason.
        """
        self.shut()
        with self._lock:
            self._set.set()  # again: a re-arm that had the lock until now has cleared it
            self.forget_rearm()
            known = None if self._is_mine else self.read()
            record = known or HaltRecord(at.isoformat(timespec="milliseconds"), cause, reason, stops)
            if known is None:
                record = self._written(record)
            self._is_mine = False
            self._record = record
            return record

    def adopt(self) -> None:
        """Another process tripped the file: halted here too, even if the file goes."""
        with self._lock:
            if not self._set.is_set():
                self._record = self.read()
                self._set.set()

    def _written(self, record: HaltRecord) -> HaltRecord:
        """The record on disk, atomically; a second process may have been quicker, then its record stays."""
        if self.path is None:
            return record
        fresh = self.path.with_name(f"{self.path.name}.{secrets.token_hex(4)}")
        try:
            with fresh.open("w", encoding="utf-8") as file:
                json.dump(asdict(record), file)
                file.flush()
                os.fsync(file.fileno())
            fresh.replace(self.path)
        except OSError as error:
            try:
                fresh.unlink(missing_ok=True)
            except OSError:
                pass  # it is empty and harms nobody
            reason = f"{record.reason.rstrip('.')}; the halt file could not be written ({error.strerror})."
            return replace(record, reason=reason)
        return record

    def read(self) -> HaltRecord | None:
        """The record of the halt, or None when not halted; an unreadable file is a halt with that reason.

        Where the disk took no record, or somebody spoilt it since, this process still knows its own.
        """
        if self.path is None or not os.path.lexists(self.path):
            return self._record if self._set.is_set() else None
        try:
            return HaltRecord(**json.loads(self._text(self.path)))
        except (OSError, ValueError, TypeError, RecursionError):
            unknown = HaltRecord("", "unknown", "the halt file cannot be read, which counts as halted")
            return (self._record if self._set.is_set() else None) or unknown

    def _text(self, path: Path) -> str:
        """What the file holds; one that another process has made just now is given time to be written."""
        deadline = perf_counter() + WRITING
        while True:
            text = path.read_text(encoding="utf-8")
            if text or self._record is not None or perf_counter() > deadline:
                return text
            if time.time() - path.stat().st_mtime > WRITING:
                return text
            time.sleep(0.001)

    def rearm(self, phrase: str) -> None:
        """Lift the latch; ``Refused`` unless ``phrase`` is exactly the sentence."""
        if phrase.strip() != REARM_PHRASE:
            raise Refused(f'Not re-armed: type the sentence "{REARM_PHRASE}" exactly.')
        with self._lock:
            if self.path is not None:
                self.path.unlink(missing_ok=True)
            self._forget()

    # A re-arm from another process leaves a note, because a halt file that merely vanished must not re-arm.  The
    # note names the halt that it lifts, so that one left behind never lifts a later one.

    def ask_rearm(self, phrase: str) -> None:
        """For the process that runs the bot: lift the latch there too.  ``Refused`` for a wrong phrase."""
        record = self.read()
        self.rearm(phrase)
        note = self._note()
        if note is not None and record is not None:
            fresh = note.with_name(f"{note.name}.{secrets.token_hex(4)}")
            fresh.write_text(json.dumps([phrase.strip(), asdict(record)]), encoding="utf-8")
            fresh.replace(note)

    def heed_rearm(self) -> bool:
        """Take a note left by ``ask_rearm``; true if it lifted the latch of this process.

        The file is not touched: if there is one again, somebody has halted Belay since.
        """
        note = self._note()
        if note is None or not note.exists():
            return False
        try:
            phrase, halt = json.loads(note.read_text(encoding="utf-8"))
            lifts = phrase == REARM_PHRASE and HaltRecord(**halt) == self._record
        except (OSError, ValueError, TypeError, RecursionError):
            lifts = False
        self.forget_rearm()
        if lifts:
            with self._lock:
                self._forget()
        return lifts

    def forget_rearm(self) -> None:
        """A note that is there now is about an older halt."""
        note = self._note()
        if note is not None:
            try:
                note.unlink(missing_ok=True)
            except OSError:
                pass  # it names its halt, so it harms nobody

    def _note(self) -> Path | None:
        return self.path.with_name(REARM_FILE) if self.path is not None else None

    def _forget(self) -> None:
        self._record, self._is_mine = None, False
        self.took_ms = 0.0
        self._set.clear()

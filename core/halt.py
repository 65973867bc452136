"""The kill latch: in memory and on disk, outside every queue, read immediately before each send.

The file may be written by any process; whatever it holds, readable or not, its presence means halted.  Trip and
re-arm may come from any thread.
"""

from __future__ import annotations

import json
import os
import secrets
import threading
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from core.errors import Refused

REARM_PHRASE = "let belay trade again"
LATCH_FILE = "halt.json"
REARM_FILE = "rearm.note"


@dataclass(frozen=True, slots=True)
class HaltRecord:
    """Who stopped Belay, when (ISO 8601 UTC) and why."""

    at: str
    cause: str
    reason: str


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
        self.took_ms = 0.0
        """How long setting the latch took in this process, from the call to the moment when the gate sees it."""

    def is_set(self) -> bool:
        """Memory first, then the file: true if either says halted."""
        return self._set.is_set() or (self.path is not None and os.path.lexists(self.path))

    def wait(self, seconds: float) -> bool:
        """Sleep until this process trips the latch, at most ``seconds``; then the whole answer of ``is_set``."""
        self._set.wait(seconds)
        return self.is_set()

    def trip(self, cause: str, reason: str, at: datetime) -> HaltRecord:
        """Halt now.  Memory first, so a full or broken disk cannot delay it; the first record stays.

        Never raises: what kept the file from being written is in the record's reason.
        """
        start = perf_counter()
        self._set.set()
        if self.took_ms == 0.0:
            self.took_ms = (perf_counter() - start) * 1000
        with self._lock:
            known = self.read()
            record = known or HaltRecord(at.isoformat(timespec="milliseconds"), cause, reason)
            if known is None:
                record = self._written(record)
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
            return replace(record, reason=f"{record.reason} (halted in memory only: {error.strerror})")
        return record

    def read(self) -> HaltRecord | None:
        """The record of the halt, or None when not halted; an unreadable file is a halt with that reason."""
        if self.path is None or not os.path.lexists(self.path):
            return self._record if self._set.is_set() else None
        try:
            return HaltRecord(**json.loads(self.path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return HaltRecord("", "unknown", "the halt file cannot be read, which counts as halted")

    def rearm(self, phrase: str) -> None:
        """Lift the latch; ``Refused`` unless ``phrase`` is exactly the sentence."""
        if phrase.strip() != REARM_PHRASE:
            raise Refused(f'Not re-armed: type the sentence "{REARM_PHRASE}" exactly.')
        with self._lock:
            if self.path is not None:
                self.path.unlink(missing_ok=True)
            self._record = None
            self.took_ms = 0.0
            self._set.clear()

    # A re-arm from another process leaves a note, because a halt file that merely vanished must not re-arm.

    def ask_rearm(self, phrase: str) -> None:
        """For the process that runs the bot: lift the latch there too.  ``Refused`` for a wrong phrase."""
        self.rearm(phrase)
        if self.path is not None:
            self.path.with_name(REARM_FILE).write_text(phrase.strip(), encoding="utf-8")

    def heed_rearm(self) -> bool:
        """Take a note left by ``ask_rearm``; true if it lifted the latch."""
        note = self.path.with_name(REARM_FILE) if self.path is not None else None
        if note is None or not note.exists():
            return False
        phrase = note.read_text(encoding="utf-8")
        note.unlink(missing_ok=True)
        if phrase != REARM_PHRASE:
            return False
        self.rearm(phrase)
        return True

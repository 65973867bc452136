"""The log: structlog over the standard library's logging, one JSON object per line; any thread.

Secrets are taken out at the sink, so no caller can forget to; a disk that takes no line never raises.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import structlog

from actors.line_file import LineFile
from actors.log_reading import LOG_FILE, iterate_log, read_log
from actors.redaction import Redactor
from core.modes import Mode

__all__ = ["Journal", "iterate_log", "open_journal", "read_log"]

_OWN = frozenset({"event", "level", "logger", "timestamp"})


class Journal:
    """The open log of this process.  ``mode`` stands on every line (B15); ``redactor.hide`` adds a secret."""

    def __init__(self, home: Path, mode: Mode, redactor: Redactor, verbose: TextIO | None) -> None:
        self.mode, self.redactor = mode, redactor
        self.file = LineFile(home / LOG_FILE)
        self._handlers: list[logging.Handler] = [_FileHandler(self)]
        if verbose is not None:
            self._handlers.append(_PeopleHandler(self, verbose))

    @property
    def dropped(self) -> int:
        """Lines that the disk did not take."""
        return self.file.dropped

    def install(self, level: int) -> None:
        root = logging.getLogger()
        root.setLevel(level)
        for handler in self._handlers:
            root.addHandler(handler)

    def close(self) -> None:
        """Take the handlers away and close the file; structlog goes back to what it was."""
        for handler in self._handlers:
            logging.getLogger().removeHandler(handler)
        structlog.reset_defaults()
        self.file.close()

    def event(self, record: logging.LogRecord) -> dict[str, Any]:
        """A record as the line's fields, in their order, without secrets."""
        given = record.msg if isinstance(record.msg, dict) else {"event": record.getMessage()}
        fields = {str(key): value for key, value in given.items() if key not in _OWN}
        if record.exc_info and "exception" not in fields:
            fields["exception"] = logging.Formatter().formatException(record.exc_info)
        head = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "mode": str(self.mode),
            "source": record.name,
            "text": self.redactor.text(str(given.get("event", ""))),
        }
        cleaned: dict[str, Any] = self.redactor.clean(fields)
        return {**head, **{f"{key}_" if key in head else key: value for key, value in cleaned.items()}}


def open_journal(
    home: Path,
    mode: Mode,
    *,
    secrets: tuple[str, ...] = (),
    verbose: bool = False,
    stream: TextIO | None = None,
) -> Journal:
    """Start logging to ``home/logs/belay.jsonl``; with ``verbose`` also for people on ``stream`` (stderr)."""
    people = (stream or sys.stderr) if verbose else None
    journal = Journal(home, mode, Redactor(*secrets), people)
    journal.install(logging.DEBUG if verbose else logging.INFO)
    structlog.configure(
        processors=[structlog.processors.format_exc_info, _hand_over],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG if verbose else logging.INFO),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,  # loggers are made at import, before this is known
    )
    for noisy in ("asyncio", "peewee", "numba", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    return journal


def _hand_over(logger: Any, method: str, event: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """structlog's last step: give the whole event to the standard library."""
    return (dict(event),), {}


class _FileHandler(logging.Handler):
    """One JSON object per line; the file counts what it cannot write."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        self._journal.file.append(json.dumps(self._journal.event(record), ensure_ascii=False))


class _PeopleHandler(logging.Handler):
    """Time, level, source and text for a terminal."""

    def __init__(self, journal: Journal, stream: TextIO) -> None:
        super().__init__()
        self._journal, self._stream = journal, stream

    def emit(self, record: logging.LogRecord) -> None:
        event = self._journal.event(record)
        at, level, mode, source, text = (
            event.pop(name) for name in ("at", "level", "mode", "source", "text")
        )
        rest = " ".join(f"{key}={value}" for key, value in event.items())
        try:
            print(at[11:23], mode, level, f"{source}: {text}", rest, file=self._stream)
        except (OSError, ValueError):  # the terminal is gone; the file has the line
            return

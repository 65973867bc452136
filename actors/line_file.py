"""An append-only file of lines, rotated by size; any thread.  A full disk loses lines and never raises.

Several processes may append to it (the bot, and a ``main.py kill`` beside it): each line is one write.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

ROTATE_BYTES = 10_000_000
KEPT_FILES = 10
"""Files in all: the one written and nine before it."""


class LineFile:
    """``append`` is thread-safe; ``dropped`` counts the lines that the disk did not take."""

    def __init__(self, path: Path, rotate_bytes: int = ROTATE_BYTES, kept: int = KEPT_FILES) -> None:
        self.path, self.dropped = path, 0
        self._rotate_bytes, self._kept = rotate_bytes, kept
        self._lock = threading.Lock()
        self._file: int | None = None
        self._is_torn = False

    def append(self, line: str) -> bool:
        """Write one line; False (and counted) where the disk does not take it."""
        data = line.encode("utf-8", "replace") + b"\n"
        with self._lock:
            try:
                file = self._opened()
                whole = b"\n" + data if self._is_torn else data
                written = os.write(file, whole)
                self._is_torn = 0 < written < len(whole)
                done = written == len(whole)
            except OSError:
                done = False
            self.dropped += not done
            return done

    def close(self) -> None:
        with self._lock:
            self._release()

    def _opened(self) -> int:
        """The open file, rotated when full, and opened anew when another process has rotated it away."""
        if self._file is not None:
            mine = os.fstat(self._file)
            try:
                there = self.path.stat()
                is_same = (there.st_ino, there.st_dev) == (mine.st_ino, mine.st_dev)
            except FileNotFoundError:
                is_same = False
            if is_same and mine.st_size < self._rotate_bytes:
                return self._file
            self._release()
            if is_same:
                self._rotate()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._file = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | _BINARY, 0o600)
        return self._file

    def _rotate(self) -> None:
        for number in range(self._kept - 1, 0, -1):
            older = numbered(self.path, number - 1)
            try:
                older.replace(numbered(self.path, number))
            except OSError:  # not there, or held open by another process on Windows: it grows a little longer
                continue

    def _release(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None


_BINARY = getattr(os, "O_BINARY", 0)


def numbered(path: Path, number: int) -> Path:
    """The ``number``-th older file behind ``path``; 0 is the one being written."""
    return path.with_name(f"{path.name}.{number}") if number else path

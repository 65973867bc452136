"""One Belay per home: an operating system lock that goes with the process, however it ends; main thread."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import IO

import portalocker

from core.errors import BelayError

LOCK_FILE = "belay.lock"


class AlreadyRunning(BelayError):
    """Another Belay works in this home."""


class HomeLock:
    """Hold it as long as the pipeline runs."""

    def __init__(self, home: Path) -> None:
        self._path = home / LOCK_FILE
        self._file: IO[str] | None = None

    def take(self) -> None:
        """``AlreadyRunning`` with the owner's process number when another process has it."""
        try:
            self._file = self._path.open("a+", encoding="utf-8")
        except OSError as error:
            raise BelayError(
                f"The home folder {self._path.parent} cannot be written: {error.strerror}."
            ) from error
        try:
            portalocker.lock(self._file, portalocker.LOCK_EX | portalocker.LOCK_NB)
        except portalocker.LockException:
            self._file.seek(0)
            owner = self._file.read().strip() or "unknown"
            self._file.close()
            self._file = None
            raise AlreadyRunning(
                f"Belay already runs in {self._path.parent} (process {owner}). Stop it first, or use another --home."
            ) from None
        with contextlib.suppress(
            OSError
        ):  # the number is a help for people; a full disk must not stop the lock
            self._file.truncate(0)
            self._file.write(str(os.getpid()))
            self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.truncate(0)
            portalocker.unlock(self._file)
            self._file.close()
            self._file = None


def is_running(home: Path) -> bool:
    """Whether a Belay holds the lock of ``home`` now."""
    if not (home / LOCK_FILE).exists():
        return False
    lock = HomeLock(home)
    try:
        lock.take()
    except AlreadyRunning:
        return True
    lock.release()
    return False

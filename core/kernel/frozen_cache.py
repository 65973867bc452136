"""Numba's cache locator for a frozen build: a fixed folder, stamped with the executable's time and size."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from numba.core.caching import UserWideCacheLocator


class FrozenCacheLocator(UserWideCacheLocator):
    """Numba's own locators want the source file, or a path that depends on the working folder."""

    def __init__(self, py_func: object, py_file: str) -> None:
        super().__init__(py_func, py_file)  # type: ignore[no-untyped-call]
        self._cache_path = str(Path(os.environ["NUMBA_CACHE_DIR"]) / py_func.__module__)

    def get_source_stamp(self) -> tuple[int, int]:
        stat = Path(sys.executable).stat()
        return stat.st_mtime_ns, stat.st_size

"""Where Numba keeps machine code: one folder per version of the compiled sources, so none is ever stale.

Numba's own check looks at a function's file only, not at the files of what it calls (an inlined rule that changed
would live on in its callers); and in a frozen build it looks for sources that are not there.  Both end here.
"""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

SOURCES = ("kernel", "strategies", "risk")


def source_stamp() -> str:
    """Twelve characters that change with any compiled source, the interpreter or, frozen, the executable."""
    digest = hashlib.blake2b(f"{sys.version} ".encode(), digest_size=6)
    if getattr(sys, "frozen", False):
        stat = Path(sys.executable).stat()
        digest.update(f"{stat.st_mtime_ns} {stat.st_size}".encode())
        return digest.hexdigest()
    core = Path(__file__).resolve().parent.parent
    for folder in SOURCES:
        for path in sorted((core / folder).glob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def user_cache() -> Path:
    """The platform's folder for what can be made again."""
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home()) / "Belay"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "Belay"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "Belay"


def choose_cache_folder() -> None:
    """Set ``NUMBA_CACHE_DIR`` for this process and its children, unless someone has already chosen."""
    if "NUMBA_CACHE_DIR" not in os.environ:
        os.environ["NUMBA_CACHE_DIR"] = str(user_cache() / "numba" / source_stamp())
    if getattr(sys, "frozen", False):
        os.environ["NUMBA_CACHE_LOCATOR_CLASSES"] = "core.kernel.frozen_cache.FrozenCacheLocator"

"""The kernels' machine code on disk before anything trades: compiled once, in a process of its own; any thread."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from core.errors import BelayError
from core.kernel.cache import choose_cache_folder

READY_FILE = "ready"
LONGEST = 600.0
"""Seconds: the compiler needs about half a minute on a slow machine."""


def ready_file() -> Path:
    """Present once ``warm`` has compiled everything for these sources."""
    choose_cache_folder()
    return Path(os.environ["NUMBA_CACHE_DIR"]) / READY_FILE


def ensure_warm(say: Callable[[str], object]) -> bool:
    """Compile in a child process unless that has been done, then False; ``BelayError`` when the child fails."""
    if ready_file().exists():
        return False
    say("Preparing the engine; this happens once and takes up to a minute.")
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, str(_main_file())]
    done = subprocess.run([*program, "warm"], capture_output=True, text=True, timeout=LONGEST, check=False)
    if done.returncode != 0:
        raise BelayError(f"The engine cannot be prepared: {(done.stderr or done.stdout).strip()[-300:]}")
    return True


def _main_file() -> Path:
    return Path(__file__).resolve().parent.parent / "main.py"

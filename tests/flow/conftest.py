"""Belay's command line for the flow tests: in a process of its own, and in this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import main as front

ROOT = Path(__file__).resolve().parents[2]
NO_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS", "ALLOW_LIVE")


@pytest.fixture
def belay(home: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Starts ``main.py`` in a process of its own, without a display."""
    plain = {key: value for key, value in os.environ.items() if key not in NO_DISPLAY}

    def start(*words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "main.py", *words],
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            env={**plain, "BELAY_HOME": str(home), **environment},
            check=False,
        )

    return start


@pytest.fixture
def said(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    """Runs ``main`` in this process: exit code, stdout and stderr."""
    for name in NO_DISPLAY:
        monkeypatch.delenv(name, raising=False)

    def run(*words: str) -> tuple[int, str, str]:
        code = front.main(words)
        out, err = capsys.readouterr()
        return code, out, err

    return run

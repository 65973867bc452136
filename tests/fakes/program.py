"""Belay as a program of its own: started on a home, waited for, stopped, and its records read afterwards."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Protocol

ROOT = Path(__file__).resolve().parents[2]
NO_DISPLAY = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DBUS_SESSION_BUS_ADDRESS", "ALLOW_LIVE")
BOTH = ("ema_cross", "grid")
PHRASE = "let belay trade again"
Started = subprocess.Popen[str]
Done = subprocess.CompletedProcess[str]


class Running(Protocol):
    """A process that was started, in whatever way."""

    @property
    def returncode(self) -> Any: ...

    def poll(self) -> int | None: ...

    def communicate(self) -> tuple[str, str]: ...


def environment(**more: str) -> dict[str, str]:
    return {**{key: value for key, value in os.environ.items() if key not in NO_DISPLAY}, **more}


def command(home: Path, *words: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), "--home", str(home), "--json", *words]


def call(home: Path, *words: str, typed: str = "", timeout: float = 60) -> Done:
    """One command to its end."""
    return subprocess.run(
        command(home, *words), input=typed, capture_output=True, text=True, timeout=timeout, check=False,
        env=environment(),
    )  # fmt: skip


def start(home: Path, *words: str, **more: Any) -> Started:
    """One command that goes on; end it with ``communicate`` after whatever stops it."""
    return subprocess.Popen(
        command(home, *words),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(),
        **more,
    )


def replay(
    *files: Path, symbols: str = "BTC/USDT", strategies: Sequence[str] = BOTH, until_end: bool = True
) -> list[str]:
    """The words of a run at full speed."""
    names = [word for name in strategies for word in ("--strategy", name)]
    venue = f"replay:{','.join(map(str, files))}"
    words = ["run", "--headless", "--venue", venue, "--symbols", symbols, *names, "--speed", "max"]
    return [*words, "--until-end"] if until_end else words


def wait_for(holds: Callable[[], object], process: Running | None = None, seconds: float = 30) -> None:
    """Until ``holds`` does: across processes there is nothing else to wait on."""
    deadline = time.monotonic() + seconds
    while not holds():
        if process is not None and process.poll() is not None:
            raise AssertionError(f"it ended with {process.returncode}: {process.communicate()}")
        assert time.monotonic() < deadline, "it did not come to pass in time"
        time.sleep(0.002)


def trades_in(home: Path, fills: int = 1) -> Callable[[], bool]:
    """Whether the records of ``home`` hold so many fills."""
    return lambda: (home / "belay.db").exists() and len(_fills(home)) >= fills


def _fills(home: Path) -> list[tuple[Any, ...]]:
    try:
        return rows(home, "SELECT id FROM fills")
    except sqlite3.OperationalError:  # the tables are being made
        return []


def rows(home: Path, question: str, *values: object) -> list[tuple[Any, ...]]:
    """The answer of the database, read by SQLite itself."""
    with closing(sqlite3.connect(f"file:{home / 'belay.db'}?mode=ro", uri=True)) as database:
        return database.execute(question, values).fetchall()


def summary(out: str) -> dict[str, Any]:
    """The last line of a run."""
    event: dict[str, Any] = json.loads(out.splitlines()[-1])
    assert event["event"] == "summary"
    return event


def events(out: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.splitlines()]

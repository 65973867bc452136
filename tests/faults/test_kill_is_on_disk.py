"""What the kill switch calls verified is in the records, also when the bot then ends by kill -9."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.made_candles import write_candles

ROOT = Path(__file__).parents[2]
WORKING = "('intent', 'open', 'part-filled', 'cancelling', 'unknown')"


def belay(home: Path, *words: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), "--home", str(home), "--json", *words]


def working(home: Path) -> list[tuple[str, str]]:
    with sqlite3.connect(f"file:{home / 'belay.db'}?mode=ro", uri=True) as database:
        return database.execute(f"SELECT status, role FROM orders WHERE status IN {WORKING}").fetchall()


@pytest.mark.parametrize("after", [1_000, 4_000, 9_000])
def test_a_verified_kill_survives_kill_nine(tmp_path: Path, after: int) -> None:
    home, candles = tmp_path / "home", write_candles(tmp_path / "candles.csv", 60_000)
    words = ("--venue", f"replay:{candles}", "--symbols", "BTC/USDT", "--strategy", "grid", "--speed", "max")
    bot = subprocess.Popen(
        belay(home, "run", "--headless", *words), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        while bot.poll() is None and events(home) < after:
            pass  # the bot works in another process: its records are all there is to look at
        killed = subprocess.run(belay(home, "kill"), capture_output=True, text=True, check=False)
        assert killed.returncode == 0, killed.stderr
        assert json.loads(killed.stdout)["step"] == "verified"
    finally:
        bot.send_signal(signal.SIGKILL)
        bot.communicate()
    assert {role for _, role in working(home)} <= {"protective"}


def events(home: Path) -> int:
    """The last event in the records, 0 before there are any."""
    if not (home / "belay.db").exists():
        return 0
    try:
        with sqlite3.connect(f"file:{home / 'belay.db'}?mode=ro", uri=True) as database:
            row = database.execute("SELECT number FROM books").fetchone()
    except sqlite3.OperationalError:
        return 0
    return int(row[0]) if row else 0

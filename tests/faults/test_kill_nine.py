"""kill -9 at random moments of a replay: the next start goes on, and in the end nothing differs."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.fakes.made_candles import write_candles

ROOT = Path(__file__).parents[2]
KILLS = 50
SEED = 20_261_120


def command(home: Path, *more: str) -> list[str]:
    return [sys.executable, str(ROOT / "main.py"), "--home", str(home), *more]


def replay(home: Path, candles: Path) -> list[str]:
    return command(
        home, "--json", "run", "--headless", "--venue", f"replay:{candles}", "--symbols", "BTC/USDT",
        "--strategy", "ema_cross", "--strategy", "grid", "--speed", "max", "--until-end",
    )  # fmt: skip


def export(home: Path, what: str) -> str:
    out = home / f"{what}.csv"
    subprocess.run(command(home, "export", what, "--out", str(out)), check=True, capture_output=True)
    return out.read_text()


def has_begun(home: Path, process: subprocess.Popen[str]) -> bool:
    """The bot took the home (its status file is there) or has ended."""
    return (home / "status.json").exists() or process.poll() is not None


@pytest.mark.timeout(500)
def test_fifty_kills_change_nothing(tmp_path: Path) -> None:
    candles = write_candles(tmp_path / "candles.csv", 60_000)
    calm, rough = tmp_path / "calm", tmp_path / "rough"
    whole = subprocess.run(replay(calm, candles), capture_output=True, text=True, check=True)
    dice = random.Random(SEED)
    killed = 0
    while killed < KILLS:
        (rough / "status.json").unlink(missing_ok=True)
        process = subprocess.Popen(
            replay(rough, candles), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        while not has_begun(rough, process):
            time.sleep(
                0.002
            )  # the moment of the kill counts from here; there is nothing to wait on across processes
        time.sleep(dice.uniform(0.0, 0.12))
        if process.poll() is not None:
            break
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += 1
    rest = subprocess.run(replay(rough, candles), capture_output=True, text=True, check=True)
    assert killed == KILLS, f"the replay ended after {killed} kills: {process.communicate()} (seed {SEED})"
    assert rest.stdout.splitlines()[-1] == whole.stdout.splitlines()[-1]
    for what in ("orders", "fills", "trades", "ledger"):
        assert export(rough, what) == export(calm, what), f"{what} differ (seed {SEED})"

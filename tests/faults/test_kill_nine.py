"""kill -9 at random moments of a replay: the next start goes on, and in the end nothing differs."""

from __future__ import annotations

import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from tests.fakes.forked import Forker
from tests.fakes.made_candles import write_candles
from tests.fakes.program import call, replay, summary, wait_for

FEW, MANY = 5, 25
"""Kills in each of the two homes, in every run and in ``make test-long``: there they are the fifty moments."""
SEEDS = (20_261_120, 20_261_121)
CANDLES = {FEW: 8_000, MANY: 30_000}


def export(home: Path, what: str) -> str:
    out = home / f"{what}.csv"
    assert call(home, "export", what, "--out", str(out)).returncode == 0
    return out.read_text()


def live_and_die(home: Path, candles: Path, seed: int, kills: int) -> dict[str, object]:
    """Kill the replay so many times, let it end; its summary."""
    dice = random.Random(seed)
    print(f"seed {seed}")
    with closing(Forker()) as forker:
        for life in range(kills):
            (home / "status.json").unlink(missing_ok=True)
            process = forker.start(home, *replay(candles))
            wait_for((home / "status.json").exists, process)  # the pipeline is up: now a moment by chance
            time.sleep(dice.uniform(0.0, 0.12))
            process.kill()
            process.communicate()
            assert process.returncode == -9, f"it ended before kill {life + 1} (seed {seed}): more candles!"
        rest = forker.call(home, *replay(candles))
    assert rest.returncode == 0, rest.stderr
    return summary(rest.stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
@pytest.mark.timeout(500)
@pytest.mark.parametrize("kills", [FEW, pytest.param(MANY, marks=pytest.mark.long)])
def test_kills_change_nothing(tmp_path: Path, kills: int) -> None:
    candles = write_candles(tmp_path / "candles.csv", CANDLES[kills])
    calm = tmp_path / "calm"
    whole = call(calm, *replay(candles))
    assert summary(whole.stdout)["fills"] > kills * 4
    rough = [tmp_path / f"rough {seed}" for seed in SEEDS]
    with ThreadPoolExecutor(len(SEEDS)) as pool:
        ends = list(pool.map(live_and_die, rough, [candles] * len(SEEDS), SEEDS, [kills] * len(SEEDS)))
    expected = {what: export(calm, what) for what in ("orders", "fills", "trades", "ledger")}
    for home, end, seed in zip(rough, ends, SEEDS, strict=True):
        assert end == summary(whole.stdout), f"seed {seed}"
        for what, text in expected.items():
            assert export(home, what) == text, f"{what} differ (seed {seed})"

"""A simulated day of many markets through the live source: no candle lost, memory, threads and descriptors steady."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.fakes.program import ROOT

MOST_GROWTH = 0.05
READ = """
import json, sys
from tests.fakes.live_feed_bench import measure
print(json.dumps(measure(*map(int, sys.argv[1:]))))
"""


def day(markets: int, minutes: int, per_second: float) -> dict[str, float]:
    """Venue and reader in processes of their own."""
    given = [str(markets), str(minutes), str(per_second)]
    venue = subprocess.Popen(
        [sys.executable, "-m", "tests.venue.stream_only", *given], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert venue.stdout is not None
        port = venue.stdout.readline().strip()
        reader = subprocess.run(
            [sys.executable, "-c", READ, port, *given[:2]], cwd=ROOT, capture_output=True, text=True, timeout=600,
            check=False,
        )  # fmt: skip
        assert reader.returncode == 0, reader.stderr[-2000:]
        found: dict[str, float] = json.loads(reader.stdout.splitlines()[-1])
        return found
    finally:
        venue.kill()
        venue.communicate()


def check(found: dict[str, float], candles: int) -> None:
    print(f"\n{json.dumps({key: round(value, 3) for key, value in found.items()})}")
    assert found["candles"] == candles
    assert found["growth"] < MOST_GROWTH
    assert found["threads"] <= 0
    assert found["descriptors"] <= 2  # a request may be under way


def test_some_hours_of_ten_markets() -> None:
    check(day(10, 300, 0), 3_000)


@pytest.mark.bench
@pytest.mark.timeout(700)
@pytest.mark.parametrize("per_second", [0, 60], ids=["as fast as it goes", "60 candles a second and market"])
def test_a_day_of_fifty_markets(per_second: float) -> None:
    found = day(50, 1_440, per_second)
    check(found, 72_000)
    print(f"{found['candles'] / found['requests']:,.0f} candles for each request")

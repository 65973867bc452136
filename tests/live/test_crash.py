"""kill -9 of a live Belay at random instants and at named places: nothing is lost, doubled, orphaned or left bare."""

from __future__ import annotations

import random
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import pytest

from actors.failpoints import POINTS
from tests.fakes.live_forked import LiveForker
from tests.live.seeds import seeds
from tests.live.session import Session, session
from tests.live.together import together
from tests.venue.binance import Binance
from tests.venue.day import Day
from tests.venue.kraken import Kraken

FEW, MANY, HOMES = {"binance": 26, "kraken": 10}, 50, 20
"""Random kills of one venue in every run, and of each home in ``make test-long``: a thousand in all."""
LIFE = {"binance": 1.5, "kraken": 3.0}
"""The longest life in seconds: on Kraken the first candles take longer, since it allows few questions."""
PARTS = 3
"""Homes that share the places in every run."""
PACE = 20.0
ENDLESS = 100_000
KILLED = -9

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")


def patient(made: Session) -> None:
    """Each kill is a start, and a start costs a good part of what a venue allows in a minute: it allows more here."""
    api = made.venue.api
    if isinstance(api, Binance):
        api.limits.per_minute = 100_000  # told with the markets
    elif isinstance(api, Kraken):
        api.counter.limit = 10_000  # a new process does not know what the one before it has used


def a_minute_passes(made: Session) -> None:
    """What the dead one used of the venue's limits is forgotten: else a start on Kraken waits for half a minute."""
    shutil.rmtree(made.live.home / "limits", ignore_errors=True)


def settled(made: Session, seed: object) -> None:
    left = made.settle()
    assert left == [], (seed, left)


def is_up(made: Session) -> bool:
    """It listens to its account: the order path is open."""
    streams = made.venue.streams()
    return "user" in streams or "executions" in streams


def until_up(made: Session, seed: object) -> None:
    deadline = time.monotonic() + 30
    while not is_up(made):
        assert made.process is not None
        assert made.process.poll() is None, (seed, made.process.communicate())
        assert time.monotonic() < deadline, (seed, "it does not listen to its account")
        time.sleep(0.01)


def protected(made: Session, seed: object) -> None:
    """Within seconds of a start every held coin is covered again (the faults of the records come later)."""
    left = made.bare_after()
    assert left == [], (seed, left)


def crash_at_random(made: Session, seed: int, kills: int) -> None:
    print(f"seed {seed}")
    dice = random.Random(seed)
    patient(made)
    with made.day(candles=ENDLESS, per_second=PACE, seed=seed, jumps=0.004) as day:
        for life in range(kills):
            process = made.start()
            until_up(made, (seed, life))
            protected(made, (seed, life))
            time.sleep(dice.uniform(0.0, LIFE[made.venue.api.ccxt_id]))
            process.kill()
            process.communicate()
            assert process.returncode == KILLED, (seed, life)
            while is_up(made):  # the venue notices that the line is gone
                time.sleep(0.005)
            a_minute_passes(made)
        made.start()
        until_up(made, (seed, "last"))
        protected(made, (seed, "last"))
        day.hold()
        settled(made, seed)
        made.stop()
    assert made.final_faults() == [], seed
    assert made.witness.seen > 0, "it never placed an order: the kills show nothing"


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", seeds(HOMES))
def test_killed_a_thousand_times(seed: int, tmp_path: Path, forker: LiveForker) -> None:
    """Each third home is on Kraken, where a life takes four times as long."""
    with session("binance" if seed % 3 else "kraken", tmp_path / "home", forker, seed) as made:
        crash_at_random(made, seed, MANY)


def crash_at(made: Session, day: Day, point: str, times: int) -> bool:
    """One life that ends at a place, and a second one that puts all in order; whether the place was reached."""
    process = made.start(failpoint=f"{point}:{times}")
    deadline = time.monotonic() + 12
    day.go()
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    is_reached = process.poll() is not None
    if is_reached:
        _, err = process.communicate()
        assert process.returncode == KILLED, (point, times, err)
    else:
        process.kill()
        process.communicate()
    while is_up(made):
        time.sleep(0.005)
    a_minute_passes(made)
    made.start()
    until_up(made, (point, times))
    protected(made, (point, times))
    day.hold()
    settled(made, (point, times))
    made.stop()
    assert made.final_faults() == [], (point, times)
    return is_reached


def crash_everywhere(
    kind: str, home: Path, forker: LiveForker, rounds: int, points: Sequence[str] = POINTS
) -> None:
    reached: dict[str, int] = dict.fromkeys(points, 0)
    with (
        session(kind, home, forker, 41) as made,
        made.day(candles=ENDLESS, per_second=PACE, seed=41, jumps=0.004) as day,
    ):
        patient(made)
        for times in range(1, rounds + 1):
            for point in points:
                reached[point] += crash_at(made, day, point, times)
    print(reached)
    never = [point for point, count in reached.items() if not count]
    assert not never, f"never reached: {', '.join(never)}"


def some_crashes(kind: str, home: Path, forker: LiveForker) -> None:
    with session(kind, home, forker, 21) as made:
        crash_at_random(made, 21, FEW[kind])


@pytest.mark.timeout(300)
def test_killed_at_random_and_at_each_place(tmp_path: Path, forker: LiveForker) -> None:
    stories: dict[str, Callable[[], None]] = {}
    for part in range(PARTS):
        home, points = tmp_path / f"places {part}", POINTS[part::PARTS]
        stories[f"at each of {points}"] = partial(crash_everywhere, "binance", home, forker, 1, points)
    for kind in FEW:
        stories[f"at random, {kind}"] = partial(some_crashes, kind, tmp_path / kind, forker)
    together(stories)


@pytest.mark.long
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("kind", ["binance", "kraken"])
def test_killed_at_each_place_again_and_again(kind: str, tmp_path: Path, forker: LiveForker) -> None:
    crash_everywhere(kind, tmp_path / "home", forker, 4)

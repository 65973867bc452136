"""The kill switch at a real venue's level: nothing declared arrives behind the latch, and what rests there is stops."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from tests.fakes.live_forked import LiveForker
from tests.live.agreement import faults
from tests.live.session import Session, session
from tests.live.witness import after_latch
from tests.venue.faults import Trouble

ENDLESS, PACE = 100_000, 25.0
ENOUGH = 6
"""Orders at the venue after which the kill may come: it shall find something."""


def until_it_trades(made: Session) -> None:
    deadline = time.monotonic() + 60
    while len(made.books()[0].mine) < ENOUGH:
        assert made.process is not None
        assert made.process.poll() is None, made.process.communicate()
        assert time.monotonic() < deadline, "it does not trade"
        time.sleep(0.02)


def check_halted(made: Session) -> None:
    """No order behind the latch, nothing but stops at the venue, and records that say the same."""
    there, here = made.books()
    roles = {row["client_order_id"]: row["role"] for row in here.orders}
    assert list(after_latch(made.venue.api, made.live.home, roles)) == []
    left = [order for order in there.mine if order.status.is_open]
    assert {roles[order.client_id] for order in left} <= {"protective"}
    proof = json.loads((made.live.home / "halt-evidence.json").read_text(encoding="utf-8"))
    assert (proof["step"], proof["read_1_open"], proof["read_2_open"]) == ("verified", 0, 0)


def agreed(made: Session, seconds: float = 30) -> list[str]:
    """Venue and records, once news that were on their way have come (a halted Belay protects nothing anew)."""
    deadline = time.monotonic() + seconds
    while (found := faults(*made.books())) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found


@pytest.mark.timeout(150)
@pytest.mark.parametrize(
    ("kind", "trouble"),
    [
        ("binance", None),
        ("binance", Trouble.TIMEOUT_AFTER),
        ("binance", Trouble.UNAVAILABLE),
        pytest.param("kraken", Trouble.TIMEOUT_AFTER, marks=pytest.mark.long),
        pytest.param("kraken", None, marks=pytest.mark.long),
        pytest.param("kraken", Trouble.UNAVAILABLE, marks=pytest.mark.long),
    ],
)
def test_killed_while_it_trades(
    kind: str, trouble: Trouble | None, tmp_path: Path, forker: LiveForker
) -> None:
    with session(kind, tmp_path / "home", forker, 51, timeout=800) as made:
        process = made.start()
        with made.day(candles=ENDLESS, per_second=PACE, seed=51) as day:
            until_it_trades(made)
            if trouble is not None:
                made.venue.plan.add(trouble, "DELETE /api/v3/order" if kind == "binance" else "Cancel*", 2)
            done = made.live.call("kill", "--reason", "a test")
            assert done.returncode == 0, (done.stdout, done.stderr)
            day.hold()
            check_halted(made)
            before = len(made.books()[0].orders)
            day.go()
            time.sleep(0.5)  # some hundred prices later still nothing
            assert len(made.books()[0].orders) == before
            day.hold()
            assert agreed(made) == []
        process.terminate()
        process.communicate(timeout=30)
        assert process.returncode == 4
        assert made.witness.faults == []


@pytest.mark.timeout(150)
@pytest.mark.parametrize("kind", ["binance", "kraken"])
def test_killed_when_no_bot_runs(kind: str, tmp_path: Path, forker: LiveForker) -> None:
    """After a crash the orders of the dead bot rest there: the command alone ends and proves it."""
    with session(kind, tmp_path / "home", forker, 52) as made:
        process = made.start()
        with made.day(candles=ENDLESS, per_second=PACE, seed=52) as day:
            until_it_trades(made)
            process.kill()
            process.communicate()
            done = made.live.call("kill", "--reason", "a test")
            assert done.returncode == 0, (done.stdout, done.stderr)
            day.hold()
            check_halted(made)

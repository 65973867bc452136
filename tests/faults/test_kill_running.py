"""``main.py kill`` from another process, while a replay runs at full speed and while nothing runs."""

from __future__ import annotations

import json
import random
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from actors.persistence.books import latest_book
from actors.persistence.verify import verify_books
from core.clock import millis
from core.halt import HaltRecord, Latch
from tests.fakes.forked import Forker
from tests.fakes.made_candles import write_candles
from tests.fakes.program import (
    PHRASE,
    Done,
    call,
    events,
    replay,
    rows,
    summary,
    trades_in,
    wait_for,
)

LATER = "SELECT id FROM order_events WHERE happening = 'intent' AND written_at > ?"
SEEDS = (7, 8)
LIVES = 3
"""Kills in each home."""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", 25_000)


def evidence(home: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((home / "halt-evidence.json").read_text())
    return found


def latched_ms(home: Path) -> int:
    """The time in the latch file, in ms UTC."""
    return millis(datetime.fromisoformat(json.loads((home / "halt.json").read_text())["at"]))


def killed_events(done: Done) -> dict[str, Any]:
    assert done.returncode == 0, (done.stdout, done.stderr)
    (event,) = events(done.stdout)
    assert (event["event"], event["step"], event["open"]) == ("kill", "verified", 0)
    return event


def working(home: Path) -> list[tuple[Any, ...]]:
    """Client id and role of each order that may still trade."""
    over = "('filled', 'cancelled', 'denied', 'refused')"
    return rows(home, f"SELECT client_order_id, role FROM orders WHERE status NOT IN {over}")


def check_halted(home: Path, session_start: int) -> None:
    """No order is later than the latch, and what is open is protective."""
    latch = latched_ms(home)
    late = "SELECT client_order_id, written_at - ? FROM {} AND written_at > ?"
    intents = late.format("order_events WHERE happening = 'intent'")
    assert rows(home, intents, latch, latch) == []
    assert (
        rows(home, late.format("orders WHERE role = 'declared' AND status != 'denied'"), latch, latch) == []
    )
    placed = rows(home, "SELECT count(*) FROM orders WHERE written_at BETWEEN ? AND ?", session_start, latch)
    assert placed[0][0] > 0, "the kill came before the first order: it shows nothing"
    assert {role for _, role in working(home)} <= {"protective"}
    proof = evidence(home)
    assert (proof["step"], proof["read_1_open"], proof["read_2_open"]) == ("verified", 0, 0)
    assert proof["record"] == json.loads((home / "halt.json").read_text())
    assert {line["read_2"] for line in proof["lines"]} <= {"gone", "kept"}
    book = latest_book(home)
    assert book is not None
    assert verify_books(home, book) == []


def rearmed(forker: Forker, home: Path) -> None:
    """The wrong sentence is refused, the right one is not."""
    for wrong in ("", "let belay trade", "Let Belay trade again"):
        done = forker.call(home, "rearm", typed=f"{wrong}\n")
        assert (done.returncode, "Not re-armed" in done.stderr) == (3, True)
    assert (home / "halt.json").exists()
    assert forker.call(home, "rearm", typed=f"{PHRASE}\n").returncode == 0
    assert not (home / "halt.json").exists()


def live_and_halt(forker: Forker, home: Path, candles: Path, seed: int) -> None:
    dice = random.Random(seed)
    print(f"seed {seed}")
    for life in range(LIVES):
        fills = len(rows(home, "SELECT id FROM fills")) if life else 0
        began = int(time.time() * 1000)
        process = forker.start(home, *replay(candles))
        wait_for(trades_in(home, fills + 2), process, 60)
        time.sleep(dice.uniform(0.0, 0.15))
        killed_events(forker.call(home, "kill", "--reason", f"life {life}"))
        out, err = process.communicate(timeout=30)
        assert process.returncode == 4, (seed, life, err)
        assert summary(out)["halted"] is True
        assert "Halted by you, on the command line" in err
        check_halted(home, began)
        if life == 0:
            refused = forker.call(home, *replay(candles))
            assert refused.returncode == 4
            assert "Belay is halted" in refused.stderr
            assert "main.py rearm" in refused.stderr
        rearmed(forker, home)
    rest = forker.call(home, *replay(candles))
    assert rest.returncode == 0, rest.stderr
    assert summary(rest.stdout)["candles"] == 25_000
    book = latest_book(home)
    assert book is not None
    assert verify_books(home, book) == []
    after = rows(
        home, "SELECT count(*) FROM order_events WHERE happening = 'intent' AND written_at > ?", began
    )
    assert after[0][0] > 10, "after the last re-arming it hardly trades"


def with_a_forker(home: Path, candles: Path, seed: int) -> None:
    with closing(Forker()) as forker:
        live_and_halt(forker, home, candles, seed)


@pytest.mark.timeout(240)
def test_killed_at_full_speed_and_on_again(forker: Forker, tmp_path: Path, candles: Path) -> None:
    homes = [tmp_path / f"home {seed}" for seed in SEEDS]
    with ThreadPoolExecutor(len(SEEDS)) as pool:
        list(pool.map(with_a_forker, homes, [candles] * len(SEEDS), SEEDS))


def test_rearmed_while_it_runs_it_trades_on(forker: Forker, tmp_path: Path, candles: Path) -> None:
    """The same process, halted twice: each re-arming lifts its own halt and no later one."""
    home = tmp_path / "home"
    process = forker.start(home, *replay(candles, until_end=False))
    try:
        wait_for(trades_in(home, 2), process, 60)
        for _ in range(2):
            killed_events(forker.call(home, "kill"))
            halted_at = latched_ms(home)
            (count,) = rows(home, "SELECT count(*) FROM orders")
            time.sleep(0.3)  # longer than any look: nothing happens while halted
            assert rows(home, "SELECT count(*) FROM orders") == [count]
            assert (home / "halt.json").exists()
            rearmed(forker, home)
            wait_for(partial(rows, home, LATER, halted_at), process)
        process.terminate()
        out, err = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0, err
    assert summary(out)["halted"] is False
    book = latest_book(home)
    assert book is not None
    assert verify_books(home, book) == []


def test_killed_twice_at_once(forker: Forker, tmp_path: Path, candles: Path) -> None:
    home = tmp_path / "home"
    process = forker.start(home, *replay(candles, until_end=False))
    try:
        wait_for(trades_in(home, 2), process, 60)
        with ThreadPoolExecutor(2) as pool:
            both = list(
                pool.map(lambda why: killed_events(call(home, "kill", "--reason", why)), ("one", "two"))
            )
        assert both[0]["at"] == both[1]["at"]
        assert killed_events(forker.call(home, "kill"))["at"] == both[0]["at"]  # the first record stays
        process.terminate()
        assert process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 4


def test_killed_where_nothing_runs(forker: Forker, tmp_path: Path, candles: Path) -> None:
    home = tmp_path / "home"
    killed_events(forker.call(home, "kill"))  # a home that never traded
    rearmed(forker, home)
    open_orders: set[str] = set()
    for _ in range(10):  # until something rests that a kill must cancel
        assert forker.call(home, *replay(candles, until_end=False), "--for", "0.3").returncode == 0
        open_now = "SELECT client_order_id, role FROM orders WHERE status IN ('open', 'part-filled')"
        open_orders = {row[0] for row in rows(home, open_now)}
        if "declared" in {role for _, role in rows(home, open_now)}:
            break
    event = killed_events(forker.call(home, "kill"))
    assert {*event["cancelled"], *event["kept"]} == open_orders
    assert event["cancelled"], "nothing rested: it shows nothing"
    left = rows(home, "SELECT role FROM orders WHERE status IN ('open', 'part-filled')")
    assert {role for (role,) in left} <= {"protective"}
    rearmed(forker, home)
    after = forker.call(home, *replay(candles))
    assert (after.returncode, summary(after.stdout)["candles"]) == (0, 25_000)


def test_killed_offline_after_a_crash_it_trades_on(forker: Forker, tmp_path: Path, candles: Path) -> None:
    """kill -9, then kill, then on: no slot waits for ever for an order that is gone."""
    home = tmp_path / "home"
    dice = random.Random(5)
    for _ in range(3):
        (home / "status.json").unlink(missing_ok=True)
        process = forker.start(home, *replay(candles))
        wait_for((home / "status.json").exists, process, 60)
        time.sleep(dice.uniform(0.05, 0.2))
        process.kill()
        process.communicate()
        killed_events(forker.call(home, "kill"))
        assert {role for _, role in working(home)} <= {"protective"}
        rearmed(forker, home)
    after = forker.call(home, *replay(candles))
    assert (after.returncode, summary(after.stdout)["candles"]) == (0, 25_000), after.stderr
    newest = "SELECT strategy FROM orders WHERE role = 'declared' AND time > (SELECT max(time) - 86400000 FROM orders)"
    assert len(set(rows(home, newest))) == 2, "a strategy has stopped"


@pytest.mark.parametrize("content", ["", "not json"])
def test_a_latch_file_that_somebody_made_halts(
    forker: Forker, tmp_path: Path, candles: Path, content: str
) -> None:
    home = tmp_path / "home"
    process = forker.start(home, *replay(candles, until_end=False))
    try:
        wait_for(trades_in(home, 1), process, 60)
        (home / "halt.json").write_text(content)
        wait_for(
            lambda: (home / "halt-evidence.json").exists() and evidence(home)["step"] == "verified", process
        )
        (home / "halt.json").unlink()  # and a file that vanishes does not re-arm
        time.sleep(0.2)
        (count,) = rows(home, "SELECT count(*) FROM orders")
        time.sleep(0.2)
        assert rows(home, "SELECT count(*) FROM orders") == [count]
        process.terminate()
        out, _ = process.communicate(timeout=30)
    finally:
        process.kill()
    assert summary(out)["halted"] is True
    (home / "halt.json").write_text(content)
    assert forker.call(home, *replay(candles)).returncode == 4


def test_an_old_proof_does_not_lift_a_new_halt(forker: Forker, tmp_path: Path) -> None:
    killed_events(forker.call(tmp_path, "kill"))
    rearmed(forker, tmp_path)
    latch = Latch(tmp_path)
    latch.trip("the watchdog", "a part failed", datetime.fromisoformat("2030-01-01T00:00:00+00:00"))
    done = forker.call(tmp_path, "rearm", typed=f"{PHRASE}\n")
    assert (done.returncode, "not verified" in done.stderr) == (3, True)
    assert latch.read() == HaltRecord("2030-01-01T00:00:00.000+00:00", "the watchdog", "a part failed")


def test_flatten_is_refused_and_says_so(forker: Forker, tmp_path: Path) -> None:
    done = forker.call(tmp_path, "kill", "--flatten")
    assert done.returncode == 2
    assert "does not sell" in done.stderr

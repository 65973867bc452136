"""A disk that fills and a database that is locked while Belay runs: a sentence, exit 1, and later all goes on."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from actors.persistence.books import latest_book
from actors.persistence.verify import verify_books
from core.halt import Latch
from tests.fakes.forked import Forker
from tests.fakes.made_candles import write_candles
from tests.fakes.program import (
    PHRASE,
    Done,
    events,
    replay,
    rows,
    start,
    summary,
    trades_in,
    wait_for,
)

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="limits of a file's size are POSIX")
CANDLES = 6_000
Whole = tuple[dict[str, str], dict[str, Any]]
KINDS = ("orders", "fills", "trades", "ledger")


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", CANDLES)


def exports(forker: Forker, home: Path) -> dict[str, str]:
    found = {}
    for what in KINDS:
        out = home / f"{what}.csv"
        assert forker.call(home, "export", what, "--out", str(out)).returncode == 0
        found[what] = out.read_text()
    return found


@pytest.fixture(scope="module")
def whole(forker: Forker, tmp_path_factory: pytest.TempPathFactory, candles: Path) -> Whole:
    """Exports and summary of a run that nothing disturbs."""
    home = tmp_path_factory.mktemp("whole")
    done = forker.call(home, *replay(candles))
    assert done.returncode == 0
    return exports(forker, home), summary(done.stdout)


def goes_on(forker: Forker, home: Path, candles: Path, whole: Whole) -> None:
    """With room again it goes on to the end; had the latch not tripped, as if nothing had been."""
    is_halted = Latch(home).is_set()
    if is_halted:
        assert forker.call(home, *replay(candles)).returncode == 4
        assert forker.call(home, "kill").returncode == 0
        assert forker.call(home, "rearm", typed=f"{PHRASE}\n").returncode == 0
    done = forker.call(home, *replay(candles))
    assert done.returncode == 0, done.stderr
    book = latest_book(home)
    assert book is not None
    assert verify_books(home, book) == []
    assert summary(done.stdout)["candles"] == CANDLES
    if not is_halted:
        assert (exports(forker, home), summary(done.stdout)) == whole


def failed_with_a_sentence(done: Done, *words: str) -> None:
    assert done.returncode == 1, (done.returncode, done.stderr)
    assert "Traceback" not in done.stderr
    (error,) = [event for event in events(done.stdout) if event["event"] == "error"]
    assert error["exit"] == 1
    assert error["text"].endswith(".")
    assert error["text"] in done.stderr.splitlines()
    for word in words:
        assert word in error["text"]


@pytest.mark.parametrize("most", [400_000, 20_000])
def test_files_that_may_not_grow(
    forker: Forker, tmp_path: Path, candles: Path, whole: Whole, most: int
) -> None:
    done = forker.call(tmp_path, *replay(candles), most=most)
    failed_with_a_sentence(done, "records")
    goes_on(forker, tmp_path, candles, whole)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of a few megabytes; skips where mounting is not allowed."""
    place = tmp_path / "disk"
    place.mkdir()
    if shutil.which("mount") is None or subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=6m", "belay-test", str(place)], capture_output=True, check=False
    ).returncode:  # fmt: skip
        pytest.skip("a small file system can only be mounted by root")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk(forker: Forker, small_disk: Path, candles: Path, whole: Whole) -> None:
    """Filled to the last byte in the middle of the run."""
    home = small_disk / "home"
    process = forker.start(home, *replay(candles))
    wait_for(trades_in(home, 5), process, 60)
    filler = small_disk / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            pass
    out, err = process.communicate(timeout=60)
    failed_with_a_sentence(Done((), process.returncode or 0, out, err), "disk is full")
    status = forker.call(home, "status")
    assert status.returncode == 0, status.stderr  # looking works on a full disk
    filler.unlink()
    goes_on(forker, home, candles, whole)


def test_another_program_holds_the_records_at_the_start(
    forker: Forker, tmp_path: Path, candles: Path
) -> None:
    assert forker.call(tmp_path, *replay(candles), "--for", "0.2").returncode == 0
    with closing(sqlite3.connect(tmp_path / "belay.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        failed_with_a_sentence(forker.call(tmp_path, *replay(candles)), "locked")
    assert forker.call(tmp_path, *replay(candles), "--for", "0.2").returncode == 0


def test_another_program_holds_the_records_in_the_middle(
    forker: Forker, tmp_path: Path, candles: Path, whole: Whole
) -> None:
    process = forker.start(tmp_path, *replay(candles))
    wait_for(trades_in(tmp_path, 5), process, 60)
    with closing(sqlite3.connect(tmp_path / "belay.db", isolation_level=None, timeout=5)) as other:
        other.execute("BEGIN EXCLUSIVE")
        before = other.execute("SELECT count(*) FROM orders").fetchone()
        out, err = process.communicate(timeout=60)
        assert other.execute("SELECT count(*) FROM orders").fetchone() == before
    failed_with_a_sentence(Done((), process.returncode or 0, out, err), "locked")
    goes_on(forker, tmp_path, candles, whole)


def test_a_short_lock_is_only_waited_for(forker: Forker, tmp_path: Path, candles: Path, whole: Whole) -> None:
    process = forker.start(tmp_path, *replay(candles))
    wait_for(trades_in(tmp_path, 5), process, 60)
    with closing(sqlite3.connect(tmp_path / "belay.db", isolation_level=None, timeout=5)) as other:
        other.execute("BEGIN EXCLUSIVE")
        time.sleep(0.5)
        other.execute("ROLLBACK")
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    assert summary(out) == whole[1]
    assert exports(forker, tmp_path) == whole[0]


# ---------------------------------------------------------------- one home, one bot; and a graceful end


def test_a_second_start_in_the_same_home_is_refused(forker: Forker, tmp_path: Path, candles: Path) -> None:
    process = forker.start(tmp_path, *replay(candles, until_end=False))
    try:
        wait_for((tmp_path / "status.json").exists, process, 60)
        second = forker.call(tmp_path, *replay(candles))
        failed_with_a_sentence(second, "already runs", str(process.pid))
        assert process.poll() is None
    finally:
        process.terminate()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_gracefully(
    forker: Forker, tmp_path: Path, candles: Path, whole: Whole, number: signal.Signals
) -> None:
    process = forker.start(tmp_path, *replay(candles))
    wait_for(trades_in(tmp_path, 5), process, 60)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, "Traceback" in err) == (0, False), err
    end = summary(out)
    assert 0 < end["candles"] < CANDLES
    assert "Stopping." in err
    assert not (tmp_path / "status.json").exists()
    drained = rows(tmp_path, "SELECT number, drained FROM books")
    assert drained == [(end["candles"], end["candles"])]
    rest = forker.call(tmp_path, *replay(candles))
    assert (rest.returncode, summary(rest.stdout)) == (0, whole[1])
    assert exports(forker, tmp_path) == whole[0]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_the_start_ends_it_too(
    forker: Forker, tmp_path: Path, candles: Path, number: signal.Signals
) -> None:
    process = start(tmp_path, *replay(candles, until_end=False))
    wait_for((tmp_path / "belay.lock").exists, process, 60)
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode in (0, 1, -number), err
    assert "Traceback" not in err
    again = forker.call(tmp_path, *replay(candles))
    assert again.returncode == 0, again.stderr


def test_for_some_seconds_on_the_simulated_market(forker: Forker, tmp_path: Path) -> None:
    begun = time.monotonic()
    done = forker.call(tmp_path, "run", "--headless", "--venue", "sim", "--speed", "max", "--for", "1")
    assert done.returncode == 0, done.stderr
    assert time.monotonic() - begun < 30
    end = summary(done.stdout)
    assert end["venue"] == "Simulated market"
    assert end["candles"] > 100
    assert end["mode"] == "paper"
    assert (end["halted"], "Simulated market" in done.stderr) == (False, True)
    further = summary(
        forker.call(tmp_path, "run", "--headless", "--venue", "sim", "--speed", "max", "--for", "0.5").stdout
    )
    assert further["candles"] > end["candles"]  # the same book goes on

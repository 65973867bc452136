"""Tries the packaged build as a person would: it opens, trades on paper, is killed and ends; `make smoke` runs it.

Everything happens in a folder of its own, with a virtual screen and an empty cache.  Exit code 0, or 1 with a sentence.
"""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

BELAY = Path(__file__).resolve().parents[1] / "dist" / "belay" / "belay"
SCREEN = "1440x900x24"
COLOURS = 60  # an empty screen has one colour, a window that is only framed has a few
SETTINGS = "[sim]\nspeed = 3000\n"
FIRST = 240.0  # seconds that the first start may take: the kernels compile
SOON = 30.0
OWN = ("PATH", "LANG", "TMPDIR")


class SmokeFault(Exception):
    """What the packaged build does not do."""


def main() -> int:
    """Run every check; 0 when all hold."""
    if not BELAY.exists():
        say("The packaged build is not there. Build it with: make package")
        return 1
    with tempfile.TemporaryDirectory(prefix="belay-smoke-") as folder, screen(Path(folder)) as (name, frame):
        environment = {key: os.environ[key] for key in OWN if key in os.environ} | {
            "DISPLAY": name, "QT_QPA_PLATFORM": "xcb", "HOME": folder,
            "XDG_CACHE_HOME": f"{folder}/cache", "XDG_DATA_HOME": f"{folder}/data",
        }  # fmt: skip
        try:
            first_start(Path(folder), environment, frame)
            second_start(Path(folder), environment, frame)
        except (SmokeFault, OSError, sqlite3.Error, subprocess.TimeoutExpired, ValueError) as fault:
            say(f"FAILED: {fault}")
            return 1
    say("The packaged build works.")
    return 0


def first_start(folder: Path, environment: dict[str, str], frame: Path) -> None:
    """A new home and an empty cache: the window opens, compiles, trades; kill proves itself; SIGTERM ends it."""
    home = fresh_home(folder / "first")
    with window(home, environment) as (process, seconds):
        say(f"first start: painted after {seconds(lambda: is_painted(frame), FIRST, 'paints'):.1f} s")
        say(
            f"first start: {seconds(lambda: fills(home) > 0, FIRST, 'makes a paper trade'):.1f} s to a paper trade"
        )
        killed = belay(environment, "--home", str(home), "--json", "kill", "--reason", "smoke test")
        if killed.get("step") != "verified":
            raise SmokeFault(f"`belay kill` does not verify against the running window: {killed}")
        if process.poll() is not None:
            raise SmokeFault("the window ends when it is killed; it should stay and show the proof")
        say(f"kill: verified, {killed['open']} orders open")
    say("end: SIGTERM ends the window, exit code 0")


def second_start(folder: Path, environment: dict[str, str], frame: Path) -> None:
    """With a warm cache nothing compiles any more, in the window and without it."""
    before = cached(folder / "cache")
    if not before:
        raise SmokeFault("the first start leaves no compiled kernels in the cache folder")
    wait(lambda: not is_painted(frame), SOON, "the window is gone from the screen")
    home = fresh_home(folder / "second")
    with window(home, environment) as (_, seconds):
        say(f"second start: painted after {seconds(lambda: is_painted(frame), SOON, 'paints'):.1f} s")
        say(f"second start: {seconds(lambda: fills(home) > 0, SOON, 'trades'):.1f} s to a paper trade")
    summary = belay(
        environment, "--home", str(folder / "third"), "--json", "run", "--headless", "--venue", "sim", "--speed", "max",
        "--for", "3",
    )  # fmt: skip
    if summary.get("event") != "summary" or not summary["candles"] or not summary["fills"]:
        raise SmokeFault(f"the run without a window ends without trades or summary: {summary}")
    say(f"headless: {summary['candles']:,} candles, {summary['fills']} fills in 3 s")
    changed = {name for name, _ in before ^ cached(folder / "cache")}
    if changed:
        raise SmokeFault(f"the second start compiles again: {', '.join(sorted(changed)[:5])}")
    say(f"cache: {len(before)} files, none changed by the second start")


@contextmanager
def window(
    home: Path, environment: dict[str, str]
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[..., float]]]:
    """The packaged window on ``home``, and how to await something from its start; ended by SIGTERM."""
    start, log = time.monotonic(), home.parent / f"{home.name}.log"
    with log.open("wb") as sink:
        process = subprocess.Popen(
            [BELAY, "--home", home], env=environment, stdout=sink, stderr=sink, cwd="/"
        )

    def seconds(condition: Callable[[], bool], limit: float, what: str) -> float:
        wait(lambda: condition() or process.poll() is not None, limit, f"the window {what}")
        if process.poll() is not None:
            raise SmokeFault(f"the window ended with {process.returncode} before it {what}: {tail(log)}")
        return time.monotonic() - start

    try:
        yield process, seconds
        process.send_signal(signal.SIGTERM)
        if process.wait(SOON) != 0:
            raise SmokeFault(f"after SIGTERM the window ends with {process.returncode}: {tail(log)}")
        if "Traceback" in log.read_text(errors="replace"):
            raise SmokeFault(f"the window wrote a traceback: {tail(log)}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def belay(environment: dict[str, str], *words: str) -> dict[str, object]:
    """The last JSON line of one command that must end with 0."""
    done = subprocess.run(
        [BELAY, *words], env=environment, capture_output=True, text=True, timeout=FIRST, cwd="/", check=False
    )
    if done.returncode != 0 or not done.stdout.strip():
        raise SmokeFault(
            f"`belay {' '.join(words[2:])}` ends with {done.returncode}: {done.stderr.strip()[-500:]}"
        )
    return dict(json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def screen(folder: Path) -> Iterator[tuple[str, Path]]:
    """A virtual screen: its name, and the file that holds its pixels."""
    frames = folder / "screen"
    frames.mkdir()
    out, into = os.pipe()
    command = [
        "Xvfb",
        "-displayfd",
        str(into),
        "-screen",
        "0",
        SCREEN,
        "-fbdir",
        str(frames),
        "-nolisten",
        "tcp",
    ]
    server = subprocess.Popen(command, pass_fds=[into], stderr=subprocess.DEVNULL)
    os.close(into)
    try:
        with os.fdopen(out) as number:
            name = number.readline().strip()
        if not name:
            raise SystemExit("Xvfb does not start, so there is no screen to open the window on.")
        yield f":{name}", frames / "Xvfb_screen0"
    finally:
        server.terminate()
        server.wait()


def is_painted(frame: Path) -> bool:
    """Whether the screen shows a picture: many colours in its XWD file (X11/XWDFile.h: 25 words, then colours)."""
    raw = frame.read_bytes()
    header = struct.unpack(">25I", raw[:100])
    pixels = memoryview(raw)[header[0] + 12 * header[19] :]
    return len(set(pixels[: len(pixels) // 4 * 4].cast("I"))) >= COLOURS


def fills(home: Path) -> int:
    """Paper trades in the records of ``home``."""
    database = home / "belay.db"
    if not database.exists():
        return 0
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=10)) as connection:
        has = connection.execute("select count(*) from sqlite_master where name = 'fills'").fetchone()[0]
        return int(connection.execute("select count(*) from fills").fetchone()[0]) if has else 0


def fresh_home(home: Path) -> Path:
    home.mkdir()
    (home / "settings.toml").write_text(SETTINGS)
    return home


def cached(folder: Path) -> set[tuple[str, tuple[int, int]]]:
    """Every compiled file, with its size and time."""
    found = (path for path in folder.rglob("*") if path.suffix in (".nbi", ".nbc"))
    return {(path.name, (path.stat().st_size, path.stat().st_mtime_ns)) for path in found}


def wait(condition: Callable[[], bool], limit: float, what: str) -> None:
    """Until ``condition`` holds; ``SmokeFault`` after ``limit`` seconds."""
    deadline = time.monotonic() + limit
    while not condition():
        if time.monotonic() > deadline:
            raise SmokeFault(f"not within {limit:g} s: {what}")
        time.sleep(0.05)  # another process: there is nothing to be woken by


def tail(log: Path) -> str:
    return log.read_text(errors="replace").strip()[-800:]


def say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())

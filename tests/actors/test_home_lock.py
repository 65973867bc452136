"""One Belay per home: the lock goes with the process, however it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from actors.home_lock import AlreadyRunning, HomeLock, is_running
from core.errors import BelayError

ROOT = Path(__file__).resolve().parents[2]
HOLDER = """
import sys
from pathlib import Path
from actors.home_lock import HomeLock
lock = HomeLock(Path(sys.argv[1]))
lock.take()
print("taken", flush=True)
sys.stdin.readline()
"""


def test_one_takes_it_and_another_is_told_who(tmp_path: Path) -> None:
    first, second = HomeLock(tmp_path), HomeLock(tmp_path)
    assert not is_running(tmp_path)
    first.take()
    assert is_running(tmp_path)
    with pytest.raises(
        AlreadyRunning, match=rf"already runs in .* \(process {os.getpid()}\)\. Stop it first"
    ):
        second.take()
    first.release()
    first.release()  # twice is once
    assert not is_running(tmp_path)
    second.take()
    second.release()


def test_looking_leaves_nothing_behind(tmp_path: Path) -> None:
    assert not is_running(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_it_goes_with_a_killed_process(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], cwd=ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "taken\n"
    with pytest.raises(AlreadyRunning, match=rf"process {holder.pid}"):
        HomeLock(tmp_path).take()
    holder.kill()
    holder.communicate()
    lock = HomeLock(tmp_path)
    lock.take()
    lock.release()


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BelayError, match=r"The home folder .* cannot be written"):
        HomeLock(tmp_path / "nowhere").take()

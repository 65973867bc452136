"""The latch: memory first, then the file; nothing re-arms it but the sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import core.halt
from core.halt import (
    LATCH_FILE,
    CancelLine,
    HaltEvidence,
    HaltRecord,
    HaltStep,
    Latch,
)

ROOT = Path(__file__).resolve().parents[2]
AT = datetime(2025, 5, 8, 22, 20, 31, 123_000, tzinfo=UTC)
RECORD = HaltRecord("2025-05-08T22:20:31.123+00:00", "you", "lunch")


def tripped(home: Path | None) -> Latch:
    latch = Latch(home)
    latch.trip("you", "lunch", AT)
    return latch


@pytest.fixture(params=["on disk", "in memory"])
def latch(request: pytest.FixtureRequest, home: Path) -> Latch:
    return Latch(home if request.param == "on disk" else None)


def test_a_new_latch_is_open(latch: Latch) -> None:
    assert not latch.is_set()
    assert latch.read() is None
    assert latch.took_ms == 0
    assert not latch.wait(0)


def test_a_trip_is_told_and_stays(latch: Latch) -> None:
    assert latch.trip("you", "lunch", AT) == RECORD
    assert latch.is_set()
    assert latch.wait(0)
    assert latch.read() == RECORD
    assert 0 < latch.took_ms < 1000
    took = latch.took_ms
    assert latch.trip("another", "later", datetime.now(UTC)) == RECORD  # the first one stays
    assert latch.read() == RECORD
    assert latch.took_ms == took


def test_shut_halts_before_anything_is_said(latch: Latch) -> None:
    latch.shut()
    assert latch.is_set()
    assert latch.trip("you", "lunch", AT) == RECORD
    assert latch.read() == RECORD


def test_a_halt_survives_the_process(home: Path) -> None:
    tripped(home)
    later = Latch(home)
    assert later.is_set()
    assert later.read() == RECORD
    assert later.trip("again", "", AT) == RECORD
    assert sorted(path.name for path in home.iterdir()) == [LATCH_FILE]


def test_another_process_halts_this_one(home: Path) -> None:
    latch = Latch(home)
    code = (
        "import sys; from pathlib import Path; from datetime import UTC, datetime; from core.halt import Latch; "
        "Latch(Path(sys.argv[1])).trip('them', 'elsewhere', datetime.now(UTC))"
    )
    subprocess.run([sys.executable, "-c", code, str(home)], cwd=ROOT, check=True)
    assert latch.is_set()
    record = latch.read()
    assert record is not None
    assert (record.cause, record.reason) == ("them", "elsewhere")
    latch.adopt()
    (home / LATCH_FILE).unlink()  # a file that merely vanishes re-arms nobody who has seen it
    assert latch.is_set()
    assert latch.read() == record


def test_adopting_ones_own_halt_keeps_its_record(home: Path) -> None:
    latch = tripped(home)
    (home / LATCH_FILE).write_text("other", encoding="utf-8")
    latch.adopt()
    (home / LATCH_FILE).unlink()
    assert latch.read() == RECORD


def make_folder(path: Path) -> None:
    path.mkdir()


def make_loop(path: Path) -> None:
    path.symlink_to(path)


def make_dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


UNREADABLE: list[Callable[[Path], Any]] = [
    make_folder,
    make_loop,
    make_dangling,
    *(
        lambda path, raw=raw: path.write_bytes(raw)
        for raw in (b"{", b"[]", b"null", b"5", b'"x"', b"\xff\xfe", b"{}", b'{"at": "x"}', b"[" * 100_000,
                    b'{"at": "", "cause": "", "reason": "", "more": 1}')
    ),
]  # fmt: skip


@pytest.mark.parametrize("make", UNREADABLE)
def test_whatever_the_file_holds_it_is_a_halt(home: Path, make: Callable[[Path], Any]) -> None:
    make(home / LATCH_FILE)
    latch = Latch(home)
    assert latch.is_set()
    record = latch.read()
    assert record == HaltRecord("", "unknown", "the halt file cannot be read, which counts as halted")
    assert latch.trip("you", "lunch", AT) == record  # never raises, and writes over nobody's file
    assert latch.is_set()


def test_an_empty_file_is_a_halt_and_its_writer_is_given_time(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.halt, "WRITING", 0.05)
    (home / LATCH_FILE).touch()
    latch = Latch(home)
    assert latch.is_set()
    assert latch.read() == HaltRecord("", "unknown", "the halt file cannot be read, which counts as halted")
    monkeypatch.setattr(core.halt, "WRITING", 60.0)
    os.utime(home / LATCH_FILE)
    writer = threading.Timer(0.05, lambda: (home / LATCH_FILE).write_text(json.dumps(asdict(RECORD))))
    writer.start()
    assert latch.read() == RECORD
    writer.join()


def test_an_old_empty_file_is_not_waited_for(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.halt, "WRITING", 60.0)
    (home / LATCH_FILE).touch()
    os.utime(home / LATCH_FILE, (1, 1))
    record = Latch(home).read()
    assert record is not None
    assert record.cause == "unknown"


def test_a_folder_that_is_not_there_halts_in_memory(tmp_path: Path) -> None:
    """As does a full disk or one that may only be read: the reason says it."""
    latch = Latch(tmp_path / "gone")
    record = latch.trip("you", "lunch", AT)
    assert latch.is_set()
    assert record == latch.read()
    assert record.reason.startswith("lunch")
    assert "No such file or directory" in record.reason
    assert latch.trip("again", "", AT).cause == "you"


@pytest.mark.skipif(
    not Path("/dev/full").exists(), reason="a full disk is made with /dev/full, which Linux has"
)
def test_a_full_disk_halts_in_memory_and_for_others(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.halt.secrets.token_hex", lambda size: "full")
    (home / f"{LATCH_FILE}.full").symlink_to("/dev/full")
    latch = Latch(home)
    record = latch.trip("you", "lunch", AT)
    assert "No space left on device" in record.reason
    assert latch.read() == record  # this process knows more than the empty file says
    assert latch.is_set()
    assert Latch(home).is_set()  # the empty file was made in front


def test_what_stands_in_the_way_of_the_record_does_not_stop_the_halt(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("core.halt.secrets.token_hex", lambda size: "taken")
    (home / f"{LATCH_FILE}.taken").mkdir()
    latch = tripped(home)
    assert latch.is_set()
    assert "lunch" in str(latch.read())
    assert Latch(home).is_set()


@pytest.mark.skipif(
    os.name == "nt" or os.geteuid() == 0, reason="the rights of a folder bind neither root nor Windows"
)
def test_a_folder_that_may_only_be_read_halts_in_memory(home: Path) -> None:
    home.chmod(0o500)
    try:
        latch = tripped(home)
        assert latch.is_set()
        assert "Permission denied" in str(latch.read())
    finally:
        home.chmod(0o700)


def test_strange_reasons_are_written(home: Path) -> None:
    reason = 'a "quote", a line\nbreak, \ud800 half a sign and ₿'
    latch = Latch(home)
    latch.trip("you", reason, AT)
    assert Latch(home).read() == HaltRecord(RECORD.at, "you", reason)


# ---------------------------------------------------------------- the evidence


def evidence(step: HaltStep = HaltStep.VERIFIED) -> HaltEvidence:
    line = CancelLine(
        client_order_id="bly1", symbol="BTC/USDT", side="buy", slot="grid 0.1", price="1", quantity="2", sent_at="x",
        answer_ms=None, read_1="gone", read_2="gone",
    )  # fmt: skip
    return HaltEvidence(
        record=RECORD, step=step, latch_ms=0.1, tries=1, read_1_open=0, lines=(line,), not_sent=("a", "b"),
        holdings=("c",),
    )  # fmt: skip


@pytest.mark.parametrize("step", HaltStep)
def test_evidence_round_trips(step: HaltStep) -> None:
    assert HaltEvidence.from_json(evidence(step).as_json()) == evidence(step)


def test_evidence_proves_its_own_halt_once_verified() -> None:
    assert evidence().proves(RECORD)
    assert not evidence().proves(HaltRecord("later", "you", "lunch"))
    assert not evidence().proves(None)
    assert not any(evidence(step).proves(RECORD) for step in set(HaltStep) - {HaltStep.VERIFIED})

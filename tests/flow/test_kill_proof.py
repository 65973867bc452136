"""`main.py kill` and `status` beside a bot that does not answer: only the proof of this very halt counts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.commands import kill
from actors.executor.killswitch import EVIDENCE_FILE
from actors.home_lock import HomeLock
from core.halt import HaltEvidence, HaltRecord, HaltStep, Latch

OLDER = HaltRecord("2021-05-08T22:20:31.204+00:00", "you, on the command line", "an older halt")


@pytest.fixture
def frozen_bot(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that holds the home and answers nothing."""
    monkeypatch.setattr(kill, "PATIENCE", 0.2)
    home.mkdir(parents=True, exist_ok=True)
    lock = HomeLock(home)
    lock.take()
    yield
    lock.release()


def prove(home: Path, record: HaltRecord) -> None:
    evidence = HaltEvidence(record=record, step=HaltStep.VERIFIED, latch_ms=0.1, read_2_at=record.at)
    (home / EVIDENCE_FILE).write_text(evidence.as_json(), encoding="utf-8")


def test_the_proof_of_an_older_halt_is_none(said: Callable[..., Any], home: Path, frozen_bot: None) -> None:
    prove(home, OLDER)
    code, out, _ = said("--home", str(home), "kill")
    assert code == 1
    assert out.startswith("NOT VERIFIED")
    assert Latch(home).is_set()


def test_the_proof_of_this_halt_counts(said: Callable[..., Any], home: Path, frozen_bot: None) -> None:
    (home / "halt.json").write_text(
        '{"at": "2021-05-08T22:20:31.204+00:00", "cause": "you, on the command line", "reason": "an older halt"}',
        encoding="utf-8",
    )
    prove(home, OLDER)
    code, out, _ = said("--home", str(home), "kill")
    assert code == 0
    assert out.startswith("Verified")


def test_what_becomes_of_stops_stands_in_the_record_of_the_first_kill(
    said: Callable[..., Any], home: Path, frozen_bot: None
) -> None:
    assert "was halted before" not in said("--home", str(home), "kill", "--stops", "cancel")[2]
    record = Latch(home).read()
    assert record is not None
    assert record.stops == "cancel"
    assert "is halted already" in said("--home", str(home), "kill", "--stops", "keep")[2]


def test_status_tells_a_bot_that_hangs_from_one_that_ended(
    said: Callable[..., Any], home: Path, frozen_bot: None
) -> None:
    (home / "status.json").write_text('{"pid": 1, "at": "2021-05-08T22:20:31+00:00"}', encoding="utf-8")
    out = said("--home", str(home), "status")[1]
    assert "no sign of life since 2021-05-08T22:20:31" in out
    assert "ended without a goodbye" not in out

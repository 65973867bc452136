"""What `main.py kill` says at its end: verified or not, what is left, and who goes on trying."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from actors.commands.context import Context
from actors.commands.kill import _say, open_but_kept
from core.halt import HaltEvidence, HaltRecord, HaltStep

RECORD = HaltRecord("2026-03-01T12:00:00.000+00:00", "you", "enough")


def said(home: Path, found: int | None, tries: int, *, is_running: bool) -> str:
    out = io.StringIO()
    context = Context(home=home, config=None, stdout=out, stderr=io.StringIO(), environment={})
    evidence = HaltEvidence(
        record=RECORD, step=HaltStep.UNVERIFIED, latch_ms=1.0, read_2_open=found, tries=tries
    )
    assert _say(evidence, context, is_running=is_running) == 1
    return out.getvalue().strip()


@pytest.mark.parametrize(
    ("found", "tries", "is_running", "words"),
    [
        (1, 3, True, "NOT VERIFIED after 3 tries: 1 order is open. Belay keeps trying."),
        (2, 1, False, "NOT VERIFIED after 1 try: 2 orders are open. Run: python main.py kill"),
        (None, 3, True, "NOT VERIFIED after 3 tries: the open orders cannot be read. Belay keeps trying."),
    ],
)
def test_an_unverified_kill(home: Path, found: int | None, tries: int, is_running: bool, words: str) -> None:
    assert said(home, found, tries, is_running=is_running) == words


def test_what_is_kept_is_named() -> None:
    assert open_but_kept(0) == "no order of yours is open"
    assert open_but_kept(2) == "nothing of yours is open but 2 protective stops"

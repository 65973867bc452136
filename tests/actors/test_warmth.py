"""The engine is compiled once, in a process of its own, before anything trades."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from actors import warmth
from core.errors import BelayError


@pytest.fixture
def cold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without compiled code, and a program in the place of Belay's."""
    monkeypatch.setattr(warmth, "ready_file", lambda: tmp_path / "ready")
    program = tmp_path / "program.py"
    monkeypatch.setattr(warmth, "_main_file", lambda: program)
    return tmp_path


def test_warm_already_is_nothing_to_do(cold: Path) -> None:
    (cold / "ready").touch()
    said: list[str] = []
    warmth.ensure_warm(said.append)  # there is no program: it would fail
    assert said == []


def test_cold_it_runs_the_command_and_says_so(cold: Path) -> None:
    (cold / "program.py").write_text(
        f"import os, sys\nopen({str(cold / 'ran')!r}, 'w').write(f'{{os.getpid()}} {{sys.argv[1:]}}')\n"
    )
    said: list[str] = []
    warmth.ensure_warm(said.append)
    number, words = (cold / "ran").read_text().split(" ", 1)
    assert words == "['warm']"
    assert int(number) != os.getpid()
    assert len(said) == 1
    assert "once" in said[0]


def test_what_failed_is_a_sentence(cold: Path) -> None:
    (cold / "program.py").write_text("import sys\nsys.exit('no compiler here')\n")
    with pytest.raises(BelayError, match=r"cannot be prepared: no compiler here"):
        warmth.ensure_warm(lambda text: None)


def test_where_it_looks() -> None:
    assert warmth.ready_file().name == "ready"
    assert warmth._main_file().name == "main.py"
    assert warmth._main_file().exists()
    assert sys.executable

"""Where machine code is kept: a folder per version of what it was made from."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import core.kernel.cache
from core.kernel.cache import SOURCES, choose_cache_folder, source_stamp

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A core of its own, as the stamp sees it."""
    for name in SOURCES:
        (tmp_path / "core" / name).mkdir(parents=True)
        (tmp_path / "core" / name / "one.py").write_text("x = 1", encoding="utf-8")
    monkeypatch.setattr(core.kernel.cache, "__file__", str(tmp_path / "core/kernel/cache.py"))
    return tmp_path / "core"


def test_the_stamp_is_the_sources(tree: Path) -> None:
    first = source_stamp()
    assert len(first) == 12
    assert source_stamp() == first
    (tree / "notes.txt").touch()
    assert source_stamp() == first
    for name in SOURCES:
        before = source_stamp()
        (tree / name / "one.py").write_text("x = 2", encoding="utf-8")
        assert source_stamp() != before


def test_the_stamp_of_a_frozen_build_is_its_executable(
    tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "belay"
    program.write_text("one", encoding="utf-8")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(program))
    first = source_stamp()
    (tree / "kernel/one.py").write_text("x = 2", encoding="utf-8")
    assert source_stamp() == first
    program.write_text("three", encoding="utf-8")
    assert source_stamp() != first


def test_a_folder_that_was_chosen_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "somewhere")
    choose_cache_folder()
    assert os.environ["NUMBA_CACHE_DIR"] == "somewhere"
    monkeypatch.delenv("NUMBA_CACHE_DIR")
    choose_cache_folder()
    assert Path(os.environ["NUMBA_CACHE_DIR"]).name == source_stamp()
    assert "NUMBA_CACHE_LOCATOR_CLASSES" not in os.environ


def test_a_frozen_build_has_a_locator_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", "somewhere")
    monkeypatch.setenv("NUMBA_CACHE_LOCATOR_CLASSES", "")
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    choose_cache_folder()
    module, _, name = os.environ["NUMBA_CACHE_LOCATOR_CLASSES"].rpartition(".")
    code = f"import os; os.environ['NUMBA_CACHE_DIR'] = 'x'; from {module} import {name}"
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)


def test_the_folder_is_chosen_before_the_compiler_comes() -> None:
    code = (
        "import core.kernel, sys, os; assert 'numba' not in sys.modules; assert os.environ['NUMBA_CACHE_DIR']; "
        "import core.kernel.rounding; import numba.core.config as c; "
        "assert c.CACHE_DIR == os.environ['NUMBA_CACHE_DIR']"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)

"""Failpoints: only the environment arms them, exactly one place at exactly one passing, and they cost nothing."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from time import perf_counter

import pytest

from actors.failpoints import POINTS, VARIABLE, parsed, reach
from core.settings_reference import describe, template
from tests.fakes.program import ROOT, environment

PASSES = "from actors.failpoints import reach\nfor n in range(5): reach('after-send'); print(n, flush=True)"


def passes(**armed: str) -> tuple[int, list[str], str]:
    done = subprocess.run([sys.executable, "-c", PASSES], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          env=environment(**armed), check=False)  # fmt: skip
    return done.returncode, done.stdout.split(), done.stderr


def test_unarmed_it_does_nothing() -> None:
    assert passes() == (0, ["0", "1", "2", "3", "4"], "")


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_armed_it_dies_at_that_passing() -> None:
    assert passes(**{VARIABLE: "after-send:3"})[:2] == (-9, ["0", "1"])
    assert passes(**{VARIABLE: "after-send"})[:2] == (-9, [])
    assert passes(**{VARIABLE: "before-send:1"})[0] == 0


@pytest.mark.parametrize("wrong", ["nowhere", "after-send:0", "after-send:x", ":1"])
def test_what_names_no_place_is_a_fault(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"names no place|invalid literal"):
        parsed(wrong)
    assert passes(**{VARIABLE: wrong})[0] == 1


def test_it_costs_nothing_unarmed() -> None:
    begin = perf_counter()
    for _ in range(100_000):
        reach("after-send")
    assert (perf_counter() - begin) / 100_000 < 5e-6


def test_no_setting_knows_of_them() -> None:
    assert "failpoint" not in (describe() + template()).lower()


def test_each_place_is_on_the_way_of_an_order() -> None:
    """Every name is reached somewhere in the product, and no other one."""
    found = set()
    for path in (ROOT / "actors").rglob("*.py"):
        if path != Path(ROOT, "actors/failpoints.py"):
            source = path.read_text(encoding="utf-8")
            for asked in re.findall(r"\breach\((.*)", source):
                found |= set(re.findall(r'"([a-z-]+)"', asked))
    assert found == set(POINTS)

"""What people call a strategy is the same word in its own file and in the list that needs no compiler."""

from __future__ import annotations

import subprocess
import sys

import pytest

from core.ids import InstanceId
from core.strategies.library import NAMES, load
from core.strategies.titles import title_of
from gui.order_words import strategy_name


@pytest.mark.parametrize("name", NAMES)
def test_the_list_agrees_with_the_file(name: str) -> None:
    assert title_of(name) == load(name).title
    assert strategy_name(InstanceId(f"{name}:BTC/USDT")) == load(name).title


def test_an_own_file_reads_as_words() -> None:
    assert title_of("my_ATR_breakout") == "My ATR breakout"


def test_the_window_knows_the_titles_without_the_compiler() -> None:
    code = "import sys, gui.order_words, gui.window; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=60, check=False).returncode == 0

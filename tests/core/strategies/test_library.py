"""The library: names with a hint, parameters with one sentence per fault, instances in a row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from core.errors import BadSettings
from core.strategies.library import NAMES, lay_out, load, parameters
from core.strategies.titles import TITLES, title_of
from tests.fakes.kernel_bench import BTC, ETH


@pytest.mark.parametrize(
    ("name", "hint"),
    [("ema_cros", "Did you mean ema_cross?"), ("gird", "Did you mean grid?"), ("zzz", "There are: ema_cross, grid."),
     ("", "There are: "), ("../grid", "Did you mean grid?"), ("GRID.py", "There are: ")],
)  # fmt: skip
def test_an_unknown_name_has_a_hint(name: str, hint: str) -> None:
    with pytest.raises(BadSettings) as caught:
        load(name)
    (sentence,) = caught.value.faults
    assert sentence.startswith(f"No strategy is called {name!r}. {hint}")


@pytest.mark.parametrize("name", NAMES)
def test_each_strategy_is_whole(name: str) -> None:
    strategy = load(name)
    assert strategy.title == TITLES[name] == title_of(name)
    assert strategy.summary.endswith(".")
    module = strategy.module
    assert set(module.params_t.names) == set(module.DEFAULTS)
    values = parameters(strategy, {})
    assert all(type(value) is Decimal for value in values.values())
    assert module.slots(values) >= 1
    assert module.faults(values) == []


@pytest.mark.parametrize(
    ("name", "given", "faults"),
    [
        ("grid", {"level": 3}, ["Strategy grid has no parameter 'level'. It has: levels, spacing"]),
        ("grid", {"levels": "three"}, ["grid.levels 'three' is not a number."]),
        ("grid", {"levels": 2.5}, ["grid.levels must be a Decimal, an int or a decimal text, not float 2.5."]),
        ("grid", {"levels": "2.5"}, ["grid.levels is 2.5, but it counts whole numbers."]),
        ("grid", {"spacing": "nan"}, ["grid.spacing 'nan' is not finite."]),
        ("grid", {"levels": 0}, ["Strategy grid: levels must be from 1 to 50."]),
        ("grid", {"levels": 51}, ["Strategy grid: levels must be from 1 to 50."]),
        ("grid", {"geometric": 2}, ["Strategy grid: geometric must be 0 or 1."]),
        ("grid", {"geometric": -1, "trail": 0}, ["geometric must be 0 or 1.", "trail, stop_gaps, atr and stake must"]),
        ("ema_cross", {"fast": 26}, ["Strategy ema_cross: fast must be at least 1 and below slow."]),
        ("ema_cross", {"fast": 0}, ["fast must be at least 1 and below slow."]),
        ("ema_cross", {"atr": 0, "fast": 30}, ["below slow.", "atr, stop_atr and stake must be above zero."]),
        ("ema_cross", {"stop_atr": "-1"}, ["atr, stop_atr and stake must be above zero."]),
        ("ema_cross", {"slow": 10**20}, ["ema_cross.slow is 100000000000000000000; write at most 1000000000."]),
        ("ema_cross", {"stake": "1e400", "fast": "x"}, ["ema_cross.fast 'x'", "ema_cross.stake is 1e400; write"]),
    ],
)  # fmt: skip
def test_faults_of_parameters(name: str, given: dict[str, Any], faults: list[str]) -> None:
    with pytest.raises(BadSettings) as caught:
        parameters(load(name), given)
    assert len(caught.value.faults) == len(faults)
    for found, expected in zip(caught.value.faults, faults, strict=True):
        assert expected in found
        assert found.endswith(".")


def test_given_parameters_go_over_the_defaults() -> None:
    values = parameters(load("grid"), {"levels": "7", "spacing": Decimal("2.5"), "geometric": True})
    assert (values["levels"], values["spacing"], values["geometric"], values["stake"]) == (
        7,
        Decimal("2.5"),
        1,
        45,
    )


def test_instances_lie_in_a_row() -> None:
    found = lay_out([("grid", BTC, {"levels": 3}), ("ema_cross", BTC, {}), ("grid", ETH, {})])
    assert [(one.id, one.first, one.slots) for one in found] == [
        ("grid:BTC/USDT", 0, 3), ("ema_cross:BTC/USDT", 3, 1), ("grid:ETH/USDT", 4, 5),
    ]  # fmt: skip


def test_a_strategy_twice_on_a_symbol_is_refused() -> None:
    with pytest.raises(BadSettings, match="named twice for one symbol"):
        lay_out([("grid", BTC, {}), ("grid", BTC, {"levels": 2})])


def test_an_own_file_has_a_readable_title() -> None:
    assert title_of("my_breakout") == "My breakout"

"""The strategies that Belay brings: found by name, checked, laid out as instances of a plan."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from core.errors import BadSettings
from core.ids import InstanceId, Symbol
from core.money import exact
from core.plan import Instance

NAMES = ("ema_cross", "grid")
BY_HAND = "by_hand"
"""What orders placed by hand stand under; nobody chooses it as a strategy."""
MOST = 10**9
"""Largest parameter: far beyond all sense, and safe in every record."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """One strategy file; see ``core.strategies.contract``."""

    name: str
    title: str
    module: Any

    @property
    def summary(self) -> str:
        return str(self.module.__doc__ or "").strip().partition("\n")[0]


def load(name: str) -> Strategy:
    """The strategy called ``name``; ``BadSettings`` with the nearest name when there is none."""
    if name not in (*NAMES, BY_HAND):
        near = get_close_matches(name, NAMES, 1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(NAMES)}."
        raise BadSettings(f"No strategy is called {name!r}. {hint}")
    module = importlib.import_module(f"core.strategies.{name}")
    return Strategy(name, module.TITLE, module)


def parameters(strategy: Strategy, given: Mapping[str, Any]) -> dict[str, Decimal]:
    """The defaults with ``given`` over them, exact; ``BadSettings`` with one sentence per fault."""
    defaults = strategy.module.DEFAULTS
    faults = [
        f"Strategy {strategy.name} has no parameter {name!r}. It has: {', '.join(defaults)}."
        for name in given
        if name not in defaults
    ]
    values: dict[str, Decimal] = {}
    for name, default in defaults.items():
        value = given.get(name, default)
        try:
            number = exact(value if not isinstance(value, bool) else int(value), f"{strategy.name}.{name}")
        except ValueError as error:
            faults.append(f"{error}.")
            continue
        if abs(number) > MOST:
            faults.append(f"{strategy.name}.{name} is {value}; write at most {MOST}.")
        if isinstance(default, int) and number != number.to_integral_value():
            faults.append(f"{strategy.name}.{name} is {value}, but it counts whole numbers.")
        values[name] = number
    if not faults:
        faults = [f"Strategy {strategy.name}: {fault}." for fault in strategy.module.faults(values)]
    if faults:
        raise BadSettings(*faults)
    return values


def lay_out(wanted: Iterable[tuple[str, Symbol, Mapping[str, Any]]]) -> tuple[Instance, ...]:
    """Instances with consecutive flat slots, from (strategy, symbol, given parameters)."""
    instances: list[Instance] = []
    first = 0
    for name, symbol, given in wanted:
        strategy = load(name)
        values = parameters(strategy, given)
        slots = strategy.module.slots(values)
        instances.append(
            Instance(
                id=InstanceId(f"{name}:{symbol}"),
                strategy=name,
                symbol=symbol,
                params=tuple(values.items()),
                first=first,
                slots=slots,
            )
        )
        first += slots
    if len({one.id for one in instances}) < len(instances):
        raise BadSettings("A strategy is named twice for one symbol. Name each once.")
    return tuple(instances)

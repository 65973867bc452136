"""Orders that a person places by hand: it declares nothing itself, and its slots are guarded like any other's."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.compiled import inlined

TITLE = "By hand"
SLOTS = 8
"""Purchases by hand that one market can hold at a time, each with its own stop."""

state_t = np.dtype([("nothing", "i8")], align=True)
params_t = np.dtype([("nothing", "i8")], align=True)
DEFAULTS: dict[str, int | str] = {}


def slots(params: dict[str, Any]) -> int:
    """One per purchase."""
    return SLOTS


def faults(params: dict[str, Any]) -> list[str]:
    """It has no parameters."""
    return []


@inlined
def step(candle: Any, account: Any, state: Any, params: Any, orders: Any) -> None:
    """Nothing: a person decides."""


def note(state: Any, params: Any, orders: Any, price: float) -> str:
    return "Waits for you."


def lines(state: Any) -> tuple[tuple[str, float], ...]:
    return ()

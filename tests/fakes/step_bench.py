"""One strategy's step by hand: candles in, its declared orders out, and the venue's answers set as one likes."""

from __future__ import annotations

from typing import Any

import numpy as np

from core.kernel.records import CANCELLED, DENIED, FILLED, OPEN, REFUSED, candle_t, slot_t, view_t
from core.strategies.library import load, parameters

MINUTE = 60_000
WORDS = {"open": OPEN, "filled": FILLED, "denied": DENIED, "refused": REFUSED, "cancelled": CANCELLED}


class StepBench:
    """``orders`` are the slots; a declared order stays pending until ``answer``."""

    def __init__(self, name: str, **given: Any) -> None:
        strategy = load(name)
        self.module = strategy.module
        values = parameters(strategy, given)
        self.params = np.zeros(1, self.module.params_t)[0]
        for key, value in values.items():
            self.params[key] = value
        self.state = np.zeros(1, self.module.state_t)[0]
        self.orders = np.zeros(self.module.slots(values), slot_t)
        self.view = np.zeros(1, view_t)[0]
        self.ts = 0
        self.price = 0.0

    def candle(self, close: float, reach: float = 1.0) -> list[int]:
        """A candle of that reach around its close; the slots that declared something new."""
        candle = np.zeros(1, candle_t)[0]
        candle["ts"], candle["close"], candle["open"], candle["volume"] = self.ts, close, close, 1.0
        candle["high"], candle["low"] = close + reach / 2, close - reach / 2
        before = self.orders["sequence"].copy()
        self.module.step(candle, self.view, self.state, self.params, self.orders)
        self.ts += MINUTE
        self.price = close
        return [int(k) for k in np.flatnonzero(self.orders["sequence"] > before)]

    def walk(self, *closes: float, reach: float = 1.0) -> list[int]:
        """The slots that declared something on the way, in order."""
        return [slot for close in closes for slot in self.candle(close, reach)]

    def answer(self, slot: int, status: str, held: float | None = None) -> None:
        """What became of the slot's newest order."""
        order = self.orders[slot]
        order["live_sequence"] = order["sequence"]
        order["live_side"], order["live_price"] = order["side"], order["price"]
        order["status"] = WORDS[status]
        if held is not None:
            order["held"] = held
            order["guard_price"] = order["stop"] if held else 0.0

    def note(self) -> str:
        return str(self.module.note(self.state, self.params, self.orders, self.price))

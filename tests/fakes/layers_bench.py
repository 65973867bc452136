"""One order that every layer of the judge lets pass, field by field to be broken; compiled and interpreted judges."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numba.core import config

import core.risk.layers
from core.kernel.records import LIMIT, NEVER, account_t, limits_t, market_t, slot_t, verdict_t
from core.risk.verdict import Reason

NAN, INF = float("nan"), float("inf")
Weigh = Callable[..., int]


def interpreted() -> Any:
    """The same file with its functions left in Python, so that branches are seen to be walked."""
    path = Path(core.risk.layers.__file__)
    spec = importlib.util.spec_from_file_location("layers_in_python", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before, config.DISABLE_JIT = config.DISABLE_JIT, True
    try:
        spec.loader.exec_module(module)
    finally:
        config.DISABLE_JIT = before
    return module


WEIGHERS: dict[str, Weigh] = {"compiled": core.risk.layers.weigh, "interpreted": interpreted().weigh}


def record(dtype: Any, **values: float) -> Any:
    made = np.zeros(1, dtype).view(np.recarray)[0]
    for name, value in values.items():
        made[name] = value
    return made


class Case:
    """A buy of 0.4 at 100 with a stop at 90, which every layer lets pass; without costs unless set."""

    def __init__(self) -> None:
        self.limits = record(
            limits_t, mode_allowed=1, max_order=50, risk_share=0.01, daily_entries=20, daily_loss_share=0.05,
            daily_loss=20, min_order=10, price_band=0.05, max_spread=0.005, max_slippage=0.01, symbol_share=0.2,
            max_position=250, total_share=2, max_exposure=20_000, cooldown=300_000, entry_rate=10,
        )  # fmt: skip
        self.account = record(
            account_t,
            cash=10_000,
            equity=10_000,
            day_start_equity=10_000,
            now=10**12,
            minute=10**12 // 60_000,
        )
        self.market = record(market_t, usd=1, allowed=1, last=100, hurt_at=NEVER)
        self.slot = record(
            slot_t, live_side=1, live_kind=LIMIT, live_price=100, live_quantity=0.4, live_stop=90
        )
        self.order = record([("reference", "f8")], reference=100)
        self.verdict = record(verdict_t)

    def put(self, name: str, value: float) -> Case:
        """Set a field, wherever it is."""
        for part in (self.limits, self.account, self.market, self.slot, self.order):
            if name in (part.dtype.names or ()):
                part[name] = value
                return self
        raise AssertionError(f"nothing has a {name}")

    def put_in(self, part: str, **values: float) -> Case:
        """Set fields of one record."""
        for name, value in values.items():
            getattr(self, part)[name] = value
        return self

    def weigh(self, weigh: Weigh = core.risk.layers.weigh) -> tuple[int, float, float]:
        reference = float(self.order["reference"])
        with np.errstate(all="ignore"):  # machine code does not warn either
            code = weigh(self.limits, self.account, self.market, self.slot, reference, self.verdict)
        assert code == self.verdict["reason"]
        return int(code), float(self.verdict["limit"]), float(self.verdict["asked"])


BREAKS: dict[Reason, tuple[str, float]] = {
    Reason.HALTED: ("state", 2), Reason.MODE: ("mode_allowed", 0), Reason.REDUCING: ("state", 1),
    Reason.DAILY_LOSS: ("equity", 9000), Reason.DAILY_ENTRIES: ("day_entries", 20), Reason.SIDE: ("live_side", 0),
    Reason.NOT_ALLOWED: ("allowed", 0), Reason.NO_USD_PRICE: ("usd", NAN), Reason.BELOW_MINIMUM: ("min_order", 1e6),
    Reason.ABOVE_MAXIMUM: ("max_order", 1), Reason.NO_STOP: ("live_stop", 0),
    Reason.RISK_AT_STOP: ("risk_share", 1e-9), Reason.PRICE: ("price_band", -0.5),
    Reason.STALE_PRICE: ("is_stale", 1), Reason.SPREAD: ("max_spread", -1), Reason.SLIPPAGE: ("max_slippage", -1),
    Reason.SYMBOL_SHARE: ("symbol_share", 0), Reason.POSITION: ("max_position", 0),
    Reason.TOTAL_SHARE: ("total_share", 0), Reason.EXPOSURE: ("max_exposure", 0), Reason.COOLDOWN: ("hurt_at", 10**12),
    Reason.ORDER_RATE: ("entry_rate", 0), Reason.BALANCE: ("reserved", 9999),
}  # fmt: skip

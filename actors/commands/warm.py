"""``warm``: compile the kernels into the disk cache, so that no later start waits for the compiler."""

from __future__ import annotations

import argparse
import shutil
from decimal import Decimal
from time import perf_counter

from actors.commands.context import Context
from actors.warmth import ready_file

KEPT = 3
"""Versions of the machine code that stay on disk: an older Belay beside this one may still use its own."""


def warm(args: argparse.Namespace, context: Context) -> int:
    """Run every compiled function once, with both strategies, on made candles."""
    start = perf_counter()
    import numpy as np

    from core.backtest import run_backtest
    from core.ids import BookId, Symbol
    from core.instrument import Instrument
    from core.kernel.fold import Fold
    from core.kernel.records import candle_t
    from core.limits import Limits
    from core.modes import Mode
    from core.plan import Costs, Plan
    from core.strategies.library import NAMES, lay_out

    symbol = Symbol("BTC/USDT")
    plan = Plan(
        book=BookId("warm"),
        mode=Mode.PAPER,
        timeframe="1m",
        instruments=(Instrument(symbol, Decimal("0.01"), Decimal("0.00001")),),
        instances=lay_out((name, symbol, {}) for name in NAMES),
        costs=Costs(),
        limits=Limits(),
        cash=Decimal(10_000),
    )
    candles = np.zeros(400, candle_t)
    wave = 100 + 5 * np.sin(np.arange(400) / 15)
    candles["ts"] = np.arange(400) * 60_000
    candles["open"] = candles["close"] = wave
    candles["high"], candles["low"], candles["volume"] = wave + 1, wave - 1, 1_000
    run_backtest(plan, candles, np.zeros(400, np.int64))
    from actors.venues.paper import PaperVenue
    from core.market import Bar

    venue, fold = PaperVenue(plan), Fold(plan)
    venue.advance(1, symbol, Bar(0, 100.0, 101.0, 99.0, 100.0, 10.0))
    fold.mark(symbol, Bar(0, 100.0, 101.0, 99.0, 100.0, 10.0))
    ready = ready_file()
    ready.parent.mkdir(parents=True, exist_ok=True)
    ready.touch()
    for stale in sorted(ready.parent.parent.iterdir(), key=lambda one: one.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(stale, ignore_errors=True)
    context.say(f"The kernels are ready ({perf_counter() - start:.1f} s).")
    return 0

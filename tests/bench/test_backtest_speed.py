"""Compiled backtest: candles a second of the whole bot, against a bare loop of the same EMA cross in the same run."""

from __future__ import annotations

from decimal import Decimal
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
import pytest
from numba import njit

from core.ids import BookId, Symbol
from core.instrument import Instrument
from core.kernel.arena import Arena
from core.kernel.engine import run
from core.kernel.records import candle_t, report_t
from core.limits import Limits
from core.modes import Mode
from core.plan import Costs, Plan
from core.strategies.library import lay_out

pytestmark = pytest.mark.bench
COUNT = 1_000_000
RUNS = 5
TARGET = 5.0
SLACK = 1.6  # a busy machine moves the ratio
BTC = Symbol("BTC/USDT")


def made_candles() -> Any:
    """A random walk on whole cents."""
    dice = np.random.default_rng(7)
    close = np.round(30_000 * np.exp(np.cumsum(dice.normal(0, 0.001, COUNT))), 2)
    candles = np.zeros(COUNT, candle_t)
    candles["ts"], candles["close"], candles["volume"] = np.arange(COUNT) * 60_000, close, 100
    candles["open"] = np.concatenate([[30_000], close[:-1]])
    candles["high"] = np.round(np.maximum(candles["open"], close) * 1.0003, 2)
    candles["low"] = np.round(np.minimum(candles["open"], close) * 0.9997, 2)
    return candles


def plan(*names: str) -> Plan:
    return Plan(
        book=BookId("paper/bench"), mode=Mode.PAPER, timeframe="1m", cash=Decimal(10_000), costs=Costs(),
        instruments=(Instrument(BTC, Decimal("0.01"), Decimal("0.00001")),), limits=Limits(),
        instances=lay_out((name, BTC, {}) for name in names),
    )  # fmt: skip


@njit
def bare(candles, equity, fast_length, slow_length, atr_length, stop_atr, stake, fee, slip):  # type: ignore[no-untyped-def]
    """The same rules by hand, all in registers: EMAs, ATR stop, market orders at the next open, fees, equity curve."""
    fast = slow = reach = last = held = stop = next_stop = 0.0
    cash, above, wish, fills = 10_000.0, 0, 0, 0
    fast_weight, slow_weight = 2.0 / (fast_length + 1), 2.0 / (slow_length + 1)
    for i in range(candles.shape[0]):
        candle = candles[i]
        if wish == 1:
            held, stop = stake / (candle.open * (1 + slip)), next_stop
            cash -= stake * (1 + fee)
            fills += 1
        elif wish == -1 and held > 0.0:
            cash += held * candle.open * (1 - slip) * (1 - fee)
            held, fills = 0.0, fills + 1
        wish = 0
        if held > 0.0 and candle.low <= stop:
            cash += held * min(stop, candle.open) * (1 - slip) * (1 - fee)
            held, fills = 0.0, fills + 1
        close = candle.close
        equity[i] = cash + held * close
        height = candle.high - candle.low
        if i == 0:
            fast = slow = close
        else:
            fast += (close - fast) * fast_weight
            slow += (close - slow) * slow_weight
            height = max(height, abs(candle.high - last), abs(candle.low - last))
        last = close
        reach += (height - reach) / min(i + 1, atr_length)
        is_up = 1 if fast > slow else 0
        if i > slow_length:
            if is_up and not above and held == 0.0:
                wish, next_stop = 1, close - stop_atr * reach
            elif not is_up and held > 0.0:
                wish = -1
        above = is_up
    return fills


def seconds_bare(candles: Any) -> float:
    equity = np.zeros(COUNT)
    start = perf_counter()
    fills = bare(candles, equity, 12, 26, 14, 3.0, 45.0, 0.001, 0.00015)
    spent = perf_counter() - start
    assert fills > 10_000
    return spent


def seconds_engine(of: Plan, candles: Any) -> float:
    """The loop alone, as the other loop is measured; the records around it cost the same for one candle or many."""
    arena, equity, fills = Arena(of, steps=True), np.zeros(COUNT), np.zeros(COUNT, report_t)
    start = perf_counter()
    done = run(
        candles, np.zeros(COUNT, np.int64), of.frame_ms, arena.roster, arena.slot_instance, arena.instance_symbol,
        arena.account, arena.positions, arena.markets, arena.limits, arena.slots, arena.book, arena.view, arena.state,
        arena.params, arena.wishes, arena.verdict, arena.reports, fills, equity, arena.denials, 0, COUNT,
    )  # fmt: skip
    spent = perf_counter() - start
    assert done == COUNT
    assert arena.account[0]["fills"] > 5_000
    return spent


def test_backtest_against_a_bare_loop() -> None:
    candles = made_candles()
    plans = {"EMA cross": plan("ema_cross"), "grid": plan("grid"), "both": plan("ema_cross", "grid")}
    seconds_bare(candles)  # compiles
    for each in plans.values():
        seconds_engine(each, candles)
    loop: list[float] = []
    spent: dict[str, list[float]] = {name: [] for name in plans}
    for _ in range(RUNS):
        loop.append(seconds_bare(candles))
        for name, each in plans.items():
            spent[name].append(seconds_engine(each, candles))
    rates = {name: f"{COUNT / median(runs) / 1e6:.1f} M/s" for name, runs in spent.items()}
    ratio = median(spent["EMA cross"]) / median(loop)
    print(
        f"\nbacktest: {rates} candles, judge and matching on; bare loop of the EMA cross "
        f"{COUNT / median(loop) / 1e6:.0f} M/s; ratio {ratio:.1f} (target: at most {TARGET:g})"
    )
    assert ratio < TARGET * SLACK

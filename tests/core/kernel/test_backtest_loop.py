"""The backtest loop: in one piece or in many, whatever the room for fills; money is conserved."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import core.backtest
from core.backtest import Result, run_backtest
from core.ids import Currency, Symbol
from core.intent import Side
from core.kernel.arena import Arena
from core.kernel.engine import run
from core.kernel.records import candle_t, report_t
from core.limits import Limits
from core.plan import Costs, Plan
from core.position import Portfolio
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, ETH, FREE, instrument, plan
from tests.fakes.kernel_candles import merged, walk

WIDE = Limits(
    daily_loss_usd=Decimal(1000), cooldown_minutes=0, max_position_usd=Decimal(1000), symbol_share=Decimal(1),
    total_share=Decimal(1),
)  # fmt: skip
NAMES = ("account", "positions", "markets", "slots", "book", "state", "denials")


def four() -> Plan:
    wanted: list[tuple[str, Symbol, dict[str, Any]]] = [
        (name, symbol, {}) for symbol in (BTC, ETH) for name in ("grid", "ema_cross")
    ]
    markets = (instrument(BTC, "0.01", "0.00001"), instrument(ETH, "0.01", "0.0001"))
    return plan(*markets, instances=lay_out(wanted), costs=Costs(), limits=WIDE, cash="2000")


CANDLES, SYMBOLS = merged(walk(900, seed=1), walk(900, seed=2, start=20.0))


class Fresh:
    """One arena for all runs, because its steps take a while to compile; ``again`` makes it as new."""

    def __init__(self) -> None:
        self.arena = Arena(four(), steps=True)
        self._new = {name: getattr(self.arena, name).copy() for name in NAMES}

    def again(self) -> Arena:
        for name, array in self._new.items():
            getattr(self.arena, name)[:] = array
        return self.arena


FRESH = Fresh()


def in_pieces(cuts: Sequence[int]) -> tuple[bytes, ...]:
    """Everything that a run leaves, as bytes."""
    arena = FRESH.again()
    fills, equity = np.zeros(2000, report_t), np.zeros(len(CANDLES))
    edges = [0, *sorted(cuts), len(CANDLES)]
    for first, last in pairwise(edges):
        done = run(
            CANDLES, SYMBOLS, 60_000, arena.roster, arena.slot_instance, arena.instance_symbol, arena.account,
            arena.positions, arena.markets, arena.limits, arena.slots, arena.book, arena.view, arena.state,
            arena.params, arena.wishes, arena.verdict, arena.reports, fills, equity, arena.denials, first, last,
        )  # fmt: skip
        assert done == last
    return (fills.tobytes(), equity.tobytes(), *(getattr(arena, name).tobytes() for name in NAMES))


WHOLE = in_pieces([])


@pytest.fixture(scope="module")
def whole() -> Result:
    return run_backtest(four(), CANDLES, SYMBOLS)


@settings(max_examples=25)
@given(st.lists(st.integers(0, len(CANDLES)), max_size=6))
def test_in_pieces_is_as_in_one(cuts: list[int]) -> None:
    assert in_pieces(cuts) == WHOLE


@pytest.mark.parametrize("chunk", [37, 250_000])
def test_the_room_for_fills_grows(whole: Result, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.backtest, "FIRST_ROOM", 1)
    monkeypatch.setattr(core.backtest, "CHUNK", chunk)
    pieces = run_backtest(four(), CANDLES, SYMBOLS)
    room = len(pieces.arena.reports)
    assert len(whole.fills) > 2 * room  # it had to grow more than once
    assert pieces.fills == whole.fills
    assert list(pieces.equity) == list(whole.equity)


def test_progress_may_stop_it(whole: Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(core.backtest, "CHUNK", 100)
    told: list[int] = []

    def progress(done: int) -> bool:
        told.append(done)
        return done < 300

    result = run_backtest(four(), CANDLES, SYMBOLS, progress=progress)
    assert told == [100, 200, 300]
    assert len(result.equity) == 300
    assert list(result.equity) == list(whole.equity[:300])
    assert list(result.fills) == [fill for fill in whole.fills if int(fill.execution_id.split(".")[0]) <= 300]


def books_of(result: Result) -> tuple[Decimal, Decimal, Portfolio]:
    """Cash, fees and positions from the exact fills alone."""
    cash, fees, portfolio = result.plan.cash, Decimal(0), Portfolio()
    for fill in result.fills:
        cash -= fill.side * fill.cost + fill.fee.amount
        fees += fill.fee.amount
        portfolio = portfolio.after(fill)
    return cash, fees, portfolio


def test_no_money_comes_or_goes(whole: Result) -> None:
    result = whole
    cash, fees, portfolio = books_of(result)
    account = result.arena.account[0]
    assert (account["cash"], account["fees"]) == (float(cash), float(fees))
    assert account["fills"] == len(result.fills) > 100
    for at, instance in enumerate(result.plan.instances):
        held = portfolio.of(instance.id, instance.symbol).quantity
        assert result.arena.positions[at]["quantity"] == float(held)
        assert sum(Decimal(repr(float(each["held"]))) for each in result.arena.slots_of(at)) == held
    worth = sum(portfolio.held(symbol) * Decimal(repr(float(result.arena.markets[at]["last"])))
                for at, symbol in enumerate(result.plan.symbols))  # fmt: skip
    assert abs(result.final_equity - (cash + worth)) < Decimal("1e-7")
    assert Decimal(repr(float(result.equity[-1]))) == result.final_equity


def test_fills_are_in_exact_values_and_in_order(whole: Result) -> None:
    result = whole
    assert len({fill.execution_id for fill in result.fills}) == len(result.fills)
    assert [fill.at for fill in result.fills] == sorted(fill.at for fill in result.fills)
    for fill in result.fills:
        market = result.plan.instruments[result.plan.symbols.index(fill.identity.symbol)]
        assert fill.price % market.tick == 0
        assert fill.quantity % market.step == 0
        assert fill.fee.currency == Currency("USDT")
    sequences: dict[object, int] = {}
    for fill in result.fills:  # within a slot sequences only go up
        slot = (fill.identity.instance, fill.identity.slot)
        assert fill.identity.sequence >= sequences.get(slot, 0)
        sequences[slot] = fill.identity.sequence


def test_two_runs_are_the_same(whole: Result) -> None:
    """Even in an arena of their own; the other half of the proof is in ``in_pieces``."""
    again = run_backtest(four(), CANDLES, SYMBOLS)
    assert (again.fills, list(again.equity)) == (whole.fills, list(whole.equity))


def test_an_empty_run() -> None:
    result = run_backtest(four(), CANDLES[:0], SYMBOLS[:0])
    assert (result.fills, list(result.equity), result.final_equity, result.denials) == ((), [], 2000, {})


def rising(count: int = 200) -> Any:
    """Falls for forty candles, then rises without end: one cross upwards, none back."""
    closes = np.concatenate([np.linspace(120, 100, 40), np.linspace(100.5, 200, count - 40)]).round(2)
    candles = np.zeros(count, candle_t)
    candles["ts"] = 60_000 * np.arange(count)
    candles["close"] = closes
    candles["open"] = np.concatenate([closes[:1], closes[:-1]])
    candles["high"] = np.maximum(candles["open"], closes)
    candles["low"] = np.minimum(candles["open"], closes)
    candles["volume"] = 1000
    return candles


@pytest.mark.parametrize("costs", [FREE, Costs()])
def test_buy_and_hold_in_closed_form(costs: Costs) -> None:
    candles = rising()
    trend = lay_out([("ema_cross", BTC, {"stop_atr": "20"})])
    of = plan(instrument(BTC, "0.01", "0.00001"), instances=trend, costs=costs, limits=WIDE)
    result = run_backtest(of, candles, np.zeros(len(candles), np.int64))
    (fill,) = result.fills
    assert fill.side is Side.BUY
    at = int(np.flatnonzero(candles["ts"] == fill.at_ms)[0])
    assert 40 < at < 80
    worse = costs.spread / 2 + costs.slippage
    open_ = Decimal(repr(float(candles["open"][at])))
    assert open_ * (1 + worse) <= fill.price < open_ * (1 + worse) + Decimal("0.01")
    wished = Decimal(45) / Decimal(repr(float(candles["close"][at - 1])))
    assert wished - Decimal("0.00001") < fill.quantity <= wished
    assert fill.fee.amount == (fill.price * fill.quantity * costs.taker).quantize(Decimal("1e-8"))
    cash = 10_000 - fill.price * fill.quantity - fill.fee.amount
    assert list(result.equity[:at]) == [10_000] * at
    for n in range(at, len(candles)):
        assert result.equity[n] == float(cash + fill.quantity * Decimal(repr(float(candles["close"][n]))))
    assert result.drawdown >= 0

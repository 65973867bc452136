"""The pieces that the stages are made of give the backtest's fills, equity and denials, to the last digit."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from typing import Any

import pytest

from core.backtest import run_backtest
from core.limits import Limits
from core.order import Fill
from core.plan import Costs, Plan
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, ETH, instrument, plan
from tests.fakes.kernel_candles import merged, walk
from tests.fakes.line_bench import Line, bars

THIN = Costs(maker=Decimal("0.0008"), taker=Decimal("0.0012"), participation=Decimal("0.1"))
WIDE = Limits(daily_loss_usd=Decimal(1000))


def two_by_two(costs: Costs = THIN, limits: Limits = WIDE, cash: str = "1000") -> Plan:
    """A grid and a trend on each of two symbols, with near stops; small steps, so that thin volume splits orders."""
    given: dict[str, dict[str, Any]] = {
        "grid": {"levels": 3, "spacing": "2", "stop_gaps": "1"},
        "ema_cross": {"stop_atr": "1"},
    }
    wanted = [(name, symbol, given[name]) for symbol in (BTC, ETH) for name in given]
    markets = (instrument(BTC, "0.01", "0.00001"), instrument(ETH, "0.05", "0.001"))
    return plan(*markets, instances=lay_out(wanted), costs=costs, limits=limits, cash=cash)


def candles_of(count: int, volume: float = 3.0) -> tuple[Any, Any]:
    eth = walk(count, seed=12, start=20.0, volume=5 * volume)
    for column in ("open", "high", "low", "close"):
        eth[column] = (eth[column] * 20).round() / 20
    return merged(walk(count, seed=11, volume=volume), eth)


def played(of: Plan, candles: Any, symbols: Any, restarts: tuple[int, ...] = ()) -> Line:
    line = Line(of)
    for n, (symbol, bar) in enumerate(zip(symbols, bars(candles), strict=True)):
        if n in restarts:
            line.restart()
        line.candle(of.symbols[symbol], bar)
    return line


@pytest.mark.parametrize("limits", [WIDE, Limits(), Limits(daily_entries=3, daily_loss_usd=Decimal("0.5"))])
def test_the_pieces_agree_with_the_backtest(limits: Limits) -> None:
    of = two_by_two(limits=limits)
    candles, symbols = candles_of(800)
    expected = run_backtest(of, candles, symbols)
    line = played(of, candles, symbols, restarts=(400, 401, 1111))
    assert line.fills == list(expected.fills)
    assert line.equity == list(expected.equity)
    assert Counter(str(denial.reason) for denial in line.denials) == expected.denials
    assert line.risk.arena.account[0] == expected.arena.account[0]
    if limits is WIDE:  # the market was lively: orders filled in parts, and stops traded
        parts = Counter(fill.client_order_id for fill in line.fills)
        assert max(parts.values()) > 1
        assert sum(not fill.is_maker for fill in line.fills) > 20
        assert any(is_stop(fill) for fill in line.fills)
    else:
        assert line.denials


def is_stop(fill: Fill) -> bool:
    return fill.identity.slot >= (3 if "grid" in fill.identity.instance else 1)


def test_the_venue_and_the_books_agree_at_the_end() -> None:
    of = two_by_two()
    candles, symbols = candles_of(700)
    line = played(of, candles, symbols)
    resting = {order.client_order_id: order for order in line.venue.open_orders()}
    mine = {order.client_order_id: order for order in line.table.working()}
    assert resting.keys() == mine.keys()
    for key, order in mine.items():
        theirs = resting[key]
        assert (order.price, order.quantity, order.filled) == (theirs.price, theirs.quantity, theirs.filled)
    # what the strategies' own fold holds is what the judge's holds
    steps, judged = line.strategy._fold.arena, line.risk.arena
    for name in ("held", "status", "filled", "paid", "guard_price", "guard_sequence", "live_sequence"):
        assert list(steps.slots[name]) == list(judged.slots[name]), name
    assert list(steps.positions) == list(judged.positions)
    assert steps.account[0]["cash"] == judged.account[0]["cash"]

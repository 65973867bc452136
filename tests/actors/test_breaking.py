"""The failure breaker in the risk stage: what it counts, what it stops, how a restart goes on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from actors.hub import FactHub
from actors.risk.breaking import PIECE
from actors.risk.stage import RiskStage
from core.clock import SystemClock
from core.halt import Latch
from core.ids import Currency, VenueName
from core.intent import Kind, Side
from core.market import Bar
from core.messages import (
    Consider,
    Difference,
    LinkNoted,
    OrderCancelled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    Reconciled,
    ResumeEntries,
    StateChanged,
)
from core.modes import TradingState
from core.order import OrderState
from core.risk.breaker import Breaker, BreakerState
from core.risk.verdict import Approved, Denied, Reason
from core.venue import LinkStatistics
from tests.core.test_tracking import made
from tests.fakes.order_bench import AT, BTC, Judged, nothing


class Bench:
    """A risk stage on a real venue; ``name`` and ``tell`` make this the executor behind it."""

    name = "executor"

    def __init__(self, *, sees_market: bool = True, pieces: dict[str, bytes] | None = None) -> None:
        self.judged, self.told, self.states = Judged(), list[Any](), list[StateChanged]()
        hub = FactHub()
        hub.subscribe(self.states.append, StateChanged)
        restart = replace(nothing(), pieces=pieces or {})  # type: ignore[type-var]
        self.stage = RiskStage(
            hub, self.judged.plan, self, Latch(None), SystemClock(), restart, sees_market=sees_market  # type: ignore[arg-type]
        )  # fmt: skip
        self.stage.begin()
        self.minutes = 0

    def tell(self, message: object) -> None:
        self.told.append(message)

    def candle(self, *slots: int, minutes: int = 1, close: float = 50_000.0) -> list[Any]:
        """The verdicts on one entry in each of these slots."""
        self.minutes += minutes
        bar = Bar(self.minutes * 60_000, close, close, close, close, 100.0)
        wishes = tuple(self.judged.intent(slot) for slot in slots)
        at = AT + timedelta(minutes=self.minutes)
        self.stage.receive(Consider(self.minutes, BTC, bar, at, wishes))
        return list(self.told[-1].verdicts)

    def fail(self, fact: Any, times: int = 5) -> None:
        for _ in range(times):
            self.stage.receive(fact)


REFUSED = OrderRefused(replace(made(OrderState.REFUSED), side=Side.BUY, kind=Kind.LIMIT))
DIFFERENCE = Difference(currency=Currency("BTC"), venue=Decimal(1), ours=Decimal(2))
DIFFERENT = Reconciled(AT, "every minute", (DIFFERENCE,), ())


def note(**counters: int) -> LinkNoted:
    return LinkNoted(VenueName("kraken"), "streaming", "", LinkStatistics(**counters))


def test_five_refused_orders_stop_entries_and_one_that_is_placed_opens_them() -> None:
    bench = Bench()
    bench.candle()
    bench.fail(REFUSED)
    (verdict,) = bench.candle(0)
    assert (verdict.reason, bench.states[-1].state) == (Reason.REDUCING, TradingState.REDUCING)
    assert bench.states[-1].cause == "after 5 failed orders in a row, for 5 minutes"
    first, second = bench.candle(1, 2, minutes=5)
    assert (type(first), type(second)) == (Approved, Denied)
    assert bench.states[-1].cause.endswith("one entry may try now")
    tries = replace(made(OrderState.OPEN), identity=first.intent.identity)
    for other in (made(OrderState.OPEN), replace(tries, status=OrderState.WAITING)):
        bench.stage.receive(OrderPlaced(other))  # not the one that tries, and one that was never sent
    bench.stage.receive(OrderCancelled(made(OrderState.CANCELLED)))
    assert isinstance(bench.candle(3)[0], Denied)
    bench.stage.receive(OrderPlaced(tries))
    assert (bench.states[-1].state, bench.states[-1].cause) == (
        TradingState.ACTIVE, "by a new order that went well",
    )  # fmt: skip
    assert [type(one) for one in bench.candle(2)] == [Approved]


def test_a_try_that_fails_rests_twice_as_long() -> None:
    bench = Bench()
    bench.candle()
    bench.fail(REFUSED)
    assert isinstance(bench.candle(0, minutes=6)[0], Approved)
    bench.stage.receive(OrderLost(made(OrderState.UNKNOWN)))
    assert isinstance(bench.candle(1, minutes=6)[0], Denied)
    assert isinstance(bench.candle(2, minutes=5)[0], Approved)


@pytest.mark.parametrize("counter", ["reconnects", "retries", "rate_limited"])
def test_a_connection_that_fails_again_and_again_stops_entries(counter: str) -> None:
    bench = Bench()
    bench.candle()
    for count in range(5):
        bench.stage.receive(note(**{counter: count}))
    assert not bench.states
    bench.stage.receive(note(**{counter: 5}))
    assert bench.states[-1].state is TradingState.REDUCING
    bench = Bench()
    bench.candle()
    for at, count in enumerate((1, 2, 3, 4, 4, 5, 6, 7, 8)):
        bench.stage.receive(note(**{counter: count, "requests": at, "stream_messages": at}))
    assert not bench.states
    executors = LinkNoted(VenueName("kraken"), "", "streaming", LinkStatistics(**{counter: 99}))
    bench.fail(executors, 9)  # the same counters, told twice
    assert not bench.states


def test_silence_is_no_success() -> None:
    bench = Bench()
    bench.candle()
    for count in range(6):
        bench.stage.receive(note(reconnects=count))
        bench.stage.receive(note(reconnects=count))  # nothing came between two tries
    assert bench.states[-1].state is TradingState.REDUCING


def test_prices_that_jump_candle_after_candle_stop_entries() -> None:
    bench, close = Bench(), 50_000.0
    for _ in range(6):
        bench.candle(close=close)
        close *= 0.88
    assert bench.states[-1].cause.startswith("after 5 price jumps")


def test_balances_that_nobody_explains_are_counted_too() -> None:
    bench = Bench()
    bench.candle()
    bench.fail(DIFFERENT)
    bench.stage.receive(ResumeEntries())
    assert isinstance(bench.candle(0)[0], Approved)
    assert bench.states[-1].state is TradingState.ACTIVE


def test_an_order_that_would_only_have_taken_is_no_failure() -> None:
    bench = Bench()
    bench.candle()
    bench.fail(OrderRefused(replace(REFUSED.order, kind=Kind.POST_ONLY)), 20)
    assert isinstance(bench.candle(0)[0], Approved)


def test_on_the_simulated_market_there_is_no_breaker() -> None:
    bench = Bench(sees_market=False)
    bench.candle()
    bench.fail(REFUSED, 20)
    assert isinstance(bench.candle(0)[0], Approved)


def test_an_exit_passes_an_open_breaker() -> None:
    bench = Bench()
    bench.candle()
    bench.stage._fold.arena.slots[0]["held"] = 1.0
    bench.fail(REFUSED)
    sale = replace(bench.judged.intent(0), side=Side.SELL, stop=None)
    bar = Bar(60_000, 5e4, 5e4, 5e4, 5e4, 1.0)
    bench.stage.receive(Consider(9, BTC, bar, AT, (sale,)))
    assert isinstance(bench.told[-1].verdicts[0], Approved)


def test_a_restart_finds_the_breaker_open() -> None:
    bench = Bench()
    bench.candle()
    bench.fail(REFUSED)
    bench.candle()
    kept = {piece.key: piece.value for piece in bench.told[-1].pieces}
    assert Breaker.from_json(kept[PIECE].decode()).state is BreakerState.OPEN
    bench.candle()
    assert [piece.key for piece in bench.told[-1].pieces] == ["risk"]  # nothing new to keep
    again = Bench(pieces=kept)
    assert isinstance(again.candle(0)[0], Denied)
    assert isinstance(Bench(pieces={PIECE: b"?"}).candle(0)[0], Approved)

"""The risk stage: it judges with latch and state, gives back what the latch stopped, and comes back as it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from actors.hub import FactHub
from actors.risk.marks import marked
from actors.risk.stage import RiskStage
from core.clock import SystemClock
from core.errors import HaltTrading
from core.halt import Latch
from core.intent import Withdrawal
from core.market import Bar
from core.messages import (
    Consider,
    EquitySampled,
    Execute,
    OrderDenied,
    OrderPlaced,
    PauseEntries,
    Resume,
    ResumeEntries,
    StateChanged,
)  # fmt: skip
from core.modes import Mode, TradingState
from core.order import Happening, Order
from core.records import Restart
from core.risk.verdict import Approved, Denied, Reason, halted
from tests.fakes.order_bench import AT, BOOK, BTC, Judged, nothing, plan_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)


class Bench:
    """``name`` and ``tell`` make it the executor behind the stage."""

    name = "executor"

    def __init__(
        self, restart: Restart | None = None, *, mode: Mode = Mode.PAPER, halts_itself: bool = False
    ) -> None:
        self.judged, self.latch = Judged(), Latch(None)
        self.hub, self.heard, self.told = FactHub(), list[Any](), list[Any]()
        self.hub.subscribe(self.heard.append)
        self.stage = RiskStage(
            self.hub,
            replace(self.judged.plan, mode=mode),
            self,
            self.latch,
            SystemClock(),
            restart or nothing(),  # type: ignore[arg-type]
            halts_itself=halts_itself,
        )
        self.note = self.stage.begin()

    def tell(self, message: object) -> None:
        self.told.append(message)

    def consider(self, *wishes: Any, number: int = 1, minute: int = 0) -> Execute:
        bar = Bar(minute * 60_000, 50_000.0, 50_000.0, 50_000.0, 50_000.0, 100.0)
        self.stage.receive(Consider(number, BTC, bar, AT, wishes))
        message = self.told[-1]
        assert isinstance(message, Execute)
        return message

    @property
    def account(self) -> Any:
        return self.stage._fold.arena.account[0]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def order_of(bench: Bench, slot: int = 0) -> Order:
    from actors.executor.orders import OrderTable

    order = OrderTable(BOOK, bench.judged.plan.mode).new(bench.judged.intent(slot))
    assert order is not None
    return order


def test_it_judges_each_order_and_passes_withdrawals(bench: Bench) -> None:
    large = bench.judged.intent(1, quantity="0.01")
    wishes = (bench.judged.intent(0), large, bench.judged.withdrawal(2))
    message = bench.consider(*wishes)
    kinds = [type(verdict) for verdict in message.verdicts]
    assert kinds == [Approved, Denied, Withdrawal]
    denied: Any = message.verdicts[1]
    assert denied.reason is Reason.ABOVE_MAXIMUM
    assert [piece.key for piece in message.pieces] == ["risk"]
    assert bench.account["reserved"] > 39


def test_a_candle_without_wishes_goes_on_all_the_same(bench: Bench) -> None:
    assert bench.consider(number=7) == replace(bench.told[-1], verdicts=())
    assert bench.told[-1].number == 7


def test_the_latch_denies_everything_new(bench: Bench) -> None:
    bench.latch.trip("test", "now", NOW)
    message = bench.consider(bench.judged.intent(), bench.judged.withdrawal(1))
    verdict: Any = message.verdicts[0]
    assert verdict.reason is Reason.HALTED
    assert isinstance(message.verdicts[1], Withdrawal)
    assert bench.account["reserved"] == 0


def test_what_the_latch_stopped_after_the_approval_is_free_again(bench: Bench) -> None:
    intent = bench.judged.intent()
    assert isinstance(bench.consider(intent).verdicts[0], Approved)
    assert (bench.account["reserved"] > 0, bench.account["open_entries"]) == (True, 1)
    bench.stage.receive(OrderDenied(order_of(bench), halted(intent)))
    assert (bench.account["reserved"], bench.account["open_entries"]) == (0, 0)


def test_a_denial_of_its_own_changes_nothing_more(bench: Bench) -> None:
    bench.consider(bench.judged.intent(0))
    reserved = float(bench.account["reserved"])
    denied: Any = bench.consider(bench.judged.intent(1, quantity="0.01"), number=2).verdicts[0]
    bench.stage.receive(OrderDenied(order_of(bench, 1), denied))
    assert (float(bench.account["reserved"]), bench.account["open_entries"]) == (reserved, 1)


def test_the_meter_of_entries_counts_what_the_judge_counts(bench: Bench) -> None:
    bench.consider(bench.judged.intent(0))
    bench.account["day_entries"] = 2
    limits = marked(bench.stage._fold, NOW, TradingState.ACTIVE, "").limits
    assert [limit.used for limit in limits if limit.name == "Entries"] == [3]


def test_paused_entries_wait_and_come_back(bench: Bench) -> None:
    bench.stage.receive(PauseEntries("by you"))
    verdict: Any = bench.consider(bench.judged.intent()).verdicts[0]
    assert verdict.reason is Reason.REDUCING
    bench.stage.receive(ResumeEntries())
    bench.stage.receive(ResumeEntries())
    assert isinstance(bench.consider(bench.judged.intent(0, 2), number=2).verdicts[0], Approved)
    changes = [(fact.state, fact.cause) for fact in bench.heard if isinstance(fact, StateChanged)]
    assert changes == [
        (TradingState.REDUCING, "by you"),
        (TradingState.ACTIVE, "by you"),
    ]  # the second resume changed nothing


def test_a_pause_survives_a_restart(bench: Bench) -> None:
    bench.stage.receive(PauseEntries("by you"))
    piece = bench.consider().pieces[0]
    again = Bench(nothing(pieces={"risk": piece.value}, number=1, drained=1))
    verdict: Any = again.consider(again.judged.intent(), number=2).verdicts[0]
    assert verdict.reason is Reason.REDUCING


def test_equity_is_sampled_once_an_hour_of_the_market(bench: Bench) -> None:
    for minute in (0, 1, 59, 60, 61, 200):
        bench.consider(number=minute + 1, minute=minute)
    assert [fact.number for fact in bench.heard if isinstance(fact, EquitySampled)] == [1, 61, 201]


def test_it_comes_back_with_its_account(bench: Bench) -> None:
    piece = bench.consider(bench.judged.intent()).pieces[0]
    order = order_of(bench)
    again = Bench(nothing(pieces={"risk": piece.value}, number=1, drained=1, newest=(order,)))
    assert again.account.tobytes() == bench.account.tobytes()
    assert again.note == "equity 10,000.00"


def test_a_wish_without_a_row_was_stopped_and_is_free_after_a_restart(bench: Bench) -> None:
    piece = bench.consider(bench.judged.intent()).pieces[0]
    again = Bench(nothing(pieces={"risk": piece.value}, number=1, drained=1))
    assert (again.account["reserved"], again.account["open_entries"]) == (0, 0)


def test_approvals_on_disk_go_down_once_more(bench: Bench) -> None:
    piece = bench.consider(bench.judged.intent()).pieces[0]
    order = order_of(bench)
    again = Bench(
        nothing(pieces={"risk": piece.value}, number=1, drained=0, working=(order,), newest=(order,))
    )
    never = replace(order, identity=again.judged.identity(3))
    again.stage.receive(Resume(1, AT, (order, never), ()))
    (message,) = again.told
    assert message.resumed
    assert [verdict.intent.identity for verdict in message.verdicts] == [
        order.identity
    ]  # never approved: not sent
    again.stage.receive(OrderPlaced(order.after(Happening.ACKNOWLEDGED)))


def test_an_account_of_other_settings_is_refused() -> None:
    other = Bench()
    piece = other.consider().pieces[0]
    with pytest.raises(HaltTrading, match="saved with other settings"):
        Bench(nothing(pieces={"risk": piece.value + b"more"}, number=1, drained=1))
    assert plan_of("grid").slot_count > 0


def test_an_unknown_message_is_an_error(bench: Bench) -> None:
    with pytest.raises(TypeError, match="does not know str"):
        bench.stage.receive("hello")


@pytest.mark.parametrize(
    ("mode", "lost", "trips"), [("live", 20, True), ("live", 19.99, False), ("paper", 500, False)]
)
def test_live_trading_that_lost_the_days_limit_switches_itself_off(
    mode: str, lost: float, trips: bool
) -> None:
    bench = Bench(mode=Mode(mode), halts_itself=True)
    bench.consider()
    bench.account["cash"] -= lost
    message = bench.consider(bench.judged.intent(), number=2, minute=1)
    assert bench.latch.is_set() is trips
    if not trips:
        return
    record = bench.latch.read()
    assert record is not None
    assert (record.cause, record.reason) == (
        "the day's loss", "20.00 USDT lost since 00:00 UTC, the limit is 20.00",
    )  # fmt: skip
    (verdict,) = message.verdicts
    assert isinstance(verdict, Denied)
    assert verdict.reason is Reason.HALTED


def test_once_a_day_is_enough_and_past_candles_end_nothing() -> None:
    bench = Bench(mode=Mode.LIVE, halts_itself=True)
    bench.consider()
    bench.account["cash"] -= 30
    bar = Bar(60_000, 50_000.0, 50_000.0, 50_000.0, 50_000.0, 100.0)
    bench.stage.receive(Consider(2, BTC, bar, AT, (), is_past=True))
    assert not bench.latch.is_set()
    bench.consider(number=3, minute=2)
    assert bench.latch.is_set()
    bench.latch._set.clear()  # a person has looked and re-armed
    (verdict,) = bench.consider(bench.judged.intent(), number=4, minute=3).verdicts
    assert not bench.latch.is_set()
    assert isinstance(verdict, Denied)
    assert verdict.reason is Reason.DAILY_LOSS
    bench.consider(number=5, minute=1440)  # a new day begins where it stands
    bench.account["cash"] -= 20
    bench.consider(number=6, minute=1441)
    assert bench.latch.is_set()


def test_where_nothing_else_holds_the_stops_entries_are_paused() -> None:
    bench = Bench(mode=Mode.LIVE, halts_itself=False)
    bench.consider()
    bench.account["cash"] -= 20
    (verdict,) = bench.consider(bench.judged.intent(), number=2, minute=1).verdicts
    assert isinstance(verdict, Denied)
    assert verdict.reason is Reason.REDUCING
    assert not bench.latch.is_set()
    states = [fact for fact in bench.heard if isinstance(fact, StateChanged)]
    assert [fact.cause for fact in states] == [
        "by the day's loss: 20.00 USDT lost since 00:00 UTC, the limit is 20.00"
    ]

"""The bridge: order is kept, the newest wins where it may, and questions never block."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.errors import BelayError, Refused
from core.messages import AccountMarked, CandleSeen, Fact, OrderFilled, OrderPlaced, QuoteSeen, StrategyNoted
from gui.bridge import ASKERS, Bridge
from tests.fakes import made


@pytest.fixture
def bridge(qapp) -> Iterator[Bridge]:
    made_bridge = Bridge()
    yield made_bridge
    made_bridge.close()


def heard(bridge: Bridge) -> list[Fact]:
    found: list[Fact] = []
    bridge.fact.connect(found.append)
    return found


def test_orders_keep_their_order_from_any_thread_and_arrive_in_the_windows(bridge: Bridge, qtbot) -> None:
    orders = [made.order(slot, made.Side.BUY, "59000.00", "0.00100") for slot in range(200)]
    threads: list[str] = []
    found = heard(bridge)
    bridge.fact.connect(lambda _: threads.append(threading.current_thread().name))
    sender = threading.Thread(
        target=lambda: [bridge.publish(OrderPlaced(order)) for order in orders], name="actor"
    )
    sender.start()
    qtbot.waitUntil(lambda: len(found) == len(orders))
    sender.join()
    assert [fact.order.identity.slot for fact in found] == list(range(200))
    assert set(threads) == {threading.main_thread().name}


def test_the_newest_quote_per_symbol_wins_and_stands_where_it_was_published(bridge: Bridge) -> None:
    found = heard(bridge)
    placed = OrderPlaced(made.order(1, made.Side.BUY, "59000.00", "0.00100"))
    bridge.publish(QuoteSeen(made.quote("1000")))
    bridge.publish(QuoteSeen(made.quote("2000", made.ETH)))
    bridge.publish(placed)
    bridge.publish(QuoteSeen(made.quote("1001")))
    bridge.deliver()
    quotes = [(fact.quote.symbol, fact.quote.last) for fact in found if isinstance(fact, QuoteSeen)]
    assert quotes == [(made.ETH, 2000), (made.BTC, 1001)]
    assert found[1] is placed


def test_a_closed_candle_is_never_merged_and_no_older_forming_one_follows_it(bridge: Bridge) -> None:
    found = heard(bridge)
    for minute, closed in ((0, False), (0, True), (1, False), (1, False), (1, True)):
        bridge.publish(CandleSeen(minute, made.candle(minute, closed=closed)))
    bridge.deliver()
    assert [(fact.number, fact.candle.closed) for fact in found if isinstance(fact, CandleSeen)] == [
        (0, True), (1, False), (1, True),
    ]  # fmt: skip


def test_account_and_notes_are_merged_fills_are_not(bridge: Bridge) -> None:
    found = heard(bridge)
    order = made.order(1, made.Side.BUY, "59000.00", "0.00100", state=made.OrderState.FILLED)
    for _ in range(3):
        bridge.publish(made.account())
        bridge.publish(made.notes()[0])
        bridge.publish(OrderFilled(order, made.fill(order)))
    bridge.deliver()
    kinds = [type(fact) for fact in found]
    assert kinds.count(AccountMarked) == kinds.count(StrategyNoted) == 1
    assert kinds.count(OrderFilled) == 3


def test_only_what_is_listened_for_is_kept(bridge: Bridge) -> None:
    found = heard(bridge)
    bridge.listen({AccountMarked})
    bridge.publish(made.notes()[0])
    bridge.publish(made.account())
    bridge.deliver()
    assert [type(fact) for fact in found] == [AccountMarked]


def test_an_answer_comes_back_in_the_windows_thread(bridge: Bridge, qtbot) -> None:
    names: list[str] = []
    bridge.ask(lambda: threading.current_thread().name, names.append, lambda e: names.append(str(e)))
    qtbot.waitUntil(lambda: bool(names))
    assert names == ["ask"]


def test_a_refusal_and_a_bug_both_reach_failed(bridge: Bridge, qtbot, monkeypatch) -> None:
    bugs: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda args: bugs.append(args.exc_value))
    faults: list[BelayError] = []

    def refuse() -> None:
        raise Refused("no")

    bridge.ask(refuse, faults.append, faults.append)  # type: ignore[arg-type]
    bridge.ask(lambda: 1 // 0, faults.append, faults.append)  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: len(faults) == 2)
    assert {type(fault) for fault in faults} == {Refused, BelayError}
    qtbot.waitUntil(lambda: bool(bugs))
    assert isinstance(bugs[0], ZeroDivisionError)


def test_questions_that_hang_leave_the_window_and_the_process_alone(bridge: Bridge, qtbot) -> None:
    never, answers = threading.Event(), []
    for _ in range(ASKERS - 1):
        bridge.ask(never.wait, answers.append, answers.append)
    bridge.ask(lambda: "well", answers.append, answers.append)
    qtbot.waitUntil(lambda: answers == ["well"])
    assert all(thread.daemon for thread in threading.enumerate() if thread.name == "ask")
    never.set()


def test_a_closed_bridge_delivers_the_rest_and_takes_no_more(qapp) -> None:
    bridge = Bridge()
    found = heard(bridge)
    bridge.publish(made.account())
    bridge.close()
    bridge.publish(made.account())
    bridge.deliver()
    assert len(found) == 1

"""Single stories of a venue that will not: stops, cancels, remainders; and of news that overtakes the answer."""

from __future__ import annotations

from decimal import Decimal

import pytest

from core.intent import Kind
from core.messages import AlertRaised, DustLeft, OrderFilled, OrderPlaced, Outstanding, Reconcile, Severity
from core.order import OrderState
from core.venue import VenueTrade
from tests.fakes.live_bench import BTC, MARKET, LiveBench, holding
from tests.live.agreement import ours
from tests.venue.orders import Status

BEAT = 0.2


def live_on(bench: LiveBench, seconds: float) -> None:
    """Everything is told and answered, beat by beat."""
    for _ in range(round(seconds / BEAT)):
        bench.inbox.extend(bench.exchange.news)
        bench.exchange.news.clear()
        bench.work()
        bench.beat(BEAT)


def criticals(bench: LiveBench) -> list[str]:
    facts = (fact for fact in bench.heard if isinstance(fact, AlertRaised))
    return [fact.text for fact in facts if fact.severity is Severity.CRITICAL]


def test_where_every_stop_is_refused_belay_sells_itself(bench: LiveBench) -> None:
    bench.exchange.refuses = lambda what, order: what == "place" and order.kind is Kind.STOP
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    live_on(bench, 20)
    assert bench.held(0) > 0
    assert len([text for text in criticals(bench) if "not protected at the venue" in text]) == 1
    tried = [order for what, order in bench.exchange.asked if order.kind is Kind.STOP]
    assert 3 <= len(tried) <= 12, "it asks again and again, and does not hammer"
    bench.core.gap(BTC, "-0.025")
    live_on(bench, 1.0)
    assert bench.held(0) < MARKET.step


def test_refused_cancels_are_asked_ever_more_rarely(bench: LiveBench) -> None:
    bench.wish(bench.entry(0, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    live_on(bench, 2)
    declared = bench.declared(0)
    assert declared is not None
    bench.exchange.refuses = lambda what, order: what == "cancel"
    bench.wish(bench.withdrawal(declared))
    live_on(bench, 60)
    assert 3 <= sum(what == "cancel" for what, _ in bench.exchange.asked) <= 12
    bench.exchange.refuses = lambda what, order: False
    live_on(bench, 40)
    assert bench.core.open_orders() == []


def test_a_remainder_below_the_minimum_frees_its_slot(bench: LiveBench) -> None:
    bench.wish(bench.entry(0, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    live_on(bench, 1)
    (order,) = bench.core.open_orders()
    bench.core.fill(order, "0.00005")  # worth half of what the venue takes an order for
    live_on(bench, 1)
    declared = bench.declared(0)
    assert declared is not None
    bench.wish(bench.withdrawal(declared))
    live_on(bench, 10)
    left = [fact for fact in bench.heard if isinstance(fact, DustLeft)]
    assert [(fact.identity.slot, fact.quantity > 0) for fact in left] == [(0, True)]
    assert bench.held(0) == 0
    assert sum(what == "place" for what, _ in bench.exchange.asked) <= 1, "no order is tried for dust"
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    assert bench.settle() == []
    assert bench.held(0) > 0


def test_a_fill_that_overtakes_its_answer_comes_behind_the_order(bench: LiveBench) -> None:
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    assert bench._one_job()  # its answer waits
    waiting = list(bench.inbox)
    bench.inbox.clear()
    bench.inbox.extend(one for one in bench.exchange.news if isinstance(one, VenueTrade))
    bench.hear()
    kinds = [type(fact) for fact in bench.heard if isinstance(fact, OrderPlaced | OrderFilled)]
    assert kinds[:2] == [OrderPlaced, OrderFilled]
    bench.inbox.extend(waiting)
    assert bench.settle() == []
    assert not bench.latch.is_set()


def test_a_stop_that_trades_before_its_larger_quantity_is_answered(bench: LiveBench) -> None:
    """Where stops are amended: the fill is booked as it is, and nothing halts."""
    bench.wish(bench.entry(0, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    assert bench.settle() == []
    (buy,) = bench.core.open_orders()
    bench.core.fill(buy, "0.0003")
    assert bench.settle() == []
    bench.core.fill(buy, "0.0003")
    bench.inbox.extend(bench.exchange.news)
    bench.exchange.news.clear()
    bench.hear()
    bench._one_job()
    answers = list(bench.inbox)
    bench.inbox.clear()
    bench.core.gap(BTC, "-0.05")
    bench.inbox.extend([*bench.exchange.news, *answers])
    bench.exchange.news.clear()
    assert bench.settle() == []
    assert not bench.latch.is_set()
    stops = [order for order in bench.core.orders.values() if order.wish.kind.has_stop]
    assert Status.FILLED in {order.status for order in stops}, "no stop has traded: it shows nothing"


def test_an_order_in_the_queue_is_not_sent_once_the_hands_are_closed(bench: LiveBench) -> None:
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    bench.hands._is_closed = True
    live_on(bench, 10)
    assert bench.core.orders == {}
    assert [row["status"] for row in ours(bench.home).orders] == ["cancelled"]


def test_an_exit_that_waits_is_there_again_after_a_crash(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("0.005")))
    bench.die()
    bench.rise()
    assert bench.settle() == []
    declared = bench.declared(0)
    assert declared is not None
    assert declared.status is OrderState.WAITING
    bench.core.gap(BTC, "0.006")
    assert bench.settle() == []
    assert bench.held(0) < MARKET.step


def stopped_gracefully(bench: LiveBench) -> None:
    for _ in range(100):
        if not bench.stage.receive(Outstanding()):
            break
        live_on(bench, BEAT)
    else:
        raise AssertionError("it does not come to rest")
    bench.stage.receive(Reconcile("stop"))
    stops = [order for order in bench.core.open_orders() if order.wish.kind.has_stop]
    assert bench.held(0) < MARKET.step or len(stops) == 1, bench.core.open_orders()


@pytest.mark.parametrize("jobs", [0, 1, 2])
def test_a_graceful_stop_in_the_middle_of_an_exit_leaves_a_stop(bench: LiveBench, jobs: int) -> None:
    """However far the swap had come (so many requests): the coins are sold, or under a stop."""
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("-0.001")))
    bench.work(jobs)
    bench.core.gap(BTC, "-0.004")  # away from the exit's price
    bench.quote()
    stopped_gracefully(bench)


def test_a_graceful_stop_while_an_exit_rests_leaves_a_stop(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("-0.001")))
    bench.work(1)
    bench.core.gap(BTC, "-0.004")  # the price goes while its stop is taken away
    live_on(bench, BEAT)
    assert not any(order.wish.kind.has_stop for order in bench.core.open_orders()), "it shows nothing"
    stopped_gracefully(bench)

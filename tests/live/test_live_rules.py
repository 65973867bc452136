"""Single stories of the live executor on the venue's core, each one that went wrong or could: step by step."""

from __future__ import annotations

from decimal import Decimal

from core.intent import Kind
from core.order import OrderState, Role
from tests.fakes.live_bench import BTC, MARKET, LiveBench, holding
from tests.fakes.live_exchange import Lost
from tests.live.agreement import ours
from tests.venue.orders import Status


def statuses(bench: LiveBench, role: str) -> list[str]:
    return [row["status"] for row in ours(bench.home).orders if row["role"] == role]


def test_a_slot_whose_stop_has_traded_takes_a_new_entry(bench: LiveBench) -> None:
    """The old stop's end says nothing about the next entry: it rests until it fills or its strategy withdraws it."""
    holding(bench)
    bench.core.gap(BTC, "-0.03")
    assert bench.settle() == []
    assert bench.held(0) < MARKET.step
    bench.wish(bench.entry(0, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    assert bench.settle() == []
    assert [order.wish.side for order in bench.core.open_orders()] == ["buy"]
    assert statuses(bench, "declared")[-1] == "open"


def test_a_stop_that_grows_is_no_reason_for_a_second_one(bench: LiveBench) -> None:
    """While a larger quantity for the stop is on its way, what it will cover is not protected once more."""
    bench.wish(bench.entry(0, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    assert bench.settle() == []
    (buy,) = bench.core.open_orders()
    for part in ("0.0003", "0.0003"):
        bench.core.fill(buy, part)
        bench.inbox.extend(bench.exchange.news)
        bench.exchange.news.clear()
        bench.hear()  # its protection is on its way, nothing is answered yet
        bench.beat(0.2)
        bench.beat(0.2)
        assert bench.settle() == []
    assert "refused" not in statuses(bench, "protective")
    rest = sum((o.remaining for o in bench.core.open_orders() if not o.is_buy), Decimal(0))
    assert rest == MARKET.to_step(bench.held(0))


def test_a_stop_whose_answer_is_lost_is_there_once(bench: LiveBench) -> None:
    for lost in (Lost.AFTER, Lost.BEFORE):
        bench.wish(bench.entry(0 if lost is Lost.AFTER else 1, Kind.MARKET, Decimal(0), Decimal("0.02")))
        bench.work(1)
        bench.inbox.extend(bench.exchange.news)
        bench.exchange.news.clear()
        bench.hear()
        bench.exchange.troubles.append(lost)
        bench.work(1)
        assert bench.settle() == []
    stops = [order for order in bench.core.open_orders() if order.wish.kind.has_stop]
    assert len(stops) == 2


def test_a_stop_that_a_halt_leaves_is_open_in_the_records_too(bench: LiveBench) -> None:
    """It was to make room for its exit when all was lost; the restart finds it, the kill keeps it."""
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("-0.005")))  # due at once: its stop is to go
    bench.exchange.troubles.append(Lost.CRASH_BEFORE)
    bench.work()
    bench.kill()
    assert bench.settle() == []
    assert [row["status"] for row in ours(bench.home).orders if row["role"] == "protective"] == ["open"]


def test_after_a_gap_below_the_worst_price_it_does_not_churn(bench: LiveBench) -> None:
    """Where the price has jumped past what a protective sale may give away, one order rests; it is not replaced for
    ever: each replacement costs requests, and a venue counts them."""
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    bench.work(1)
    bench.core.gap(BTC, "-0.08")  # before any stop stands
    bench.settle()
    before = len(bench.core.orders)
    for _ in range(240):  # two minutes
        bench.inbox.extend(bench.exchange.news)
        bench.exchange.news.clear()
        bench.work()
        bench.beat()
    assert len(bench.core.orders) - before <= 12


def test_an_exit_at_any_price_goes_out_below_the_worst_protective_price(bench: LiveBench) -> None:
    """A strategy that wants out at the market is not kept in by a protective sale that waits for a better price."""
    bench.wish(bench.entry(0, Kind.MARKET, Decimal(0), Decimal("0.02")))
    bench.work(1)
    bench.core.gap(BTC, "-0.08")  # before any stop stands
    bench.settle()
    bench.wish(bench.exit(0, Kind.MARKET, Decimal(0)))
    assert bench.settle() == []
    assert bench.held(0) < MARKET.step


def test_an_exit_comes_back_under_its_stop(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("0.005")))
    bench.core.gap(BTC, "0.006")
    bench.quote()
    bench.beat()
    assert bench.settle() == []
    sold = [
        order for order in bench.core.orders.values() if not order.is_buy and order.status is Status.FILLED
    ]
    assert [order.wish.kind.has_stop for order in sold] == [False]
    assert bench.held(0) < MARKET.step
    assert all(order.status not in (OrderState.OPEN, OrderState.WAITING) for order in _working(bench))


def _working(bench: LiveBench) -> list[object]:
    return [order for order in bench.stage._floor.tracker.working() if order.role is Role.PROTECTIVE]

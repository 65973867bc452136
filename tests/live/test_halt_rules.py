"""Single stories of a halt on the venue's core: what landed late, what stays, what is booked, what is proved."""

from __future__ import annotations

from decimal import Decimal
from threading import Event

from actors.executor.killswitch import KillSwitch
from actors.executor.live import GoneElsewhere
from actors.executor.live_hands import LiveHands
from core.halt import HaltStep
from core.intent import Kind
from core.venue import AccountStream
from tests.fakes.live_bench import BTC, MARKET, LiveBench, holding
from tests.fakes.live_exchange import Lost
from tests.live.agreement import ours
from tests.venue.orders import Order

HALF = Decimal("0.0004")


def switch(bench: LiveBench) -> KillSwitch:
    """The real one, with the bench's hands; it is called, not started."""
    return KillSwitch(
        bench.latch, LiveHands(bench.exchange, bench.stage._floor.tracker.find), bench.hub, bench.home, bench,
        keep_stops=True, between=0.0, kept=lambda: None, on_the_way=bench.hands.on_the_way,
        told=lambda order: bench.inbox.append(GoneElsewhere(order)),
    )  # fmt: skip


def resting(bench: LiveBench) -> list[tuple[str, bool]]:
    """Side, and whether it is a stop, of what is open at the venue."""
    return [(order.wish.side, order.wish.kind.has_stop) for order in bench.core.open_orders()]


def bid(bench: LiveBench, slot: int = 0) -> Order:
    """A limit purchase that rests at the venue, one percent below the price."""
    bench.wish(bench.entry(slot, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    assert bench.settle() == []
    (found,) = (order for order in bench.core.open_orders() if order.is_buy)
    return found


def test_it_is_not_verified_while_an_entry_has_no_answer(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.entry(1, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    bench.exchange.troubles.append(Lost.AFTER)
    bench.work(1)
    bench.latch.trip("test", "now", bench.now())
    kill = switch(bench)
    assert kill.prove(most_tries=1).step is HaltStep.UNVERIFIED
    while bench.hands.on_the_way():
        Event().wait(0.05)
    assert kill.prove(most_tries=1).step is HaltStep.VERIFIED
    assert resting(bench) == [("sell", True)]
    assert bench.settle() == []


def test_an_entry_that_is_found_later_is_taken_back(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.entry(1, Kind.LIMIT, Decimal("0.01"), Decimal("0.02")))
    bench.exchange.troubles.append(Lost.AFTER)
    bench.work(1)
    bench.latch.trip("test", "now", bench.now())
    assert bench.settle() == []
    assert resting(bench) == [("sell", True)]


def test_a_stop_that_is_answered_behind_the_latch_stays(bench: LiveBench) -> None:
    for lost in ([Lost.AFTER], []):
        bench.wish(bench.entry(len(lost), Kind.MARKET, Decimal(0), Decimal("0.02")))
        bench.work(1)
        bench.inbox.extend(bench.exchange.news)
        bench.exchange.news.clear()
        bench.hear()
        bench.exchange.troubles.extend(lost)
        bench._one_job()  # the stop is at the venue, its answer is on its way
    bench.latch.trip("test", "now", bench.now())
    assert bench.settle() == []
    assert resting(bench) == [("sell", True), ("sell", True)]


def test_a_stop_whose_cancel_was_lost_is_not_cancelled_again(bench: LiveBench) -> None:
    holding(bench)
    bench.wish(bench.exit(0, Kind.LIMIT, Decimal("-0.005")))  # due at once: its stop is to go
    bench.exchange.troubles.append(Lost.BEFORE)
    bench.work(1)
    assert bench.exchange.asked[-1][0] in ("cancel", "amend"), "nothing made room: it shows nothing"
    bench.latch.trip("test", "now", bench.now())
    before = len(bench.exchange.asked)
    assert bench.settle() == []
    assert [what for what, _ in bench.exchange.asked[before:]] == []
    assert resting(bench) == [("sell", True)]
    assert [row["status"] for row in ours(bench.home).orders if row["role"] == "protective"] == ["open"]


def test_what_fills_during_a_kill_is_booked_though_no_stream_tells(bench: LiveBench) -> None:
    """Now, and after a restart; and what was known as filled never becomes less."""
    order = bid(bench)
    bench.core.fill(order, HALF / 2)
    assert bench.settle() == []
    bench.exchange.is_streaming = False
    bench.exchange.news.clear()
    bench.inbox.append(AccountStream(False, "cut"))
    bench.hear()
    bench.core.fill(order, MARKET.to_step(order.remaining / 2))
    bench.kill()
    assert bench.settle() == []
    (row,) = (row for row in ours(bench.home).orders if row["role"] == "declared")
    assert (Decimal(row["filled"]), row["status"]) == (order.filled, "cancelled")
    bench.rearm()
    assert bench.settle() == []
    assert bench.held(0) > HALF / 2


def test_what_fills_while_a_kill_is_followed_by_a_crash_is_booked_by_the_next_start(bench: LiveBench) -> None:
    order = bid(bench)
    bench.exchange.is_streaming = False
    bench.core.fill(order, HALF / 2)
    bench.kill()
    bench.die()
    bench.rise()
    assert bench.settle() == []
    (row,) = (row for row in ours(bench.home).orders if row["role"] == "declared")
    assert Decimal(row["filled"]) == order.filled == HALF / 2


def test_a_purchase_whose_cancel_was_never_sent_is_cancelled_by_the_next_start(bench: LiveBench) -> None:
    bid(bench)
    declared = bench.declared(0)
    assert declared is not None
    bench.exchange.troubles.append(Lost.CRASH_BEFORE)
    bench.wish(bench.withdrawal(declared))
    bench.work()
    assert bench.settle() == []
    assert resting(bench) == []
    assert not bench.latch.is_set()
    assert BTC in {order.symbol for order in bench.core.orders.values()}

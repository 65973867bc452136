"""What happens on each candle, in the README's order: fills, facts, steps, verdicts, rows, sends; nothing twice."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from actors.persistence.verify import verify_books
from core.errors import OutcomeUnknown
from core.messages import (
    Drained,
    OrderAmended,
    OrderCancelled,
    OrderDenied,
    OrderFilled,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    ReportsApplied,
    SignalRaised,
    VenueReported,
)
from core.modes import Mode
from core.order import Order, OrderState, Role
from tests.fakes.made_candles import write_candles
from tests.fakes.pipeline_bench import PipelineBench
from tests.fakes.program import BOTH, rows

CANDLES = 4_000
LETTER = {VenueReported: "V", ReportsApplied: "R", SignalRaised: "s", OrderDenied: "d", Drained: "N"}
FILL_FACTS = (OrderFilled, OrderAmended, OrderPlaced, OrderCancelled)
CANDLE = re.compile("C(V(f)+R)?s*d*(xc)*(p[oc-])*N")
"""One candle: the venue meets it, its reports and their facts, signals, denials, cancels, orders, the end."""


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "candles.csv", CANDLES, seed=3)


def spelled(happened: list[Any]) -> str:
    """One letter per thing that happened; a fact while reports are applied is ``f``."""
    word, is_reporting = "", False
    for what in happened:
        kind = type(what)
        if kind is tuple:
            word += {"candle": "C", "place": "p", "cancel": "x"}[what[0]]
        elif kind in (VenueReported, ReportsApplied):
            is_reporting = kind is VenueReported
            word += LETTER[kind]
        elif kind in FILL_FACTS and is_reporting:
            word += "f"
        elif kind in (OrderPlaced, OrderCancelled, OrderRefused):
            word += {OrderPlaced: "o", OrderCancelled: "c", OrderRefused: "-"}[kind]
        else:
            word += LETTER.get(kind, "")
    return word


class RowSeen:
    """Looks into the database, on a connection of its own, when the venue is about to take an order."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self.seen: list[tuple[Any, ...]] = []

    def __call__(self, order: Order) -> None:
        question = "SELECT status, price, quantity, sequence FROM orders WHERE client_order_id = ?"
        self.seen += rows(self._home, question, order.client_order_id)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory, candles: Path) -> tuple[PipelineBench, RowSeen]:
    home = tmp_path_factory.mktemp("ran")
    row = RowSeen(home)
    return PipelineBench(home, candles, BOTH, seen=row).to_the_end(), row


def test_each_candle_goes_the_same_way(ran: tuple[PipelineBench, RowSeen]) -> None:
    word = spelled(ran[0].happened)
    assert word.count("C") == word.count("N") == CANDLES
    assert word.count("p") > 50
    assert word.count("f") > 50
    at = 0
    while at < len(word):
        found = CANDLE.match(word, at)
        assert found, f"out of order at {at}: {word[max(0, at - 20) : at + 40]}"
        at = found.end()


def test_candles_and_drains_alternate_in_number(ran: tuple[PipelineBench, RowSeen]) -> None:
    numbers = [
        what[1] if isinstance(what, tuple) else what.number
        for what in ran[0].happened
        if (isinstance(what, tuple) and what[0] == "candle") or isinstance(what, Drained)
    ]
    assert numbers == [number for one in range(1, CANDLES + 1) for number in (one, one)]


def test_the_row_is_committed_before_the_order_is_sent(ran: tuple[PipelineBench, RowSeen]) -> None:
    bench, row = ran
    placed = bench.orders("place")
    assert len(row.seen) == len(placed)
    assert {status for status, *_ in row.seen} == {"intent"}
    assert [sequence for *_, sequence in row.seen] == [order.identity.sequence for order in placed]


def test_an_identity_is_placed_once_and_its_sequence_only_grows(ran: tuple[PipelineBench, RowSeen]) -> None:
    placed = ran[0].orders("place")
    counted = Counter(order.identity for order in placed)
    assert max(counted.values()) == 1
    assert max(Counter(order.client_order_id for order in placed).values()) == 1
    newest: dict[Any, int] = {}
    for order in placed:
        slot = (order.identity.instance, order.identity.slot)
        assert order.identity.sequence > newest.get(slot, 0)
        newest[slot] = order.identity.sequence


def test_a_second_life_places_nothing_that_the_first_did(tmp_path: Path, candles: Path) -> None:
    """The same home again, stopped in the middle of the candles: what is used stays used."""
    first, half = PipelineBench(tmp_path, candles, BOTH), Event()
    first.hub.subscribe(lambda fact: half.set() if fact.number == CANDLES // 2 else None, Drained)
    with first.running():
        assert half.wait(60)
    second = PipelineBench(tmp_path, candles, BOTH).to_the_end()
    assert second.of(Drained)[0].number == first.of(Drained)[-1].number + 1
    lives = [{order.identity for order in bench.orders("place")} for bench in (first, second)]
    assert min(map(len, lives)) > 10
    assert not lives[0] & lives[1]


def test_the_books_hold_after_it(ran: tuple[PipelineBench, RowSeen]) -> None:
    bench, _ = ran
    assert verify_books(bench.home, bench.plan.book) == []
    placed, protective = len(bench.orders("place")), "SELECT count(*) FROM orders WHERE role = 'protective'"
    recorded = rows(bench.home, "SELECT count(*) FROM orders WHERE role = 'declared' AND status != 'denied'")
    assert recorded == [(placed,)]
    assert rows(bench.home, protective)[0][0] > 0


def test_a_lost_answer_blocks_its_slot_for_good(tmp_path: Path, candles: Path) -> None:
    bench = PipelineBench(tmp_path, candles, ("grid",))
    with bench.running():
        bench.pipeline.venue.place_raises = OutcomeUnknown("no answer in time")
        bench.wait_for_end()
    placed, lost = bench.orders("place"), bench.of(OrderLost)
    slots = [(order.identity.instance, order.identity.slot) for order in placed]
    assert 0 < len(lost) == len(placed)
    assert len(set(slots)) == len(slots), "a slot whose order is unknown was used again"
    assert rows(tmp_path, "SELECT DISTINCT status FROM orders WHERE status != 'denied'") == [("unknown",)]
    again = PipelineBench(tmp_path, candles, ("grid",))
    with again.running():
        assert len(again.pipeline.venue.open_orders()) == 0
        working = again.orders("place")
    assert working == []


def test_dry_run_walks_the_whole_path_and_sends_nothing(tmp_path: Path, candles: Path) -> None:
    bench = PipelineBench(tmp_path, candles, BOTH, mode=Mode.DRY_RUN).to_the_end()
    assert bench.orders("place") == []
    assert bench.pipeline.venue.open_orders() == ()
    cancelled = [fact.order for fact in bench.of(OrderCancelled)]
    assert len(cancelled) > 20
    assert {order.reason for order in cancelled} == {"Dry-run: the order is logged and not sent."}
    assert bench.of(OrderFilled) == []
    kept = rows(tmp_path, "SELECT DISTINCT status, mode FROM orders WHERE status != 'denied'")
    assert kept == [(OrderState.CANCELLED.value, "dry-run")]
    assert rows(tmp_path, "SELECT count(*) FROM fills") == [(0,)]
    assert all(order.role is Role.DECLARED for order in cancelled)

"""Every way to lose an answer, on every kind of order request: what got in is adopted, what did not is placed once."""

from __future__ import annotations

from collections import Counter
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.live_forked import LiveForker
from tests.live.session import Session, session
from tests.live.together import together
from tests.live.witness import CANCELLING, client_id, placing
from tests.venue.faults import EVENT_TROUBLES, UNSEEN, Trouble
from tests.venue.wire import Logged

REFUSED = {Trouble.FUNDS}
"""The venue said no in words that leave no doubt: such an order is over."""
PLACE = {"binance": "POST /api/v3/order", "kraken": "AddOrder"}
CANCEL = {"binance": "DELETE /api/v3/order", "kraken": "CancelOrder"}
ON_ORDERS = [
    trouble for trouble in Trouble if trouble not in EVENT_TROUBLES and trouble is not Trouble.WRONG_BALANCE
]
CANDLES, PACE = 400, 20.0
EVERY = 3
"""Each third order request meets trouble; the others show that trading goes on."""


def trouble_all_day(made: Session, kind: str, on: str, troubles: list[Trouble]) -> None:
    """One trouble after the other on one kind of request, through a day; then everything must be cleared up."""
    plan = made.venue.plan
    for trouble in troubles:
        for _ in range(EVERY - 1):
            plan.add(Trouble.SKEW, on, ms="0")  # no trouble at all: it takes this one's turn
        plan.add(trouble, on)
    process = made.start()
    with made.day(candles=CANDLES, per_second=PACE, seed=7, jumps=0.006) as day:
        while not day.wait(0.2):
            assert process.poll() is None, process.communicate()
            if not remaining(made, troubles):
                break
        day.hold()
        left = made.settle()
        assert left == [], left
        made.stop()
    assert made.final_faults() == []


def remaining(made: Session, troubles: list[Trouble]) -> set[Trouble]:
    return set(troubles) - {fired.trouble for fired in made.venue.plan.fired}


def met(made: Session, lines: list[Logged]) -> dict[str, list[Logged]]:
    """All requests of each order that met trouble, by its client id."""
    by_id: dict[str, list[Logged]] = {}
    for line in lines:
        by_id.setdefault(client_id(line.call), []).append(line)
    return {name: found for name, found in by_id.items() if any(_is_trouble(line) for line in found)}


def _is_trouble(line: Logged) -> bool:
    return line.fault not in ("", str(Trouble.SKEW))


def orders_whose_answer_is_lost(kind: str, home: Path, forker: LiveForker) -> None:
    with session(kind, home, forker, 7, timeout=800) as made:
        trouble_all_day(made, kind, PLACE[kind], ON_ORDERS)
        fired = {fired.trouble for fired in made.venue.plan.fired}
        print("met:", Counter(fired.trouble.name for fired in made.venue.plan.fired))
        assert len(fired) >= len(ON_ORDERS) * 2 // 3, f"only {fired} came to pass"
        there, here = made.books()
        at_venue = Counter(order.client_id for order in there.mine)
        rows = {row["client_order_id"]: row for row in here.orders}
        for name, lines in met(made, placing(made.venue.api)).items():
            first = Trouble(lines[0].fault) if _is_trouble(lines[0]) else None
            worked = [line for line in lines if line.processed and line.status == 200]
            assert at_venue[name] <= 1, (name, lines)
            if first in UNSEEN and at_venue[name]:
                assert len(worked) == 1, (name, "it had got in and was sent again")
                assert rows[name]["status"] in ("open", "part-filled", "filled", "cancelled"), rows[name]
            if first in REFUSED:
                assert rows[name]["status"] == "refused", rows[name]
                assert len(lines) == 1, (name, "refused for sure, and sent again")


def cancels_whose_answer_is_lost(kind: str, home: Path, forker: LiveForker) -> None:
    """Also: whatever a cancel meets, its order is over in the end, or open on both sides and asked again."""
    with session(kind, home, forker, 8, timeout=800) as made:
        trouble_all_day(made, kind, CANCEL[kind], ON_ORDERS)
        cancels = [line for line in made.venue.api.audit.lines if line.call.name in CANCELLING]
        print("met:", Counter(fired.trouble.name for fired in made.venue.plan.fired))
        assert sum(_is_trouble(line) for line in cancels) >= 4, "hardly a cancel met trouble"


@pytest.mark.timeout(240)
@pytest.mark.parametrize("kind", ["binance", pytest.param("kraken", marks=pytest.mark.long)])
def test_requests_whose_answer_is_lost(kind: str, tmp_path: Path, forker: LiveForker) -> None:
    stories = {"orders": orders_whose_answer_is_lost, "cancels": cancels_whose_answer_is_lost}
    together({name: partial(story, kind, tmp_path / name, forker) for name, story in stories.items()})

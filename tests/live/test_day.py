"""A whole simulated day with trouble of every kind, and in the end not one digit differs from the venue."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import partial
from pathlib import Path

import pytest

from tests.fakes.live_forked import LiveForker
from tests.live.seeds import seeds
from tests.live.session import Session, session
from tests.live.together import together
from tests.venue.faults import Trouble

SHORT, LONG = 240, 1440
CENT, MARKED = Decimal("0.01"), Decimal("0.01")
"""Equity rounds, and marks coins at the last candle heard; orders, fills and balances agree to the last digit."""
CALLS, EVENTS = 0.08, 0.004
"""Chances of a fault per request and per event (a day has some hundred requests and ten thousands of events)."""
PACE, SLOW_PACE, LONG_PACE = 30.0, 15.0, 120.0
"""Candles a second; slow where a venue allows few questions, so that trouble at the start leaves time to trade."""
SEEDS = {2: "kraken", 4: "kraken", 1: "binance", 3: "binance", 5: "binance"}


def live_a_day(
    made: Session, seed: int, candles: int, *, calls: float, events: float, pace: float = PACE
) -> dict[str, object]:
    """One day under seeded trouble, then calm; everything must be cleared up, and stay so behind the end."""
    print(f"seed {seed}")
    plan = made.venue.plan
    process = made.start()
    with made.day(candles=candles, per_second=pace, seed=seed) as day:
        while day.done == 0 and process.poll() is None and not day.wait(0.05):
            pass  # the start itself is without faults
        assert process.poll() is None, process.communicate()
        plan.chance(seed, calls, list(Trouble), events=events)
        while not day.wait(0.2):
            assert process.poll() is None, (seed, process.communicate())
        made.venue.do(plan.clear)
        assert not day.began_blind, "nobody listened"
    left = made.settle()
    assert left == [], (seed, left)
    summary = made.stop()
    assert made.final_faults() == [], seed
    return summary


def exports_agree(made: Session, summary: dict[str, object]) -> None:
    """What a script reads is what the database holds, and what the venue did."""
    there, here = made.books()
    rows = {row["client_order_id"]: row for row in made.exports("orders")}
    assert {order.client_id for order in there.mine} <= rows.keys()
    assert len(rows) == len(here.orders)
    fills = made.exports("fills")
    assert sorted(row["execution_id"] for row in fills) == sorted(f["execution_id"] for f in here.fills)
    assert len(fills) == sum(len(order.fills) for order in there.mine) == summary["fills"]
    assert len(made.exports("ledger")) == len(here.postings)
    assert (summary["mode"], summary["halted"]) == ("live", False)
    held: dict[str, Decimal] = {}
    for line in made.live.call("positions").stdout.splitlines():
        told = json.loads(line)
        base = told["symbol"].partition("/")[0]
        held[base] = held.get(base, Decimal(0)) + Decimal(told["quantity"])
    quote = made.live.symbols[0].partition("/")[2]
    assert {name: amount for name, amount in held.items() if amount} == {
        name: amount for name, amount in there.totals.items() if name != quote and amount
    }
    worth = sum(
        (held.get(s.partition("/")[0], Decimal(0)) * there.last[s] for s in made.live.symbols), Decimal(0)
    )
    assert abs(Decimal(str(summary["equity"])) - there.totals[quote] - worth) < CENT + worth * MARKED


def calm(kind: str, home: Path, forker: LiveForker) -> None:
    with session(kind, home, forker, 11) as made:
        summary = live_a_day(made, 11, SHORT, calls=0, events=0)
        there, _ = made.books()
        assert len([order for order in there.mine if order.fills]) >= 6, "it hardly traded: it shows nothing"
        assert any(order.is_stop for order in there.mine), "nothing was ever protected"
        exports_agree(made, summary)


def on_a_fast_clock(kind: str, home: Path, forker: LiveForker) -> None:
    """Its service of the time tells the market's, hundreds of minutes ahead at the end of ten seconds."""
    with session(kind, home, forker, 12) as made:
        made.venue.api.clock.tells_market = True
        live_a_day(made, 12, SHORT, calls=0, events=0)
        assert len([order for order in made.books()[0].mine if order.fills]) >= 6


def troubled(kind: str, seed: int, home: Path, forker: LiveForker) -> None:
    with session(kind, home, forker, seed) as made:
        pace = SLOW_PACE if kind == "kraken" else PACE
        live_a_day(made, seed, SHORT, calls=CALLS, events=EVENTS, pace=pace)
        fired = {fired.trouble for fired in made.venue.plan.fired}
        print(f"seed {seed} met:", sorted(trouble.name for trouble in fired))
        assert fired, "nothing went wrong: it shows nothing"
        assert made.witness.seen > 0


@pytest.mark.timeout(300)
def test_short_days(tmp_path: Path, forker: LiveForker) -> None:
    """On both venues calm ones, ones on a venue whose own clock runs fast, and some of trouble."""
    stories = {
        f"trouble {seed}, {kind}": partial(troubled, kind, seed, tmp_path / f"trouble {seed}", forker)
        for seed, kind in SEEDS.items()
    }
    for kind in ("binance", "kraken"):
        stories[f"calm, {kind}"] = partial(calm, kind, tmp_path / f"calm {kind}", forker)
        stories[f"fast clock, {kind}"] = partial(on_a_fast_clock, kind, tmp_path / f"fast {kind}", forker)
    together(stories)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", seeds(200))
def test_a_day_of_trouble(seed: int, tmp_path: Path, forker: LiveForker) -> None:
    kind = ("binance", "kraken")[seed % 2]
    with session(kind, tmp_path / "home", forker, seed) as made:
        live_a_day(made, seed, LONG, calls=0.02 + seed % 4 * 0.01, events=EVENTS, pace=LONG_PACE)

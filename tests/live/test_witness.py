"""The eyes at the venue see what they must: a row that is missing, late or settled, a limit, a late order."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import ccxt
import pytest

from core.clock import instant
from tests.fakes.live_books import write_books
from tests.live.witness import Witness, after_latch, limit_faults
from tests.venue.binance import Binance
from tests.venue.client import drive
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

TOO_MANY = {"RateLimitExceeded", "DDoSProtection"}


@pytest.fixture(params=[Binance, Kraken])
def venue(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[VenueServer]:
    with VenueServer(request.param(seed=5)) as server:
        write_books(tmp_path, server.api)
        yield server


def place(venue: VenueServer, *names: str) -> None:
    symbol, price = next(iter(venue.api.core.tapes)), 40000

    async def script(e: Any) -> None:
        for name in names:
            await e.create_order(symbol, "limit", "buy", 0.001, price, {"clientOrderId": name})

    drive(venue, script)


async def outcome(e: Any) -> str:
    """What a request for the balance ends with."""
    try:
        await e.fetch_balance()
    except ccxt.NetworkError as error:
        return type(error).__name__
    return ""


def write_row(home: Path, name: str, status: str, at: int) -> None:
    given = (name, status, at)
    with closing(sqlite3.connect(home / "belay.db")) as database, database:
        database.execute(
            "INSERT INTO orders (time, client_order_id, symbol, side, kind, quantity, status, strategy, slot, "
            "sequence, mode, role, filled, cost, fee, reason, venue_id, book, written_at) VALUES (1, ?, 's', 'buy', "
            "'limit', '1', ?, 'grid', 0, random(), 'live', 'declared', '0', '0', '0', '', '', 'live test', ?)", given,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("status", "late", "found"),
    [("intent", 0, ""), ("open", 0, "is open, not intent"), ("intent", 60_000, "after the request's"),
     ("", 0, "before its row was committed")],
)  # fmt: skip
def test_each_kind_of_row(venue: VenueServer, tmp_path: Path, status: str, late: int, found: str) -> None:
    witness = Witness(venue, tmp_path)
    if status:
        write_row(tmp_path, "blyone", status, venue.api.clock.real() - 1000 + late)
    place(venue, "blyone")
    assert witness.seen == 1
    assert (len(witness.faults), found in "".join(witness.faults)) == (1 if found else 0, True)


def test_an_id_that_is_not_ours(venue: VenueServer, tmp_path: Path) -> None:
    witness = Witness(venue, tmp_path)
    place(venue, "other")
    assert "without an id of ours" in witness.faults[0]


def test_only_refusals_that_the_client_earned_count(venue: VenueServer) -> None:
    api = venue.api

    async def planned(e: Any) -> None:
        assert await outcome(e) in TOO_MANY

    venue.plan.add(Trouble.RATE_LIMITED, "*account*" if isinstance(api, Binance) else "Balance*")
    drive(venue, planned)
    assert limit_faults(api) == []
    api.audit.lines.clear()
    if isinstance(api, Binance):
        api.limits.per_minute = api.limits.used + 25
    else:
        assert isinstance(api, Kraken)
        api.counter.limit = 2

    async def greedy(e: Any) -> None:
        assert TOO_MANY & {await outcome(e) for _ in range(4)}

    drive(venue, greedy)
    assert "one too many" in limit_faults(api)[0]


def test_an_order_behind_the_latch(venue: VenueServer, tmp_path: Path) -> None:
    at = instant(venue.api.clock.real() - 2000).isoformat(timespec="milliseconds")
    (tmp_path / "halt.json").write_text(json.dumps({"at": at, "cause": "you", "reason": ""}))
    place(venue, "blyone", "blytwo")
    late = list(after_latch(venue.api, tmp_path, {"blytwo": "protective"}))
    assert len(late) == 1
    assert "blyone arrived" in late[0]

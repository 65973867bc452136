"""Belays that trade live on wire-level venues, forked from one program that has everything imported."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from tests.fakes.live_bench import LiveBench
from tests.fakes.live_forked import LiveForker
from tests.venue.settlement import Fees

KRAKEN_LIKE = Fees(Decimal("0.0025"), Decimal("0.004"), "quote", Decimal("0.0001"))


@pytest.fixture(scope="session")
def forker() -> Iterator[LiveForker]:
    """Starts Belays, for any thread."""
    program = LiveForker()
    yield program
    program.close()


@pytest.fixture(params=[False, True], ids=["replacing", "amending"])
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveBench]:
    """Both kinds of venue: stops are taken away and placed anew, or amended in place."""
    made = LiveBench(
        tmp_path, can_amend=request.param, fees=KRAKEN_LIKE if request.param else None, settle=0.3
    )
    yield made
    made.die()
    assert made.faults == []
    assert made.failed == []

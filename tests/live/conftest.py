"""Belays that trade live on wire-level venues, forked from one program that has everything imported."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.live_forked import LiveForker


@pytest.fixture(scope="session")
def forker() -> Iterator[LiveForker]:
    """Starts Belays; one test thread at a time."""
    program = LiveForker()
    yield program
    program.close()

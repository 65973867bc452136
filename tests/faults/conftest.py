"""Belay processes for the fault tests, forked from one that has started already."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fakes.forked import Forker


@pytest.fixture(scope="session")
def forker() -> Iterator[Forker]:
    """Starts Belays; one test thread at a time."""
    program = Forker()
    yield program
    program.close()

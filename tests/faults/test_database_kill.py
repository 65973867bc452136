"""A writer killed at any moment: what a write-ahead answered is there, and no unit is half there."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from actors.persistence.books import RecordBooks
from actors.persistence.restart import load_restart
from actors.persistence.verify import verify_books
from core.ids import client_order_id
from core.order import Order, OrderState
from core.records import Restart
from tests.fakes.record_bench import BOOK, order
from tests.fakes.record_writer import KEYS, pieces

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = 10


@pytest.mark.skipif(sys.platform == "win32", reason="kill -9 is POSIX")
def test_killed_at_ten_random_moments(home: Path) -> None:
    """One home, ten lives: each goes on where the last was cut off."""
    chance = random.Random(2025)
    for life in range(MOMENTS):
        answered = live_and_die(home, life, chance.randint(1, 60), chance.uniform(0, 0.004))
        check(home, answered)


def live_and_die(home: Path, seed: int, answers: int, more: float) -> int:
    """Kill a writer ``more`` seconds after an answer; the last event whose write-ahead it saw answered."""
    command = [sys.executable, "-m", "tests.fakes.record_writer", str(home), str(seed)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        said = [writer.stdout.readline() for _ in range(answers)]
        time.sleep(more)  # the moment is what is tested
        writer.kill()
        said += writer.stdout.read().splitlines(keepends=True)
        assert writer.wait(10) == -9
    return int([line for line in said if line.endswith("\n")][-1])


def check(home: Path, answered: int) -> None:
    """Everything on disk belongs to one event, with or without its end."""
    found = load_restart(home, BOOK)
    assert found.number >= answered
    assert found.pieces == {key: piece.value for key, piece in zip(KEYS, pieces(found.number), strict=True)}
    assert verify_books(home, BOOK) == []
    books = RecordBooks(home, BOOK)
    orders = {each.identity.sequence: each for each in books.orders(limit=100_000)}
    assert answered in orders
    fills = [each.client_order_id for each in books.fills(limit=100_000)]
    for sequence, each in orders.items():
        assert each.client_order_id == client_order_id(order(sequence).identity, BOOK)
        assert each.status is expected(each, found), sequence
        assert fills.count(each.client_order_id) == (2 if each.status is OrderState.FILLED else 0)
    assert max(orders) <= found.number
    if found.number > found.drained:  # between write-ahead and end
        assert found.working == (orders[found.number],)


def expected(each: Order, found: Restart) -> OrderState:
    """Written ahead at event n, open at its end, filled at the end of n + 1."""
    placed = each.identity.sequence
    if found.drained > placed:
        return OrderState.FILLED
    return OrderState.OPEN if found.drained == placed else OrderState.INTENT

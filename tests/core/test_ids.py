"""Client order ids: a pure function of the identity, within every venue's format."""

from __future__ import annotations

import re
import subprocess
import sys
import uuid
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from core.ids import BookId, Identity, InstanceId, Symbol, client_order_id, client_order_uuid

ROOT = Path(__file__).resolve().parents[2]
ONE = Identity(InstanceId("grid:BTC/USDT"), Symbol("BTC/USDT"), 3, 17)
BOOK = BookId("paper/sim/1")


def test_it_is_pure() -> None:
    """The same in another process with another hash seed: known by heart."""
    code = (
        "from core.ids import *; "
        "print(client_order_id(Identity('grid:BTC/USDT', 'BTC/USDT', 3, 17), 'paper/sim/1'))"
    )
    other = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert other.stdout.strip() == client_order_id(ONE, BOOK) == "blyuxga4vx3423xwdj"


def test_a_hundred_thousand_are_distinct_and_well_formed() -> None:
    symbols = [Symbol(name) for name in ("BTC/USDT", "ETH/USDT")]
    found = {
        client_order_id(Identity(InstanceId(f"{name}:{symbol}"), symbol, slot, sequence), book)
        for book in (BOOK, BookId("paper/sim/2"))
        for name in ("grid", "ema_cross")
        for symbol in symbols
        for slot in range(25)
        for sequence in range(500)
    }
    assert len(found) == 100_000
    assert all(re.fullmatch("bly[a-z2-7]{15}", each) for each in found)  # Kraken takes 18, Binance 36


names = st.text(st.characters(codec="utf-8", exclude_characters="\x1f"), max_size=8)
identities = st.builds(
    Identity, names.map(InstanceId), names.map(Symbol), st.integers(0, 99), st.integers(0, 10**9)
)


@given(identities, identities, names.map(BookId), names.map(BookId))
def test_equal_ids_are_equal_identities(one: Identity, two: Identity, first: BookId, second: BookId) -> None:
    is_same = (one, first) == (two, second)
    assert (client_order_id(one, first) == client_order_id(two, second)) == is_same
    assert (client_order_uuid(one, first) == client_order_uuid(two, second)) == is_same


def test_the_uuid_is_one() -> None:
    plain = client_order_uuid(ONE, BOOK)
    assert uuid.UUID(plain).version == 4
    assert plain == str(uuid.UUID(plain))


def test_an_identity_prints_itself() -> None:
    assert str(ONE) == "grid:BTC/USDT BTC/USDT slot 3.17"

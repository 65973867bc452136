"""Client order ids go to every venue in its form and come back as exactly the text that our records hold."""

from __future__ import annotations

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from actors.venues.exchange.client_ids import KEPT, ClientIds, Form, as_uuid, form_of, from_uuid
from core.ids import (
    BookId,
    ClientOrderId,
    Identity,
    InstanceId,
    Symbol,
    VenueName,
    client_order_id,
    client_order_uuid,
)

BOOK = BookId("live")
OURS = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=15, max_size=15).map(lambda tail: "bly" + tail)


def an_id(sequence: int = 1) -> ClientOrderId:
    return client_order_id(Identity(InstanceId("grid:BTC/USDT"), Symbol("BTC/USDT"), 3, sequence), BOOK)


@pytest.mark.parametrize("venue", ["binance", "kraken", "okx", "bybit"])
def test_most_venues_take_our_text_as_it_is(venue: str) -> None:
    ids = ClientIds(VenueName(venue))
    assert ids.to_venue(an_id()) == an_id()
    assert ids.from_venue(an_id()) == an_id()
    assert len(an_id()) == 18  # Kraken's limit; Binance's is 36


@given(OURS)
def test_a_uuid_holds_our_text_and_gives_it_back_without_any_memory(text: str) -> None:
    made = as_uuid(text)
    assert (uuid.UUID(made).version, uuid.UUID(made).variant) == (4, uuid.RFC_4122)
    assert from_uuid(made) == text
    assert ClientIds(VenueName("coinbase")).from_venue(made) == text


@given(st.uuids(version=4))
def test_a_uuid_of_someone_else_is_not_ours(other: uuid.UUID) -> None:
    assert from_uuid(str(other)) is None
    assert ClientIds(VenueName("coinbase")).from_venue(str(other)) == str(other)


def test_one_changed_bit_makes_it_someone_elses() -> None:
    made = uuid.UUID(as_uuid(an_id()))
    free = [bit for bit in range(128) if bit not in {62, 63, 76, 77, 78, 79}]
    assert all(from_uuid(str(uuid.UUID(int=made.int ^ 1 << bit))) is None for bit in free)


def test_ids_in_another_form_are_looked_up() -> None:
    ids, odd = ClientIds(VenueName("coinbase")), ClientOrderId("made-by-an-older-version")
    made = ids.to_venue(odd)
    assert uuid.UUID(made).version == 4
    assert ids.to_venue(odd) == made
    assert ids.from_venue(made) == odd
    assert ids.from_venue(made.upper()) == odd
    assert ClientIds(VenueName("coinbase")).from_venue(made) == made  # nothing known of it here


def test_a_uuid_that_is_one_already_stays_as_it_is() -> None:
    plain = client_order_uuid(Identity(InstanceId("grid"), Symbol("BTC/USD"), 0, 1), BOOK)
    ids = ClientIds(VenueName("coinbase"))
    assert ids.to_venue(plain) == plain
    assert ids.from_venue(plain) == plain


def test_hyperliquid_wants_hexadecimal_digits() -> None:
    assert form_of(VenueName("hyperliquid")) is Form.HEX
    made = ClientIds(VenueName("hyperliquid")).to_venue(an_id())
    assert re.fullmatch(r"0x[0-9a-f]{32}", made)
    assert ClientIds(VenueName("hyperliquid")).from_venue(made) == an_id()


def test_foreign_ids_pass_and_nothing_is_nothing() -> None:
    ids = ClientIds(VenueName("binance"))
    assert ids.from_venue("web_0123456789abcdef") == "web_0123456789abcdef"
    assert ids.from_venue("t-hello") == "t-hello"
    assert ids.from_venue("t-" + an_id()) == an_id()  # Gate's prefix
    assert (ids.from_venue(""), ids.from_venue(None)) == ("", "")


def test_a_venues_own_id_is_remembered_up_to_a_limit() -> None:
    ids = ClientIds(VenueName("binance"))
    ids.learn("7", an_id())
    assert (ids.of("7"), ids.venue_id(an_id()), ids.of("8")) == (an_id(), "7", "")
    ids.learn("", an_id(2))
    ids.learn("9", "")
    assert (ids.venue_id(an_id(2)), ids.of("9")) == ("", "")
    for number in range(KEPT):
        ids.learn(f"n{number}", an_id(2))
    assert ids.of("7") == ""
    assert ids.venue_id(an_id(2)) == f"n{KEPT - 1}"

"""Keys as values: what a person gives, cleaned or refused without being quoted, and calls with a deadline."""

from __future__ import annotations

import threading

import pytest

from actors.deadline import Broken, Late, within
from actors.venue_keys import VenueKeys, checked_keys, keys_from_environment, keys_from_json, venue_name
from core.errors import BadSettings

SECRET = "invented-secret-of-a-test"  # looks like one and is none
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIinvented\n-----END EC PRIVATE KEY-----"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", "holds no JSON"),
        ("{", "holds no JSON"),
        ("[]", "one JSON object"),
        ('{"apiKey": "a"}', "one JSON object"),
        ('{"apiKey": "a", "secret": "invented", "extra": 1}', "one JSON object"),
        ('{"apiKey": "", "secret": "invented"}', "apiKey is empty"),
        ('{"apiKey": "a", "secret": 5}', "secret is empty"),
        ('{"apiKey": "a b", "secret": "invented"}', "apiKey contains a blank"),
    ],
)
def test_what_is_no_key_is_refused_without_quoting_it(typed: str, fault: str) -> None:
    with pytest.raises(BadSettings, match=fault) as caught:
        keys_from_json(typed)
    assert "invented" not in str(caught.value)


def test_keys_are_cleaned() -> None:
    keys = checked_keys(" key\n", PEM.replace("\n", "\\n"), None)
    assert (keys.api_key, keys.secret, keys.password) == ("key", PEM, None)
    assert keys.secrets() == ("key", PEM)


def test_keys_do_not_show_themselves() -> None:
    assert "invented" not in f"{VenueKeys('invented-key', SECRET, 'invented')!r}"


def test_the_environment_gives_keys_only_as_a_pair() -> None:
    assert keys_from_environment({"EXCHANGE_API_KEY": "k"}) is None
    pair = {"EXCHANGE_API_KEY": "k", "EXCHANGE_API_SECRET": "s"}
    assert keys_from_environment(pair) == VenueKeys("k", "s")
    assert keys_from_environment({**pair, "EXCHANGE_API_PASSWORD": "p"}) == VenueKeys("k", "s", "p")
    with pytest.raises(BadSettings, match="cannot be keys: secret contains a blank") as caught:
        keys_from_environment({**pair, "EXCHANGE_API_SECRET": "invented secret"})
    assert "invented" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "plain"), [("Kraken", "kraken"), ("coinbasepro", "coinbase"), ("okx", "okx")]
)
def test_venues_by_their_id(name: str, plain: str) -> None:
    assert venue_name(name) == plain


@pytest.mark.parametrize("name", ["", "sim", "replay", "../x", "a b", "KRAKEN!"])
def test_what_is_no_venue(name: str) -> None:
    with pytest.raises(BadSettings):
        venue_name(name)


def test_a_call_within_its_deadline() -> None:
    never = threading.Event()
    assert within(5, lambda: 7, ()) == 7
    with pytest.raises(KeyError):
        within(5, lambda: {}["x"], (KeyError,))
    with pytest.raises(Late):
        within(0.01, never.wait, ())
    never.set()


def test_an_unexpected_end_is_known_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda error: told.set())
    with pytest.raises(Broken):
        within(60, lambda: {}["x"], (ValueError,))
    assert told.wait(10)

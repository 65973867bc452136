"""The window's keyring: what it stores, forgets and asks, over a made backend and a small exchange."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest

import actors.keys
from actors.commands.key_ring import SystemKeyRing
from actors.keys import KeyStore
from actors.venue_keys import VenueKeys
from core.errors import BadData, BadSettings, KeysRefused, Refused
from core.ports import KeyRing
from core.settings import Settings
from tests.actors.test_key_store import Made
from tests.fakes.small_exchange import RIGHTS, SmallExchange


@pytest.fixture
def ring(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[KeyRing]:
    monkeypatch.setattr(actors.keys, "SAFE_BACKENDS", frozenset({f"{Made.__module__}.Made"}))
    before = keyring.get_keyring()
    keyring.set_keyring(Made())
    yield SystemKeyRing(Settings(), tmp_path)
    keyring.set_keyring(before)


def test_keys_go_in_and_are_forgotten(ring: KeyRing) -> None:
    ring.put("coinbasepro", " invented-key ", "invented-secret\n", "")
    ring.put("okx", "k", "s", "p")
    assert ring.venues() == ("coinbase", "okx")
    assert KeyStore().get("coinbase") == VenueKeys("invented-key", "invented-secret")
    assert KeyStore().get("okx") == VenueKeys("k", "s", "p")
    assert ring.backend().endswith(".Made")
    ring.delete("okx")
    assert ring.venues() == ("coinbase",)
    with pytest.raises(BadData, match="no keys of okx"):
        ring.delete("okx")


def test_what_cannot_be_keys_is_not_quoted(ring: KeyRing) -> None:
    with pytest.raises(BadSettings) as caught:
        ring.put("okx", "invented key", "s", None)
    assert "invented" not in str(caught.value)
    with pytest.raises(BadSettings, match="Did you mean kraken"):
        ring.put("krakn", "k", "s", None)


def test_keys_that_are_not_there_cannot_be_tested(ring: KeyRing) -> None:
    with pytest.raises(Refused, match="There are no keys of kraken"):
        ring.test("kraken")


def test_a_test_signs_in_and_says_goodbye(ring: KeyRing, tmp_path: Path) -> None:
    exchange = SmallExchange()
    asked = SystemKeyRing(Settings(), tmp_path, lambda venue: exchange)
    assert asked.test("binance") == RIGHTS
    assert exchange.calls == ["open", "balances", "key_rights", "close"]
    exchange.failing["balances"] = KeysRefused("no")
    with pytest.raises(KeysRefused):
        asked.test("binance")
    assert exchange.calls[-1] == "close"

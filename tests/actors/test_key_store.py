"""The key store over a made backend: what it does with each answer and each failure of a keyring."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import keyring
import keyring.backend
import keyring.backends.fail
import keyring.errors
import pytest

import actors.keys
from actors.keys import INDEX, SERVICE, KeyStore
from actors.venue_keys import VenueKeys
from core.errors import BadData, Refused, TryAgain

KEYS = VenueKeys("invented-key", "invented-secret")


class Made(keyring.backend.KeyringBackend):  # type: ignore[misc]
    """Keeps secrets in memory; ``error`` is raised by every call."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.error: Exception | None = None
        self.forgets = False

    def get_password(self, service: str, username: str) -> str | None:
        if self.error is not None:
            raise self.error
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        if self.error is not None:
            raise self.error
        if not self.forgets:
            self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Several(Made):
    """As keyring's chainer: several backends, the safe one not the first."""

    def __init__(self, *backends: object) -> None:
        super().__init__()
        self.backends = backends


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    backend = Made()
    monkeypatch.setattr(actors.keys, "SAFE_BACKENDS", frozenset({f"{Made.__module__}.Made"}))
    before = keyring.get_keyring()
    keyring.set_keyring(backend)
    yield backend
    keyring.set_keyring(before)


def test_keys_go_in_and_come_out(made: Made) -> None:
    store = KeyStore()
    assert store.venues() == ()
    assert store.get("kraken") is None
    store.put("kraken", KEYS)
    store.put("binance", VenueKeys("k", "s", "p"))
    assert store.venues() == ("binance", "kraken")
    assert store.get("kraken") == KEYS
    assert store.get("binance") == VenueKeys("k", "s", "p")
    assert set(made.kept) == {(SERVICE, INDEX), (SERVICE, "venue:kraken"), (SERVICE, "venue:binance")}
    assert store.delete("kraken")
    assert not store.delete("kraken")
    assert store.venues() == ("binance",)
    assert store.backend().endswith(".Made")


@pytest.mark.parametrize("index", ["nonsense", "{}", "null"])
def test_a_damaged_index_is_an_empty_one(made: Made, index: str) -> None:
    made.kept[SERVICE, INDEX] = index
    assert KeyStore().venues() == ()


def test_an_entry_that_is_no_keys_is_not_quoted(made: Made) -> None:
    made.kept[SERVICE, "venue:kraken"] = "invented-secret"
    with pytest.raises(BadData, match="store them again") as caught:
        KeyStore().get("kraken")
    assert "invented" not in str(caught.value)


def test_a_keyring_that_forgets_is_found_out(made: Made) -> None:
    made.forgets = True
    with pytest.raises(Refused, match="does not give them back"):
        KeyStore().put("kraken", KEYS)


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (keyring.errors.KeyringLocked("locked"), TryAgain, "is locked"),
        (keyring.errors.InitError("Prompt dismissed"), Refused, "No keyring"),
        (keyring.errors.NoKeyringError("none"), Refused, "No keyring"),
        (keyring.errors.PasswordSetError("no"), TryAgain, "fails"),
        (RuntimeError("no D-Bus; invented-secret"), TryAgain, "fails"),
        (OSError("gone"), TryAgain, "fails"),
    ],
)
def test_each_failure_is_a_sentence(made: Made, error: Exception, kind: type[Exception], words: str) -> None:
    made.error = error
    with pytest.raises(kind, match=words) as caught:
        KeyStore().put("kraken", KEYS)
    assert "invented" not in str(caught.value)
    assert caught.value.__suppress_context__


def test_an_unknown_failure_is_a_sentence_too(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    told = threading.Event()
    monkeypatch.setattr(threading, "excepthook", lambda error: told.set())
    made.error = LookupError("nobody foresaw this")
    with pytest.raises(TryAgain, match="unknown way"):
        KeyStore().venues()
    assert told.wait(10)


def test_a_keyring_that_hangs_is_given_up(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    never = threading.Event()
    monkeypatch.setattr(Made, "get_password", lambda self, service, name: never.wait() and None)
    with pytest.raises(TryAgain, match=r"does not answer within 0\.05 s"):
        KeyStore(deadline_s=0.05).venues()
    never.set()


def test_the_safe_one_of_several_is_used(made: Made) -> None:
    keyring.set_keyring(Several(keyring.backends.fail.Keyring(), made))
    KeyStore().put("kraken", KEYS)
    assert (SERVICE, "venue:kraken") in made.kept


def test_an_unsafe_one_is_refused_by_name(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actors.keys, "SAFE_BACKENDS", frozenset({"none.At.All"}))
    with pytest.raises(Refused, match=r"\.Made, which does not keep secrets safe"):
        KeyStore().put("kraken", KEYS)
    assert made.kept == {}

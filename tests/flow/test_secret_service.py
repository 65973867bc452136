"""Keys in a real Secret Service (GNOME Keyring on a private bus), and every way in which one can fail."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.secret_service import Session, needs_session
from tests.fakes.wire_settings import write_wire_settings
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

SECRET = "invented-secret-of-a-test"  # looks like one and is none
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIinvented\n-----END EC PRIVATE KEY-----"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    made = Session(tmp_path)
    yield made
    made.stop()


def given(secret: str = SECRET, **more: str) -> str:
    return json.dumps({"apiKey": "invented-key", "secret": secret, **more})


@needs_session
def test_keys_are_set_listed_and_deleted_and_never_shown(session: Session) -> None:
    session.start()
    for venue, typed in (("kraken", given()), ("coinbasepro", given(PEM, password="pass"))):
        done = session.belay("keys", "set", venue, "--json", typed=typed)
        assert done.returncode == 0, done.stderr
        assert SECRET not in done.stdout + done.stderr
        assert "invented" not in done.stdout + done.stderr
    listed = session.belay("keys", "list", "--json")
    event = json.loads(listed.stdout)
    assert event["venues"] == ["coinbase", "kraken"]
    assert event["backend"] == "keyring.backends.SecretService.Keyring"
    assert session.belay("keys", "list").stdout.splitlines() == ["coinbase", "kraken"]
    reading = "from actors.keys import KeyStore; k = KeyStore().get('coinbase'); print(k); print([k.secret])"
    shown = session.python(reading)
    assert shown.splitlines() == ["VenueKeys()", repr([PEM])]
    assert session.belay("keys", "delete", "kraken").returncode == 0
    again = session.belay("keys", "delete", "kraken")
    assert (again.returncode, again.stderr) == (
        1, "There are no keys of kraken; `python main.py keys list` shows which there are.\n"
    )  # fmt: skip
    assert session.belay("keys", "list").stdout.splitlines() == ["coinbase"]
    written = [path for path in Path(session.environment["BELAY_HOME"]).rglob("*") if path.is_file()]
    assert not [path for path in written if SECRET in path.read_text(errors="replace")]


@needs_session
def test_a_locked_keyring_is_a_sentence(session: Session) -> None:
    session.start()
    assert session.belay("keys", "set", "kraken", typed=given()).returncode == 0
    session.kill_keyring()  # the bus brings it back, locked
    for words in (("list",), ("test", "kraken"), ("delete", "kraken")):
        done = session.belay("keys", *words)
        assert done.returncode == 1, done.stdout
        assert "keyring" in done.stderr.lower()
        assert "unlock" in done.stderr
        assert len(done.stderr.splitlines()) == 1


@needs_session
def test_a_hanging_keyring_is_a_sentence_after_the_deadline_and_the_process_ends(session: Session) -> None:
    session.start()
    os.kill(session.daemon, signal.SIGSTOP)
    for words in (("list",), ("set", "kraken")):
        before = time.monotonic()
        done = session.belay("keys", *words, typed=given())
        assert time.monotonic() - before < 15
        assert done.returncode == 1
        assert "does not answer within 5 s" in done.stderr
        assert len(done.stderr.splitlines()) == 1
        assert SECRET not in done.stdout + done.stderr


@needs_session
@pytest.mark.long
def test_a_keyring_that_comes_back_is_used_again(session: Session) -> None:
    session.start()
    os.kill(session.daemon, signal.SIGSTOP)
    assert session.belay("keys", "list").returncode == 1
    os.kill(session.daemon, signal.SIGCONT)
    assert session.belay("keys", "set", "kraken", typed=given()).returncode == 0
    assert session.belay("keys", "list").stdout == "kraken\n"


@needs_session
def test_an_entry_that_somebody_changed_is_a_sentence(session: Session) -> None:
    session.start()
    spoil = "import keyring; keyring.set_password('Belay', 'venue:kraken', 'no keys at all')"
    session.python(spoil)
    done = session.belay("keys", "test", "kraken")
    assert (done.returncode, "are no keys; store them again" in done.stderr) == (1, True), done.stderr
    assert "no keys at all" not in done.stderr


def test_no_keyring_is_refused_with_the_reason(session: Session) -> None:
    done = session.belay("keys", "set", "kraken", "--json", typed=given())
    assert done.returncode == 3
    assert "No keyring of the operating system answers here" in done.stderr
    assert json.loads(done.stdout)["exit"] == 3
    assert SECRET not in done.stdout + done.stderr


def test_a_bus_that_is_gone_is_refused_with_the_reason(session: Session, tmp_path: Path) -> None:
    done = session.belay("keys", "list", DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/gone")
    assert done.returncode == 3
    forced = {"PYTHON_KEYRING_BACKEND": "keyring.backends.SecretService.Keyring"}
    done = session.belay("keys", "list", DBUS_SESSION_BUS_ADDRESS=f"unix:path={tmp_path}/gone", **forced)
    assert done.returncode in (1, 3)
    assert len(done.stderr.splitlines()) == 1


def test_a_keyring_that_forgets_is_refused(session: Session) -> None:
    done = session.belay(
        "keys", "set", "kraken", typed=given(), PYTHON_KEYRING_BACKEND="keyring.backends.null.Keyring"
    )
    assert done.returncode == 3
    assert "keyring.backends.null.Keyring, which does not keep secrets safe" in done.stderr


def test_a_plain_file_keyring_is_refused(session: Session, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(
        "from keyring.backend import KeyringBackend\n"
        "class PlaintextKeyring(KeyringBackend):\n"
        "    priority = 99\n"
        "    def get_password(self, *a): return None\n"
        f"    def set_password(self, *a): open({str(tmp_path / 'leak')!r}, 'a').write(a[2])\n"
        "    def delete_password(self, *a): pass\n"
    )
    done = session.belay("keys", "set", "kraken", typed=given(), PYTHONPATH=str(tmp_path),
                         PYTHON_KEYRING_BACKEND="plain.PlaintextKeyring")  # fmt: skip
    assert done.returncode == 3
    assert "plain.PlaintextKeyring" in done.stderr
    assert not (tmp_path / "leak").exists()


@needs_session
def test_keys_that_are_not_stored_cannot_be_tested(session: Session) -> None:
    session.start()
    done = session.belay("keys", "test", "kraken")
    assert (done.returncode, done.stderr) == (
        3, "There are no keys of kraken; store them with: python main.py keys set kraken\n"
    )  # fmt: skip


def test_keys_of_an_unknown_venue_are_refused_with_near_ones(session: Session) -> None:
    done = session.belay("keys", "set", "krakn", typed=given())
    assert (done.returncode, "Did you mean kraken" in done.stderr) == (2, True), done.stderr


@needs_session
def test_keys_typed_at_a_terminal_are_not_echoed_and_tested_at_once(session: Session) -> None:
    with VenueServer(Kraken(seed=2)) as venue:
        venue.api.rights.append("withdraw-funds")
        session.start()
        write_wire_settings(
            Path(session.environment["BELAY_HOME"]) / "settings.toml", venue, source="keyring"
        )
        code, screen = session.at_terminal(
            "keys", "set", "kraken",
            answers={
                "API key of kraken": venue.api.key, "Secret (not shown)": venue.api.secret, "Password": "",
                "Sign in with them now": "y",
            },
        )  # fmt: skip
        assert code == 0, screen
        assert (venue.api.key in screen, venue.api.secret in screen) == (False, False)
        assert "The keys of kraken are in the system's keyring." in screen
        assert "live trading is refused with these" in screen
        venue.api.rights.remove("withdraw-funds")
        done = session.belay("keys", "test", "kraken")
        assert (done.returncode, "Kraken takes the keys" in done.stdout) == (0, True), done.stderr


@needs_session
def test_live_with_a_keyring_that_hangs_or_is_empty_is_refused_in_time(session: Session) -> None:
    with VenueServer(Kraken(seed=2)) as venue:
        session.start()
        write_wire_settings(
            Path(session.environment["BELAY_HOME"]) / "settings.toml", venue, source="keyring"
        )
        live = ("run", "--headless", "--mode", "live", "--confirm", "word")
        allowed = {"ALLOW_LIVE": "1", "LIVE_CONFIRM_TOKEN": "word"}
        done = session.belay(*live, **allowed)
        assert done.returncode == 3
        assert "Live trading needs keys. There are no keys of kraken" in done.stderr
        os.kill(session.daemon, signal.SIGSTOP)
        before = time.monotonic()
        done = session.belay(*live, **allowed)
        assert time.monotonic() - before < 20
        assert done.returncode == 3
        assert "Live trading needs keys. The keyring does not answer within 5 s" in done.stderr
        assert "Traceback" not in done.stderr

"""Keys in the real keyring of a private session, and every way in which a keyring can fail."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from actors.deadline import Broken, Late, within
from actors.venue_keys import VenueKeys, checked_keys, keys_from_environment, keys_from_json, venue_name
from core.errors import BadSettings

ROOT = Path(__file__).resolve().parents[2]
SECRET = "invented-secret-of-a-test"  # looks like one and is none
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIinvented\n-----END EC PRIVATE KEY-----"
needs_session = pytest.mark.skipif(
    not (shutil.which("gnome-keyring-daemon") and shutil.which("dbus-daemon")),
    reason="needs gnome-keyring-daemon and dbus-daemon (apt-get install gnome-keyring dbus)",
)


class Session:
    """A private bus with a private keyring, away from the person's own, and Belay started inside it."""

    def __init__(self, folder: Path) -> None:
        places = {"HOME": folder, "XDG_RUNTIME_DIR": folder / "run", "BELAY_HOME": folder / "belay"}
        places |= {f"XDG_{name}_HOME": folder / name.lower() for name in ("DATA", "CACHE", "CONFIG")}
        for place in places.values():
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
        dropped = ("DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND")
        self.environment = {key: value for key, value in os.environ.items() if key not in dropped}
        self.environment |= {key: str(place) for key, place in places.items()}
        self.daemon = 0
        self._bus = 0

    def start(self) -> None:
        bus = self._run("dbus-daemon", "--session", "--fork", "--print-address=1", "--print-pid=1")
        address, pid = bus.splitlines()[:2]
        self._bus = int(pid)
        self.environment["DBUS_SESSION_BUS_ADDRESS"] = address
        unlock = ("gnome-keyring-daemon", "--daemonize", "--unlock", "--components=secrets")
        self._run(*unlock, typed="test-password")
        deadline = time.monotonic() + 20
        while "true" not in self._asked("NameHasOwner"):
            assert time.monotonic() < deadline, "the keyring did not come up"
        self.daemon = int(self._asked("GetConnectionUnixProcessID").split()[-1])
        assert self.daemon > 1  # zero would be this very process group

    def _run(self, *command: str, typed: str = "") -> str:
        done = subprocess.run(
            command, input=typed, env=self.environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout

    def _asked(self, question: str) -> str:
        """What the session's own bus says of the keyring, so only its own daemon is ever meant."""
        bus = ("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus", "/")
        return self._run(*bus, f"org.freedesktop.DBus.{question}", "string:org.freedesktop.secrets")

    def belay(self, *words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "main.py", *words],
            cwd=ROOT,
            input=typed,
            capture_output=True,
            text=True,
            timeout=60,
            env=self.environment | environment,
            check=False,
        )

    def python(self, code: str) -> str:
        command = (sys.executable, "-c", code)
        return subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, timeout=60, check=True
        ).stdout

    def stop(self) -> None:
        for pid in (self.daemon, self._bus):
            if pid:
                try:
                    os.kill(pid, signal.SIGCONT)
                    os.kill(pid, signal.SIGTERM)
                except ProcessLookupError:
                    continue


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
    os.kill(session.daemon, signal.SIGKILL)  # the bus brings it back, locked
    done = session.belay("keys", "list")
    assert done.returncode == 1, done.stdout
    assert "keyring" in done.stderr.lower()
    assert "unlock" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@needs_session
def test_a_hanging_keyring_is_a_sentence_after_the_deadline_and_the_process_ends(session: Session) -> None:
    session.start()
    os.kill(session.daemon, signal.SIGSTOP)
    before = time.monotonic()
    done = session.belay("keys", "list")
    assert time.monotonic() - before < 15
    assert done.returncode == 1
    assert "does not answer within 5 s" in done.stderr
    assert len(done.stderr.splitlines()) == 1


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


def test_testing_keys_is_refused_until_there_are_venues(session: Session) -> None:
    done = session.belay("keys", "test", "kraken")
    assert done.returncode == 3
    assert "Keys cannot be tested" in done.stderr


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
    assert keys_from_environment({"EXCHANGE_API_KEY": "k", "EXCHANGE_API_SECRET": "s"}) == VenueKeys("k", "s")


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

"""Keys of a venue, after everything a person does with them: in no file, no output and no process argument (H1)."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fakes.program import wait_for
from tests.fakes.secret_service import Session, needs_session
from tests.fakes.wire_settings import MARKETS, key_environment, toml_of, write_wire_settings
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "the-invented-word"
API_KEY = {"binance": "Key+of/a=test" * 4, "kraken": "Key+of/a=test" * 4}
SECRET = {
    "binance": "Secret+of/a=test" * 4,
    "kraken": base64.b64encode(b"secret bytes of the test" * 3).decode(),
}


@pytest.fixture(params=[Binance, Kraken])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    api = request.param(seed=9)
    api.key, api.secret = API_KEY[api.ccxt_id], SECRET[api.ccxt_id]
    with VenueServer(api) as server:
        yield server


def forms(secret: str) -> set[bytes]:
    """The bytes in which a secret could be written down."""
    raw = secret.encode()
    plain = {
        raw,
        quote(secret).encode(),
        quote(secret, safe="").encode(),
        raw.hex().encode(),
        raw.hex().upper().encode(),
    }
    coded = {base64.b64encode(raw).rstrip(b"="), base64.urlsafe_b64encode(raw).rstrip(b"=")}
    wide = {secret.encode("utf-16-le"), repr(secret)[1:-1].encode()}
    try:
        decoded = base64.b64decode(secret, validate=True)
    except ValueError:
        return plain | coded | wide
    return plain | coded | wide | {decoded, decoded.hex().encode()}


def allowed(venue: VenueServer) -> str:
    """The venue's markets may be traded."""
    return f"[risk]\nallowed_symbols = {toml_of(MARKETS[venue.api.ccxt_id])}\n"


def leaks(folder: Path, secrets: Mapping[str, str], *texts: str) -> list[str]:
    """Where a secret stands, in any file below ``folder`` (database pages and logs too) or in ``texts``."""
    places = {
        str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }
    places |= {f"output {number}": text.encode() for number, text in enumerate(texts)}
    return [
        f"{name} in {place}"
        for name, secret in secrets.items()
        for form in forms(secret)
        for place, raw in places.items()
        if form in raw
    ]


class Person:
    """Somebody whose keys are in the environment or in the keyring, and who does everything with them."""

    def __init__(self, home: Path, venue: VenueServer, environment: Mapping[str, str]) -> None:
        self.home, self.venue, self.environment = home, venue, dict(environment)
        self.secrets = {**key_environment(venue), "LIVE_CONFIRM_TOKEN": TOKEN}
        self.said: list[str] = []

    def types(self, *words: str, typed: str = "") -> int:
        done = subprocess.run(
            [sys.executable, "main.py", "--home", str(self.home), *words], cwd=ROOT, env=self.environment,
            input=typed, capture_output=True, text=True, timeout=110, check=False,
        )  # fmt: skip
        self.said += [done.stdout, done.stderr]
        return done.returncode

    def does_everything(self) -> None:
        name = self.venue.api.ccxt_id
        assert self.types("keys", "test", name) == 0, self.said[-1]
        assert self.types("--verbose", "check") == 0, self.said[-2:]
        for trouble in (Trouble.BAD_JSON, Trouble.NONCE):
            self.venue.plan.add(trouble, "*", times=10_000)
            assert self.types("--verbose", "keys", "test", name) == 1, self.said[-1]
            self.venue.plan.clear()
        assert self.types("config", "show") == 0
        assert self.types("--verbose", "run", "--headless", "--for", "1", "--mode", "live") == 3
        live = ("--verbose", "run", "--headless", "--mode", "live", "--confirm", TOKEN, "--for")
        self.environment["ALLOW_LIVE"] = "1"
        assert self.types(*live, "3") == 0, self.said[-2:]
        assert (self.home / "belay.db").exists()
        place = ("order", "place", MARKETS[name][0], "buy", "0.0004", "--price", "49000", "--stop", "48500")
        assert self.types("--verbose", *place, "--mode", "live", "--confirm", TOKEN) == 0, self.said[-2:]
        if self.environment.get("EXCHANGE_API_KEY") is None:
            return  # the way to the venue is the same, and trouble takes its time
        self.venue.plan.chance(1, 0.2, (Trouble.BAD_JSON, Trouble.RESET_AFTER, Trouble.HTML, Trouble.NONCE))
        self.types(*live, "4")  # however it ends in so much trouble
        self.venue.plan.clear()

    def found(self) -> list[str]:
        return leaks(self.home, self.secrets, *self.said)


def test_a_leak_would_be_found(tmp_path: Path) -> None:
    """The search itself, with every form planted once."""
    secret = SECRET["kraken"]
    for number, form in enumerate(sorted(forms(secret))):
        (tmp_path / f"file{number}").write_bytes(b"\0page" + form + b"tail\0")
    assert len({line.split()[-1] for line in leaks(tmp_path, {"it": secret})}) == len(forms(secret))
    assert leaks(tmp_path / "none", {"it": secret}, "fine", f"x{secret}") == ["it in output 1"]


@pytest.mark.parametrize("venue", [Binance], indirect=True)
def test_keys_of_the_environment_are_written_nowhere(home: Path, venue: VenueServer) -> None:
    write_wire_settings(home / "settings.toml", venue, more=allowed(venue))
    person = Person(home, venue, {**os.environ, **key_environment(venue), "LIVE_CONFIRM_TOKEN": TOKEN})
    person.does_everything()
    assert person.found() == []


@needs_session
@pytest.mark.long
@pytest.mark.parametrize("venue", [Kraken], indirect=True)
def test_keys_of_the_keyring_are_written_nowhere_else(tmp_path: Path, venue: VenueServer) -> None:
    session = Session(tmp_path / "session")
    session.start()
    try:
        home = Path(session.environment["BELAY_HOME"])
        write_wire_settings(home / "settings.toml", venue, source="keyring", more=allowed(venue))
        person = Person(home, venue, {**session.environment, "LIVE_CONFIRM_TOKEN": TOKEN})
        typed = f'{{"apiKey": "{venue.api.key}", "secret": "{venue.api.secret}"}}'
        assert person.types("keys", "set", venue.api.ccxt_id, typed=typed) == 0, person.said
        person.does_everything()
        assert person.types("keys", "delete", venue.api.ccxt_id) == 0
        assert person.found() == []
        assert leaks(tmp_path / "session", person.secrets) == []  # the keyring's own file is encrypted
    finally:
        session.stop()


def test_a_process_at_work_has_no_key_in_its_arguments(home: Path, venue: VenueServer) -> None:
    write_wire_settings(home / "settings.toml", venue)
    venue.plan.add(Trouble.TIMEOUT_BEFORE, "*", times=10_000)  # it waits for an answer while we look
    process = subprocess.Popen(
        [sys.executable, "main.py", "--home", str(home), "keys", "test", venue.api.ccxt_id], cwd=ROOT,
        env={**os.environ, **key_environment(venue)}, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(lambda: venue.plan.fired, None, 30)
        arguments = Path(f"/proc/{process.pid}/cmdline")
        if not arguments.exists():
            pytest.skip("needs /proc")
        raw = arguments.read_bytes()
        assert b"keys" in raw
        assert not [
            name for name, secret in key_environment(venue).items() for form in forms(secret) if form in raw
        ]
    finally:
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert leaks(home, key_environment(venue), out.decode(), err.decode()) == []

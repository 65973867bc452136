"""`keys test`, `price` and `check` as a person runs them, over a venue on the wire."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.wire_settings import MARKETS, key_environment, write_wire_settings
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.firi import HOST, Firi
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(params=[Binance, Kraken])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(request.param(seed=6)) as server:
        yield server


class Person:
    """Somebody at a command line whose settings name the venue, with its keys in the environment."""

    def __init__(self, home: Path, venue: VenueServer) -> None:
        self.home, self.venue, self.name = home, venue, venue.api.ccxt_id
        self.keys = key_environment(venue)

    def types(self, *words: str, **environment: str) -> tuple[int, list[dict[str, Any]], str]:
        """Exit code, the JSON lines and what people read."""
        done = subprocess.run(
            [sys.executable, "main.py", "--home", str(self.home), "--json", *words], cwd=ROOT, check=False,
            capture_output=True, text=True, timeout=90, stdin=subprocess.DEVNULL,
            env={**os.environ, **self.keys, **environment},
        )  # fmt: skip
        assert "Traceback" not in done.stderr
        for secret in self.keys.values():
            assert secret not in done.stdout + done.stderr
        return done.returncode, [json.loads(line) for line in done.stdout.splitlines()], done.stderr


@pytest.fixture
def person(home: Path, venue: VenueServer) -> Person:
    write_wire_settings(home / "settings.toml", venue)
    return Person(home, venue)


def test_good_keys_are_shown_with_their_rights_and_amounts(person: Person) -> None:
    code, (event,), said = person.types("keys", "test", person.name)
    assert (code, event["valid"], event["may_trade"], event["may_withdraw"]) == (0, True, True, False)
    assert event["balances"]["BTC"] == "1"
    assert "could not verify" not in said
    assert "it holds" in said


def test_keys_that_may_withdraw_are_exit_3(person: Person) -> None:
    api = person.venue.api
    if isinstance(api, Binance):
        api.can_withdraw, api.ip_bound = True, False
    else:
        api.rights.append("withdraw-funds")
        api.ip_bound = False
    code, (event,), said = person.types("keys", "test", person.name)
    assert (code, event["may_withdraw"], event["is_ip_bound"]) == (3, True, False)
    assert "live trading is refused with these" in said
    assert "bind them to your IP address" in said


def test_keys_that_the_venue_does_not_take_are_a_sentence(person: Person) -> None:
    for wrong in ({"EXCHANGE_API_KEY": "w" * 64}, {"EXCHANGE_API_SECRET": "d3Jvbmc=" * 8}):
        code, (event,), said = person.types("keys", "test", person.name, **wrong)
        assert (code, event["event"], len(said.splitlines())) == (1, "error", 1), said
        assert not [part for part in wrong.values() if part in said]


def test_the_price_is_the_venues_own(person: Person) -> None:
    symbol = MARKETS[person.name][0]
    person.venue.set_price(symbol, "51234.5")
    for more in ((), ("--venue", person.name)):
        code, (event,), said = person.types("price", symbol.lower(), *more)
        assert (code, event["symbol"], event["last"], event["source"]) == (
            0,
            symbol,
            "51234.5",
            person.name,
        ), said
    code, _, said = person.types("price", "NONE/USD")
    assert (code, "no market NONE/USD" in said) == (1, True)


def test_the_preflight_of_a_venue_on_the_wire(person: Person) -> None:
    code, events, said = person.types("check", ALLOW_LIVE="1")
    found = {event["id"]: event for event in events}
    assert code == 0, said
    green = (
        "live",
        "venue",
        "offset",
        "markets",
        "filters",
        "stops",
        "keys",
        "rights",
        "address",
        "balance",
        "foreign",
    )
    assert {name: found[name]["result"] for name in green} == dict.fromkeys(green, "green"), said
    names = [line.call.name for line in person.venue.api.audit.lines]
    assert not [name for name in names if name in ("POST /api/v3/order", "AddOrder", "CancelAll")]


def test_without_keys_the_public_part_is_checked(person: Person) -> None:
    code, events, said = person.types("check", EXCHANGE_API_KEY="", EXCHANGE_API_SECRET="")
    found = {event["id"]: event["result"] for event in events}
    assert code == 0, said
    assert (found["venue"], found["markets"], found["keys"]) == ("green", "green", "amber")
    assert "rights" not in found


def test_another_venue_than_that_of_the_settings_is_asked_by_name(person: Person) -> None:
    path = person.home / "settings.toml"
    path.write_text(path.read_text().replace(f'name = "{person.name}"', 'name = "sim"'))
    symbol = MARKETS[person.name][0]
    code, (event,), _ = person.types("keys", "test", person.name.capitalize())
    assert (code, event["venue"]) == (0, person.name)
    code, (event,), _ = person.types("price", symbol, "--venue", person.name.capitalize())
    assert (code, event["source"]) == (0, person.name)
    code, events, said = person.types("check", "--venue", person.name.capitalize(), "--symbols", symbol)
    assert (code, "venue" in [event["id"] for event in events]) == (0, True), said
    code, events, _ = person.types("check")
    assert (code, "venue" in [event["id"] for event in events]) == (0, False)


def test_an_unknown_market_is_red_with_its_name(person: Person) -> None:
    code, events, _ = person.types("check", "--symbols", "NONE/USDT")
    (line,) = [event for event in events if event["id"] == "markets"]
    assert (code, line["result"], "NONE/USDT" in line["evidence"]) == (1, "red", True)


@pytest.mark.parametrize("trouble", [Trouble.UNAVAILABLE, Trouble.HTML])
def test_a_venue_in_trouble_is_a_sentence(person: Person, trouble: Trouble) -> None:
    person.venue.plan.add(trouble, "*", times=10_000)
    code, events, said = person.types("keys", "test", person.name)
    assert (code, events[-1]["event"], len(said.splitlines())) == (1, "error", 1), said
    code, events, said = person.types("check")
    assert (code, events[-1]["id"], events[-1]["result"]) == (1, "venue", "red"), said


def test_firi_is_asked_through_its_own_adapter(home: Path) -> None:
    with VenueServer(Firi()) as venue:
        person = Person(home, venue)
        person.keys["EXCHANGE_API_PASSWORD"] = venue.api.client_id
        (home / "settings.toml").write_text(
            '[venue]\nname = "firi"\nsymbols = ["BTC/NOK"]\n[keys]\nsource = "environment"\n'
            f'[venues.firi]\nccxt = {{urls = {{api = "http://127.0.0.1:{venue.port}/{HOST}"}}}}\n'
        )
        code, (event,), said = person.types("keys", "test", "firi")
        assert (code, event["may_withdraw"], event["balances"]["BTC"]) == (0, None, "1"), said
        assert said.count("could not verify") == 3
        code, (event,), said = person.types("price", "BTC/NOK")
        assert (code, event["last"], event["source"]) == (0, "900000", "firi"), said
        code, events, said = person.types("check")
        found = {event["id"]: event for event in events}
        assert (code, found["filters"]["result"]) == (1, "red"), said
        assert "price in USD is not known" in found["filters"]["evidence"]
        assert (found["venue"]["result"], found["stops"]["result"]) == ("green", "amber")
        code, events, said = person.types("check", EXCHANGE_API_KEY="")
        assert ("venue" in [event["id"] for event in events], events[-1]["id"]) == (True, "notes"), said

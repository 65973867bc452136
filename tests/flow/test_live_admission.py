"""Whether a run may start: venues by their ids, and everything that live trading needs, over a venue on the wire."""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from actors.commands.admission import LIVE_PHRASE, admit
from actors.commands.context import Context
from core.errors import BadSettings, BelayError, Refused
from tests.fakes.wire_settings import key_environment, write_wire_settings
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer

ROOT = Path(__file__).resolve().parents[2]
Belay = Callable[..., subprocess.CompletedProcess[str]]


@pytest.mark.parametrize("words", [("run", "--headless", "--mode", "live"), ("run", "--mode", "live")])
def test_live_is_refused_with_everything_that_is_missing(belay: Belay, words: tuple[str, ...]) -> None:
    done = belay(*words)
    assert done.returncode == 3
    assert [word in line for word, line in zip(
        ("the simulated market; name one with --venue", "ALLOW_LIVE=1", "LIVE_CONFIRM_TOKEN"),
        done.stderr.splitlines(), strict=True,
    )] == [True] * 3  # fmt: skip
    done = belay(*words, "--confirm", "word", ALLOW_LIVE="1", LIVE_CONFIRM_TOKEN="word")
    assert (done.returncode, len(done.stderr.splitlines())) == (3, 1)
    done = belay(*words, "--confirm", "other", ALLOW_LIVE="1", LIVE_CONFIRM_TOKEN="the-word")
    assert "--confirm equal to LIVE_CONFIRM_TOKEN" in done.stderr
    assert "the-word" not in done.stdout + done.stderr


def test_a_replay_cannot_be_live(belay: Belay) -> None:
    done = belay("run", "--headless", "--mode", "live", "--venue", "replay:x.csv")
    assert (done.returncode, "this is a replay" in done.stderr) == (3, True)


@pytest.mark.parametrize(
    ("venue", "words"),
    [
        ("krakn", "Did you mean kraken"),
        ("binanc", "binance"),
        ("krakenfutures", "no spot markets"),
        ("nowhere_at_all", "write sim, replay:PATH, binance, kraken, coinbase, firi or another id of ccxt"),
    ],
)
@pytest.mark.parametrize("mode", ["paper", "live"])
def test_a_venue_that_is_none_is_named_with_its_like(
    said: Callable[..., Any], home: Path, venue: str, words: str, mode: str
) -> None:
    code, _, err = said("run", "--headless", "--venue", venue, "--mode", mode)
    assert (code, len(err.splitlines())) == (2, 1)
    assert words in err
    assert list(home.iterdir()) == []


def test_the_list_of_venues_is_ccxts_and_costs_no_import() -> None:
    code = (
        "import sys\n"
        "from actors.venues.venue_ids import NO_SPOT, checked_venue, venue_ids\n"
        "ids = venue_ids()\n"
        "checked_venue('kraken'), checked_venue('coinbasepro'), checked_venue('firi')\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'ccxt'])\n"
        "import ccxt\n"
        "spot = {one for one in ccxt.exchanges if one in ('bybit', 'okx') or getattr(ccxt, one)().has.get('spot')}\n"
        "print(sorted(spot ^ set(ids)), sorted(NO_SPOT - set(ccxt.exchanges)))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60,
                          check=True)  # fmt: skip
    assert done.stdout.splitlines() == ["[]", "['firi'] []"]


# ---------------------------------------------------------------- over a venue on the wire


class Terminal(io.StringIO):
    """What a person types."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(params=[Binance, Kraken])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    with VenueServer(request.param(seed=5)) as server:
        yield server


class Asker:
    """One start of a live run, up to the moment when the bot would come up."""

    def __init__(self, home: Path, venue: VenueServer) -> None:
        self.venue, self.home = venue, home
        self.environment = {"ALLOW_LIVE": "1", "LIVE_CONFIRM_TOKEN": "the-word", **key_environment(venue)}
        self.confirm: str | None = "the-word"
        self.dry_run = False
        self.more = ""
        self.stdin: io.StringIO = io.StringIO()
        self.said = io.StringIO()

    def start(self) -> None:
        """Nothing, or the refusal."""
        config = write_wire_settings(self.home / "settings.toml", self.venue, more=self.more)
        self.said = io.StringIO()
        context = Context(
            home=self.home, config=config, environment=self.environment, stdin=self.stdin, stdout=self.said,
            stderr=self.said,
        )  # fmt: skip
        args = argparse.Namespace(dry_run=self.dry_run, mode="live", confirm=self.confirm)
        admit(args, context)

    def refused(self, kind: type[BelayError] = Refused) -> list[str]:
        with pytest.raises(kind) as caught:
            self.start()
        return str(caught.value).splitlines()


@pytest.fixture
def asker(home: Path, venue: VenueServer) -> Asker:
    return Asker(home, venue)


def paths(venue: VenueServer) -> list[str]:
    return [line.call.name for line in venue.do(lambda: list(venue.api.audit.lines))]


def test_live_starts_when_everything_holds_and_shows_every_limit(asker: Asker) -> None:
    asker.start()
    said = asker.said.getvalue()
    for words in (
        "one order           10 to 50 USD",
        "1 % of equity",
        "entries a day       20",
        "20 USD or 5 %",
    ):
        assert words in said
    assert "the-word" not in said
    assert asker.venue.api.key not in said
    assert not [name for name in paths(asker.venue) if name in ("POST /api/v3/order", "AddOrder")]


def test_all_that_is_missing_is_said_at_once(asker: Asker) -> None:
    asker.environment, asker.confirm = {}, None
    lines = asker.refused()
    words = ("ALLOW_LIVE=1", "LIVE_CONFIRM_TOKEN", "EXCHANGE_API_KEY and EXCHANGE_API_SECRET are not both")
    assert [word in line for word, line in zip(words, lines, strict=True)] == [True] * 3


@pytest.mark.parametrize(
    ("name", "value"), [("ALLOW_LIVE", "0"), ("ALLOW_LIVE", ""), ("LIVE_CONFIRM_TOKEN", "other")]
)
def test_each_one_alone_is_enough_to_refuse(asker: Asker, name: str, value: str) -> None:
    asker.environment[name] = value
    (line,) = asker.refused()
    assert name in line
    asker.environment[name] = "yes"
    assert asker.refused(BelayError)


def test_a_word_that_is_no_switch_is_wrong_usage(asker: Asker) -> None:
    asker.environment["ALLOW_LIVE"] = "yes"
    assert "write 1 to allow" in asker.refused(BadSettings)[0]


def test_keys_that_may_withdraw_are_refused(asker: Asker) -> None:
    api = asker.venue.api
    if isinstance(api, Binance):
        api.can_withdraw = True
    else:
        api.rights.append("withdraw-funds")
    (line,) = asker.refused()
    assert "the keys may withdraw" in line


def test_keys_that_the_venue_does_not_take_are_refused(asker: Asker) -> None:
    asker.environment["EXCHANGE_API_KEY"] = "x" * 64
    lines = asker.refused()
    assert len([line for line in lines if "keys" in line]) == 1
    assert "x" * 64 not in "".join(lines)


def test_an_account_without_money_is_refused(home: Path) -> None:
    with VenueServer(Binance({"USDT": "3.5", "BTC": "0", "BNB": "0"})) as venue:
        (line,) = Asker(home, venue).refused()
        assert "balance: 3.5 USDT free, the smallest order is 10" in line


def test_orders_that_no_market_takes_are_refused(asker: Asker) -> None:
    asker.more = "[risk]\nmax_order_usd = 2\nmin_order_usd = 1\n"
    lines = asker.refused()
    assert any("filters" in line for line in lines), lines


def test_a_venue_that_is_down_is_one_sentence_in_time(asker: Asker, venue: VenueServer) -> None:
    venue.plan.add(Trouble.UNAVAILABLE, "*", times=10_000)
    start = time.monotonic()
    lines = asker.refused()
    assert time.monotonic() - start < 40
    assert [line.startswith("Preflight is red, venue:") for line in lines] == [True]


def test_dry_run_wins_and_asks_nothing(asker: Asker) -> None:
    asker.dry_run, asker.environment, asker.confirm = True, {}, None
    asker.start()
    assert paths(asker.venue) == []


@pytest.mark.parametrize(("typed", "token", "starts"), [
    (LIVE_PHRASE, "", True), ("yes", "", False), ("", "", False), ("the-word", "the-word", True),
    (LIVE_PHRASE, "the-word", False),
])  # fmt: skip
def test_at_a_terminal_the_sentence_is_typed(asker: Asker, typed: str, token: str, starts: bool) -> None:
    asker.confirm, asker.environment["LIVE_CONFIRM_TOKEN"] = None, token
    asker.stdin = Terminal(f"{typed}\n")
    if starts:
        asker.start()
    else:
        assert "not confirmed" in asker.refused()[0]
    said = asker.said.getvalue()
    assert said.index("one order") < said.index("This is real money")
    assert "the-word" not in said

"""The checks that ask a venue, over a small exchange: each light, its evidence and what to do."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import actors.commands.preflight_venue as checks
from actors.commands.context import Context
from actors.commands.preflight import preflight
from actors.commands.preflight_finding import Finding, Light
from core.errors import BadSettings, KeysRefused, TryAgain
from core.instrument import Instrument
from core.settings_given import Given
from core.venue import BudgetUse, KeyRights, LinkStatistics, StopSupport
from tests.fakes.small_exchange import BTC, CAPS, ETH, RIGHTS, SmallDoors, SmallExchange, some_order

PUBLIC = ["live", "venue", "offset", "markets", "filters", "stops", "streams", "keys", "budget"]
ALL = [*PUBLIC[:8], "rights", "address", "balance", "foreign", "budget"]
KEYS = {"EXCHANGE_API_KEY": "invented-key", "EXCHANGE_API_SECRET": "invented-secret"}


def context(home: Path, environment: Mapping[str, str] = KEYS, *given: Given) -> Context:
    own = (
        Given(("venue", "name"), "binance", "test"),
        Given(("keys", "source"), "environment", "test"),
        *given,
    )
    return Context(home=home, config=None, environment=environment, given=own)


@pytest.fixture
def found(home: Path) -> Callable[..., dict[str, Finding]]:
    """The findings about the venue by their ids, in order."""

    def check(
        exchange: SmallExchange, environment: Mapping[str, str] = KEYS, *given: Given, **doors: Any
    ) -> dict[str, Finding]:
        asked = checks.venue_findings(context(home, environment, *given), SmallDoors(exchange, **doors))
        return {one.id: one for one in asked}

    return check


def test_a_good_venue_is_green_in_order_and_closed(found: Callable[..., dict[str, Finding]]) -> None:
    exchange = SmallExchange()
    lights = found(exchange, {**KEYS, "ALLOW_LIVE": "1"})
    assert list(lights) == ALL
    assert {one.light for one in lights.values()} == {Light.GREEN}, lights
    assert (exchange.calls[0], exchange.calls[-1]) == ("open", "close")
    assert exchange.keys is not None
    assert "invented" not in repr(lights)
    assert "BTC/USDT from 10 USDT, tick 0.01, step 0.00001" in lights["filters"].evidence
    assert lights["balance"].evidence == "1000 USDT free, the smallest order is 10"


def test_without_keys_the_public_part_is_checked(found: Callable[..., dict[str, Finding]]) -> None:
    exchange = SmallExchange()
    lights = found(exchange, {})
    assert list(lights) == PUBLIC
    assert (lights["keys"].light, "EXCHANGE_API_KEY" in lights["keys"].evidence) == (Light.AMBER, True)
    assert lights["live"].light is Light.AMBER
    assert not {"balances", "key_rights", "open_orders"} & set(exchange.calls)


def test_a_venue_that_cannot_be_reached_is_one_red_line(found: Callable[..., dict[str, Finding]]) -> None:
    exchange = SmallExchange(failing={"open": TryAgain("Binance cannot be reached; look at the network.")})
    lights = found(exchange)
    assert list(lights) == ["live", "venue"]
    assert lights["venue"].light is Light.RED
    assert exchange.calls == ["open", "close"]


def test_keys_that_the_venue_refuses_are_red_and_used_no_more(
    found: Callable[..., dict[str, Finding]],
) -> None:
    exchange = SmallExchange(failing={"balances": KeysRefused("Binance does not take the keys.")})
    lights = found(exchange)
    assert list(lights) == PUBLIC
    assert lights["keys"].light is Light.RED
    assert not {"key_rights", "open_orders"} & set(exchange.calls)


def test_keys_refused_at_the_door_leave_the_public_part(found: Callable[..., dict[str, Finding]]) -> None:
    exchange = SmallExchange()

    def refuse() -> None:
        if exchange.keys is not None:
            raise KeysRefused("Binance does not take the keys.")

    exchange.failing["open"] = refuse
    lights = found(exchange)
    assert list(lights) == PUBLIC
    assert lights["keys"].light is Light.RED
    assert exchange.calls.count("open") == exchange.calls.count("close") == 2
    exchange.failing["open"] = KeysRefused("Binance takes nobody.")
    assert [(one.id, one.light) for one in found(exchange).values()][1:] == [("venue", Light.RED)]


@pytest.mark.parametrize(
    ("rights", "light", "words"),
    [
        (replace(RIGHTS, may_withdraw=True), Light.RED, "may withdraw"),
        (replace(RIGHTS, may_trade=False), Light.RED, "may not trade"),
        (replace(RIGHTS, may_withdraw=None), Light.AMBER, "could not verify whether the keys may withdraw"),
        (replace(RIGHTS, may_trade=None), Light.AMBER, "could not verify whether the keys may trade"),
        (KeyRights(), Light.AMBER, "could not verify"),
        (RIGHTS, Light.GREEN, "may trade and may not withdraw"),
    ],
)
def test_rights(
    found: Callable[..., dict[str, Finding]], rights: KeyRights, light: Light, words: str
) -> None:
    line = found(SmallExchange(rights=rights))["rights"]
    assert (line.light, words in line.evidence) == (light, True), line


def test_rights_that_cannot_be_read_could_not_be_verified(found: Callable[..., dict[str, Finding]]) -> None:
    line = found(SmallExchange(failing={"key_rights": TryAgain("busy")}))["rights"]
    assert (line.light, line.evidence) == (Light.AMBER, "could not verify: busy")


@pytest.mark.parametrize(("bound", "words"), [(False, "from any address"), (None, "could not verify")])
def test_keys_bound_to_no_address_are_amber(
    found: Callable[..., dict[str, Finding]], bound: bool | None, words: str
) -> None:
    line = found(SmallExchange(rights=replace(RIGHTS, is_ip_bound=bound)))["address"]
    assert (line.light, words in line.evidence) == (Light.AMBER, True)


def test_money_that_does_not_suffice(found: Callable[..., dict[str, Finding]]) -> None:
    line = found(SmallExchange(held={"USDT": "9.99"}))["balance"]
    assert (line.light, "9.99 USDT free, the smallest order is 10" in line.evidence) == (Light.RED, True)
    assert found(SmallExchange(held={}))["balance"].light is Light.RED
    line = found(SmallExchange(held={"USDT": "0", "ETH": "0.5"}))["balance"]
    assert (line.light, "it holds ETH" in line.evidence) == (
        Light.AMBER,
        True,
    )  # there is something to look after


def big(**facts: str) -> Instrument:
    return replace(BTC, **{name: Decimal(value) for name, value in facts.items()})


def test_filters_of_this_configurations_sizes(found: Callable[..., dict[str, Finding]]) -> None:
    line = found(SmallExchange(markets=(big(min_notional="60"), ETH)))["filters"]
    assert (line.light, "too large for your limit of 50 USD: BTC/USDT" in line.evidence) == (
        Light.AMBER,
        True,
    )
    line = found(SmallExchange(markets=(big(min_quantity="0.002"), ETH)))["filters"]
    assert "too large for your limit" in line.evidence  # 0.002 BTC at 50,000 is 100 USDT
    tight = Given(("risk", "min_order_usd"), Decimal(5), "test")
    line = found(SmallExchange(), KEYS, tight)["filters"]
    assert (line.light, line.advice) == (Light.AMBER, "Set risk.min_order_usd to 5.5 or more.")
    line = found(SmallExchange(), told={})["filters"]
    assert (line.light, "no price of BTC/USDT, ETH/USDT" in line.evidence) == (Light.AMBER, True)
    only = Given(("venue", "symbols"), "BTC/USDT", "test")
    assert found(SmallExchange(markets=(big(min_notional="60"),)), KEYS, only)["filters"].light is Light.RED
    euro = replace(BTC, symbol="BTC/EUR")
    line = found(SmallExchange(markets=(euro,)), KEYS, replace(only, value="BTC/EUR"))["filters"]
    assert (line.light, "price in USD is not known" in line.evidence) == (Light.RED, True)


def test_a_market_that_is_not_traded_is_red(found: Callable[..., dict[str, Finding]]) -> None:
    lights = found(SmallExchange(markets=(BTC,)))
    assert (lights["markets"].light, "no market ETH/USDT" in lights["markets"].evidence) == (Light.RED, True)
    assert not {"filters", "balance"} & lights.keys()


def test_stops_streams_and_notes(found: Callable[..., dict[str, Finding]]) -> None:
    poor = replace(
        CAPS, stops=StopSupport.NONE, streams={"orders": False, "candles": True}, notes=("No stops.",)
    )
    lights = found(SmallExchange(caps=poor))
    assert [lights[name].light for name in ("stops", "streams", "notes")] == [Light.AMBER] * 3
    assert "when it is off, nothing protects you" in lights["stops"].advice
    assert "orders" in lights["streams"].evidence
    assert "candles" not in lights["streams"].evidence
    assert found(SmallExchange(caps=replace(CAPS, stops=StopSupport.MARKET)))["stops"].light is Light.GREEN


def test_orders_that_belay_did_not_make_are_amber(found: Callable[..., dict[str, Finding]]) -> None:
    line = found(SmallExchange(orders=(some_order("bly2345"), some_order("web_1"))))["foreign"]
    assert (line.light, line.evidence) == (Light.AMBER, "1 open order that Belay did not make: buy BTC/USDT")
    assert found(SmallExchange(orders=(some_order("bly2345"),)))["foreign"].light is Light.GREEN


@pytest.mark.parametrize(
    ("used", "light", "words"),
    [
        (LinkStatistics(), Light.AMBER, "does not tell its time"),
        (LinkStatistics(offset_ms=-999), Light.GREEN, "999 ms behind"),
        (LinkStatistics(offset_ms=86_400_000), Light.AMBER, "86,400,000 ms ahead"),
    ],
)
def test_the_venues_clock_never_blocks(
    found: Callable[..., dict[str, Finding]], used: LinkStatistics, light: Light, words: str
) -> None:
    line = found(SmallExchange(used=used))["offset"]
    assert (line.light, words in line.evidence) == (light, True), line


def test_the_room_in_the_venues_limits(found: Callable[..., dict[str, Finding]]) -> None:
    full = LinkStatistics(budgets=(BudgetUse(name="weight", used=5000, limit=6000, unit="a minute"),))
    line = found(SmallExchange(used=full))["budget"]
    assert (line.light, line.evidence) == (Light.AMBER, "weight 5000 of 6000")
    assert found(SmallExchange(used=LinkStatistics(rate_limited=2)))["budget"].light is Light.AMBER
    assert found(SmallExchange(used=LinkStatistics()))["budget"].light is Light.GREEN


@pytest.mark.parametrize("call", ["open", "instruments", "balances", "open_orders"])
def test_an_answer_that_nobody_foresaw_is_a_red_line(
    found: Callable[..., dict[str, Finding]], call: str
) -> None:
    lights = found(SmallExchange(failing={call: KeyError("strange")}))
    red = [one for one in lights.values() if one.light is Light.RED]
    assert [
        one.evidence.startswith("The venue answers in a way that Belay does not understand") for one in red
    ] == [True]


def test_a_venue_that_hangs_is_a_red_line_in_time(
    found: Callable[..., dict[str, Finding]], monkeypatch: pytest.MonkeyPatch
) -> None:
    never = threading.Event()
    monkeypatch.setattr(checks, "READ_S", 0.05)
    monkeypatch.setattr(checks, "OPEN_S", 0.05)
    lights = found(SmallExchange(failing={"balances": never.wait}))
    assert "does not answer within 0.05 s" in lights["keys"].evidence
    lights = found(SmallExchange(failing={"open": never.wait}))
    assert (list(lights), lights["venue"].light) == (["live", "venue"], Light.RED)
    never.set()


def test_the_whole_preflight_names_this_computer_first(home: Path) -> None:
    ids = [one.id for one in preflight(context(home), SmallDoors(SmallExchange()))]
    assert ids[:8] == ["settings", "home", "disk", "database", "keyring", "clock", "latch", "strategies"]
    assert ids[8:] == ALL
    broken = context(home, KEYS, Given(("venue", "name"), 5, "test"))
    assert "venue" not in [one.id for one in preflight(broken, SmallDoors(SmallExchange()))]


def test_a_sentence_is_one_line() -> None:
    finding = Finding("rights", Light.RED, "the keys may withdraw.", "Make others.")
    assert finding.sentence == "rights: the keys may withdraw. Make others."
    assert BadSettings("a", "b").faults == ("a", "b")

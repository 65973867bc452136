"""One program to the venue: links share limits, nonces and clock; a start waits for limits that are used up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from time import monotonic

import pytest

from actors.venues.exchange.connection import Connection
from actors.venues.exchange.limits import COUNTER, PUBLIC
from actors.venues.exchange.link import PROGRAM
from actors.venues.exchange.shares import Registry
from actors.venues.opening import link_to as program_link
from core.errors import TryAgain
from core.settings import Settings
from tests.fakes.link_bench import Opened, balance, link_to, names, opener, used
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken
from tests.venue.server import VenueServer


@pytest.fixture
def binance() -> Iterator[VenueServer]:
    with VenueServer(Binance()) as server:
        yield server


@pytest.fixture
def kraken() -> Iterator[VenueServer]:
    with VenueServer(Kraken()) as server:
        yield server


@pytest.fixture
def opened() -> Iterator[Opened]:
    with opener() as start:
        yield start


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    PROGRAM.clear()
    yield
    PROGRAM.clear()


# ---------------------------------------------------------------- one program


def test_links_of_one_program_share_limits_nonce_and_clock(
    kraken: VenueServer, opened: Opened, tmp_path: Path
) -> None:
    registry = Registry()
    first = opened(link_to(kraken, registry=registry, is_quick=False, home=tmp_path))
    for _ in range(4):
        first.read(balance)
    first.close()
    first.link.keeper.waits += 5
    asked = names(kraken)
    link = link_to(kraken, registry=registry, is_quick=False, home=tmp_path)
    assert link.statistics().waits == 0, "the counters of a link are its own"
    second = opened(link)
    assert used(second)[COUNTER] > 3
    assert second.link.nonce is first.link.nonce
    assert second.link.turn is first.link.turn
    assert names(kraken) == asked, "the clock is compared and the markets are known"
    assert second.read(balance)["total"]
    alone = opened(link_to(kraken, is_quick=False))
    assert used(alone)[COUNTER] == 0


def test_a_link_without_keys_shares_the_limits_of_the_address(kraken: VenueServer, opened: Opened) -> None:
    registry = Registry()
    public = opened(link_to(kraken, registry=registry, is_quick=False, keys=False))
    private = link_to(kraken, registry=registry, is_quick=False)
    assert {one.name: one.used for one in private.statistics().budgets}[PUBLIC] > 0
    assert private.nonce is not public.link.nonce


def test_another_key_and_another_address_have_their_own(kraken: VenueServer) -> None:
    registry = Registry()
    one = link_to(kraken, registry=registry)
    other = link_to(kraken, registry=registry, api_key="O" * 56)
    assert one.nonce is not other.nonce
    with VenueServer(Kraken()) as elsewhere:
        assert link_to(elsewhere, registry=registry).keeper is not one.keeper


def test_what_opens_a_venue_makes_links_of_the_program() -> None:
    settings = Settings()
    first, second = (program_link("kraken", settings, None, None) for _ in range(2))
    assert first is not second
    assert first.keeper is second.keeper
    PROGRAM.clear()
    assert program_link("kraken", settings, None, None).keeper is not first.keeper


def test_markets_of_long_ago_are_not_taken_over(binance: VenueServer, opened: Opened) -> None:
    registry, past = Registry(), [0.0]

    def steady() -> float:
        return monotonic() + past[-1]

    for seconds, expected in ((0.0, 1), (50.0, 1), (70.0, 2)):
        past.append(seconds)
        opened(link_to(binance, registry=registry, steady=steady))
        assert names(binance).count("GET /api/v3/exchangeInfo") == expected


# ---------------------------------------------------------------- restarts


def test_a_restart_never_passes_krakens_limit(kraken: VenueServer, opened: Opened, tmp_path: Path) -> None:
    """The lowest tier, three starts in a row, each using what there is: none is refused."""
    kraken.api.counter.limit = 15  # type: ignore[attr-defined]
    kraken.api.counter.decay = Decimal("0.33")  # type: ignore[attr-defined]
    for number in range(3):
        connection = opened(link_to(kraken, is_quick=False, home=tmp_path), f"start {number}")
        begun = monotonic()
        for _ in range(9):
            connection.read(balance, is_urgent=True)
            if monotonic() - begun > 4:
                break
            try:
                connection.link.keeper.now_or_never({COUNTER: 1.0}, is_urgent=True)
            except TryAgain:
                break
        connection.close()
    assert not any("Rate limit" in line.answer for line in kraken.api.audit.lines)
    assert kraken.api.audit.heaviest <= 15


# ---------------------------------------------------------------- a start waits


def test_a_start_waits_until_the_venue_has_room_again(
    kraken: VenueServer, opened: Opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else has filled the counter: more refusals than a question has tries, and then it opens."""
    monkeypatch.setattr("core.budget.FIRST_PAUSE_S", 0.05)
    for _ in range(5):
        kraken.plan.add(Trouble.RATE_LIMITED, "AssetPairs")
    connection = opened(link_to(kraken))
    assert connection.link.statistics().rate_limited == 5
    assert connection.exchange.markets


def test_a_start_waits_for_a_pause_longer_than_a_question_would(binance: VenueServer, opened: Opened) -> None:
    """Forty seconds of a clock that runs forty times as fast."""
    begun = monotonic()
    link = link_to(binance, steady=lambda: begun + (monotonic() - begun) * 40)
    binance.plan.add(Trouble.RATE_LIMITED, "GET /api/v3/exchangeInfo", seconds="40")
    assert opened(link).exchange.markets
    assert monotonic() - begun > 1


def test_a_start_gives_up_in_the_end(binance: VenueServer) -> None:
    begun = monotonic()
    link = link_to(binance, steady=lambda: begun + (monotonic() - begun) * 40)
    for _ in range(100):
        binance.plan.add(Trouble.RATE_LIMITED, "GET /api/v3/exchangeInfo", seconds="25")
    with pytest.raises(TryAgain):
        Connection(link, "late").open()
    assert 0.5 < monotonic() - begun < 10, "it gives up, and not at once"

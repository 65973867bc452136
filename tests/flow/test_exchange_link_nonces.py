"""The venue's clock and the nonces of a key: corrected, kept over restarts, shared by connections."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from actors.venues.exchange.limits import DAY, TEN_SECONDS, WEIGHT
from actors.venues.exchange.nonce import Nonce, Turn
from core.errors import TryAgain
from tests.fakes.link_bench import Opened, balance, link_to, opener, place, wait_until
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


# ---------------------------------------------------------------- clock


@pytest.mark.parametrize("skew", [-30_000, 45_000])
def test_a_clock_that_is_off_is_corrected(binance: VenueServer, opened: Opened, skew: int) -> None:
    binance.api.clock.skew = skew
    connection = opened(link_to(binance))
    assert connection.read(balance)["total"]
    offset = connection.link.statistics().offset_ms
    assert offset is not None
    assert abs(offset - skew) < 100
    assert connection.link.statistics().retries == 0


def test_a_clock_that_jumps_is_measured_again(binance: VenueServer, opened: Opened) -> None:
    connection = opened(link_to(binance))
    binance.api.clock.skew = 90_000
    assert connection.read(balance)["total"]
    assert connection.link.statistics().retries == 1
    binance.api.clock.skew = -90_000
    with pytest.raises(TryAgain):
        connection.send(place)
    wait_until(lambda: abs((connection.link.statistics().offset_ms or 0) + 90_000) < 100)
    assert connection.send(place)["id"], "the next order carries the right time"


def test_a_venue_that_tells_one_time_and_judges_by_another(binance: VenueServer, opened: Opened) -> None:
    """Its time service is a day off and signatures are held to the true time: the measurement is dropped."""
    real = binance.api.clock.real
    day = 86_400_000
    binance.api._handlers["GET /api/v3/time"] = lambda _: {"serverTime": real() + day}  # type: ignore[attr-defined]
    connection = opened(link_to(binance))
    assert connection.read(balance)["total"]
    assert connection.read(balance)["total"]
    assert connection.link.statistics().retries == 1


# ---------------------------------------------------------------- nonces


def test_two_connections_of_one_key_never_offend(kraken: VenueServer, opened: Opened) -> None:
    link = link_to(kraken)
    kraken.api.counter.limit = 10_000  # type: ignore[attr-defined]
    connections = [opened(link, "one"), opened(link, "two")]

    def ask(number: int) -> None:
        connections[number % 2].read(balance)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(100)))
    lines = kraken.api.audit.named("BalanceEx")
    assert len(lines) == 100, "none had to be asked again"
    assert not any("nonce" in line.answer for line in lines)


def test_a_nonce_grows_over_restarts_even_when_the_clock_goes_back(tmp_path: Path) -> None:
    first = Nonce("kraken", "key", tmp_path)
    seen = [first.next(1_000_000) for _ in range(50)]
    again = Nonce("kraken", "key", tmp_path)
    seen += [again.next(500_000) for _ in range(50)]
    assert seen == sorted(set(seen))
    other = Nonce("kraken", "another", tmp_path)
    assert other.next(7) == 7, "each key has its own"


def test_the_nonces_file_never_holds_the_key(tmp_path: Path) -> None:
    key = "A" * 56
    Nonce("kraken", key, tmp_path).next(1)
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) == 1
    assert key not in files[0].read_text()
    assert key[:8] not in str(files[0])


@pytest.mark.parametrize("content", ["", "no number", "-5", "1" * 400])
def test_a_damaged_file_is_no_fault(tmp_path: Path, content: str) -> None:
    nonce = Nonce("kraken", "key", tmp_path)
    nonce.next(5)
    assert nonce.path is not None
    nonce.path.write_text(content)
    assert Nonce("kraken", "key", tmp_path).next(10_000) >= 10_000


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "nonces").write_text("a file where the folder should be")
    nonce = Nonce("kraken", "key", tmp_path)
    assert nonce.next(5) == 5
    assert nonce.next(5) == 6


def test_a_refused_nonce_leaps_upward_until_one_is_taken(
    kraken: VenueServer, opened: Opened, tmp_path: Path
) -> None:
    connection = opened(link_to(kraken, home=tmp_path))
    connection.read(balance)
    ahead = kraken.api._nonce + 5_000  # type: ignore[attr-defined]
    kraken.do(lambda: setattr(kraken.api, "_nonce", ahead))  # another program with this key
    assert connection.read(balance)["total"]
    assert kraken.api._nonce > ahead  # type: ignore[attr-defined]
    connection.close()
    again = opened(link_to(kraken, home=tmp_path), "again")
    before = len(kraken.api.audit.named("BalanceEx"))
    assert again.read(balance)["total"]
    assert len(kraken.api.audit.named("BalanceEx")) == before + 1, "it remembers, and is not refused"


def test_a_call_that_hangs_does_not_keep_the_turn(kraken: VenueServer, opened: Opened) -> None:
    link = link_to(kraken, timeout=4.0)
    link.turn.longest = 0.3
    connections = [opened(link, "one"), opened(link, "two")]
    kraken.plan.add(Trouble.TIMEOUT_BEFORE, "BalanceEx")
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(connections[0].read, balance)
        wait_until(lambda: bool(kraken.api.audit.named("BalanceEx")))
        begun = monotonic()
        connections[1].make_ready(is_urgent=True)
        assert connections[1].send(place)["id"]
        assert monotonic() - begun < 2
        assert hanging.result(20)["total"]


def test_the_turn_is_passed_on_in_order_and_urgent_ones_go_first() -> None:
    turn, order = Turn(), []

    async def one(name: str, is_urgent: bool) -> None:
        async with turn.mine(is_urgent=is_urgent):
            order.append(name)
            await asyncio.sleep(0.01)

    async def all_of_them() -> None:
        tasks = []
        for name, is_urgent in [("a", False), ("b", False), ("c", False), ("kill", True)]:
            tasks.append(asyncio.create_task(one(name, is_urgent)))
            await asyncio.sleep(0)
        tasks[1].cancel()
        await asyncio.wait(tasks)

    asyncio.run(all_of_them())
    assert order == ["a", "kill", "c"]


def test_windows_of_the_venue_replace_ours(binance: VenueServer) -> None:
    link = link_to(binance)
    link.keeper.note_markets(
        {
            "rateLimits": [
                {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 50},
                {"rateLimitType": "RAW_REQUESTS", "interval": "MINUTE", "intervalNum": 5, "limit": 6},
                {"rateLimitType": "ORDERS", "interval": "CENTURY", "intervalNum": 1, "limit": 1},
                {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": "x"},
                "nonsense",
            ]
        }
    )
    assert {one.name: one.limit for one in link.statistics().budgets} == {
        WEIGHT: 6000, TEN_SECONDS: 50, DAY: 200_000, "requests in 300 s": 6
    }  # fmt: skip

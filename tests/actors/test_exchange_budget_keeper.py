"""Who waits for whom at a venue's limits, and what is remembered of them over a restart."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import monotonic

import pytest

from actors.venues.exchange.budget_keeper import BudgetKeeper
from actors.venues.exchange.limits import COUNTER, PUBLIC, TEN_SECONDS, WEIGHT, Tariff
from actors.venues.exchange.make import plain_class
from actors.venues.exchange.standing_file import StandingFile
from core.budget import Bucket, Claim, Costs
from core.errors import TryAgain
from tests.fakes.link_bench import wait_until


class Hand:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def keeper(venue: str, steady: Callable[[], float] = monotonic) -> BudgetKeeper:
    return BudgetKeeper(Tariff(plain_class(venue)({})), steady)


def fill(keeper: BudgetKeeper, name: str, cost: float = 1.0) -> None:
    """Ordinary calls until there is no room."""

    async def all_of_it() -> None:
        while True:
            keeper.settle(await keeper.wait({name: cost}, is_urgent=False, longest=0.0))

    with pytest.raises(TryAgain):
        asyncio.run(all_of_it())


# ---------------------------------------------------------------- queues


@pytest.mark.parametrize("order", [{}, {"orders of X": 1.0}])
def test_an_order_does_not_wait_behind_questions_of_another_limit(order: Costs) -> None:
    """Kraken counts orders apart: a line of questions at its other counter is nothing to them."""
    kraken = keeper("kraken")
    fill(kraken, COUNTER)

    async def ask() -> Claim:
        return await kraken.wait({COUNTER: 1.0}, is_urgent=False)

    async def asks() -> None:
        asking = [asyncio.create_task(ask()) for _ in range(3)]
        await asyncio.sleep(0.05)
        begun = monotonic()
        await asyncio.to_thread(kraken.wait_in_thread, order, threading.Event(), is_urgent=False, longest=5.0)
        assert monotonic() - begun < 0.5
        kraken.settle(await kraken.wait({PUBLIC: 1.0}, is_urgent=False, longest=0.1))
        for task in asking:
            task.cancel()
        await asyncio.wait(asking)

    asyncio.run(asks())


def test_an_order_goes_before_the_questions_that_wait_at_its_own_limit() -> None:
    steady = Hand()
    binance = keeper("binance", steady)
    binance.change(Bucket(WEIGHT, 10, 0.1, "weight"))
    fill(binance, WEIGHT)
    came: list[str] = []

    async def ask(name: str) -> None:
        binance.settle(await binance.wait({WEIGHT: 1.0}, is_urgent=False, longest=100.0))
        came.append(name)

    def order(name: str) -> None:
        costs = {WEIGHT: 1.0, TEN_SECONDS: 1.0}
        claim = binance.wait_in_thread(costs, threading.Event(), is_urgent=False, longest=100.0)
        binance.settle(claim)
        came.append(name)

    async def all_of_them() -> None:
        asking = [asyncio.create_task(ask(name)) for name in ("first", "second")]
        await asyncio.sleep(0.05)
        with ThreadPoolExecutor(2) as pool:
            orders = []
            for number, name in enumerate(("order", "another")):
                orders.append(asyncio.get_running_loop().run_in_executor(pool, order, name))
                await asyncio.to_thread(wait_until, lambda n=number: len(binance._orders) == n + 1)  # type: ignore[misc]
                await asyncio.sleep(0.05)
            for number in range(4):
                steady.now += 10.0  # room for one more
                await asyncio.to_thread(wait_until, lambda n=number: len(came) == n + 1)  # type: ignore[misc]
            await asyncio.gather(*asking, *orders)

    asyncio.run(all_of_them())
    assert came == ["order", "another", "first", "second"]
    assert not any(binance._queues.values()), "nobody is left in a queue"


def test_many_calls_of_many_limits_all_get_through() -> None:
    """None waits for another that waits for it."""
    busy = keeper("kraken")
    names = ("a", "b", "c")
    for name in names:
        busy.change(Bucket(name, 3, 200, "calls"))

    async def call(costs: Costs) -> None:
        claim = await busy.wait(costs, is_urgent=False, longest=20.0)
        await asyncio.sleep(0)
        busy.settle(claim)

    async def all_of_them() -> None:
        some = [{one: 1.0, two: 1.0} for one in names for two in names] * 6
        await asyncio.gather(*(call(costs) for costs in some))

    asyncio.run(asyncio.wait_for(all_of_them(), 20))
    assert not any(busy._queues.values())


# ---------------------------------------------------------------- restarts


class Wall(Hand):
    """The computer's clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1.8e9


def level(keeper: BudgetKeeper, name: str = COUNTER) -> float:
    return {one.name: one.used for one in keeper.use()}[name]


def test_a_quick_restart_goes_on_from_the_level_of_before(tmp_path: Path) -> None:
    wall, steady = Wall(), Hand()
    first = keeper("kraken", steady)
    first.remember(StandingFile(tmp_path / "one", wall))
    fill(first, COUNTER)
    assert level(first) == 12
    first.save()
    wall.now += 10
    again = keeper("kraken", Hand())
    again.remember(StandingFile(tmp_path / "one", wall))
    assert level(again) == pytest.approx(12 - 3.3)
    other = keeper("kraken", Hand())
    other.remember(StandingFile(tmp_path / "another", wall))
    assert level(other) == 0


def test_a_process_that_ends_hard_is_remembered_as_somewhat_more(tmp_path: Path) -> None:
    wall, steady = Wall(), Hand()
    first = keeper("kraken", steady)
    first.remember(StandingFile(tmp_path / "one", wall))
    for number in range(60):
        claim = first.now_or_never({COUNTER: 1.0}, is_urgent=True)
        again = keeper("kraken", Hand())
        again.remember(StandingFile(tmp_path / "one", wall))
        assert level(first) - 0.01 <= level(again) <= min(15, level(first) + 3.76), (
            f"after {number + 1} calls"
        )
        first.settle(claim)
        steady.now += 4.0
        wall.now += 4.0


@pytest.mark.parametrize(("limit", "most"), [("orders of XBTUSD", 40), (COUNTER, 100)])
def test_the_file_of_a_large_limit_is_written_seldom(tmp_path: Path, limit: str, most: int) -> None:
    wall, steady, written = Wall(), Hand(), 0
    path = tmp_path / "one"
    busy = keeper("kraken", steady)
    busy.remember(StandingFile(path, wall))
    before = ""
    for _ in range(100):
        busy.settle(busy.now_or_never({limit: 1.0}, is_urgent=True))
        now = path.read_text()
        written += now != before
        before = now
        steady.now += 3.5
        wall.now += 3.5
    assert 0 < written <= most


def test_a_small_limit_is_remembered_as_it_stood(tmp_path: Path) -> None:
    wall = Wall()
    first = keeper("kraken", Hand())
    first.remember(StandingFile(tmp_path / "one", wall))
    for _ in range(8):
        first.settle(first.now_or_never({COUNTER: 1.0}, is_urgent=True))
    again = keeper("kraken", Hand())
    again.remember(StandingFile(tmp_path / "one", wall))
    assert [one.used for one in again.use() if one.name == COUNTER] == [8.0]


def test_a_pause_stands_over_a_restart(tmp_path: Path) -> None:
    wall = Wall()
    first = keeper("binance", Hand())
    first.remember(StandingFile(tmp_path / "one", wall))
    first.note_refusal(40.0, is_ban=True)
    wall.now += 10
    again = keeper("binance", Hand())
    again.remember(StandingFile(tmp_path / "one", wall))
    with pytest.raises(TryAgain, match="30 s"):
        again.now_or_never({WEIGHT: 1.0}, is_urgent=True)


@pytest.mark.parametrize(
    "content",
    ["", "[]", "null", "{}", '{"at": 1, "levels": {"counter": "nan"}, "ordinary": 0, "urgent": 0}',
     '{"at": 1, "levels": {"counter": -5}, "ordinary": 0, "urgent": 0}', '{"at": 1, "levels": 3, "ordinary": 0}'],
)  # fmt: skip
def test_a_damaged_file_is_no_fault(tmp_path: Path, content: str) -> None:
    path = tmp_path / "one"
    path.write_text(content)
    one = keeper("kraken", Hand())
    one.remember(StandingFile(path, Wall()))
    assert level(one) == 0
    one.now_or_never({COUNTER: 1.0}, is_urgent=False)
    assert json.loads(path.read_text())["levels"][COUNTER] > 0


def test_a_clock_that_was_set_back_has_let_no_time_pass(tmp_path: Path) -> None:
    wall = Wall()
    first = keeper("kraken", Hand())
    first.remember(StandingFile(tmp_path / "one", wall))
    fill(first, COUNTER)
    first.save()
    wall.now -= 5000
    again = keeper("kraken", Hand())
    again.remember(StandingFile(tmp_path / "one", wall))
    assert level(again) == 12


def test_a_folder_that_cannot_be_written_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("where the folder should be")
    one = keeper("kraken", Hand())
    one.remember(StandingFile(tmp_path / "file" / "one", Wall()))
    one.now_or_never({COUNTER: 1.0}, is_urgent=False)
    assert level(one) == 1

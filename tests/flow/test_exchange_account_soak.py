"""Seeded trouble on requests and streams at once: what is told and what is read again agrees with the venue's books."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from core.errors import BelayError, GiveUpOrder, OutcomeUnknown, TryAgain
from core.intent import Side
from core.order import Order
from core.venue import AccountStream, News, VenueTrade
from tests.fakes.exchange_bench import AccountBench, account_on
from tests.venue.binance import Binance
from tests.venue.faults import Trouble
from tests.venue.kraken import Kraken

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
MENU = (
    Trouble.DUPLICATE, Trouble.LATE, Trouble.LOST, Trouble.SILENT, Trouble.DISCONNECT, Trouble.BAD_FRAME,
    Trouble.TERMINATED, Trouble.RESET_BEFORE, Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.BAD_JSON,
    Trouble.HTML, Trouble.GATEWAY,
)  # fmt: skip


class Caller:
    """What the executor does with an account: reads all trades again whenever the streams have come up."""

    def __init__(self, bench: AccountBench) -> None:
        self.bench = bench
        self.known: dict[str, VenueTrade] = {}
        self.conflicts: list[tuple[VenueTrade, VenueTrade]] = []
        self.reads = 0
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def hear(self, news: News) -> None:
        """In the network's thread."""
        if isinstance(news, VenueTrade):
            self._keep(news)
        if news == AccountStream(True):
            self._asked.put(True)
        self.bench.hear(news)

    def _keep(self, trade: VenueTrade) -> None:
        before = self.known.setdefault(trade.trade_id, trade)
        if replace(trade, client_order_id=before.client_order_id) != before:
            self.conflicts.append((before, trade))

    def _read(self) -> None:
        while self._asked.get():
            try:
                for trade in self.bench.account.trades({self.bench.symbol: LONG_AGO}):
                    self._keep(trade)
                self.reads += 1
            except BelayError:
                self._asked.put(True)

    @contextmanager
    def listening(self) -> Iterator[None]:
        self._thread.start()
        self.bench.account.listen(self.hear)
        self.bench.until(lambda: self.reads)
        try:
            yield
        finally:
            self._asked.put(False)
            self._thread.join(20)


def settled(bench: AccountBench, order: Order) -> None:
    """Sends it until it is certain what became of it, as the executor must."""
    for _ in range(20):
        kind = bench.outcome(bench.place, order)
        if kind in (None, GiveUpOrder):
            return
        assert kind in (OutcomeUnknown, TryAgain)
        if kind is OutcomeUnknown and looked_up(bench, order) is not None:
            return
    raise AssertionError("it never came to an end")


def looked_up(bench: AccountBench, order: Order) -> Any:
    for _ in range(20):
        try:
            return bench.account.find(order)
        except TryAgain:
            continue
    raise AssertionError("the venue never answered")


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("venue", ["binance", pytest.param("kraken", marks=pytest.mark.long)])
def test_no_order_is_doubled_and_no_fill_is_lost(venue: str, seed: int) -> None:
    api: Any = Binance(seed=seed) if venue == "binance" else Kraken(seed=seed)
    with account_on(api, "BTC/USDT" if venue == "binance" else "BTC/USD", timeout=0.3) as bench:
        caller = Caller(bench)
        with caller.listening():
            bench.venue.plan.chance(seed, 0.2, MENU)
            orders = [bench.order(Side.SELL, f"0.00{number % 9 + 1}") for number in range(25)]
            for order in orders:
                settled(bench, order)
            bench.venue.plan.clear()
            fills = bench.core.settlement.fills
            bench.until(lambda: len(caller.known) == len(fills), 30)
        placed = [order.wish.client_id for order in bench.core.orders.values()]
        assert sorted(placed) == sorted(order.client_order_id for order in orders)
        assert sum((t.quantity for t in caller.known.values()), Decimal(0)) == sum(o.quantity for o in orders)
        assert sum((t.cost for t in caller.known.values()), Decimal(0)) == sum(fill.cost for fill in fills)
        assert caller.conflicts == []  # stream and requests say the same of each fill
        assert len(bench.venue.plan.fired) > 5

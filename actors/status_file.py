"""Writes ``status.json`` each second, so that other processes see what the bot does; a thread of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any

import structlog

from core.clock import Clock, instant
from core.halt import Latch
from core.ids import Symbol
from core.messages import AccountMarked, CandlesClosed, Fact, Holding, QuoteSeen
from core.modes import Mode
from core.money import text
from core.ports import Hub

log = structlog.get_logger("status")
STATUS_FILE = "status.json"
EVERY = 1.0


class StatusFile(Thread):
    """Keeps the newest account and prices; ``open_orders`` counts what rests at the venue."""

    def __init__(self, home: Path, mode: Mode, venue: str, hub: Hub, latch: Latch, clock: Clock,
                 open_orders: Callable[[], int]) -> None:  # fmt: skip
        super().__init__(name="status file", daemon=True)
        self._path = home / STATUS_FILE
        self._mode, self._venue, self._latch, self._clock = mode, venue, latch, clock
        self._open_orders = open_orders
        self._account: AccountMarked | None = None
        self._prices: dict[Symbol, dict[str, str]] = {}
        self._lock, self._over, self._has_failed = Lock(), Event(), False
        hub.subscribe(self._take, AccountMarked, QuoteSeen, CandlesClosed)

    def _take(self, fact: Fact) -> None:
        with self._lock:
            if isinstance(fact, AccountMarked):
                self._account = fact
            elif isinstance(fact, QuoteSeen):
                quote = fact.quote
                self._prices[quote.symbol] = {"last": text(quote.last), "at": quote.at.isoformat()}
            elif isinstance(fact, CandlesClosed) and fact.bars:
                bar = fact.bars[-1]
                self._prices[fact.symbol] = {"last": repr(bar.close), "at": instant(bar.ts).isoformat()}

    def run(self) -> None:
        while True:
            self.write()
            if self._over.wait(EVERY):
                return

    def close(self) -> None:
        """End, and leave no file that pretends a bot runs."""
        self._over.set()
        self.join(EVERY)
        self._path.unlink(missing_ok=True)

    def write(self) -> None:
        """One heartbeat, replaced whole; a disk that takes nothing is said once in the log."""
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(self._values()), encoding="utf-8")
            fresh.replace(self._path)
        except OSError as error:
            if not self._has_failed:
                log.error("status not written", why=str(error))
            self._has_failed = True

    def _values(self) -> dict[str, Any]:
        record = self._latch.read() if self._latch.is_set() else None
        with self._lock:
            account, prices = self._account, dict(self._prices)
        values: dict[str, Any] = {
            "pid": os.getpid(),
            "at": self._clock.now().isoformat(),
            "mode": self._mode.value,
            "venue": self._venue,
            "state": "halted"
            if record is not None
            else account.state.value
            if account is not None
            else "starting",
            "open_orders": self._open_orders(),
            "prices": prices,
            "positions": [],
            "halted": record is not None,
        }
        if account is not None:
            peak = account.peak_equity
            values |= {
                "equity": text(account.equity),
                "cash": text(account.cash),
                "profit": text(account.profit),
                "fees": text(account.fees),
                "drawdown": text(round((peak - account.equity) / peak, 8)) if peak else "0",
                "positions": [_holding(one) for one in account.holdings],
            }
        return values


def _holding(one: Holding) -> dict[str, Any]:
    return {
        "strategy": one.instance,
        "symbol": one.symbol,
        "quantity": text(one.quantity),
        "average": text(round(one.average, 8)),
        "price": text(one.price),
        "profit": text(round(one.open_profit, 8)),
        "stop": text(one.stop) if one.stop is not None else None,
    }

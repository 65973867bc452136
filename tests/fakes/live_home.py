"""A home that trades live on a wire-level venue: its settings, its words and its environment."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.fakes.forked import Forked
from tests.fakes.live_forked import LiveForker
from tests.fakes.program import BOTH, Done
from tests.venue.server import VenueServer, ccxt_config

TOKEN = "this-is-real-money"
BUSY = """
[strategies.ema_cross]
fast = 3
slow = 8
stop_atr = 2
stake = 20

[strategies.grid]
levels = 3
spacing = 1
trail = 1
stop_gaps = 2
stake = 20
"""
"""Strategies that trade several times an hour on one-minute candles."""
CALM = "daily_loss_usd = 500\ncooldown_minutes = 0\nmax_spread = 0.2\nmax_slippage = 0.2"
"""Limits that would make these strategies idle."""
SLOTS = {"grid": 3, "ema_cross": 1}
RECONCILE = {"binance": 3, "kraken": 20}
"""Seconds between two comparisons: one costs Kraken's counter what it takes back in eighteen seconds."""


def orders(venue: str) -> str:
    """Everything that waits, waits less: a test lasts seconds."""
    return f"[orders]\npatience_seconds = 1\nreconcile_seconds = {RECONCILE[venue]}\n"


def toml(value: Any) -> str:
    """A value in TOML, tables inline; texts are written as in JSON, which TOML takes."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {toml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml(item) for item in value) + "]"
    return json.dumps(value)


class LiveHome:
    """``start`` runs the real program on ``venue``; ``failpoint`` arms one place for the next start only."""

    def __init__(
        self, home: Path, venue: VenueServer, forker: LiveForker, symbols: Sequence[str],
        strategies: Sequence[str] = BOTH, timeout: int = 1500,
    ) -> None:  # fmt: skip
        self.home, self.venue, self.symbols, self.strategies = home, venue, tuple(symbols), tuple(strategies)
        self._forker = forker
        home.mkdir(parents=True, exist_ok=True)
        self.settings = home / "live.toml"
        access = toml(ccxt_config(venue, keys=False, timeout=timeout))
        self.settings.write_text(
            f'[keys]\nsource = "environment"\n\n[risk]\nallowed_symbols = {toml(list(symbols))}\n{CALM}\n\n'
            f"[venues.{venue.api.ccxt_id}]\nccxt = {access}\n{BUSY}\n{orders(venue.api.ccxt_id)}",
            encoding="utf-8",
        )

    def environment(self, failpoint: str = "") -> dict[str, str]:
        """What live without a terminal needs."""
        api = self.venue.api
        armed = {"BELAY_FAILPOINT": failpoint} if failpoint else {}
        return {
            "ALLOW_LIVE": "1", "LIVE_CONFIRM_TOKEN": TOKEN, "EXCHANGE_API_KEY": api.key,
            "EXCHANGE_API_SECRET": api.secret, **armed,
        }  # fmt: skip

    def words(self, *more: str) -> list[str]:
        """The words of a live run."""
        names = [word for name in self.strategies for word in ("--strategy", name)]
        return ["--config", str(self.settings), "run", "--headless", "--venue", self.venue.api.ccxt_id,
                "--mode", "live", "--confirm", TOKEN, "--symbols", ",".join(self.symbols), *names,
                "--timeframe", "1m", *more]  # fmt: skip

    def start(self, *more: str, failpoint: str = "") -> Forked:
        """A live run that goes on."""
        self._forker.environment = self.environment(failpoint)
        return self._forker.start(self.home, *self.words(*more))

    def call(self, *words: str) -> Done:
        """Any other command on this home, to its end."""
        self._forker.environment = self.environment()
        return self._forker.call(self.home, "--config", str(self.settings), *words)

"""A simulated market day on the wire-level venue, minute by minute at a chosen pace; a thread of its own."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from threading import Event
from time import monotonic

from tests.venue.orders import Kind, Order
from tests.venue.server import VenueServer
from tests.venue.tape import MINUTE

EVENING = 1_767_218_400_000
"""2025-12-31 22:00 UTC: a day of some hours crosses midnight, so that daily limits begin anew."""
STEPS = 4
"""Prices in a minute; the first one opens its candle."""
MOODS = {"calm": (0.00015, 0.0), "lively": (0.0012, 0.0), "up": (0.0008, 0.0004), "down": (0.0008, -0.0004)}
"""Standard deviation and drift of one step, as shares of the price."""
NEAR = Decimal("0.002")
"""How near to the price a resting order may be filled in part by a wick."""


class Weather:
    """Seeded steps of one market: stretches of a mood, and now and then a jump."""

    def __init__(self, seed: int, symbol: str, jumps: float = 0.002) -> None:
        self._rng = random.Random(f"{seed} {symbol}")
        self._jumps = jumps
        self._mood, self._left = "lively", 20

    def step(self, price: Decimal) -> Decimal:
        """The price after one step (not yet on the tick)."""
        if self._left <= 0:
            self._mood, self._left = self._rng.choice(list(MOODS)), self._rng.randrange(20, 160)
        self._left -= 1
        deviation, drift = MOODS[self._mood]
        share = self._rng.gauss(drift, deviation)
        if self._rng.random() < self._jumps:
            share += self._rng.choice((-1, 1)) * self._rng.uniform(0.005, 0.02)
        return price * (1 + Decimal(round(share, 8)))


class Day:
    """``candles`` minutes at ``per_second``; ``ready`` holds it until somebody listens (at most ``patience`` s).

    ``nibbles`` is the chance per minute that a wick fills a part of a resting order.  After the end the market stands.
    """

    def __init__(
        self,
        venue: VenueServer,
        symbols: Sequence[str],
        *,
        candles: int = 1440,
        per_second: float = 30.0,
        seed: int = 1,
        nibbles: float = 0.2,
        jumps: float = 0.002,
        ready: Callable[[], bool] = lambda: True,
        patience: float = 60.0,
    ) -> None:
        self.venue, self.symbols, self.candles = venue, tuple(symbols), candles
        self.done = 0
        """Minutes that are over."""
        self.began_blind = False
        """Nobody had subscribed when it began."""
        self._pause = 1 / per_second / STEPS
        self._weather = {symbol: Weather(seed, symbol, jumps) for symbol in symbols}
        self._rng, self._nibbles = random.Random(f"{seed} wicks"), nibbles
        self._ready, self._patience = ready, patience
        self._stop, self._go, self._over = Event(), Event(), Event()
        self._go.set()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="day")
        self._walking: Future[None] | None = None

    def __enter__(self) -> Day:
        self._walking = self._thread.submit(self._run)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._go.set()
        self._thread.shutdown()
        if self._walking is not None:
            self._walking.result()

    def hold(self) -> None:
        """Stops the market where it is."""
        self._go.clear()

    def go(self) -> None:
        """On with it."""
        self._go.set()

    def wait(self, seconds: float) -> bool:
        """Until the day is over; whether it is."""
        return self._over.wait(seconds)

    @property
    def is_over(self) -> bool:
        """Whether all minutes are over."""
        return self._over.is_set()

    def _run(self) -> None:
        deadline = monotonic() + self._patience
        while not self._stop.is_set() and not self._ready():
            if monotonic() > deadline:
                self.began_blind = True
                break
            self._stop.wait(0.02)
        try:
            self._walk()
        finally:
            self._over.set()

    def _walk(self) -> None:
        due = monotonic()
        for _ in range(self.candles):
            for step in range(STEPS):
                if not self._go.is_set():
                    self._go.wait()
                    due = monotonic()
                due += self._pause
                if self._stop.wait(max(0.0, due - monotonic())):
                    return
                self.venue.do(self._step, step)
            self.done += 1
        self.venue.do(self._close)

    def _step(self, step: int) -> None:
        """On the venue's thread: time goes on, then each market moves."""
        self._advance(step)
        core = self.venue.api.core
        for symbol in self.symbols:
            core.set_price(symbol, self._weather[symbol].step(core.tapes[symbol].last))
        if step == STEPS - 1 and self._rng.random() < self._nibbles:
            self._nibble()

    def _advance(self, step: int) -> None:
        """The first step of a minute falls on its beginning."""
        clock = self.venue.api.clock
        now = clock.now()
        clock.advance(MINUTE - now % MINUTE if step == 0 else MINUTE // STEPS)

    def _nibble(self) -> None:
        """A wick just reaches a resting order near the price and fills a part of it."""
        core = self.venue.api.core
        found = [order for order in core.open_orders() if self._is_near(order)]
        if found:
            order = self._rng.choice(found)
            market = core.tapes[order.symbol].market
            part = market.to_step(order.remaining * Decimal(self._rng.randrange(20, 80)) / 100)
            if market.step <= part < order.remaining:
                core.fill(order, part)

    def _is_near(self, order: Order) -> bool:
        if order.wish.kind is not Kind.LIMIT or order.price is None or order.symbol not in self._weather:
            return False
        last = self.venue.api.core.tapes[order.symbol].last
        return abs(order.price - last) <= last * NEAR

    def _close(self) -> None:
        """One more price in the next minute, so that the last candle is closed for everyone."""
        self._advance(0)
        core = self.venue.api.core
        for symbol in self.symbols:
            core.set_price(symbol, core.tapes[symbol].last)


def listens(venue: VenueServer, symbols: Sequence[str], *, account: bool = True) -> Callable[[], bool]:
    """Whether somebody has subscribed to some stream of each market, and to the account's."""

    def heard() -> bool:
        if venue.api.ccxt_id == "binance":
            names = [symbol.replace("/", "").lower() + "@" for symbol in symbols]
            own = "user"
        else:
            names, own = [f" {symbol}" for symbol in symbols], "executions"
        streams = venue.streams()
        return all(any(name in stream for stream in streams) for name in names) and (
            not account or own in streams
        )

    return heard

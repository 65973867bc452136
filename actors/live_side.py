"""What a session on a real venue has in place of the paper venue: hands, own orders, the kill switch's connection.

Made by the pipeline; called from the root's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event
from time import monotonic

import structlog

from actors.executor.hands import Hands
from actors.executor.live import LiveExecutor
from actors.executor.live_hands import LiveHands
from actors.persistence.books import all_books
from actors.persistence.restart import load_restart
from actors.stage import Address
from core.clock import Clock
from core.errors import BelayError
from core.halt import Latch
from core.ids import BookId
from core.messages import Outstanding, Reconcile
from core.order import RESTING, Order, OrderState
from core.plan import Plan
from core.ports import Hub, Mailbox
from core.records import Restart
from core.settings import Orders
from core.strategies.library import BY_HAND
from core.tracking import Tracker
from core.venue import Exchange

log = structlog.get_logger("live")
FIRST_LOOK = 60.0
"""Seconds for the first comparison with the venue."""
LAST_ANSWERS, LAST_LOOK = 10.0, 30.0
"""Seconds at a stop for what is on its way, and for the last comparison (a venue's limits may make it wait)."""


class LiveSide:
    """``exchange`` is open already; ``close`` closes it."""

    def __init__(self, exchange: Exchange, plan: Plan, latch: Latch) -> None:
        self._exchange = exchange
        exchange.heed(latch.is_set)
        self._hands = Hands(exchange, latch)
        self._tracker = Tracker(
            {one.id: one.slots for one in plan.instances}, {one.symbol: one for one in plan.instruments}
        )
        self._twin: Exchange | None = None

    def executor(
        self, hub: Hub, records: Mailbox, plan: Plan, care: Orders, latch: Latch, clock: Clock, restart: Restart,
        earlier: Sequence[Order] = (),
    ) -> Callable[[], object]:  # fmt: skip
        """What starts the executor's actor; ``earlier`` are working orders of this home's other live books."""
        return lambda: LiveExecutor.start(
            hub,
            self._exchange,
            self._hands,
            self._tracker,
            records,
            plan,
            care,
            latch,
            clock,
            restart,
            earlier,
        )

    def own_hands(self) -> LiveHands:
        """A connection for the kill switch that nothing else uses."""
        self._twin = self._exchange.twin()
        self._twin.open()
        return LiveHands(self._twin, self._tracker.find)

    def on_the_way(self) -> int:
        """Order requests that may still take effect."""
        return self._hands.on_the_way()

    def open_orders(self) -> int:
        """How many orders of ours rest at the venue, as far as we know."""
        return sum(order.status is not OrderState.WAITING for order in self._tracker.working())

    def resting(self) -> tuple[Order, ...]:
        """Orders of ours that should rest at the venue now; any thread."""
        return tuple(order for order in self._tracker.working() if order.status in RESTING)

    def reconcile(self, executor: Address) -> None:
        """Venue and books agree, and what is held is protected, before anything else happens (E4, L5)."""
        executor.ask(Reconcile("start"), timeout=FIRST_LOOK)

    def settle(self, executor: Address) -> None:
        """At a stop: what is on its way gets its answer and the books a last look; a silent venue keeps no one."""
        deadline, pause = monotonic() + LAST_ANSWERS, Event()
        try:
            while executor.ask(Outstanding(), timeout=LAST_ANSWERS) and monotonic() < deadline:
                pause.wait(0.05)
            executor.ask(Reconcile("stop"), timeout=LAST_LOOK)
        except BelayError as error:  # the next start compares first of all
            log.warning("not compared at the stop", why=str(error))

    def close(self) -> None:
        for connection in (self._twin, self._exchange):
            if connection is not None:
                connection.close()


def earlier_orders(home: Path, ours: BookId) -> list[Order]:
    """Working orders of this home's other live books at the venue; those by hand are a person's."""
    books = [book for book in all_books(home) if is_elsewhere(book, ours)]
    found = [order for book in books for order in load_restart(home, book).working]
    return [order for order in found if not order.identity.instance.startswith(BY_HAND)]


def is_elsewhere(book: BookId, ours: BookId) -> bool:
    """Another set of books of the same mode at the same venue."""
    return book != ours and book.split("/")[:2] == ours.split("/")[:2]

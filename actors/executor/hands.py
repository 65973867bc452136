"""The executor's hands: a few threads that make one request to the venue each, so no answer keeps the executor waiting.

Cancels and sales have threads of their own, and so have reads.  Each answer comes back to the executor as a message.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from queue import PriorityQueue
from threading import Lock, Thread
from time import monotonic

import structlog

from actors.executor import gate
from actors.executor.reads import Located, Snapshot, locate, snapshot
from actors.failpoints import reach
from core.errors import (
    UNFORESEEN,
    BelayError,
    GiveUpOrder,
    KeysRefused,
    LatchSet,
    OutcomeUnknown,
    Refused,
    TryAgain,
)
from core.halt import Latch
from core.ids import ClientOrderId, Symbol
from core.intent import Side
from core.order import Order, Role
from core.risk.verdict import Approved
from core.venue import Exchange

log = structlog.get_logger("hands")
EACH = 2
"""Threads for cancels and sales, for purchases, and for reads: none of them waits for another kind."""
URGENT, ORDINARY, LAST = 0, 1, 9


@dataclass(frozen=True, slots=True)
class Sent:
    """The answer to a place: the venue's id, or why there is none."""

    order: Order
    venue_id: str = ""
    error: BelayError | None = None


@dataclass(frozen=True, slots=True)
class CancelAnswered:
    """The answer to a cancel."""

    order: Order
    error: BelayError | None = None


@dataclass(frozen=True, slots=True)
class AmendAnswered:
    """The answer to an amendment; ``order`` as it was wished."""

    order: Order
    error: BelayError | None = None


Answer = Sent | CancelAnswered | AmendAnswered | Located | Snapshot


@dataclass(frozen=True, slots=True)
class Job:
    """One request, its answers, and what to answer when it fails."""

    run: Callable[[], Sequence[Answer]]
    failed: Callable[[BelayError], Sequence[Answer]]


Jobs = PriorityQueue[tuple[int, int, Job | None]]


class Hands:
    """``exchange`` is the one that orders go through."""

    def __init__(self, exchange: Exchange, latch: Latch) -> None:
        self._exchange, self._latch = exchange, latch
        self._answer: Callable[[Answer], None] = lambda answer: None
        self._urgent: Jobs = PriorityQueue()
        self._orders: Jobs = PriorityQueue()
        self._reads: Jobs = PriorityQueue()
        self._is_closed = False
        self._count = itertools.count()
        self._lock = Lock()
        self._on_the_way: dict[ClientOrderId, float] = {}
        """Order requests that may still take effect, until when (monotonic seconds)."""
        kinds = (self._urgent, self._orders, self._reads)
        self._queues = [queue for queue in kinds for _ in range(EACH)]

    def start(self, answer: Callable[[Answer], None]) -> None:
        """Begin to work; ``answer`` takes each answer (any thread)."""
        self._answer = answer
        for n, queue in enumerate(self._queues):
            Thread(target=self._work, args=(queue,), name=f"hand {n + 1}", daemon=True).start()

    def close(self) -> None:
        """Let each hand end after what it is doing; orders not begun are not sent any more."""
        self._is_closed = True
        for queue in self._queues:
            queue.put((LAST, next(self._count), None))

    # ------------------------------------------------------------ requests

    def send(self, approved: Approved, order: Order) -> None:
        """Place an order whose row is on disk."""
        self.may_land(order, float("inf"))
        queue = self._urgent if order.side is Side.SELL else self._orders
        self._put(queue, ORDINARY, lambda: self._send(approved, order), lambda e: Sent(order, error=e))

    def cancel(self, order: Order) -> None:
        self._put(self._urgent, URGENT, lambda: self._cancel(order), lambda e: CancelAnswered(order, e))

    def resize(self, approved: Approved, order: Order) -> None:
        self._put(
            self._orders, URGENT, lambda: self._amend(approved, order), lambda e: AmendAnswered(order, e)
        )

    def locate(self, orders: Sequence[tuple[Order, datetime]], *, are_unlisted: bool = False) -> None:
        """Look for orders, each with the moment from which on it may have traded; as ``Exchange.find_many``."""
        if self._exchange.caps.finds_many:
            if orders:
                self._locate(orders, are_unlisted=are_unlisted)
            return
        for one in orders:
            self._locate([one])

    def _locate(self, orders: Sequence[tuple[Order, datetime]], *, are_unlisted: bool = False) -> None:
        asked = monotonic()
        job = Job(
            lambda: locate(self._exchange, orders, are_unlisted=are_unlisted),
            lambda e: [Located(order, asked, error=e) for order, _ in orders],
        )
        self._reads.put((URGENT, next(self._count), job))

    def snapshot(self, cause: str, since: Mapping[Symbol, datetime]) -> None:
        asked = monotonic()
        self._put(
            self._reads, ORDINARY, lambda: snapshot(self._exchange, cause, since),
            lambda e: Snapshot(cause, asked, error=e),
        )  # fmt: skip

    def _put(
        self, queue: Jobs, rank: int, run: Callable[[], Answer], failed: Callable[[BelayError], Answer]
    ) -> None:
        queue.put((rank, next(self._count), Job(lambda: [run()], lambda e: [failed(e)])))

    # ------------------------------------------------------------ what may still land

    def on_the_way(self) -> int:
        """Order requests that may still take effect at the venue: no halt is verified while there is one."""
        now = monotonic()
        with self._lock:
            self._on_the_way = {key: until for key, until in self._on_the_way.items() if until >= now}
            return len(self._on_the_way)

    def arrived(self, order: Order) -> None:
        """The venue has told of this order: nothing of it is on its way any more."""
        with self._lock:
            self._on_the_way.pop(order.client_order_id, None)

    def may_land(self, order: Order, seconds: float) -> None:
        """A request for this order may take effect for so long."""
        with self._lock:
            self._on_the_way[order.client_order_id] = monotonic() + seconds

    # ------------------------------------------------------------ in the hands' threads

    def _work(self, queue: Jobs) -> None:
        while True:
            _, _, job = queue.get()
            if job is None:
                return
            try:
                answers = job.run()
            except BelayError as error:
                answers = job.failed(error)
            except UNFORESEEN as error:
                log.exception("an adapter failed")  # whether the request went out, nobody can say
                answers = job.failed(OutcomeUnknown(f"The venue's adapter failed: {type(error).__name__}."))
            for answer in answers:
                self._answer(answer)

    def _send(self, approved: Approved, order: Order) -> Sent:
        is_certain = False
        try:
            if self._is_closed:
                raise TryAgain("Belay is stopping.")
            self._exchange.make_ready(is_urgent=order.side is Side.SELL)
            reach("before-guard" if order.role is Role.PROTECTIVE else "before-send")
            venue_id = gate.send(approved, order, self._exchange, self._latch)
            is_certain = True
        except (Refused, GiveUpOrder, TryAgain, KeysRefused):
            is_certain = True
            raise
        finally:
            reach("after-guard" if order.role is Role.PROTECTIVE else "after-send")
            if is_certain:
                self.arrived(order)
            else:
                self.may_land(order, self._exchange.caps.settle_seconds)
        return Sent(order, venue_id or "")

    def _cancel(self, order: Order) -> CancelAnswered:
        self._exchange.make_ready(is_urgent=True)
        if order.role is Role.PROTECTIVE and self._latch.is_set():
            raise LatchSet(
                "Belay is halted: the stop stays."
            )  # what was to take its place can not be sent any more
        reach("before-cancel")
        self._exchange.cancel(order)
        reach("after-cancel")
        return CancelAnswered(order)

    def _amend(self, approved: Approved, order: Order) -> AmendAnswered:
        self._exchange.make_ready(is_urgent=True)
        gate.change(approved, order, self._exchange, self._latch)
        return AmendAnswered(order)

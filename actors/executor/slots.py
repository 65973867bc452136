"""What each slot looks like now: orders, coins, price, and how long things have lasted; executor's thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.ids import ClientOrderId, SlotKey, Symbol
from core.instrument import Instrument
from core.intent import Kind, Side
from core.money import Price
from core.order import RESTING, Order, OrderState, Role
from core.reconcile import SlotView
from core.tracking import Tracker

ADOPTED = "adopted"
"""The instance under which a person's adopted orders stand: nobody changes them."""
FRESH_SECONDS = 15.0
"""A bid older than this (by its arrival) decides nothing."""
SALE_PAUSE = 2.0
PAUSES = (0.5, 2.0, 10.0, 60.0)
"""Seconds without a new protective order after the first, second, ... refusal in a row."""


@dataclass(slots=True)
class _Timer:
    """``since`` when something has lasted; None when it does not now."""

    since: float | None = None

    def lasts(self, is_so: bool, now: float) -> float:
        if not is_so:
            self.since = None
            return 0.0
        if self.since is None:
            self.since = now
        return now - self.since


@dataclass(slots=True)
class _Memory:
    """What a slot remembers between two looks."""

    reached: _Timer
    resting: dict[ClientOrderId, float]
    tries: int = 0
    refusals: int = 0
    paused_until: float = 0.0
    sale_paused_until: float = 0.0


class Bids:
    """The newest bid per market; written from any thread (one assignment), read by the executor."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._bids: dict[Symbol, tuple[Price, float]] = {}

    def told(self, symbol: Symbol, bid: Price) -> None:
        self._bids[symbol] = (bid, self._monotonic())

    def fresh(self, symbol: Symbol) -> Price | None:
        found = self._bids.get(symbol)
        if found is None or self._monotonic() - found[1] > FRESH_SECONDS:
            return None
        return found[0]


class Slots:
    """Views for ``core.reconcile``; ``changing`` are orders whose amendment is on its way."""

    def __init__(self, tracker: Tracker, instruments: Mapping[Symbol, Instrument], bids: Bids,
                 monotonic: Callable[[], float]) -> None:  # fmt: skip
        self._tracker, self._instruments, self._bids, self._monotonic = tracker, instruments, bids, monotonic
        self._memories: dict[SlotKey, _Memory] = {}
        self.changing: set[ClientOrderId] = set()

    def busy(self) -> tuple[SlotKey, ...]:
        """Slots with coins or working orders, in a fixed order."""
        keys = {self._tracker.slot_of(order) for order in self._tracker.working()}
        keys |= {key for key, held in self._tracker.held.items() if held > 0}
        return tuple(sorted(key for key in keys if not key[0].startswith(ADOPTED)))

    def levels(self) -> dict[Symbol, tuple[Price | None, Price | None]]:
        """Per market the lowest price at which an exit waits and the highest stop: a bid between changes nothing."""
        found: dict[Symbol, tuple[Price | None, Price | None]] = {}
        for order in self._tracker.working():
            if order.status is OrderState.WAITING and order.price is not None:
                low, high = found.get(order.identity.symbol, (None, None))
                found[order.identity.symbol] = (min(order.price, low or order.price), high)
        for key, held in self._tracker.held.items():
            stop = self._tracker.stops.get(key)
            if held > 0 and stop is not None:
                low, high = found.get(key[1], (None, None))
                found[key[1]] = (low, max(stop, high or stop))
        return found

    def view(self, key: SlotKey) -> SlotView:
        """The slot now; looking also keeps its timers."""
        now, memory = self._monotonic(), self._memory(key)
        orders = [order for order in self._tracker.working() if self._tracker.slot_of(order) == key]
        entry, leaving, guards = _sorted(self._shown(orders))
        stop, bid = self._tracker.stops.get(key), self._bids.fresh(key[1])
        held = self._tracker.held.get(key, Decimal(0))
        is_reached = held > 0 and stop is not None and bid is not None and bid <= stop
        return SlotView(
            instrument=self._instruments[key[1]],
            held=held,
            stop=stop,
            entry=entry,
            exit=leaving,
            guards=guards,
            bid=bid,
            resting=self._resting(memory, (*guards, *([leaving] if leaving is not None else [])), now),
            reached=memory.reached.lasts(is_reached, now),
            tries=memory.tries,
            has_stopped=key in self._tracker.stopped,
            is_paced=now < memory.paused_until,
            is_sale_paced=now < memory.sale_paused_until,
        )

    def _shown(self, orders: Iterable[Order]) -> list[Order]:
        """An order that is being amended counts as in doubt."""
        return [
            replace(order, status=OrderState.CANCELLING) if order.client_order_id in self.changing else order
            for order in orders
        ]

    def _resting(self, memory: _Memory, sales: Iterable[Order], now: float) -> float:
        """How long the oldest sale of our own making rests (stops rest as long as they like)."""
        live = {
            order.client_order_id
            for order in sales
            if order.kind is not Kind.STOP and order.status in RESTING
        }
        memory.resting = {one: since for one, since in memory.resting.items() if one in live}
        for one in live:
            memory.resting.setdefault(one, now)
        return max((now - since for since in memory.resting.values()), default=0.0)

    def _memory(self, key: SlotKey) -> _Memory:
        return self._memories.setdefault(key, _Memory(_Timer(), {}))

    # ------------------------------------------------------------ what happened to its protective orders

    def refused(self, key: SlotKey, *, is_sale: bool = False) -> int:
        """A protective order was not taken: pause before the next, ever longer; how many refusals in a row.

        A refused stop keeps no sale of our own waiting, and that one pauses but shortly: its price is reached.
        """
        memory = self._memory(key)
        pause = PAUSES[min(memory.refusals, len(PAUSES) - 1)]
        memory.refusals += 1
        if is_sale:
            memory.sale_paused_until = self._monotonic() + min(pause, SALE_PAUSE)
        else:
            memory.paused_until = self._monotonic() + pause
        return memory.refusals

    def taken(self, key: SlotKey) -> None:
        """A protective order rests."""
        self._memory(key).refusals = 0

    def tried(self, key: SlotKey) -> None:
        """A sale of our own is on its way; the next one gives away more."""
        self._memory(key).tries += 1

    def flat(self, key: SlotKey) -> None:
        """Nothing is held any more."""
        self._memory(key).tries = 0


def _sorted(orders: Iterable[Order]) -> tuple[Order | None, Order | None, tuple[Order, ...]]:
    """The slot's entry, its exit and its protective orders."""
    entry: Order | None = None
    leaving: Order | None = None
    guards: list[Order] = []
    for order in orders:
        if order.role is Role.PROTECTIVE:
            guards.append(order)
        elif order.side is Side.BUY:
            entry = order
        else:
            leaving = order
    return entry, leaving, tuple(guards)

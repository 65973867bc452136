"""A kill when no bot runs: what rests on paper is in the records, what rests at a real venue is cancelled there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event

from actors.executor.killswitch import KillSwitch
from actors.executor.live_hands import LiveHands
from actors.hub import FactHub
from actors.persistence.books import all_books
from actors.persistence.restart import load_restart, newest_unanswered
from actors.persistence.stage import PersistenceStage
from actors.stage import Address
from core.clock import SystemClock
from core.errors import HaltTrading
from core.halt import NOT_SENT, HaltEvidence, Latch
from core.ids import BookId, ClientOrderId, Symbol
from core.messages import Flush, OrderCancelled, UnitClosed
from core.modes import Mode
from core.money import text
from core.order import Happening, Order, OrderState
from core.plan_text import plan_from_json
from core.venue import Exchange, VenueOrder

Reach = Callable[[str, tuple[Symbol, ...]], Exchange | None]
"""Opens the account at a venue, for its markets."""
WAIT = 30.0
TRIES = 3
LANDING = 15.0
"""Seconds for which a request that nobody has answered may still become an order."""


class RecordedVenue:
    """The paper venue of all paper books of a home, as their rows have it: a read reads rows, a cancel writes one.

    An order in INTENT was never sent: it is voided when the venue is opened, so that no later start sends it.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stages: dict[BookId, Address] = {}
        self._owner: dict[ClientOrderId, BookId] = {}
        for order in self.open_orders():
            if order.status is OrderState.INTENT:
                self._write(order.after(Happening.NOT_SENT, reason=NOT_SENT))

    def place(self, order: Order) -> None:
        raise HaltTrading("Nothing is placed while no bot runs.")

    def cancel(self, order: Order) -> None:
        """On disk when this returns; ``RecordsLost`` otherwise."""
        asked = order if order.status is OrderState.CANCELLING else order.after(Happening.CANCEL_ASKED)
        self._write(asked.after(Happening.CANCELLED, reason="the kill switch"))

    def open_orders(self) -> tuple[Order, ...]:
        """All working orders of all books, read anew."""
        found: list[Order] = []
        for book in all_books(self._home):
            if is_live(book):
                continue
            for order in load_restart(self._home, book).working:
                self._owner[order.client_order_id] = book
                found.append(order)
        return tuple(found)

    def _write(self, order: Order) -> None:
        """The event in which the book's last session ended counts as over: what is left of it is cancelled here."""
        book = self._owner[order.client_order_id]
        records = self._records(book)
        records.tell(OrderCancelled(order))
        records.tell(UnitClosed(load_restart(self._home, book).number, ()))
        records.ask(Flush(), timeout=WAIT)

    def _records(self, book: BookId) -> Address:
        """The persistence stage of one book."""
        if book not in self._stages:
            restart, hub, home = load_restart(self._home, book), FactHub(), self._home
            mode = next(order.mode for order in restart.working)
            stage = Address(
                lambda: PersistenceStage.start(hub, home, book, mode, SystemClock()), "persistence", hub
            )
            stage.bring_up(WAIT)
            self._stages[book] = stage
        return self._stages[book]

    def held(self) -> tuple[str, ...]:
        """What the rows of all books hold, in words."""
        found = [load_restart(self._home, book).positions for book in all_books(self._home)]
        return tuple(
            f"{text(one.quantity)} {one.symbol}" for some in found for one in some if one.quantity > 0
        )

    def close(self) -> None:
        for stage in self._stages.values():
            stage.stop(WAIT)


def is_live(book: BookId) -> bool:
    """A book whose orders rest at a real venue."""
    return book.startswith(f"{Mode.LIVE}/")


def live_venues(home: Path) -> dict[str, tuple[Symbol, ...]]:
    """The real venues of this home's books, each with the markets that were traded there."""
    found: dict[str, dict[Symbol, None]] = {}
    for book in filter(is_live, all_books(home)):
        plan = load_restart(home, book).pieces.get("plan")
        symbols = plan_from_json(plan.decode()).symbols if plan is not None else ()
        found.setdefault(book.split("/")[1], {}).update(dict.fromkeys(symbols))
    return {venue: tuple(symbols) for venue, symbols in found.items()}


class AllVenues:
    """The paper venue and every real one as one, for the kill switch."""

    def __init__(self, recorded: RecordedVenue, real: Sequence[LiveHands]) -> None:
        self._recorded, self._real = recorded, real
        self._at: dict[ClientOrderId, LiveHands] = {}

    def place(self, order: Order) -> str | None:
        raise HaltTrading("Nothing is placed while no bot runs.")

    def open_orders(self) -> tuple[Order, ...]:
        found = list(self._recorded.open_orders())
        for hands in self._real:
            for order in hands.open_orders():
                self._at[order.client_order_id] = hands
                found.append(order)
        return tuple(found)

    def cancel(self, order: Order) -> None:
        hands = self._at.get(order.client_order_id)
        (hands or self._recorded).cancel(order)


def prove_offline(
    home: Path, *, keep_stops: bool, reach: Reach = lambda venue, symbols: None
) -> HaltEvidence:
    """Cancel what rests, in the records of ``home`` and at the real venues of its live books, and read twice.

    The caller holds the home's lock.  ``reach`` opens a venue with its keys, or raises the ``BelayError`` that keeps it
    from it; ``RecordsLost`` when the records cannot be read or written.
    """
    recorded = RecordedVenue(home)
    with ExitStack() as end:
        end.callback(recorded.close)
        real = []
        for venue, symbols in live_venues(home).items():
            exchange = reach(venue, symbols)
            if exchange is None:
                raise HaltTrading(f"There are live orders at {venue}, and no way to it from here.")
            end.callback(exchange.close)
            exchange.open()
            real.append(LiveHands(exchange, _known(home)))
        if real:
            _let_land(home)
        switch = KillSwitch(
            Latch(home), AllVenues(recorded, real), FactHub(), home, SystemClock(), keep_stops=keep_stops, between=0.1,
            kept=lambda: None, held=recorded.held(),
        )  # fmt: skip
        return switch.prove(most_tries=TRIES)


def _let_land(home: Path) -> None:
    """Wait for as long as an order request of a bot that ended hard may still take effect at a venue."""
    newest = max((newest_unanswered(home, book) for book in filter(is_live, all_books(home))), default=0)
    left = newest / 1000 + LANDING - SystemClock().now().timestamp()
    if left > 0:
        Event().wait(min(left, LANDING))


def _known(home: Path) -> Callable[[VenueOrder], Order | None]:
    """Our record of an order in any live book, under either id."""
    orders: dict[str, Order] = {}
    for book in filter(is_live, all_books(home)):
        restart = load_restart(home, book)
        for order in (*restart.newest, *restart.working):
            orders[order.client_order_id] = order
            if order.venue_id:
                orders[f"{order.identity.symbol} {order.venue_id}"] = order
    return lambda told: orders.get(told.client_order_id) or orders.get(f"{told.symbol} {told.venue_id}")

"""A kill when no bot runs: the records say what rests on the paper venue; it is cancelled there and read again."""

from __future__ import annotations

from pathlib import Path

from actors.executor.gate import NOT_SENT
from actors.executor.killswitch import KillSwitch
from actors.hub import FactHub
from actors.persistence.books import all_books
from actors.persistence.restart import load_restart
from actors.persistence.stage import PersistenceStage
from actors.stage import Address
from core.clock import SystemClock
from core.errors import HaltTrading
from core.halt import HaltEvidence, Latch
from core.ids import BookId, ClientOrderId
from core.messages import Flush, OrderCancelled, UnitClosed
from core.money import text
from core.order import Happening, Order, OrderState

WAIT = 30.0
TRIES = 3


class RecordedVenue:
    """The paper venue of all books of a home, as their rows have it: a read reads the rows, a cancel writes one.

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


def prove_offline(home: Path, *, keep_stops: bool) -> HaltEvidence:
    """Cancel what rests in the records of ``home`` and read them twice.  The caller holds the home's lock.

    ``RecordsLost`` when the records cannot be read or written.
    """
    venue = RecordedVenue(home)
    try:
        switch = KillSwitch(
            Latch(home), venue, FactHub(), home, SystemClock(), keep_stops=keep_stops, between=0.1,
            kept=lambda: None, held=venue.held(),
        )  # fmt: skip
        return switch.prove(most_tries=TRIES)
    finally:
        venue.close()

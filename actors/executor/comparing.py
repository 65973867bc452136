"""The venue against the books: at start, after a reconnect, every minute and before a stop; the executor's thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import structlog

from actors.executor.answers import Answers
from actors.executor.floor import MARGIN, Floor
from actors.executor.reads import Snapshot
from actors.failpoints import reach
from core.errors import KeysRefused
from core.explain import in_words, totals
from core.ids import CLIENT_ID_PREFIX, ClientOrderId, Symbol
from core.intent import Side
from core.messages import Difference, ForeignSeen, Keep, Reconciled, Severity
from core.order import Order, OrderState
from core.venue import VenueOrder, VenueStatus

log = structlog.get_logger("reconciliation")
DEAF_SECONDS = 2.0
"""Time between two looks while no own stream tells us anything."""


class Comparing:
    """``every`` is the time in seconds between two comparisons while own streams are up; ``earlier`` are working orders
    of this home's other live books."""

    def __init__(self, floor: Floor, answers: Answers, every: float, earlier: Iterable[Order] = ()) -> None:
        self._floor, self._answers, self._every = floor, answers, every
        self._earlier = {order.client_order_id: order for order in earlier}
        self._due = float("inf")
        self._is_asked = False
        self._is_down = False
        self._ignored: set[str] = set()
        self._foreign: tuple[VenueOrder, ...] = ()
        self.differences: tuple[Difference, ...] = ()

    # ------------------------------------------------------------ when

    def soon(self, after: float = 0.0) -> None:
        """Compare in ``after`` seconds, or earlier if that is due."""
        self._due = min(self._due, self._floor.monotonic() + after)

    def soon_again(self, took: float = 0.0) -> None:
        """The next comparison after one that ``took`` so many seconds: a venue's tight limits make it slow, then less
        often."""
        self.soon(self._every if self._floor.is_streaming else max(DEAF_SECONDS, 2 * took))

    def tick(self) -> None:
        if not self._is_asked and self._floor.monotonic() >= self._due:
            self._is_asked, self._due = True, float("inf")
            self._floor.hands.snapshot("every minute", self.since())

    def since(self) -> Mapping[Symbol, datetime]:
        """From when executions are read, in the venue's own time: nothing for markets in which we never traded."""
        floor = self._floor
        found = {symbol: at - MARGIN for symbol, at in floor.last_fill.items()}
        for order in (*floor.tracker.working(), *floor.tracker.unfinished):
            symbol, at = order.identity.symbol, floor.since(order)
            is_old = symbol in floor.last_fill and order.client_order_id not in floor.doubts
            # what an old one trades is newer than the last fill
            if order.status is not OrderState.WAITING and not is_old:
                found[symbol] = min(at, found.get(symbol, at))
        return found

    # ------------------------------------------------------------ what

    def answered(self, snapshot: Snapshot) -> None:
        """A comparison that the hands made."""
        self._is_asked = False
        self.soon_again(self._floor.monotonic() - snapshot.asked)
        if isinstance(snapshot.error, KeysRefused):
            self._floor.trip("the venue", snapshot.error)
        if snapshot.error is not None:
            log.warning("not compared", why=str(snapshot.error))
            if not self._is_down:
                self._is_down = True
                self._floor.alert(
                    Severity.WARNING, "connection", f"The venue cannot be read: {snapshot.error}"
                )
            return
        self._is_down = False
        self.take(snapshot)

    def take(self, snapshot: Snapshot) -> None:
        """Fold what the venue says into our orders; what it does not say is looked for."""
        floor = self._floor
        reach("before-reconcile")
        told = [(one, self._answers.news_order(one, snapshot.asked)) for one in snapshot.orders]
        for trade in snapshot.trades:
            self._answers.news_trade(trade)
        for order in floor.tracker.unfinished:
            floor.doubts.begin(order.client_order_id)
        self._missing(snapshot)
        self._strangers([one for one, what in told if what.is_foreign and one.status is VenueStatus.OPEN])
        self._balances(snapshot)
        doubtful = tuple(order for order in floor.tracker.working() if order.client_order_id in floor.doubts)
        floor.hub.publish(Reconciled(floor.clock.now(), snapshot.cause, self.differences, doubtful))
        reach("after-reconcile")

    def _missing(self, snapshot: Snapshot) -> None:
        """Orders that should be open and are not: they ended while nobody told us."""
        floor = self._floor
        there = {one.client_order_id for one in snapshot.orders} | {one.venue_id for one in snapshot.orders}
        for order in floor.tracker.working():
            key = order.client_order_id
            is_waiting = order.status in (OrderState.WAITING, OrderState.INTENT)
            is_newer = floor.acked.get(key, float("-inf")) >= snapshot.asked
            if not is_waiting and not is_newer and key not in there and order.venue_id not in there:
                floor.doubts.begin(key)

    def _end_earlier(self, found: list[VenueOrder]) -> list[VenueOrder]:
        """Purchases that this home's bot made under other settings go: no strategy answers for them any more."""
        earlier = [one for one in found if one.side is Side.BUY and one.client_order_id in self._earlier]
        for one in earlier:
            self._floor.hands.cancel(self._earlier[ClientOrderId(one.client_order_id)])
            self._earlier.pop(ClientOrderId(one.client_order_id))
            words = f"A purchase of {one.symbol} from earlier settings was still open and is cancelled."
            self._floor.alert(Severity.WARNING, "execution", words)
        return [one for one in found if one not in earlier]

    def _strangers(self, found: list[VenueOrder]) -> None:
        found = self._end_earlier(found)
        foreign = tuple(one for one in found if one.venue_id not in self._ignored)
        if foreign != self._foreign:
            new = [one for one in foreign if one not in self._foreign]
            self._foreign = foreign
            self._floor.hub.publish(ForeignSeen(foreign))
            if new:
                self._say_strangers(new)

    def _say_strangers(self, new: list[VenueOrder]) -> None:
        own = sum(one.client_order_id.startswith(CLIENT_ID_PREFIX) for one in new)
        whose = "Belay made under other settings" if own == len(new) else "Belay did not make"
        words = "one order" if len(new) == 1 else f"{len(new)} orders"
        self._floor.alert(
            Severity.WARNING, "execution",
            f"At the venue {words} {'is' if len(new) == 1 else 'are'} open that {whose}: ignore, close or adopt "
            "on the page Connection, or with: python main.py order foreign",
        )  # fmt: skip

    def _balances(self, snapshot: Snapshot) -> None:
        """What the ledger does not explain stops new entries until a person has looked (E12, Z10)."""
        floor = self._floor
        if snapshot.balances is None or floor.explained.opening is None:
            return
        is_settled = not len(floor.doubts) and not floor.tracker.unfinished
        found = floor.explained.compare(snapshot.balances) if is_settled else ()
        if found and found != self.differences:
            log.error("balances differ", what=in_words(found))
            floor.alert(
                Severity.ERROR, "risk limit",
                f"Balances at the venue are not what the books say: {in_words(found)}. No new entries until you "
                "have looked; resume accepts the difference as your own deposit, withdrawal or trade.",
            )  # fmt: skip
        if is_settled:
            self.differences = found if found or not self.differences else self._still(snapshot)

    def _still(self, snapshot: Snapshot) -> tuple[Difference, ...]:
        """The known differences that have not gone away by themselves."""
        assert snapshot.balances is not None
        there = totals(snapshot.balances)
        explained = self._floor.explained
        return tuple(
            one for one in self.differences if there.get(one.currency, 0) != explained.expected(one.currency)
        )

    def accept(self) -> None:
        """A person resumed: the differences are their own doing."""
        floor = self._floor
        if self.differences:
            floor.explained.accept(self.differences)
            floor.keep(Keep(floor.number, "opening", floor.explained.as_json()))
            self.differences = ()
            self.soon()

    # ------------------------------------------------------------ orders that are not ours

    def foreign(self, venue_id: str) -> VenueOrder | None:
        """An open order that Belay did not make."""
        return next((one for one in self._foreign if one.venue_id == venue_id), None)

    def ignore(self, venue_id: str) -> None:
        """A person knows of it."""
        self._ignored.add(venue_id)
        self._strangers(list(self._foreign))

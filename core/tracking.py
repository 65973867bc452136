"""Our orders as the venue's news leave them: every execution once, every end only when its executions are known.

News come from streams and from reads, twice, late and in any order; what they say is folded into order facts.  Pure
in the sense that matters: no clock, no thread; owned by the executor.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from core.errors import BadValue
from core.ids import ClientOrderId, ExecutionId, InstanceId, SlotKey, Symbol
from core.instrument import Instrument
from core.intent import Side
from core.messages import OrderCancelled, OrderFilled, OrderPlaced, OrderRefused
from core.money import Money, Price, Quantity, text
from core.order import UNACKNOWLEDGED, WORKING, Fill, Happening, Order, OrderState, Role
from core.venue import VenueOrder, VenueStatus, VenueTrade

Facts = list[OrderPlaced | OrderFilled | OrderCancelled | OrderRefused]
LOOSE = 1_000
"""Executions of orders that are not ours (yet) kept at most: a lost answer may still make one ours."""


@dataclass(frozen=True, slots=True)
class Told:
    """What one piece of news brought.  ``lacks_trades``: the venue counts more executions than we know;
    ``is_orphan``: open there, over here; ``is_foreign``: not ours at all."""

    facts: Facts
    order: Order | None = None
    lacks_trades: bool = False
    is_orphan: bool = False

    @property
    def is_foreign(self) -> bool:
        return self.order is None


class Tracker:
    """``slots`` gives the number of declared slots of each instance, ``instruments`` the step of each market."""

    def __init__(
        self, slots: Mapping[InstanceId, int], instruments: Mapping[Symbol, Instrument] | None = None
    ) -> None:
        self._slots, self._instruments = slots, instruments or {}
        self._orders: dict[ClientOrderId, Order] = {}
        self._working: dict[ClientOrderId, None] = {}
        self._by_venue: dict[tuple[Symbol, str], ClientOrderId] = {}
        self._seen: set[tuple[Symbol, str]] = set()
        self._ends: dict[ClientOrderId, VenueOrder] = {}
        self._loose: OrderedDict[tuple[Symbol, str], VenueTrade] = OrderedDict()
        self.held: dict[SlotKey, Decimal] = {}
        self.dust: dict[SlotKey, Decimal] = {}
        """What fees taken in coins left in a slot: less than a step each time, so that nobody can sell it (E13)."""
        self.stops: dict[SlotKey, Price] = {}
        """The protective price that came with the newest entry of a slot that holds something."""
        self.stopped: set[SlotKey] = set()
        """Slots in which a protective order has traded since their newest entry was placed."""

    # ------------------------------------------------------------ what we know

    def restore(self, orders: Iterable[Order], filled: Iterable[tuple[Order, Fill]]) -> None:
        """After a restart: the records' orders, and every execution in the order in which it was booked."""
        for order in orders:
            self.put(order)
        for order, fill in filled:
            self._orders.setdefault(order.client_order_id, order)
            self._index(self._orders[order.client_order_id])
            self._seen.add((fill.identity.symbol, fill.execution_id))
            self._count(order, fill)

    def slot_of(self, order: Order) -> SlotKey:
        """The declared slot that an order belongs to."""
        identity = order.identity
        declared = self._slots.get(identity.instance, 0)
        own = order.role is Role.PROTECTIVE and identity.slot >= declared
        return identity.instance, identity.symbol, identity.slot - declared if own else identity.slot

    def get(self, client_order_id: ClientOrderId) -> Order | None:
        return self._orders.get(client_order_id)

    def find(self, told: VenueOrder) -> Order | None:
        """Our order under either id that a venue tells; look-ups alone, so any thread may ask."""
        return self._find(told.symbol, told.client_order_id, told.venue_id)

    def put(self, order: Order) -> Order:
        """Store the newer truth of an order of ours."""
        key = order.client_order_id
        self._orders[key] = order
        if order.status in WORKING:
            self._working[key] = None
        else:
            self._working.pop(key, None)
        self._index(order)
        return order

    def _index(self, order: Order) -> None:
        if order.venue_id:
            self._by_venue[order.identity.symbol, order.venue_id] = order.client_order_id

    def working(self) -> tuple[Order, ...]:
        """Orders that may still trade, the oldest first."""
        return tuple(self._orders[key] for key in self._working)

    def knows(self, symbol: Symbol, trade_id: str) -> bool:
        return (symbol, trade_id) in self._seen

    # ------------------------------------------------------------ what the venue says

    def told_order(self, news: VenueOrder) -> Told:
        """One order as a stream or a read tells it."""
        mine = self._find(news.symbol, news.client_order_id, news.venue_id)
        if mine is None:
            return Told([])
        if news.venue_id and mine.venue_id != news.venue_id:
            mine = self.put(replace(mine, venue_id=news.venue_id))
        facts: Facts = []
        is_open = news.status is VenueStatus.OPEN
        if is_open and mine.status in UNACKNOWLEDGED:
            facts.append(OrderPlaced(self._acknowledged(mine)))
        elif not is_open and mine.status in WORKING:
            self._ends[mine.client_order_id] = news
        facts += self._claim_loose(mine)
        facts += self._end(mine.client_order_id)
        now = self._orders[mine.client_order_id]
        is_orphan = is_open and now.status not in WORKING
        return Told(facts, now, lacks_trades=news.filled > now.filled, is_orphan=is_orphan)

    def acknowledged(self, order: Order, venue_id: str) -> Facts:
        """The answer to our own request: the venue has it."""
        mine = self._orders[order.client_order_id]
        if venue_id:
            mine = self.put(replace(mine, venue_id=venue_id))
        facts: Facts = []
        if mine.status in UNACKNOWLEDGED:
            facts.append(OrderPlaced(self._acknowledged(mine)))
        return facts + self._claim_loose(mine) + self._end(mine.client_order_id)

    def _acknowledged(self, mine: Order) -> Order:
        status = OrderState.PART_FILLED if mine.filled else mine.after(Happening.ACKNOWLEDGED).status
        return self.put(replace(mine, status=status))

    def told_trade(self, trade: VenueTrade) -> Told:
        """One execution; each counts once, whoever tells it."""
        key = (trade.symbol, trade.trade_id)
        mine = self._find(trade.symbol, trade.client_order_id, trade.venue_id)
        if mine is None:
            if key not in self._loose:
                self._loose[key] = trade
                if len(self._loose) > LOOSE:
                    self._loose.popitem(last=False)
            return Told([])
        if key in self._seen:
            return Told([], mine)
        return Told(self._book(mine, trade) + self._end(mine.client_order_id), mine)

    def _find(self, symbol: Symbol, client_order_id: str, venue_id: str) -> Order | None:
        mine = self._orders.get(ClientOrderId(client_order_id)) if client_order_id else None
        if mine is None and venue_id:
            key = self._by_venue.get((symbol, venue_id))
            mine = self._orders[key] if key is not None else None
        return mine

    def _claim_loose(self, mine: Order) -> Facts:
        """Executions that came before anyone knew whose they were."""
        facts: Facts = []
        for key, trade in list(self._loose.items()):
            is_mine = trade.symbol == mine.identity.symbol and (
                (bool(trade.venue_id) and trade.venue_id == mine.venue_id)
                or trade.client_order_id == mine.client_order_id
            )
            if is_mine:
                del self._loose[key]
                if key not in self._seen:
                    facts += self._book(self._orders[mine.client_order_id], trade)
        return facts

    def _book(self, mine: Order, trade: VenueTrade) -> Facts:
        """One execution of ours; ``BadValue`` when it is more than was ordered."""
        if trade.side is not mine.side:
            raise BadValue(f"{mine.client_order_id} is a {mine.side}, the venue reports a {trade.side} of it")
        fill = Fill(
            execution_id=ExecutionId(trade.trade_id), client_order_id=mine.client_order_id, identity=mine.identity,
            side=mine.side, price=Price(text(trade.price)), quantity=Quantity(text(trade.quantity)),
            cost=Decimal(text(trade.cost)), fee=Money(Decimal(text(trade.fee.amount)), trade.fee.currency),
            is_maker=trade.is_maker, at=trade.at,
        )  # fmt: skip
        facts: Facts = []
        if mine.status in UNACKNOWLEDGED:  # an execution may overtake the answer
            mine = self._acknowledged(mine)
            facts.append(OrderPlaced(mine))
        if mine.role is Role.PROTECTIVE:  # it was made larger, and the answer to that is still on its way
            mine = replace(mine, quantity=max(mine.quantity, Quantity(mine.filled + fill.quantity)))
        filled = self.put(_with_fill(mine, fill))
        self._seen.add((trade.symbol, trade.trade_id))
        self._count(filled, fill)
        return [*facts, OrderFilled(filled, fill)]

    def _count(self, order: Order, fill: Fill) -> None:
        key = self.slot_of(order)
        self.held[key] = self.held.get(key, Decimal(0)) + order.side * fill.quantity - fill.fee_in_base
        if order.side is Side.BUY:
            if order.stop is not None:
                self.stops[key] = order.stop
            self.stopped.discard(key)
            return
        if order.role is Role.PROTECTIVE:
            self.stopped.add(key)
        instrument = self._instruments.get(fill.identity.symbol)
        if instrument is not None and not instrument.quantity(max(self.held[key], Decimal(0))):
            self.dust[key] = self.dust.get(key, Decimal(0)) + self.held.pop(key)

    def leave_dust(self, key: SlotKey) -> Decimal:
        """What a slot holds is nobody's order any more; how much that is."""
        left = self.held.pop(key, Decimal(0))
        self.dust[key] = self.dust.get(key, Decimal(0)) + left
        return left

    def _end(self, key: ClientOrderId) -> Facts:
        """The end that the venue told, once all executions that it counts are ours too."""
        news, mine = self._ends.get(key), self._orders[key]
        if news is None or news.filled > mine.filled:
            return []
        del self._ends[key]
        if mine.status not in WORKING:
            return []
        if news.status is VenueStatus.REFUSED and not mine.filled and mine.status in UNACKNOWLEDGED:
            return [OrderRefused(self.put(mine.after(Happening.REFUSED, reason=news.reason)))]
        asked = mine.reason if mine.status is OrderState.CANCELLING else ""
        reason = asked or news.reason or "ended by the venue"
        return [OrderCancelled(self.put(replace(mine, status=OrderState.CANCELLED, reason=reason)))]

    @property
    def unfinished(self) -> tuple[Order, ...]:
        """Orders whose end was told while some of their executions are still missing."""
        return tuple(self._orders[key] for key in self._ends)


def _with_fill(mine: Order, fill: Fill) -> Order:
    """One more execution; an order that is over here counts it too, and is not brought back to life."""
    if mine.status in WORKING and mine.status is not OrderState.WAITING:
        counted = mine.with_fill(fill)
    else:
        counted = replace(mine, status=OrderState.CANCELLED).with_fill(fill)
    return replace(counted, reason="") if counted.status is OrderState.FILLED else counted

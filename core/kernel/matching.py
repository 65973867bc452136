"""The one matching core: how resting orders meet a candle.  Backtest, replay and paper all call it.

Rules, each in favour of doubt:

* An order sees its first candle after the one in which it was wished.  A market order trades at that open.
* A resting limit trades at its own price, and only when the candle trades through it (a touch is not enough).
  A limit that the open already crosses trades at the open as a taker, never beyond its limit.
* A stop trades at its trigger or, when the candle opens beyond it, at the open; then it is a market order.
* Inside one candle: opens and market orders first, then stops, then buys (each buy's own stop at once, because the
  price must have passed the buy on its way to the stop), then limit sells: the worst case for a holder.  A stop that
  buys meets its own stop at once, too.
* Takers pay half the spread and the slippage on top, rounded to the worse tick.
* All orders of a symbol share ``participation`` of the volume.

The venue attaches the protective stop to each entry as it fills and lets it follow what the slot holds.
"""

from __future__ import annotations

from typing import Any

from core.kernel.compiled import compiled, inlined
from core.kernel.records import AMENDED, GONE, LIMIT, MARKET, PLACED, POST_ONLY, STOP, TRADED, TURNED_DOWN
from core.kernel.rounding import on_amount, on_step, on_worse_tick, quantity_sum

NOT_COUNTED = -1.0  # the room of a candle that nothing has met yet


@inlined
def _say(
    reports: Any, n: int, happening: int, ts: int, flat: int, order: Any, price: float, quantity: float
) -> int:
    r = reports[n]
    r.happening = happening
    r.ts = ts
    r.flat = flat
    r.sequence = order.sequence
    r.side = order.side
    r.price = price
    r.quantity = quantity
    r.cost = 0.0
    r.fee = 0.0
    r.maker = 0
    r.complete = 0
    return n + 1


@compiled
def _guard(book: Any, flat: int, ts: int, bought: float, market: Any, reports: Any, n: int) -> int:
    """Attach or enlarge the protective stop of a slot that just bought."""
    entry = book[flat]
    if not entry.stop > 0.0:
        return n
    at = flat + book.shape[0] // 2
    guard = book[at]
    if guard.active:
        guard.quantity = quantity_sum(guard.quantity, bought, market)
        guard.price = entry.stop
        return _say(reports, n, AMENDED, ts, at, guard, guard.price, guard.quantity)
    guard.active = 1
    guard.fresh = 0
    guard.triggered = 0
    guard.symbol = entry.symbol
    guard.sequence += 1
    guard.side = -1
    guard.kind = STOP
    guard.price = entry.stop
    guard.quantity = bought
    guard.filled = 0.0
    return _say(reports, n, PLACED, ts, at, guard, guard.price, guard.quantity)


@compiled
def _shrink(book: Any, flat: int, ts: int, sold: float, market: Any, reports: Any, n: int) -> int:
    """A sale from a slot: the other order that would sell the same coins shrinks or goes (one cancels the other).

    The unfilled rest of an entry whose stop has traded goes too: it would buy into the fall.
    """
    half = book.shape[0] // 2
    other_at = flat - half if flat >= half else flat + half
    other = book[other_at]
    if not other.active:
        return n
    if other.side > 0:
        keep = 0.0
    elif flat < half:  # an exit traded: the stop guards what the slot still holds
        keep = quantity_sum(other.quantity, -other.filled - sold, market)
    else:  # the stop traded: the exit sells at most what the stop still guards
        guarded = quantity_sum(book[flat].quantity, -book[flat].filled, market)
        rest = quantity_sum(other.quantity, -other.filled, market)
        if rest <= guarded and guarded > 0.0:
            return n
        keep = guarded
    if keep > 0.0:
        other.quantity = quantity_sum(other.filled, keep, market)
        return _say(reports, n, AMENDED, ts, other_at, other, other.price, other.quantity)
    other.active = 0
    return _say(reports, n, GONE, ts, other_at, other, other.price, other.quantity)


@compiled
def _trade(book: Any, flat: int, ts: int, price: float, maker: bool, room: float, market: Any, reports: Any, n: int
           ) -> tuple[int, float]:  # fmt: skip
    """Trade as much of order ``flat`` at ``price`` as ``room`` allows; the number of reports and the room left."""
    order = book[flat]
    quantity = quantity_sum(order.quantity, -order.filled, market)
    if quantity > room:
        quantity = room
    if quantity <= 0.0:
        return n, room
    order.filled = quantity_sum(order.filled, quantity, market)
    n = _say(reports, n, TRADED, ts, flat, order, price, quantity)
    r = reports[n - 1]
    r.cost = on_amount(price * quantity)
    r.fee = on_amount(r.cost * (market.maker if maker else market.taker))
    r.maker = 1 if maker else 0
    if order.filled >= order.quantity:
        r.complete = 1
        order.active = 0
    if order.side > 0:
        n = _guard(book, flat, ts, quantity, market, reports, n)
    else:
        n = _shrink(book, flat, ts, quantity, market, reports, n)
    return n, quantity_sum(room, -quantity, market)


@inlined
def _taker_price(side: int, reference: float, market: Any) -> float:
    return on_worse_tick(reference * (1.0 + side * (0.5 * market.spread + market.slippage)), side, market)


@compiled
def _stop(book: Any, flat: int, candle: Any, reference: float, room: float, market: Any, reports: Any, n: int
          ) -> tuple[int, float]:  # fmt: skip
    """Trigger and trade a stop if this candle reaches it; ``reference`` is where the price comes from."""
    order = book[flat]
    if order.triggered:
        at = reference
    elif order.side < 0 and candle.low <= order.price:
        at = min(reference, order.price)
    elif order.side > 0 and candle.high >= order.price:
        at = max(reference, order.price)
    else:
        return n, room
    order.triggered = 1
    return _trade(
        book, flat, candle.ts, _taker_price(order.side, at, market), False, room, market, reports, n
    )


@inlined
def _limit_price(order: Any, candle: Any, market: Any) -> tuple[float, bool]:
    """The price at which a limit trades in this candle (0: it does not), and whether as a maker."""
    crossed = candle.open <= order.price if order.side > 0 else candle.open >= order.price
    if order.fresh and crossed and order.kind == LIMIT:
        taken = _taker_price(order.side, candle.open, market)
        return (min(taken, order.price) if order.side > 0 else max(taken, order.price)), False
    through = candle.low < order.price if order.side > 0 else candle.high > order.price
    return (order.price if through else 0.0), True


@compiled
def _limits(book: Any, first: int, last: int, side: int, candle: Any, room: float, market: Any, reports: Any, n: int
            ) -> tuple[int, float]:  # fmt: skip
    half = book.shape[0] // 2
    for flat in range(first, last):
        order = book[flat]
        if not order.active or order.side != side or (order.kind != LIMIT and order.kind != POST_ONLY):
            continue
        price, maker = _limit_price(order, candle, market)
        order.fresh = 0
        if price == 0.0:
            continue
        n, room = _trade(book, flat, candle.ts, price, maker, room, market, reports, n)
        if side > 0 and book[flat + half].active:
            n, room = _stop(book, flat + half, candle, candle.open, room, market, reports, n)
    return n, room


@inlined
def _match(candle: Any, first: int, last: int, book: Any, market: Any, reports: Any, n: int, room: float
           ) -> tuple[int, float]:  # fmt: skip
    half = book.shape[0] // 2
    for flat in range(first, last):
        order = book[flat]
        if order.active and order.kind == MARKET:
            price = _taker_price(order.side, candle.open, market)
            n, room = _trade(book, flat, candle.ts, price, False, room, market, reports, n)
    for flat in range(first, last):
        if book[flat + half].active:
            n, room = _stop(book, flat + half, candle, candle.open, room, market, reports, n)
        order = book[flat]
        if order.active and order.kind == STOP:
            start = candle.open if order.triggered else order.price
            n, room = _stop(book, flat, candle, candle.open, room, market, reports, n)
            if order.side > 0 and book[flat + half].active:  # the price may fall to its own stop afterwards
                n, room = _stop(book, flat + half, candle, start, room, market, reports, n)
    n, room = _limits(book, first, last, 1, candle, room, market, reports, n)
    return _limits(book, first, last, -1, candle, room, market, reports, n)


@inlined
def _has_orders(book: Any, first: int, last: int) -> bool:
    """Whether any order or protective stop of these slots rests at the venue: mostly none does."""
    half = book.shape[0] // 2
    found = 0
    for flat in range(first, last):
        found |= book[flat].active | book[flat + half].active
    return found != 0


@inlined
def match_symbol(candle: Any, symbol: int, roster: Any, book: Any, market: Any, reports: Any) -> int:
    """Let every order of ``symbol`` meet ``candle``, instance by instance; the number of reports."""
    n = 0
    room = NOT_COUNTED
    for j in range(roster.shape[0]):
        first, last = roster[j].first, roster[j].first + roster[j].slots
        if roster[j].symbol == symbol and _has_orders(book, first, last):
            if room == NOT_COUNTED:
                room = on_step(candle.volume * market.participation, market)
            n, room = _match(candle, first, last, book, market, reports, n, room)
    return n


@inlined
def accept(book: Any, flat: int, ts: int, symbol: int, sequence: int, side: int, kind: int, price: float,
           quantity: float, stop: float, market: Any, reports: Any, n: int) -> int:  # fmt: skip
    """A new order reaches the venue: it rests, or is turned down when it is post-only and would cross the spread."""
    order = book[flat]
    order.fresh = 1
    order.triggered = 0
    order.symbol = symbol
    order.sequence = sequence
    order.side = side
    order.kind = kind
    order.price = price
    order.quantity = quantity
    order.filled = 0.0
    order.stop = stop
    half_spread = 0.5 * market.spread * market.last
    crosses = price >= market.last + half_spread if side > 0 else price <= market.last - half_spread
    order.active = 0 if kind == POST_ONLY and crosses else 1
    return _say(reports, n, PLACED if order.active else TURNED_DOWN, ts, flat, order, price, quantity)


@inlined
def remove(book: Any, flat: int, ts: int, reports: Any, n: int) -> int:
    """A cancel reaches the venue; one GONE report, or none when nothing rests there."""
    order = book[flat]
    if not order.active:
        return n
    order.active = 0
    return _say(reports, n, GONE, ts, flat, order, order.price, order.quantity)

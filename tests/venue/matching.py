"""The seeded matching core of one spot account: orders in, fills and balances out, all exact.

Runs in whoever's thread calls it (the server's loop); listeners hear every change in order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from tests.venue.book import Book
from tests.venue.entry import check, dearest, falls, sized
from tests.venue.orders import (
    BalancesTold,
    Fill,
    Kind,
    Order,
    OrderTold,
    PriceTold,
    Status,
    Told,
    TradeTold,
    Wish,
)
from tests.venue.rules import Market, Reason, Refused
from tests.venue.settlement import Fees, Settlement
from tests.venue.tape import Tape
from tests.venue.wallet import ZERO, Wallet

DEPTH_MONEY = Decimal(20_000)
"""Quote money that stands, on average, at each level of the book."""


class Matching:
    """One account on a few markets; ``now`` gives the venue's time in ms."""

    def __init__(
        self,
        markets: Sequence[Market],
        deposits: Mapping[str, str],
        fees: Fees,
        now: Callable[[], int],
        seed: int = 1,
    ) -> None:
        self.now = now
        self.seed = seed
        self.wallet = Wallet(deposits)
        self.tapes = {market.symbol: self._tape(market, seed) for market in markets}
        self.settlement = Settlement(self.wallet, fees, self._last_or_none)
        self.orders: dict[int, Order] = {}
        self.listeners: list[Callable[[Told], None]] = []
        self.dead_man_at: int | None = None

    def _tape(self, market: Market, seed: int) -> Tape:
        rng = random.Random(f"{seed} {market.symbol}")
        tape = Tape(market, rng, Book(market, rng, DEPTH_MONEY / market.price), market.price)
        tape.begin(self.now())
        tape.book.rebuild(market.price)
        tape.add_print(market.price, market.to_step(DEPTH_MONEY / market.price), self.now(), False)
        return tape

    def _last_or_none(self, symbol: str) -> Decimal | None:
        tape = self.tapes.get(symbol)
        return tape.last if tape else None

    # ---- what clients do ----------------------------------------------------------------------------

    def place(self, wish: Wish, named: Callable[[int], str] = str) -> Order:
        """Takes an order and fills what can be filled at once; ``Refused`` leaves everything as it was.

        ``named`` makes the venue's id from the order's number.
        """
        tape = self._open_tape(wish.symbol)
        wish = sized(wish, tape)
        check(wish, tape, self.open_orders())
        number = 1000 + len(self.orders) + 1
        now = self.now()
        order = Order(
            number=number, wish=wish, amount=wish.amount, price=wish.price, stop=wish.stop,
            created=now, updated=now, venue_id=named(number),
        )  # fmt: skip
        self.settlement.hold(order, tape.market, dearest(order, tape) if wish.kind is Kind.MARKET else None)
        self.orders[number] = order
        self._tell(OrderTold("new", order))
        if order.works:
            self._take(order, tape)
        elif self._reached(order, tape.last):
            self._trigger(order, tape)
        self._tell_balances(tape.market)
        return order

    def cancel(self, order: Order, reason: str = "User requested", what: str = "canceled") -> Order:
        """Ends an open order; ``Refused`` when it is over already."""
        if not order.status.is_open:
            raise Refused(Reason.UNKNOWN_ORDER, f"{order.number} is {order.status}")
        self._end(order, Status.EXPIRED if what == "expired" else Status.CANCELED, reason)
        self._tell_balances(self.tapes[order.symbol].market)
        return order

    def cancel_all(self, symbol: str | None = None) -> list[Order]:
        """Ends every open order, of one market or of all."""
        return [self.cancel(order) for order in self.open_orders(symbol)]

    def amend(
        self,
        order: Order,
        amount: Decimal | None = None,
        price: Decimal | None = None,
        stop: Decimal | None = None,
    ) -> Order:
        """Changes an open order in place; ``Refused`` leaves it as it was."""
        if not order.status.is_open:
            raise Refused(Reason.UNKNOWN_ORDER, f"{order.number} is {order.status}")
        tape = self._open_tape(order.symbol)
        fresh = (amount or order.amount, price or order.price, stop or order.stop)
        if fresh == (order.amount, order.price, order.stop):
            raise Refused(Reason.NO_CHANGE)
        if fresh[0] <= order.filled:
            raise Refused(Reason.AMOUNT_SMALL, f"{order.filled} is filled already")
        fits = replace(order.wish, amount=fresh[0], price=fresh[1], stop=fresh[2], client_id="")
        check(fits, tape, [])
        before = (order.amount, order.price, order.stop)
        order.amount, order.price, order.stop = fresh
        try:
            self.settlement.hold(order, tape.market, None)
        except Refused:
            order.amount, order.price, order.stop = before
            raise
        order.amended, order.updated = True, self.now()
        self._tell(OrderTold("amended", order))
        if order.works:
            self._take(order, tape)
        self._tell_balances(tape.market)
        return order

    def open_orders(self, symbol: str | None = None) -> list[Order]:
        """Open orders, oldest first."""
        return [
            order for order in self.orders.values() if order.status.is_open and symbol in (None, order.symbol)
        ]

    def would_trigger(self, wish: Wish) -> bool:
        """Whether a stop is reached already."""
        assert wish.stop is not None
        last = self.tapes[wish.symbol].last
        return last <= wish.stop if falls(wish) else last >= wish.stop

    def find(self, number: int | None = None, client_id: str = "") -> Order | None:
        """An order by its number or by its client id (then the newest that carries it)."""
        if number is not None:
            return self.orders.get(number)
        found = [order for order in self.orders.values() if client_id and order.wish.client_id == client_id]
        return found[-1] if found else None

    # ---- what the test (or the market) does ---------------------------------------------------------

    def set_price(self, symbol: str, price: str | Decimal) -> None:
        """Moves a market: fresh depth, a print, stops that trigger, resting orders that fill."""
        tape = self.tapes[symbol]
        target = tape.market.to_tick(Decimal(price))
        self._tell(tape.book.rebuild(target))
        amount = tape.market.to_step(tape.book.depth) or tape.market.step
        self._print(tape, target, amount, target < tape.last)
        for order in self.open_orders(symbol):
            if order.status.is_open and not order.works and self._reached(order, tape.last):
                self._trigger(order, tape)
        for order in self._resting(tape):
            self._meet(order, tape)
        self._tell(PriceTold(symbol))

    def walk(self, symbol: str, steps: int = 1) -> None:
        """Seeded steps of the price."""
        for _ in range(steps):
            tape = self.tapes[symbol]
            self.set_price(symbol, tape.stepped(tape.last))

    def gap(self, symbol: str, share: str | Decimal) -> None:
        """A jump by a share of the price (``-0.1`` is ten percent down)."""
        self.set_price(symbol, self.tapes[symbol].last * (1 + Decimal(share)))

    def fill(
        self, order: Order, amount: str | Decimal | None = None, price: str | Decimal | None = None
    ) -> Fill:
        """Someone trades against a resting order: all of it, or a part."""
        if not order.status.is_open:
            raise Refused(Reason.UNKNOWN_ORDER, f"{order.number} is {order.status}")
        piece = order.remaining if amount is None else min(Decimal(amount), order.remaining)
        at = Decimal(price) if price is not None else order.price
        tape = self.tapes[order.symbol]
        made = self._execute(order, tape, at or tape.last, piece, maker=True)
        self._tell_balances(tape.market)
        return made

    def tick(self) -> None:
        """Lets time pass: orders expire, an armed dead man's switch fires."""
        now = self.now()
        if self.dead_man_at is not None and now >= self.dead_man_at:
            self.dead_man_at = None
            self.cancel_all()
        for order in self.open_orders():
            if order.wish.expires_at is not None and now >= order.wish.expires_at:
                self.cancel(order, "Expired", "expired")

    def check(self) -> None:
        """``BrokenInvariant`` unless balances, fills and locks agree."""
        self.settlement.check([tape.market for tape in self.tapes.values()], self.orders.values())

    # ---- inside -------------------------------------------------------------------------------------

    def _open_tape(self, symbol: str) -> Tape:
        tape = self.tapes.get(symbol)
        if tape is None:
            raise Refused(Reason.UNKNOWN_MARKET, symbol)
        if tape.closed:
            raise Refused(Reason.CLOSED, symbol)
        return tape

    def _reached(self, order: Order, last: Decimal) -> bool:
        assert order.stop is not None
        return last <= order.stop if falls(order.wish) else last >= order.stop

    def _trigger(self, order: Order, tape: Tape) -> None:
        order.triggered, order.updated = True, self.now()
        self._tell(OrderTold("triggered", order))
        if not order.wish.kind.has_limit:
            try:
                self.settlement.hold(order, tape.market, dearest(order, tape))
            except Refused:
                self._end(order, Status.EXPIRED, "Insufficient funds")
                return
        self._take(order, tape)

    def _take(self, order: Order, tape: Tape) -> None:
        """Runs a working order against the book; what is left rests, or ends when it may not rest."""
        limit = order.price if order.wish.kind.has_limit else None
        can_rest = limit is not None and order.wish.tif in ("GTC", "GTD")
        offer = sum((left for _, left in tape.book.offer(order.is_buy, limit)), ZERO)
        if order.wish.tif == "FOK" and offer < order.remaining:
            self._end(order, Status.EXPIRED, "Insufficient liquidity")
            return
        pieces, told = tape.book.take(order.is_buy, limit, order.remaining)
        for price, amount in pieces:
            self._execute(order, tape, price, amount, maker=False)
        if told is not None:
            self._tell(told)
        if order.status.is_open and not can_rest:
            self._end(order, Status.EXPIRED, "Insufficient liquidity")

    def _resting(self, tape: Tape) -> list[Order]:
        """Working limit orders of a market, best price first, then oldest."""
        rest = [(o, o.price) for o in self.open_orders(tape.market.symbol) if o.works]
        ranked = [(-price if o.is_buy else price, o.number, o) for o, price in rest if price is not None]
        return [order for _, _, order in sorted(ranked, key=lambda row: row[:2])]

    def _meet(self, order: Order, tape: Tape) -> None:
        """The market came to a resting order: it is the maker, at its own price, by what stands there."""
        pieces, told = tape.book.take(order.is_buy, order.price, order.remaining)
        amount = sum((piece for _, piece in pieces), ZERO)
        if amount:
            assert order.price is not None
            self._execute(order, tape, order.price, amount, maker=True)
            self._tell_balances(tape.market)
        if told is not None:
            self._tell(told)

    def _execute(self, order: Order, tape: Tape, price: Decimal, amount: Decimal, *, maker: bool) -> Fill:
        now = self.now()
        fill = self.settlement.book(order, tape.market, price, amount, maker=maker, at=now)
        order.status = Status.FILLED if order.remaining == 0 else Status.PART
        order.updated = now
        if order.status is Status.FILLED:
            self.settlement.release(order, tape.market)
        self._tell(OrderTold("trade", order, fill))
        self._print(tape, price, amount, order.is_buy is maker)
        return fill

    def _print(self, tape: Tape, price: Decimal, amount: Decimal, buyer_made: bool) -> None:
        tape.add_print(price, amount, self.now(), buyer_made)
        self._tell(TradeTold(tape.market.symbol))

    def _end(self, order: Order, status: Status, reason: str) -> None:
        order.status, order.reason, order.updated = status, reason, self.now()
        self.settlement.release(order, self.tapes[order.symbol].market)
        self._tell(OrderTold("expired" if status is Status.EXPIRED else "canceled", order))

    def _tell_balances(self, market: Market) -> None:
        third = self.settlement.fees.taken_in
        extra = () if third in ("received", "quote", market.base, market.quote) else (third,)
        self._tell(BalancesTold((market.base, market.quote, *extra)))

    def _tell(self, told: Told) -> None:
        for listener in self.listeners:
            listener(told)

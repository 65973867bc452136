"""A market's synthetic order book: seeded depth around a price, taken level by level."""

from __future__ import annotations

import random
from decimal import Decimal

from tests.venue.orders import BookTold
from tests.venue.rules import Market

LEVELS = 20
"""Levels on each side after a rebuild."""

Levels = list[tuple[Decimal, Decimal]]


class Book:
    """Bids and asks as price to quantity; ``version`` goes up by one for every changed level."""

    def __init__(self, market: Market, rng: random.Random, depth: Decimal) -> None:
        self.market = market
        self.depth = depth
        self.version = 1000
        self._rng = rng
        self._sides: dict[str, dict[Decimal, Decimal]] = {"bid": {}, "ask": {}}

    def bids(self, limit: int = LEVELS) -> Levels:
        """The best bids, highest first."""
        return sorted(self._sides["bid"].items(), reverse=True)[:limit]

    def asks(self, limit: int = LEVELS) -> Levels:
        """The best asks, lowest first."""
        return sorted(self._sides["ask"].items())[:limit]

    def rebuild(self, price: Decimal) -> BookTold:
        """Fresh depth around a price: the best bid is the price itself, the best ask one tick above."""
        bids, asks = {}, {}
        tick = self.market.tick
        for level in range(LEVELS):
            away = tick * level * (1 + self._rng.randrange(3))
            if price > away:
                bids[price - away] = self._quantity()
            asks[price + tick + away] = self._quantity()
        changes = (self._difference("bid", bids), self._difference("ask", asks))
        self._sides = {"bid": bids, "ask": asks}
        return self._told(*changes)

    def offer(self, buys: bool, limit: Decimal | None) -> Levels:
        """What a taker could have, best first, no worse than the limit."""
        levels = self.asks(LEVELS * 2) if buys else self.bids(LEVELS * 2)
        return [
            (price, left)
            for price, left in levels
            if limit is None or (price <= limit if buys else price >= limit)
        ]

    def take(self, buys: bool, limit: Decimal | None, amount: Decimal) -> tuple[Levels, BookTold | None]:
        """Takes up to an amount; the pieces, best first, and the change of the book."""
        side = self._sides["ask" if buys else "bid"]
        pieces: Levels = []
        changed: Levels = []
        for price, left in self.offer(buys, limit):
            piece = min(left, amount)
            if piece <= 0:
                break
            amount -= piece
            pieces.append((price, piece))
            changed.append((price, left - piece))
            side[price] = left - piece
            if left == piece:
                del side[price]
        if not pieces:
            return [], None
        return pieces, self._told([], changed) if buys else self._told(changed, [])

    def _quantity(self) -> Decimal:
        share = Decimal(self._rng.randrange(500, 1500)) / 1000
        return max(self.market.step, self.market.to_step(self.depth * share))

    def _difference(self, side: str, fresh: dict[Decimal, Decimal]) -> Levels:
        old = self._sides[side]
        gone = [(price, Decimal(0)) for price in old if price not in fresh]
        return gone + [(price, left) for price, left in fresh.items() if old.get(price) != left]

    def _told(self, bids: Levels, asks: Levels) -> BookTold:
        first = self.version + 1
        self.version += max(1, len(bids) + len(asks))
        return BookTold(self.market.symbol, first, self.version, tuple(bids), tuple(asks))

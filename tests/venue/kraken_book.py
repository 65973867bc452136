"""Kraken's book on the WebSocket: the best levels, what changed of them, and the checksum over ten a side."""

from __future__ import annotations

import zlib
from decimal import Decimal

from tests.venue.rules import Market
from tests.venue.tape import Tape
from tests.venue.wire import Json

Levels = list[tuple[Decimal, Decimal]]


def checksum(asks: Levels, bids: Levels, price_places: int, amount_places: int) -> int:
    """CRC32 of the ten best asks, then bids: price and quantity as digits without point or leading zeros."""
    digits = ""
    for price, amount in [*asks[:10], *bids[:10]]:
        for value, places in ((price, price_places), (amount, amount_places)):
            digits += f"{value:.{places}f}".replace(".", "").lstrip("0")
    return zlib.crc32(digits.encode())


def level(price: Decimal, amount: Decimal, market: Market) -> Json:
    """One level, as JSON numbers with the market's own digits."""
    return {"price": price.quantize(market.tick), "qty": amount.quantize(Decimal("1e-8"))}


class BookView:
    """What one subscriber has been told of a book, ``depth`` levels a side."""

    def __init__(self, tape: Tape, depth: int) -> None:
        self._tape = tape
        self._depth = depth
        self._bids: Levels = []
        self._asks: Levels = []

    def snapshot(self) -> Json:
        """The whole view."""
        self._bids, self._asks = self._tape.book.bids(self._depth), self._tape.book.asks(self._depth)
        return self._data(self._bids, self._asks)

    def update(self) -> Json | None:
        """What changed since the last time, None when nothing did."""
        bids, asks = self._tape.book.bids(self._depth), self._tape.book.asks(self._depth)
        changed = _changed(self._bids, bids), _changed(self._asks, asks)
        self._bids, self._asks = bids, asks
        return self._data(*changed) if any(changed) else None

    def _data(self, bids: Levels, asks: Levels) -> Json:
        market = self._tape.market
        return {
            "symbol": market.symbol,
            "bids": [level(price, amount, market) for price, amount in bids],
            "asks": [level(price, amount, market) for price, amount in asks],
            "checksum": checksum(self._asks, self._bids, market.price_places, 8),
        }


def _changed(before: Levels, after: Levels) -> Levels:
    old, new = dict(before), dict(after)
    gone = [(price, Decimal(0)) for price in old if price not in new]
    return gone + [(price, amount) for price, amount in after if old.get(price) != amount]

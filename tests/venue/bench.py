"""The matching core on a bench: no wire, no thread, and the time in the test's hand."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.venue.matching import Matching
from tests.venue.orders import Kind, Order, OrderTold, Told, Wish
from tests.venue.rules import BINANCE_MARKETS
from tests.venue.settlement import Fees

BTC = "BTC/USDT"
START = 1_700_000_000_000


class Bench:
    """A Binance-like core with its clock in the test's hand (``time``, ms), and all it ``told``."""

    def __init__(self, fees: Fees | None = None, deposits: dict[str, str] | None = None) -> None:
        self.time = START
        money = deposits or {"USDT": "10000", "BTC": "1"}
        self.core = Matching(BINANCE_MARKETS, money, fees or Fees(), lambda: self.time, seed=7)
        self.told: list[Told] = []
        self.core.listeners.append(self.told.append)

    def place(self, side: str, amount: str, price: str | None = None, **more: Any) -> Order:
        """A limit order, or a market order without a price; ``more`` are fields of the wish."""
        kind = Kind.LIMIT if price else Kind.MARKET
        given: dict[str, Any] = {
            "symbol": BTC,
            "kind": kind,
            "price": Decimal(price) if price else None,
        } | more
        return self.core.place(Wish(side=side, amount=Decimal(amount), **given))

    def happened(self) -> list[str]:
        """What orders went through, in order."""
        return [told.what for told in self.told if isinstance(told, OrderTold)]

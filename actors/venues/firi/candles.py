"""Candles out of Firi's last public trades, which is all that it tells: whole bars only, quiet ones flat; pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from actors.venues.firi.shapes import moment, number
from core.clock import millis
from core.errors import BadData
from core.market import Bar


@dataclass(frozen=True, slots=True)
class PublicTrade:
    """One trade of a market; ``at`` in ms."""

    at: int
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Page:
    """The newest trades, oldest first.  ``is_whole``: there are no older ones at all."""

    trades: tuple[PublicTrade, ...]
    is_whole: bool

    def known_from(self) -> int | None:
        """From this time (ms) on every trade is in the page; None where it tells nothing."""
        if not self.trades:
            return None
        # Trades of the very first millisecond may have been cut off.
        return self.trades[0].at if self.is_whole else self.trades[0].at + 1

    @property
    def newest(self) -> int | None:
        return self.trades[-1].at if self.trades else None


def page_of(rows: Sequence[Mapping[str, Any]], asked: int) -> Page:
    """Firi's list (newest first) for a request of ``asked`` trades; ``BadData``."""
    found = []
    for row in reversed(rows):
        price, amount = number(row, "price", "trade"), number(row, "amount", "trade")
        if price <= 0 or amount <= 0:
            raise BadData(f"Firi's list of trades holds one of {amount} at {price}.")
        found.append(PublicTrade(millis(moment(row, "created_at", "trade")), price, amount))
    return Page(tuple(sorted(found, key=lambda trade: trade.at)), len(rows) < asked)


def bars_between(page: Page, start: int, end: int, span: int, close: Decimal | None) -> list[Bar]:
    """The bars that open from ``start`` up to, not including, ``end`` (multiples of ``span``, ms).

    A bar without trades is flat at the close in front of it (``close`` for the first, else the page's last trade
    before ``start``); quiet bars in front of the very first trade are left out.  The caller sees to it that the page
    covers the time.
    """
    before = [trade.price for trade in page.trades if trade.at < start]
    last = before[-1] if before else close
    by_bar: dict[int, list[PublicTrade]] = {}
    for trade in page.trades:
        if start <= trade.at < end:
            by_bar.setdefault(trade.at // span * span, []).append(trade)
    bars = []
    for ts in range(start, end, span):
        trades = by_bar.get(ts)
        if trades:
            bars.append(bar_of(ts, trades))
            last = trades[-1].price
        elif last is not None:
            bars.append(Bar(ts, float(last), float(last), float(last), float(last), 0.0))
    return bars


def bar_of(ts: int, trades: Iterable[PublicTrade]) -> Bar:
    """The bar of these trades, in their order; summed exactly before it becomes floats."""
    trades = list(trades)
    prices = [trade.price for trade in trades]
    volume = sum((trade.amount for trade in trades), Decimal(0))
    numbers = (prices[0], max(prices), min(prices), prices[-1], volume)
    return Bar(ts, *(float(value) for value in numbers))

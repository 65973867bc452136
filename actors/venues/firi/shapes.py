"""Firi's JSON as values: markets, quotes, orders, balances; ``BadData`` for what cannot be understood; pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from core.clock import instant
from core.errors import BadData, BadValue
from core.ids import Currency, Symbol
from core.instrument import Instrument, split_symbol
from core.intent import Kind, Side
from core.money import Price, Quantity, exact
from core.venue import Balance, VenueOrder, VenueStatus

QUOTE_CURRENCIES = ("NOK", "DKK", "SEK", "EUR")
TICK = Decimal("0.01")
STEP = Decimal("0.000001")
LEAST_COST = Decimal(10)
"""Assumed: Firi names neither tick nor step nor minimum, and its users write two and six decimal places."""
_SIDES = {"bid": Side.BUY, "ask": Side.SELL, "buy": Side.BUY, "sell": Side.SELL}
_SECONDS = 10**11  # an epoch below this is in seconds (until the year 5138), above it in milliseconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FiriOrder:
    """An order as Firi shows it; amounts in base currency."""

    id: str
    market: str
    side: Side
    price: Price
    amount: Quantity
    matched: Quantity
    cancelled: Decimal
    remaining: Decimal
    created: datetime

    @property
    def status(self) -> VenueStatus:
        """Where it stands, by its numbers alone."""
        if self.matched >= self.amount:
            return VenueStatus.FILLED
        return VenueStatus.CANCELLED if self.cancelled > 0 or self.remaining <= 0 else VenueStatus.OPEN

    def told(self, symbol: Symbol, client_order_id: str, *, is_over: bool = False) -> VenueOrder:
        """As the port tells it; ``is_over``: it stands among the closed ones.  Firi tells only when it was made."""
        status = self.status
        if is_over and status is VenueStatus.OPEN:
            status = VenueStatus.CANCELLED
        return VenueOrder(
            venue_id=self.id,
            client_order_id=client_order_id,
            symbol=symbol,
            side=self.side,
            kind=Kind.LIMIT,
            price=self.price,
            quantity=self.amount,
            filled=self.matched,
            status=status,
            at=self.created,
        )


def market_of(symbol: Symbol) -> str:
    """Firi's id of a market: ``BTCNOK``."""
    return "".join(split_symbol(symbol))


def symbol_of(market: str) -> Symbol | None:
    """``BTC/NOK`` of Firi's id; None for a market in a currency that Belay does not know here."""
    for quote in QUOTE_CURRENCIES:
        base = market.upper().removesuffix(quote)
        if base and base != market.upper():
            return Symbol(f"{base}/{quote}")
    return None


def instrument_of(symbol: Symbol) -> Instrument:
    """The market's facts as assumed for all of Firi's markets."""
    return Instrument(symbol, TICK, STEP, Decimal(0), LEAST_COST)


def rows(found: Any, what: str) -> list[Mapping[str, Any]]:
    """A list of objects, also where it is wrapped in an object (``{"orders": [...]}``) or a lone object."""
    if isinstance(found, dict):
        lists = [value for value in found.values() if isinstance(value, list)]
        found = lists[0] if len(lists) == 1 else [found]
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise BadData(f"Firi's {what} is not a list of entries.")
    return found


def number(row: Mapping[str, Any], name: str, what: str) -> Decimal:
    """An exact number of an entry."""
    value = row.get(name)
    if not isinstance(value, str | int | Decimal):
        raise BadData(f"Firi's {what} has no {name}.")
    try:
        return exact(value.strip() if isinstance(value, str) else value, name)
    except BadValue as error:
        raise BadData(f"Firi's {what}: {error}.") from error


def word(row: Mapping[str, Any], name: str, what: str) -> str:
    """A text of an entry that may not be empty; numbers that are ids count as texts."""
    value = row.get(name)
    if isinstance(value, bool) or not isinstance(value, str | int) or value == "":
        raise BadData(f"Firi's {what} has no {name}.")
    return str(value)


def moment(row: Mapping[str, Any], name: str, what: str) -> datetime:
    """An instant of an entry: ISO 8601, or seconds or milliseconds since 1970."""
    value = row.get(name)
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return instant(epoch_ms(value))
    try:
        at = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise BadData(f"Firi's {what}: {name} {value!r} is no time.") from None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def epoch_ms(told: Any) -> int:
    """Milliseconds since 1970 of ``{"time": ...}`` or a bare number."""
    value = told.get("time") if isinstance(told, dict) else told
    if not isinstance(value, str | int | Decimal):
        raise BadData("Firi's clock tells no time.")
    try:
        found = exact(value, "time")
    except BadValue as error:
        raise BadData(f"Firi's clock: {error}.") from error
    return int(found if found > _SECONDS else found * 1000)


def order_of(row: Mapping[str, Any], market: str = "") -> FiriOrder:
    """One order; ``market`` is used where the entry names none."""
    what = "order"
    side = _SIDES.get(str(row.get("type", row.get("side", ""))).lower())
    if side is None:
        raise BadData(f"Firi's order has the type {row.get('type')!r}, which is neither bid nor ask.")
    try:
        amount, matched = number(row, "amount", what), _optional(row, "matched")
        cancelled = _optional(row, "cancelled")
        remaining = number(row, "remaining", what) if row.get("remaining") is not None else None
        return FiriOrder(
            id=word(row, "id", what),
            market=str(row.get("market") or market).upper(),
            side=side,
            price=Price(number(row, "price", what)),
            amount=Quantity(amount),
            matched=Quantity(matched),
            cancelled=cancelled,
            remaining=amount - matched - cancelled if remaining is None else remaining,
            created=moment(row, "created_at", what),
        )
    except BadValue as error:
        raise BadData(f"Firi's order: {error}.") from error


def _optional(row: Mapping[str, Any], name: str) -> Decimal:
    value = row.get(name)
    if value is None or value is False:
        return Decimal(0)
    return Decimal(1) if value is True else number(row, name, "order")


def orders_of(found: Any, market: str = "") -> tuple[FiriOrder, ...]:
    """A list of orders."""
    return tuple(order_of(row, market) for row in rows(found, "list of orders"))


def balances_of(found: Any) -> dict[Currency, Balance]:
    """All wallets: total, and what is free."""
    told = {}
    for row in rows(found, "list of balances"):
        currency = Currency(word(row, "currency", "balance").upper())
        total = number(row, "balance", "balance")
        told[currency] = Balance(currency, total, number(row, "available", "balance"))
    return told


def bid_and_ask(row: Mapping[str, Any]) -> tuple[Price, Price] | None:
    """The best prices of a ticker; None while a side of the book is empty or both cross."""
    if row.get("bid") in (None, "") or row.get("ask") in (None, ""):
        return None
    bid, ask = number(row, "bid", "ticker"), number(row, "ask", "ticker")
    return (Price(bid), Price(ask)) if 0 < bid <= ask else None


def best_of_book(found: Any) -> tuple[Price, Price] | None:
    """The best prices of a book ``{"bids": [[price, amount], ...], "asks": ...}``."""
    sides = [found.get(name) if isinstance(found, dict) else None for name in ("bids", "asks")]
    if not all(isinstance(side, list) for side in sides):
        raise BadData("Firi's order book has no bids and asks.")
    prices: list[list[Decimal]] = []
    for side in sides:
        levels = [level for level in side or () if isinstance(level, list) and level]
        prices.append([number({"price": level[0]}, "price", "order book") for level in levels])
    if not prices[0] or not prices[1]:
        return None
    bid, ask = max(prices[0]), min(prices[1])
    return (Price(bid), Price(ask)) if 0 < bid <= ask else None

"""The wire-level venue's markets: names, grids and minima, and the checks an order must pass."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal
from enum import StrEnum


class Reason(StrEnum):
    """Why the matching core refuses; each venue has its own code and sentence for it."""

    UNKNOWN_MARKET = "unknown market"
    CLOSED = "market closed"
    PRICE_GRID = "price off the tick"
    AMOUNT_GRID = "amount off the step"
    AMOUNT_SMALL = "amount below the minimum"
    NOTIONAL_SMALL = "notional below the minimum"
    FUNDS = "insufficient funds"
    DUPLICATE_ID = "client id in use"
    WOULD_TAKE = "post-only would take"
    WOULD_TRIGGER = "stop would trigger at once"
    UNKNOWN_ORDER = "unknown order"
    NO_CHANGE = "amend changes nothing"


class Refused(Exception):
    """The core did not take the request; nothing changed."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else str(reason))
        self.reason = reason
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Market:
    """One spot market; tick and step are powers of ten, price is where its walk begins."""

    base: str
    quote: str
    tick: Decimal
    step: Decimal
    min_amount: Decimal
    min_notional: Decimal
    price: Decimal

    @property
    def symbol(self) -> str:
        """ccxt's unified name, ``BASE/QUOTE``."""
        return f"{self.base}/{self.quote}"

    @property
    def price_places(self) -> int:
        """Decimal places of a price."""
        return places(self.tick)

    @property
    def amount_places(self) -> int:
        """Decimal places of an amount."""
        return places(self.step)

    def to_tick(self, price: Decimal) -> Decimal:
        """The price rounded down to the tick, at least one tick."""
        return max(self.tick, (price / self.tick).to_integral_value(ROUND_DOWN) * self.tick)

    def to_step(self, amount: Decimal) -> Decimal:
        """The amount rounded down to the step."""
        return (amount / self.step).to_integral_value(ROUND_DOWN) * self.step

    def check_price(self, price: Decimal) -> None:
        """``Refused`` unless the price is above zero and on the tick."""
        if price <= 0 or price % self.tick:
            raise Refused(Reason.PRICE_GRID, f"{price} on {self.symbol}")

    def check_amount(self, amount: Decimal) -> None:
        """``Refused`` unless the amount is on the step and not below the minimum."""
        if amount <= 0 or amount % self.step:
            raise Refused(Reason.AMOUNT_GRID, f"{amount} on {self.symbol}")
        if amount < self.min_amount:
            raise Refused(Reason.AMOUNT_SMALL, f"{amount} on {self.symbol}")

    def check_notional(self, notional: Decimal) -> None:
        """``Refused`` when price times amount is below the minimum."""
        if notional < self.min_notional:
            raise Refused(Reason.NOTIONAL_SMALL, f"{notional} on {self.symbol}")


def places(grid: Decimal) -> int:
    """Decimal places of a power of ten."""
    exponent = grid.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def _market(base: str, quote: str, tick: str, step: str, amount: str, notional: str, price: str) -> Market:
    return Market(base, quote, *(Decimal(text) for text in (tick, step, amount, notional, price)))


BINANCE_MARKETS = (
    _market("BTC", "USDT", "0.01", "0.00001", "0.00001", "5", "50000"),
    _market("ETH", "USDT", "0.01", "0.0001", "0.0001", "5", "2500"),
    _market("BNB", "USDT", "0.01", "0.001", "0.001", "5", "500"),
    _market("XLM", "USDT", "0.0001", "1", "1", "5", "0.2"),
)
KRAKEN_MARKETS = (
    _market("BTC", "USD", "0.1", "0.00000001", "0.00005", "0.5", "50000"),
    _market("ETH", "USD", "0.01", "0.00000001", "0.001", "0.5", "2500"),
    _market("BTC", "USDT", "0.1", "0.00000001", "0.00005", "0.5", "50000"),
)

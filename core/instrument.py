"""A spot market's fixed facts: currencies, price tick, quantity step and minima."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal

from core.errors import BadValue
from core.ids import Currency, Symbol
from core.money import Price, Quantity, exact


def split_symbol(symbol: str) -> tuple[Currency, Currency]:
    """Base and quote of ``BASE/QUOTE``; derivatives such as ``BTC/USDT:USDT`` are refused (spot only)."""
    base, slash, quote = symbol.partition("/")
    if ":" in symbol:
        raise BadValue(f"{symbol} is a derivative; Belay trades spot markets only, for example {base}/USDT")
    if not slash or not base or not quote or "/" in quote:
        raise BadValue(f"{symbol!r} is not a market; write BASE/QUOTE, for example BTC/USDT")
    return Currency(base), Currency(quote)


@dataclass(frozen=True, slots=True)
class Instrument:
    """One spot market.

    ``tick`` is the smallest price step, ``step`` the smallest quantity step, ``min_quantity`` in base units and
    ``min_notional`` in quote units are the venue's minima (0 where it names none).
    """

    symbol: Symbol
    tick: Decimal
    step: Decimal
    min_quantity: Decimal = Decimal(0)
    min_notional: Decimal = Decimal(0)

    def __post_init__(self) -> None:
        split_symbol(self.symbol)
        for name in ("tick", "step"):
            if not exact(getattr(self, name), f"{self.symbol}: {name}") > 0:
                raise BadValue(f"{self.symbol}: {name} must be above zero")
        for name in ("min_quantity", "min_notional"):
            if not exact(getattr(self, name), f"{self.symbol}: {name}") >= 0:
                raise BadValue(f"{self.symbol}: {name} must not be negative")

    @property
    def base(self) -> Currency:
        return split_symbol(self.symbol)[0]

    @property
    def quote(self) -> Currency:
        return split_symbol(self.symbol)[1]

    @property
    def price_places(self) -> int:
        return max(0, -int(self.tick.normalize().as_tuple().exponent))

    @property
    def quantity_places(self) -> int:
        return max(0, -int(self.step.normalize().as_tuple().exponent))

    def price(self, value: Decimal) -> Price:
        """``value`` on the nearest tick, half to even."""
        return Price((value / self.tick).quantize(Decimal(1), ROUND_HALF_EVEN) * self.tick)

    def quantity(self, value: Decimal) -> Quantity:
        """``value`` on the step below: never more than asked."""
        return Quantity((value / self.step).quantize(Decimal(1), ROUND_DOWN) * self.step)

"""What a person allows Belay to do, under ceilings that nothing can raise; pure values for any thread."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal
from typing import Final

from core.errors import BadSettings, BadValue
from core.ids import Currency, Symbol
from core.instrument import split_symbol
from core.money import exact, text

MAX_TRADE_USD: Final = Decimal(50)
"""Ceiling of one order's notional in USD (A1)."""
MAX_PORTFOLIO_RISK_PCT: Final = Decimal("0.01")
"""Ceiling of the loss at the stop, fees included, as a share of equity (A2)."""
MAX_DAILY_TRADES: Final = 20
"""Ceiling of entries per UTC day (A3)."""
MAX_DAILY_LOSS_PCT: Final = Decimal("0.05")
"""Ceiling of the day's loss as a share of the day-start equity (A4)."""
MAX_COOLDOWN_MINUTES: Final = 10_080
USD_LIKE: Final = frozenset(Currency(name) for name in ("USD", "USDT", "USDC", "FDUSD"))
"""Currencies that count one to one as USD; settings may only narrow it, or every ceiling would rise."""

_CEILINGS: Final[dict[str, tuple[Decimal | int, str]]] = {
    "max_order_usd": (MAX_TRADE_USD, "USD"),
    "risk_per_trade": (MAX_PORTFOLIO_RISK_PCT, "of equity"),
    "daily_entries": (MAX_DAILY_TRADES, "entries a day"),
    "daily_loss_pct": (MAX_DAILY_LOSS_PCT, "of the day-start equity"),
}
EXACT: Final = (
    "max_order_usd",
    "risk_per_trade",
    "daily_loss_pct",
    "daily_loss_usd",
    "min_order_usd",
    "price_band",
    "max_spread",
    "max_slippage",
    "symbol_share",
    "max_position_usd",
    "total_share",
    "max_exposure_usd",
)
"""The limits that are exact numbers."""
_WHOLE: Final = ("daily_entries", "cooldown_minutes", "entries_per_minute")
_SHARES: Final = ("price_band", "max_spread", "max_slippage", "symbol_share", "total_share")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """One person's limits; ``BadSettings`` with one sentence per fault when a value cannot be.

    ``max_order_usd``, ``min_order_usd`` and ``daily_loss_usd`` are in USD.  ``risk_per_trade``,
    ``daily_loss_pct`` and ``price_band`` are shares (0.01 is one per cent): of equity at the stop, of the
    day-start equity, and of the reference price that a limit price may be away from it.  ``daily_entries``
    counts entries per UTC day, ``entries_per_minute`` those of one minute.  ``max_spread`` and ``max_slippage`` are
    shares of the price, ``symbol_share`` and ``total_share`` of equity: what one market and all may hold, open entries
    included; ``max_position_usd`` and ``max_exposure_usd`` are the same in USD.  For ``cooldown_minutes`` after a loss
    or a stop a market takes no entry.
    """

    max_order_usd: Decimal = MAX_TRADE_USD
    risk_per_trade: Decimal = MAX_PORTFOLIO_RISK_PCT
    daily_entries: int = MAX_DAILY_TRADES
    daily_loss_pct: Decimal = MAX_DAILY_LOSS_PCT
    daily_loss_usd: Decimal = Decimal(20)
    min_order_usd: Decimal = Decimal(10)
    allowed_symbols: tuple[Symbol, ...] = (Symbol("BTC/USDT"), Symbol("ETH/USDT"))
    price_band: Decimal = Decimal("0.05")
    max_spread: Decimal = Decimal("0.005")
    max_slippage: Decimal = Decimal("0.01")
    symbol_share: Decimal = Decimal("0.2")
    max_position_usd: Decimal = Decimal(250)
    total_share: Decimal = Decimal("0.8")
    max_exposure_usd: Decimal = Decimal(1000)
    cooldown_minutes: int = 5
    entries_per_minute: int = 10
    usd_like: tuple[Currency, ...] = tuple(sorted(USD_LIKE))

    def __post_init__(self) -> None:
        faults = limit_faults({field.name: getattr(self, field.name) for field in fields(self)})
        if faults:
            raise BadSettings(*(f"risk.{name} {fault}" for name, fault in faults))
        for name in EXACT:  # a plain Decimal, whatever number came in
            object.__setattr__(self, name, exact(getattr(self, name)))


def limit_faults(values: dict[str, object]) -> list[tuple[str, str]]:
    """Field and fault of everything in ``values`` (all fields of ``Limits``) that cannot be a limit."""
    faults: list[tuple[str, str]] = []
    numbers: dict[str, Decimal | int] = {}
    for name in EXACT:
        try:
            numbers[name] = exact(values[name], "the value")  # type: ignore[arg-type]  # exact() is the check
        except BadValue as error:
            faults.append((name, f"cannot be used: {error}."))
    for name in _WHOLE:
        whole = values[name]
        if type(whole) is int:
            numbers[name] = whole
        else:
            faults.append((name, f"must be a whole number, not {whole!r}."))
    return [*faults, *_number_faults(numbers), *_list_faults(values)]


def _number_faults(numbers: dict[str, Decimal | int]) -> Iterator[tuple[str, str]]:
    for name, number in numbers.items():
        if name in _WHOLE and number < 0:
            yield name, f"is {number}; write 0 or more."
        elif name == "cooldown_minutes" and number > MAX_COOLDOWN_MINUTES:
            yield name, f"is {number}, longer than a week; write {MAX_COOLDOWN_MINUTES} or less."
        elif name not in _WHOLE and number <= 0:
            yield name, f"is {text(Decimal(number))}; write a number above zero."
        elif name in _CEILINGS and number > _CEILINGS[name][0]:
            ceiling, unit = _CEILINGS[name]
            shown = text(Decimal(number))
            yield name, f"is {shown}, above the ceiling of {ceiling} {unit}; write {ceiling} or less."
    for name in _SHARES:
        number = numbers.get(name, Decimal(0))
        if number > 1 or (number == 1 and name == "price_band"):
            yield name, f"is {text(Decimal(number))}; write a share below 1, for example 0.05."
    low, high = numbers.get("min_order_usd"), numbers.get("max_order_usd")
    if low is not None and high is not None and low > high > 0:
        shown = f"{text(Decimal(low))}, above max_order_usd {text(Decimal(high))}"
        yield "min_order_usd", f"is {shown}; no order would fit."


def _list_faults(values: dict[str, object]) -> Iterator[tuple[str, str]]:
    symbols, currencies = values["allowed_symbols"], values["usd_like"]
    if not isinstance(symbols, tuple) or not symbols:
        yield "allowed_symbols", "is empty; name at least one market, for example BTC/USDT."
    else:
        for symbol in symbols:
            try:
                split_symbol(symbol)
            except BadValue as error:
                yield "allowed_symbols", f"cannot be used: {error}."
    if not isinstance(currencies, tuple) or not currencies:
        yield "usd_like", "is empty; name at least one currency, for example USDT."
    elif strange := sorted(set(currencies) - USD_LIKE):
        known, unknown = ", ".join(sorted(USD_LIKE)), ", ".join(strange)
        yield "usd_like", f"names {unknown}, which is not worth one USD; only {known} count as USD."

"""The kinds of value that settings hold, each refusing what it cannot take with its own sentence; pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BeforeValidator

from core.errors import BadValue
from core.ids import Currency, Symbol
from core.instrument import split_symbol
from core.market import TIMEFRAME_MS
from core.money import exact, text

VENUE_FORM = re.compile(r"[a-z][a-z0-9_]*|replay:.+", re.DOTALL)
ALIASES = {"coinbasepro": "coinbase"}
"""Old names of venues (D16)."""


def number(
    *, above: str | None = None, least: str | None = None, below: str | None = None, most: str | None = None
) -> Callable[[object], Decimal]:
    """A reader of exact numbers within bounds given as decimal texts."""

    def read(value: object) -> Decimal:
        try:
            found = exact(value, "it")  # type: ignore[arg-type]  # exact() is the check
        except BadValue:
            raise ValueError(f"must be a number, not {shown(value)}") from None
        if found and abs(found.adjusted()) > 30:  # its plain digits would fill the memory
            raise ValueError("is no amount of anything; write a number of ordinary size")
        if above is not None and found <= Decimal(above):
            raise ValueError(f"is {text(found)}; write a number above {above}")
        if least is not None and found < Decimal(least):
            raise ValueError(f"is {text(found)}; write {least} or more")
        if below is not None and found >= Decimal(below):
            raise ValueError(f"is {text(found)}; write a number below {below}")
        if most is not None and found > Decimal(most):
            raise ValueError(f"is {text(found)}; write {most} or less")
        return found

    return read


def shown(value: object) -> str:
    """A value as a fault quotes it: short, decimals as plain digits."""
    plain = str(value).lower() if isinstance(value, Decimal) else repr(value)
    return plain if len(plain) <= 60 else f"{plain[:57]}..."


def read_names(value: object) -> tuple[str, ...]:
    """A list of texts, or one text with commas (the environment and the command line write it so)."""
    parts = value.split(",") if isinstance(value, str) else value
    if not isinstance(parts, list | tuple) or not all(isinstance(part, str) for part in parts):
        raise ValueError(f'must be a list of names such as ["BTC/USDT", "ETH/USDT"], not {shown(value)}')
    names = tuple(part.strip() for part in parts if part.strip())
    if len({name.upper() for name in names}) < len(names):
        raise ValueError(f"names {_twice(names)} twice")
    return names


def _twice(names: tuple[str, ...]) -> str:
    upper = [name.upper() for name in names]
    return next(name for name in upper if upper.count(name) > 1)


def read_symbols(value: object) -> tuple[Symbol, ...]:
    """Spot markets, in upper case."""
    names = tuple(name.upper() for name in read_names(value))
    for name in names:
        split_symbol(name)  # BadValue is a ValueError with the sentence
    return tuple(Symbol(name) for name in names)


def read_currencies(value: object) -> tuple[Currency, ...]:
    return tuple(Currency(name.upper()) for name in read_names(value))


def read_timeframe(value: object) -> str:
    if value not in TIMEFRAME_MS:
        raise ValueError(f"is {shown(value)}; write one of {', '.join(TIMEFRAME_MS)}")
    return str(value)


def read_venue(value: object) -> str:
    """``sim``, ``replay:PATH`` or the id of an exchange; old ids become the new ones."""
    name = value.lower() if isinstance(value, str) and not value.startswith("replay:") else value
    if not isinstance(name, str) or not VENUE_FORM.fullmatch(name):
        raise ValueError(f"is {shown(value)}; write sim, replay:PATH or an exchange, for example kraken")
    return ALIASES.get(name, name)


def read_speed(value: object) -> Decimal | Literal["max"]:
    """``max``, or how many times real time."""
    if value == "max":
        return "max"
    try:
        return number(above="0")(value)
    except ValueError:
        raise ValueError(f'is {shown(value)}; write "max" or a number above 0 (1 is real time)') from None


Amount = Annotated[Decimal, BeforeValidator(number(above="0"))]
AmountOrZero = Annotated[Decimal, BeforeValidator(number(least="0"))]
Share = Annotated[Decimal, BeforeValidator(number(above="0", most="1"))]
Rate = Annotated[Decimal, BeforeValidator(number(least="0", below="0.1"))]
AnyNumber = Annotated[Decimal, BeforeValidator(number())]
Symbols = Annotated[tuple[Symbol, ...], BeforeValidator(read_symbols)]
Currencies = Annotated[tuple[Currency, ...], BeforeValidator(read_currencies)]
TimeFrame = Annotated[str, BeforeValidator(read_timeframe)]
VenueId = Annotated[str, BeforeValidator(read_venue)]
Speed = Annotated[Decimal | Literal["max"], BeforeValidator(read_speed)]
Minimum = Literal["info", "warning", "error", "critical", "off"]

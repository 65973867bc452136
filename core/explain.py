"""Whether the ledger explains the venue's balances: what was there at first, plus every fill and fee since; pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal

from core.facts_trading import Difference
from core.ids import Currency
from core.instrument import split_symbol
from core.intent import Side
from core.money import text
from core.order import Fill
from core.venue import Balance

LEAST_PLACES, FULL_PLACES = 4, 8
"""Digits that a venue tells at least, and with which nothing is rounded away."""


def totals(balances: Mapping[Currency, Balance]) -> dict[Currency, Decimal]:
    """What there is of each currency, free or not."""
    return {currency: balance.total for currency, balance in balances.items()}


class Explained:
    """Expected balances by currency; ``opening`` is what the venue held when the book began.

    Only currencies that the book has touched, or whose balance was read at its beginning, are compared: coins that
    came later are the owner's own business.
    """

    def __init__(self, opening: Mapping[Currency, Decimal] | None = None) -> None:
        self.opening = dict(opening) if opening is not None else None
        self._flows: dict[Currency, Decimal] = {}
        self._before: tuple[Difference, ...] = ()
        self._places: dict[Currency, int] = {}
        self._fills = 0
        self._fills_before = -1

    def add(self, fill: Fill) -> None:
        """One fill moves base, quote and the currency of its fee."""
        base, quote = split_symbol(fill.identity.symbol)
        sign = 1 if fill.side is Side.BUY else -1
        for currency, amount in ((base, sign * fill.quantity), (quote, -sign * fill.cost),
                                 (fill.fee.currency, -fill.fee.amount)):  # fmt: skip
            self._flows[currency] = self._flows.get(currency, Decimal(0)) + amount
        self._fills += 1

    def begin(self, balances: Mapping[Currency, Balance]) -> None:
        """The book begins: everything that is there now is the owner's, less what fills have moved already."""
        found = totals(balances)
        every = {*found, *self._flows}
        self.opening = {
            currency: found.get(currency, Decimal(0)) - self._flows.get(currency, Decimal(0))
            for currency in every
        }

    def expected(self, currency: Currency) -> Decimal:
        """What should be there."""
        return (self.opening or {}).get(currency, Decimal(0)) + self._flows.get(currency, Decimal(0))

    def compare(self, balances: Mapping[Currency, Balance]) -> tuple[Difference, ...]:
        """Differences seen twice in a row with no fill in between: what a fill on its way explains is none."""
        watched = {*(self.opening or {}), *self._flows}
        now = tuple(
            Difference(currency=currency, venue=total, ours=ours)
            for currency in sorted(watched)
            if abs((total := _total(balances, currency)) - (ours := self.expected(currency)))
            > self._dust(currency, total)
        )
        is_same = now == self._before and self._fills == self._fills_before
        self._before, self._fills_before = now, self._fills
        return now if is_same else ()

    def _dust(self, currency: Currency, total: Decimal) -> Decimal:
        """What a venue's own rounding of balances explains: it may tell fewer digits than its fees have (Kraken tells
        USD to four places and fees to five), so one last digit for each fill so far."""
        exponent = total.as_tuple().exponent
        places = max(self._places.get(currency, LEAST_PLACES), -exponent if isinstance(exponent, int) else 0)
        self._places[currency] = places
        return Decimal(1).scaleb(-places) * self._fills if places < FULL_PLACES else Decimal(0)

    def accept(self, differences: Iterable[Difference]) -> None:
        """A person says that these are deposits, withdrawals or trades of their own: from now on they are explained."""
        opening = dict(self.opening or {})
        for one in differences:
            opening[one.currency] = opening.get(one.currency, Decimal(0)) + one.venue - one.ours
        self.opening, self._before = opening, ()

    def as_json(self) -> bytes:
        """The opening balances, to be kept."""
        return json.dumps(
            {name: text(amount) for name, amount in sorted((self.opening or {}).items())}
        ).encode()


def opening_from_json(raw: bytes) -> dict[Currency, Decimal]:
    """What ``as_json`` wrote."""
    return {Currency(name): Decimal(amount) for name, amount in json.loads(raw).items()}


def _total(balances: Mapping[Currency, Balance], currency: Currency) -> Decimal:
    found = balances.get(currency)
    return found.total if found is not None else Decimal(0)


def in_words(differences: Iterable[Difference]) -> str:
    """``BTC: 0.5 there, 0.4 in the books``."""
    return "; ".join(
        f"{one.currency}: {text(one.venue)} there, {text(one.ours)} in the books" for one in differences
    )

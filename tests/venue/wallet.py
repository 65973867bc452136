"""The venue account's balances, free and locked, exact and never below zero."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from tests.venue.rules import Reason, Refused

ZERO = Decimal(0)


class BrokenInvariant(AssertionError):
    """The venue itself is wrong: a fault of the test tool, never of the bot."""


@dataclass(slots=True)
class Holding:
    """One asset: what may be spent and what open orders hold."""

    free: Decimal = ZERO
    locked: Decimal = ZERO


class Wallet:
    """Balances of one account; what came in from outside is remembered, so that sums can be checked."""

    def __init__(self, deposits: Mapping[str, str | Decimal]) -> None:
        self.holdings: dict[str, Holding] = defaultdict(Holding)
        self.deposited: dict[str, Decimal] = defaultdict(lambda: ZERO)
        for asset, amount in deposits.items():
            self.deposit(asset, Decimal(amount))

    def deposit(self, asset: str, amount: Decimal) -> None:
        """Money from outside (below zero: a withdrawal)."""
        self.deposited[asset] += amount
        self.credit(asset, amount)

    def credit(self, asset: str, amount: Decimal) -> None:
        """Adds to the free balance; below zero takes from it."""
        holding = self.holdings[asset]
        holding.free += amount
        if holding.free < 0:
            raise BrokenInvariant(f"free {asset} fell to {holding.free}")

    def lock(self, asset: str, amount: Decimal) -> None:
        """Moves free money under an order; ``Refused`` when there is not enough."""
        holding = self.holdings[asset]
        if amount > holding.free:
            raise Refused(Reason.FUNDS, f"needs {amount} {asset}, free {holding.free}")
        holding.free -= amount
        holding.locked += amount

    def unlock(self, asset: str, amount: Decimal) -> None:
        """Gives an order's money back to the free balance."""
        holding = self.holdings[asset]
        holding.locked -= amount
        holding.free += amount
        if holding.locked < 0:
            raise BrokenInvariant(f"locked {asset} fell to {holding.locked}")

    def free(self, asset: str) -> Decimal:
        """What may be spent."""
        return self.holdings[asset].free

    def locked(self, asset: str) -> Decimal:
        """What open orders hold."""
        return self.holdings[asset].locked

    def total(self, asset: str) -> Decimal:
        """Free and locked together."""
        return self.free(asset) + self.locked(asset)

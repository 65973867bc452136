"""The double-entry ledger: each fill and deposit as entries that sum to zero; pure, for any thread.

Accounts are ``venue:BTC`` (what lies at the venue), ``trading:BTC/USDT`` (the other side of each exchange),
``fees`` and ``capital`` (where deposits come from).  An amount is into (+) or out of (-) the account.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal, localcontext

from core.errors import BadValue
from core.ids import Currency
from core.instrument import split_symbol
from core.money import Money, text
from core.order import Fill
from core.records import Posting

EXACT_DIGITS = 80
FEES = "fees"
CAPITAL = "capital"


def venue_account(currency: str) -> str:
    return f"venue:{currency}"


def trading_account(symbol: str) -> str:
    return f"trading:{symbol}"


def deposit_postings(money: Money, at: datetime, entry: int) -> tuple[Posting, ...]:
    """Entry number ``entry``: money that came to the venue from outside (below zero: a withdrawal)."""
    moves = ((venue_account(money.currency), money.amount), (CAPITAL, -money.amount))
    note = "deposit" if money.amount >= 0 else "withdrawal"
    return tuple(Posting(entry, at, account, money.currency, amount, note) for account, amount in moves)


def fill_postings(fill: Fill, entry: int) -> tuple[Posting, ...]:
    """One entry per currency that the fill moves, numbered from ``entry``: base, quote, that of the fee."""
    base, quote = split_symbol(fill.identity.symbol)
    fee = fill.fee
    trading = trading_account(fill.identity.symbol)
    exchanged: list[tuple[Currency, Decimal]] = [
        (base, fill.side * fill.quantity),
        (quote, -fill.side * fill.cost),
    ]
    if fee.currency not in (base, quote) and fee.amount:
        exchanged.append((fee.currency, Decimal(0)))
    note = f"{fill.client_order_id} {fill.execution_id}"
    found: list[Posting] = []
    with localcontext(prec=EXACT_DIGITS):
        for number, (currency, amount) in enumerate(exchanged, entry):
            kept = fee.amount if currency == fee.currency else Decimal(0)
            moves = ((venue_account(currency), amount - kept), (trading, -amount), (FEES, kept))
            found += [Posting(number, fill.at, account, currency, x, note) for account, x in moves if x]
    return tuple(found)


class Ledger:
    """A fold over postings: balances by account and currency, and the entries that do not sum to zero."""

    def __init__(self, postings: Iterable[Posting] = ()) -> None:
        self._balances: dict[tuple[str, str], Decimal] = {}
        self._uneven: dict[tuple[int, str], Decimal] = {}
        self.last_entry = 0
        self.add(postings)

    def add(self, postings: Iterable[Posting]) -> None:
        """Count these postings; nothing is rounded."""
        with localcontext(prec=EXACT_DIGITS):
            for posting in postings:
                account, entry = (posting.account, posting.currency), (posting.entry, posting.currency)
                self._balances[account] = self._balances.get(account, Decimal(0)) + posting.amount
                rest = self._uneven.pop(entry, Decimal(0)) + posting.amount
                if rest:
                    self._uneven[entry] = rest
                self.last_entry = max(self.last_entry, posting.entry)

    def balance(self, account: str, currency: str) -> Decimal:
        """The sum of all postings of ``currency`` in ``account``, zero when there is none."""
        return self._balances.get((account, currency), Decimal(0))

    def balances(self) -> Iterator[tuple[str, str, Decimal]]:
        """Account, currency and balance of every account that is not empty, sorted."""
        return ((account, currency, x) for (account, currency), x in sorted(self._balances.items()) if x)

    def check(self) -> None:
        """``BadValue`` naming the first entry that does not sum to zero."""
        for (entry, currency), rest in sorted(self._uneven.items()):
            raise BadValue(f"ledger entry {entry} does not balance: {text(rest)} {currency} is left over")

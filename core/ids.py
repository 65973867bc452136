"""Names of things as their own types, and the identity from which a client order id follows."""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from typing import NewType

Symbol = NewType("Symbol", str)
"""A spot market in ccxt's unified form, ``BASE/QUOTE``."""
Currency = NewType("Currency", str)
VenueName = NewType("VenueName", str)
InstanceId = NewType("InstanceId", str)
"""One strategy on one symbol, for example ``grid:BTC/USDT``."""
ClientOrderId = NewType("ClientOrderId", str)
ExecutionId = NewType("ExecutionId", str)
BookId = NewType("BookId", str)
"""One set of books (orders, fills, ledger): a mode and a venue that never mix with another."""

SlotKey = tuple[InstanceId, Symbol, int]
"""One slot of one instance on one market."""

CLIENT_ID_PREFIX = "bly"


@dataclass(frozen=True, slots=True)
class Identity:
    """What makes an order this order: at most one order per identity is ever placed.

    ``slot`` counts a strategy's declared orders from 0; a protective stop has the slot of the order that it
    protects plus the number of declared slots.  ``sequence`` goes up by one with each new wish in that slot.
    """

    instance: InstanceId
    symbol: Symbol
    slot: int
    sequence: int

    @property
    def place(self) -> SlotKey:
        """The slot, whatever the sequence."""
        return self.instance, self.symbol, self.slot

    def __str__(self) -> str:
        return f"{self.instance} {self.symbol} slot {self.slot}.{self.sequence}"


def _digest(identity: Identity, book: BookId) -> bytes:
    plain = "\x1f".join(
        (book, identity.instance, identity.symbol, str(identity.slot), str(identity.sequence))
    )
    return hashlib.blake2b(plain.encode(), digest_size=16).digest()


def client_order_id(identity: Identity, book: BookId) -> ClientOrderId:
    """Eighteen characters of ``[a-z2-7]``: fits Kraken's ``cl_ord_id`` (18) and Binance's (36)."""
    token = base64.b32encode(_digest(identity, book)).decode().lower()
    return ClientOrderId(CLIENT_ID_PREFIX + token[:15])


def client_order_uuid(identity: Identity, book: BookId) -> ClientOrderId:
    """The same identity as a UUID, for venues that take nothing else (Coinbase)."""
    return ClientOrderId(str(uuid.UUID(bytes=_digest(identity, book), version=4)))

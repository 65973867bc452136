"""Our client order ids in each venue's form and back; pure, but for a lookup of ids in other forms.  Any thread."""

from __future__ import annotations

import base64
import hashlib
import re
import uuid
from collections import OrderedDict
from enum import StrEnum
from threading import Lock

from core.ids import CLIENT_ID_PREFIX, ClientOrderId, VenueName

KEPT = 20_000
"""Ids remembered at most, newest kept."""

_OURS = re.compile(CLIENT_ID_PREFIX + r"[a-z2-7]{15}")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_TEXT_BITS = 75
"""Fifteen characters of five bits."""
_SEAL_BITS = 47
"""What is left of a UUID's 122 free bits: a checksum that tells our UUIDs from others."""


class Form(StrEnum):
    """What a venue takes as client order id."""

    TEXT = "text"
    UUID = "uuid"
    HEX = "0x and 32 hexadecimal digits"


FORMS: dict[str, Form] = {
    "coinbase": Form.UUID,
    "coinbaseadvanced": Form.UUID,
    "coinbaseexchange": Form.UUID,
    "hyperliquid": Form.HEX,
}
"""Venues that do not take eighteen characters of ``[a-z2-7]``."""


def form_of(venue: VenueName) -> Form:
    """The form of client order ids that a venue takes."""
    return FORMS.get(venue, Form.TEXT)


def as_uuid(text: str) -> str:
    """A UUID (version 4) for an id of ours, always the same one.

    Ids as ``core.ids.client_order_id`` makes them are inside it and come out again with ``from_uuid``; of any other
    text it is the hash.
    """
    if _UUID.fullmatch(text):
        return text
    if not _OURS.fullmatch(text):
        return str(uuid.UUID(bytes=hashlib.blake2b(text.encode(), digest_size=16).digest(), version=4))
    # Five bits a character: three characters before the fifteen make whole bytes for base32.
    number = int.from_bytes(base64.b32decode(("a" + text[3:]).upper()), "big")
    return str(_packed(number << _SEAL_BITS | _seal(text)))


def from_uuid(told: str) -> str | None:
    """The id of ours that is inside a UUID, None when none is."""
    try:
        free = _unpacked(uuid.UUID(told))
    except ValueError:
        return None
    number = free >> _SEAL_BITS
    text = CLIENT_ID_PREFIX + base64.b32encode(number.to_bytes(10, "big")).decode().lower()[1:]
    return text if as_uuid(text) == str(uuid.UUID(told)) else None


def _seal(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=6).digest(), "big") >> (48 - _SEAL_BITS)


def _packed(free: int) -> uuid.UUID:
    """122 free bits around the version and the variant."""
    high, middle, low = free >> 74, free >> 62 & 0xFFF, free & (1 << 62) - 1
    return uuid.UUID(int=high << 80 | 4 << 76 | middle << 64 | 2 << 62 | low)


def _unpacked(made: uuid.UUID) -> int:
    number = made.int
    return (number >> 80) << 74 | (number >> 64 & 0xFFF) << 62 | number & (1 << 62) - 1


class ClientIds:
    """One venue's client order ids; what it tells comes back as exactly the text that our records hold."""

    def __init__(self, venue: VenueName) -> None:
        self.form = form_of(venue)
        self._lock = Lock()
        self._ours: OrderedDict[str, str] = OrderedDict()
        self._by_venue_id: OrderedDict[str, str] = OrderedDict()

    def to_venue(self, client_order_id: ClientOrderId) -> str:
        """What the venue is sent."""
        if self.form is Form.TEXT:
            return client_order_id
        made = as_uuid(client_order_id)
        if self.form is Form.HEX:
            made = "0x" + made.replace("-", "")
        self._keep(self._ours, made, client_order_id)
        return made

    def from_venue(self, told: str | None) -> str:
        """Our text for what the venue tells; what is not ours comes back unchanged, nothing as the empty text."""
        if not told:
            return ""
        if self.form is Form.TEXT:
            # Gate writes its own prefix in front of every client id.
            bare = told.removeprefix("t-")
            return bare if _OURS.fullmatch(bare) else told
        with self._lock:
            known = self._ours.get(told.lower())
        if known is not None:
            return known
        plain = told.lower().removeprefix("0x")
        return from_uuid(plain) or told

    def learn(self, venue_id: str, client_order_id: str) -> None:
        """Remembers whose order a venue's id is: trades often name that alone."""
        if venue_id and client_order_id:
            self._keep(self._by_venue_id, venue_id, client_order_id)

    def of(self, venue_id: str) -> str:
        """The client order id of an order that was seen before, else the empty text."""
        with self._lock:
            return self._by_venue_id.get(venue_id, "")

    def venue_id(self, client_order_id: str) -> str:
        """The venue's id of one of the newest orders seen before, else the empty text."""
        with self._lock:
            return next((v for v, c in reversed(self._by_venue_id.items()) if c == client_order_id), "")

    def _keep(self, table: OrderedDict[str, str], key: str, value: str) -> None:
        with self._lock:
            table[key] = value
            table.move_to_end(key)
            while len(table) > KEPT:
                table.popitem(last=False)

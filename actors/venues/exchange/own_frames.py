"""What a reader of own streams gives back, and how the exact numbers in a frame stay exact."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from core.ids import Symbol
from core.venue import BalancesTold, VenueOrder, VenueTrade


class StreamBroken(Exception):
    """This exchange object hears nothing more, or nothing that can be trusted; the text says why, for a person."""


@dataclass(frozen=True, slots=True)
class Ask:
    """News that lack something: the order (``venue_id``) or the trade (``trade_id``) must be read by a request."""

    venue_id: str
    symbol: Symbol | None = None
    trade_id: str = ""


Told = VenueOrder | VenueTrade | BalancesTold | Ask


class Reader(Protocol):
    """Makes news of frames; lives on the network's loop, one for each exchange object."""

    tells_every_order: bool
    """Each order placed is told at once: silence about one means that the stream is deaf."""
    calls: Sequence[str]
    """The ``watch_*`` methods that subscribe to what it reads."""

    @property
    def is_ready(self) -> bool:
        """The venue has confirmed the subscriptions."""

    def take(self, text: str) -> Iterable[Told]:
        """A text frame, after ccxt has had it; ``StreamBroken`` when the venue ended or refused the stream."""

    def look(self) -> Iterable[Told]:
        """What has come to ccxt's caches since the last look."""

    def answered(self, name: str, answer: Any) -> Iterable[Told]:
        """A ``watch_*`` call came back."""


def decoded(text: str) -> Any:
    """A frame as JSON with Decimals in place of floats; ``StreamBroken`` when it is none."""
    try:
        return json.loads(text, parse_float=Decimal)
    except ValueError:
        raise StreamBroken("a broken message came over the stream") from None

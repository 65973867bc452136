"""What is known of the call in progress: whether it is urgent, what is paid for it, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field

from core.budget import Claim


@dataclass(slots=True)
class Call:
    """One call of ours; ccxt may make several requests for it."""

    is_urgent: bool = False
    is_order: bool = False
    """An order goes now or not at all: it never waits for room."""
    paid: Claim | None = None
    """Room taken ahead, for the first request."""
    sent: bool = False
    """A request has left: from here on the venue may have acted."""
    status: int = 0
    """HTTP status of the last answer, and its headers."""
    headers: Mapping[str, str] = field(default_factory=dict)


CURRENT: ContextVar[Call | None] = ContextVar("call", default=None)
"""Requests that ccxt makes by itself (markets, tokens of streams) have none: they are ordinary reads."""

"""What goes over the wire: calls, answers, exact JSON, the venue's clock and its log of every call."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

Json = Any
"""What ``json.dumps`` takes, and Decimals besides (they become JSON numbers, digit by digit)."""

_MARK = "\x01"
_MARKED = re.compile(r'"\\u0001([^"\\]*)\\u0001"')


def dumps(value: Json) -> str:
    """JSON text; a Decimal is a number with exactly its own digits (json alone would make it a float)."""
    text = json.dumps(value, default=lambda number: f"{_MARK}{number:f}{_MARK}", separators=(",", ":"))
    return _MARKED.sub(r"\1", text)


class VenueClock:
    """Two times in ms: ``now`` of the market (real, or moved by hand) and ``wall`` that signatures are held to.

    With ``tells_market`` the venue names its fast market time as its own, and holds no signature to it: nobody could
    keep up with that clock.
    """

    def __init__(self, start: int | None = None) -> None:
        self.skew = 0
        self.tells_market = False
        self._fixed = start

    def now(self) -> int:
        """Time of trades, candles and orders."""
        return self._fixed if self._fixed is not None else self.real() + self.skew

    def wall(self) -> int:
        """The server's own time: what it tells and what it compares timestamps with."""
        return self.now() if self.tells_market else self.real() + self.skew

    def fix(self, ms: int) -> None:
        """Stops the market's time at a moment; from here it moves by ``advance`` only."""
        self._fixed = ms

    def advance(self, ms: int) -> None:
        """Moves a stopped market time on."""
        self._fixed = self.now() + ms

    @staticmethod
    def real() -> int:
        """This machine's time."""
        return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True)
class Call:
    """One request as it came in; ``name`` is what fault plans and logs call it (``POST /api/v3/order``)."""

    number: int
    at: int
    host: str
    method: str
    path: str
    query: str
    body: str
    headers: Mapping[str, str]
    params: Mapping[str, str]
    name: str


@dataclass(slots=True)
class Answer:
    """What the venue answers; ``raw`` replaces the JSON text."""

    body: Json = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: str | None = None
    content_type: str = "application/json"

    @property
    def text(self) -> str:
        """The body on the wire."""
        return dumps(self.body) if self.raw is None else self.raw


class Stop(Exception):
    """A handler ends here with this answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.text)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Logged:
    """One line of the venue's log; weight is what the call cost, ``used`` the window's sum after it."""

    call: Call
    status: int
    weight: int
    used: int
    fault: str
    processed: bool
    answer: str


class Audit:
    """Every request in order, with its outcome."""

    def __init__(self) -> None:
        self.lines: list[Logged] = []
        self.witnesses: list[Callable[[Call], None]] = []

    def arrived(self, call: Call) -> None:
        """A request is here and not worked on yet: the moment to look at what the client has on its disk."""
        for witness in self.witnesses:
            witness(call)

    def add(self, line: Logged) -> None:
        """Writes a line."""
        self.lines.append(line)

    def named(self, name: str) -> list[Logged]:
        """The lines of one kind of call."""
        return [line for line in self.lines if line.call.name == name]

    @property
    def heaviest(self) -> int:
        """The most weight that any window held."""
        return max((line.used for line in self.lines), default=0)


def number(text: str) -> Decimal:
    """A decimal from the wire."""
    return Decimal(text)


def fixed(value: Decimal, places: int) -> str:
    """Exactly so many decimal places (the value must fit: venues show no more than they keep)."""
    return f"{value:.{places}f}"

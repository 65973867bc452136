"""The fault plan: scripted or seeded trouble on the wire, and a record of what fired and where."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase


class Trouble(StrEnum):
    """What can go wrong; the first group befalls requests, the second WebSocket events."""

    RESET_BEFORE = "connection reset, not processed"
    RESET_AFTER = "connection reset, processed"
    TIMEOUT_BEFORE = "no answer, not processed"
    TIMEOUT_AFTER = "no answer, processed"
    RATE_LIMITED = "429 with Retry-After"
    BANNED = "418"
    UNAVAILABLE = "503 without a body that explains"
    GATEWAY = "502 from a proxy"
    BAD_JSON = "200 with broken JSON, processed"
    HTML = "200 with a web page, processed"
    MAINTENANCE = "the venue says it is under maintenance"
    NONCE = "the venue calls a good nonce (or timestamp) bad"
    FUNDS = "the venue says the funds do not suffice"
    SKEW = "the venue's clock is off for this call"
    FILL_FIRST = "a part fills just before the cancel"
    GAP = "the price jumps before the call"
    WRONG_BALANCE = "the balances in the answer are wrong"

    DUPLICATE = "event sent twice"
    LATE = "event sent after the next one"
    LOST = "event not sent"
    SILENT = "socket stays open and says nothing more"
    DISCONNECT = "socket cut"
    BAD_FRAME = "a frame that is no JSON"
    TERMINATED = "the user stream says it is terminated"


EVENT_TROUBLES = frozenset(list(Trouble)[list(Trouble).index(Trouble.DUPLICATE) :])
UNSEEN = frozenset({Trouble.RESET_AFTER, Trouble.TIMEOUT_AFTER, Trouble.BAD_JSON, Trouble.HTML})
"""The call was processed, and the client cannot know it from the answer."""


@dataclass(slots=True)
class Fault:
    """Strikes calls or events whose name fits ``on`` (a glob), after ``skip`` of them, ``times`` times."""

    trouble: Trouble
    on: str
    times: int = 1
    skip: int = 0
    detail: Mapping[str, str] = field(default_factory=dict)

    def strikes(self, name: str) -> bool:
        """Whether it befalls this one; counts."""
        if self.times <= 0 or not fnmatchcase(name, self.on):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return True


@dataclass(frozen=True, slots=True)
class Fired:
    """A fault that struck; ``call`` is the number of the request, zero for an event."""

    trouble: Trouble
    where: str
    call: int


class FaultPlan:
    """Scripted faults first, in the order they were added; then the seeded chance, if any."""

    def __init__(self) -> None:
        self.fired: list[Fired] = []
        self._script: list[Fault] = []
        self._rng: random.Random | None = None
        self._rates = (0.0, 0.0)
        self._menu: Sequence[Trouble] = ()
        self._on = "*"

    def add(self, trouble: Trouble, on: str, times: int = 1, skip: int = 0, **detail: str) -> Fault:
        """Scripts a fault; calls are named ``POST /api/v3/order`` or ``AddOrder``, events ``ws executionReport``."""
        fault = Fault(trouble, on, times, skip, detail)
        self._script.append(fault)
        return fault

    def chance(
        self, seed: int, rate: float, menu: Sequence[Trouble], on: str = "*", events: float | None = None
    ) -> None:
        """Seeded faults: each call or event that fits strikes with this probability; a rate of 0 ends it.

        ``events`` is another rate for events, of which there are many more.
        """
        self._rng, self._menu, self._on = random.Random(seed), tuple(menu), on
        self._rates = (rate, rate if events is None else events)

    def clear(self) -> None:
        """No more faults; the record stays."""
        self._script.clear()
        self._rng = None

    def for_call(self, name: str, number: int) -> Fault | None:
        """The fault that befalls a request."""
        return self._pick(name, number, is_event=False)

    def for_event(self, name: str) -> Fault | None:
        """The fault that befalls an event on a socket."""
        return self._pick(name, 0, is_event=True)

    def count(self, trouble: Trouble) -> int:
        """How often it struck."""
        return sum(fired.trouble is trouble for fired in self.fired)

    def _pick(self, name: str, number: int, *, is_event: bool) -> Fault | None:
        fault = self._scripted(name, is_event) or self._by_chance(name, is_event)
        if fault is not None:
            self.fired.append(Fired(fault.trouble, name, number))
        return fault

    def _scripted(self, name: str, is_event: bool) -> Fault | None:
        for fault in self._script:
            if (fault.trouble in EVENT_TROUBLES) is is_event and fault.strikes(name):
                return fault
        return None

    def _by_chance(self, name: str, is_event: bool) -> Fault | None:
        menu = [trouble for trouble in self._menu if (trouble in EVENT_TROUBLES) is is_event]
        if self._rng is None or not menu or not fnmatchcase(name, self._on):
            return None
        if self._rng.random() >= self._rates[is_event]:
            return None
        return Fault(self._rng.choice(menu), name)

"""Errors named by what happens next.

    BelayError
    ├── BadValue          a value that cannot exist (negative price, float money): the caller has a bug or bad data
    ├── BadSettings       wrong usage or settings: no start, exit 2
    ├── BadData           a file or stream that cannot be used: this task ends, exit 1
    ├── Refused           a safety rule says no: exit 3
    │   └── LatchSet      the latch was set right before the send
    ├── TryAgain          may work later: retried with back-off, never an order
    ├── GiveUpOrder       this order is over: the rest goes on
    ├── OutcomeUnknown    an order may or may not be at the venue: its slot is blocked until found
    ├── HaltTrading       nothing may be trusted to go on: the latch trips
    │   ├── KeysRefused   the venue does not take the keys: nothing more is sent
    │   └── RecordsLost   the database cannot take a row (full disk, locked): no row, no order
    ├── StageGone         an actor is dead
    └── StageSilent       an actor did not answer in time

Each message is one sentence for a person that says what is wrong and what to do.
"""

from __future__ import annotations


class BelayError(Exception):
    """Root of everything Belay raises on purpose; ``exit_code`` is what the command line returns."""

    exit_code = 1


class BadValue(BelayError, ValueError):
    """A value that cannot exist."""


class BadSettings(BelayError):
    """Wrong usage or settings; one sentence per fault in ``faults``."""

    exit_code = 2

    def __init__(self, *faults: str) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class BadData(BelayError):
    """A file or a stream that cannot be used as it is."""


class Refused(BelayError):
    """A safety rule says no."""

    exit_code = 3


class LatchSet(Refused):
    """The latch was set when it was read: nothing was sent."""


class TryAgain(BelayError):
    """A passing fault: reads are retried with back-off."""


class GiveUpOrder(BelayError):
    """The venue will not have this order."""


class OutcomeUnknown(BelayError):
    """The answer to an order request was lost."""


class HaltTrading(BelayError):
    """Trading must stop now."""


class KeysRefused(HaltTrading):
    """The venue does not take these keys."""


class RecordsLost(HaltTrading):
    """The database cannot take a row."""


class StageGone(BelayError):
    """The actor asked is dead."""


class StageSilent(BelayError):
    """The actor asked did not answer in time."""


MISREAD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What parsing an answer raises that is not as documented."""
UNFORESEEN = (*MISREAD, AssertionError, OSError, RuntimeError)
"""What a venue's strange answer raises inside a library, and nobody there has foreseen."""

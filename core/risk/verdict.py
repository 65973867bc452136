"""The judge's answer: an ``Approved`` that only the judge can make, or a ``Denied`` with limit, asked and sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import IntEnum

from core.errors import Refused
from core.figures import quantity
from core.instrument import split_symbol
from core.intent import Intent, Withdrawal
from core.money import text


class Reason(IntEnum):
    """Why an order is denied: the layers in their fixed order (A17); the number is the kernel's."""

    HALTED = 1
    MODE = 2
    REDUCING = 3
    DAILY_LOSS = 4
    DAILY_ENTRIES = 5
    SIDE = 6
    NOT_ALLOWED = 7
    NO_USD_PRICE = 8
    BELOW_MINIMUM = 9
    ABOVE_MAXIMUM = 10
    NO_STOP = 11
    RISK_AT_STOP = 12
    PRICE = 13
    STALE_PRICE = 14
    SPREAD = 15
    SLIPPAGE = 16
    SYMBOL_SHARE = 17
    POSITION = 18
    TOTAL_SHARE = 19
    EXPOSURE = 20
    COOLDOWN = 21
    ORDER_RATE = 22
    BALANCE = 23

    def __str__(self) -> str:
        return self.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True)
class Denied:
    """No: the first layer that failed, what it allows and what was asked, both in ``unit``."""

    intent: Intent
    reason: Reason
    limit: Decimal
    asked: Decimal
    unit: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.reason}: asked {text(self.asked)}, limit {text(self.limit)} {self.unit}"


def denied_order(intent: Intent) -> str:
    """``Denied a buy of 0.0118 ETH``: how the sentence of every denial begins."""
    return f"Denied a {intent.side} of {quantity(intent.quantity)} {split_symbol(intent.identity.symbol)[0]}"


def halted(intent: Intent) -> Denied:
    """The denial of an order that was approved and then overtaken by the latch."""
    sentence = f"{denied_order(intent)}: Belay is halted; re-arm it to trade again."
    return Denied(intent, Reason.HALTED, Decimal(0), Decimal(1), "", sentence)


_SEAL = object()


class Approved:
    """Yes: the one value the gate accepts.  Only ``core.risk.judge`` holds the seal that makes one."""

    __slots__ = ("intent",)

    intent: Intent

    def __init__(self, intent: Intent, seal: object) -> None:
        if seal is not _SEAL:
            raise Refused("only the judge approves an order")
        object.__setattr__(self, "intent", intent)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an approved order does not change ({name})")

    def __repr__(self) -> str:
        return f"Approved({self.intent.identity})"


Verdict = Approved | Denied | Withdrawal

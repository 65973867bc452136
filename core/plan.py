"""What a session runs: instances, markets, costs and limits, fixed from start to end; pure values for any thread."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from core.errors import BadSettings, BadValue
from core.ids import BookId, InstanceId, Symbol
from core.instrument import Instrument
from core.limits import Limits
from core.market import TIMEFRAME_MS
from core.modes import Mode
from core.money import exact

MOST_CASH = Decimal(10_000_000)
"""The kernel counts amounts to eight places in doubles, whose sums are exact up to 1.6e7."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What trading costs on paper, as shares: fees of the cost, spread and slippage of the price.

    ``participation`` is the share of a candle's volume that our orders may take.
    """

    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")
    spread: Decimal = Decimal("0.0002")
    slippage: Decimal = Decimal("0.0002")
    participation: Decimal = Decimal("0.1")

    def __post_init__(self) -> None:
        for name in ("maker", "taker", "spread", "slippage"):
            if not 0 <= exact(getattr(self, name), name) < Decimal("0.1"):
                raise BadValue(f"{name} must be from 0 to below 0.1 (ten per cent)")
        if not 0 < exact(self.participation, "participation") <= 1:
            raise BadValue("participation must be above 0 and at most 1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One strategy on one symbol; ``first`` is its first flat slot, ``slots`` their number."""

    id: InstanceId
    strategy: str
    symbol: Symbol
    params: tuple[tuple[str, Decimal], ...]
    first: int
    slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that the stages agree on."""

    book: BookId
    mode: Mode
    timeframe: str
    instruments: tuple[Instrument, ...]
    instances: tuple[Instance, ...]
    costs: Costs
    limits: Limits
    cash: Decimal

    def __post_init__(self) -> None:
        if self.timeframe not in TIMEFRAME_MS:
            raise BadSettings(f"No time frame {self.timeframe!r}. Use one of {', '.join(TIMEFRAME_MS)}.")
        if not 0 < exact(self.cash, "the paper account") <= MOST_CASH:
            raise BadSettings(
                f"The paper account holds {self.cash}. Give it more than 0 and at most {MOST_CASH}."
            )
        if len({one.quote for one in self.instruments}) > 1:
            names = ", ".join(one.symbol for one in self.instruments)
            raise BadSettings(f"{names} have different quote currencies. One account counts in one of them.")
        known = {one.symbol for one in self.instruments}
        for instance in self.instances:
            if instance.symbol not in known:
                raise BadSettings(f"{instance.id} trades {instance.symbol}, which this venue does not have.")

    @property
    def frame_ms(self) -> int:
        """Length of a candle in milliseconds."""
        return TIMEFRAME_MS[self.timeframe]

    @property
    def symbols(self) -> tuple[Symbol, ...]:
        return tuple(one.symbol for one in self.instruments)

    @property
    def slot_count(self) -> int:
        return sum(one.slots for one in self.instances)

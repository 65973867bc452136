"""How real the money is, and what may be sent."""

from __future__ import annotations

from enum import StrEnum


class Mode(StrEnum):
    """Paper is the default; dry-run walks the live path and sends nothing; live is real money."""

    PAPER = "paper"
    DRY_RUN = "dry-run"
    LIVE = "live"

    @property
    def is_real(self) -> bool:
        """Whether orders go to a real venue."""
        return self is Mode.LIVE


class TradingState(StrEnum):
    """ACTIVE trades, REDUCING only lowers positions, HALTED sends nothing until re-armed."""

    ACTIVE = "active"
    REDUCING = "reducing"
    HALTED = "halted"

"""What one check of the preflight has found; a value for any thread."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Light(StrEnum):
    """Red blocks live trading; amber is a person's decision."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the preflight; ``advice`` is empty when green."""

    id: str
    light: Light
    evidence: str
    advice: str = ""

    @property
    def sentence(self) -> str:
        """Evidence and advice in one line for a person."""
        evidence = self.evidence.strip().rstrip(".")
        return f"{self.id}: {evidence}. {self.advice}".strip()

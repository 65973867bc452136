"""Which seeds the long tests run: all of them, or the part that BELAY_SEEDS names (``1-50`` or ``3,7,90-99``)."""

from __future__ import annotations

import os

VARIABLE = "BELAY_SEEDS"


def seeds(count: int) -> list[int]:
    """1 to ``count``, each test counting its own; of them only what the environment names."""
    text = os.environ.get(VARIABLE, "")
    return [seed for seed in range(1, count + 1) if not text or seed in named(text)]


def named(text: str) -> set[int]:
    """The numbers of a text like ``1-3,7``; ``ValueError`` for anything else, so that no part is left out unseen."""
    found: set[int] = set()
    for part in text.split(","):
        first, dash, last = part.partition("-")
        numbers = range(int(first), int(last if dash else first) + 1)
        if not numbers:
            raise ValueError(f"{VARIABLE}={text!r}: {part!r} names no seed")
        found |= set(numbers)
    return found

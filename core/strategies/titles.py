"""What people call a strategy; apart from the strategies' own files, because those import the compiler; pure."""

from __future__ import annotations

TITLES = {"ema_cross": "Trend", "grid": "Grid"}
"""The same words as the files' own ``TITLE``."""


def title_of(strategy: str) -> str:
    """``Trend`` for ``ema_cross``; an own file ``my_breakout`` reads ``My breakout``."""
    words = strategy.replace("_", " ")
    return TITLES.get(strategy) or words[:1].upper() + words[1:]

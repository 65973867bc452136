"""Moves labels apart that would lie upon each other, as little as possible; pure, any thread."""

from __future__ import annotations

from collections.abc import Sequence


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Positions in the order of ``wanted``, ``gap`` or more apart, inside ``low`` to ``high`` if they fit.

    Labels that touch form a group whose middle is the mean of what its members want, so the sum of squared
    distances is the least possible (pool adjacent violators).
    """
    order = sorted(range(len(wanted)), key=lambda i: wanted[i])
    groups: list[tuple[float, int]] = []  # (sum of where the group's first label would like to be, members)
    for i in order:
        total, count = wanted[i], 1
        while groups and groups[-1][0] / groups[-1][1] + groups[-1][1] * gap > total / count:
            before, members = groups.pop()
            total, count = before + total - count * members * gap, members + count
        groups.append((total, count))
    placed: list[float] = []
    for total, count in groups:
        placed += [total / count + k * gap for k in range(count)]
    for k in range(len(placed) - 1, -1, -1):  # push up from the lower edge, then down from the upper one
        placed[k] = min(placed[k], high - (len(placed) - 1 - k) * gap)
    for k in range(len(placed)):
        placed[k] = max(placed[k], low + k * gap)
    out = [0.0] * len(wanted)
    for position, i in zip(placed, order, strict=True):
        out[i] = position
    return out

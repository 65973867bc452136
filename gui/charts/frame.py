"""Where a candle number and a price are on the chart, in pixels and back; pure, any thread."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from gui.charts.bars import Floats

FREE_RIGHT = 0.23
"""Share of the width that stays free at the right, for the tags of orders."""
VOLUME_SHARE = 0.13
CAPTION = 24.0
"""Pixels between prices and volume, for the caption of the volume."""
TIME_AXIS = 26.0
LOOSEST = 0.62
"""A range of which less than this share is needed is made anew."""

Pixels = TypeVar("Pixels", float, Floats)


@dataclass(frozen=True, slots=True)
class Frame:
    """The plot's geometry in pixels of the canvas; prices run from ``low`` (bottom) to ``high`` (top).

    ``right_number`` is the candle whose middle stands at ``newest_x``; ``step`` is the width of one candle.
    """

    width: float
    height: float
    axis_width: float
    step: float
    right_number: float
    low: float
    high: float
    scale: float = 1.0
    """Device pixels per logical pixel."""

    @property
    def plot_right(self) -> float:
        return max(1.0, self.width - self.axis_width)

    @property
    def newest_x(self) -> float:
        return self.plot_right * (1 - FREE_RIGHT)

    @property
    def plot_bottom(self) -> float:
        return max(1.0, self.height - TIME_AXIS)

    @property
    def volume_top(self) -> float:
        return self.plot_bottom * (1 - VOLUME_SHARE)

    @property
    def price_bottom(self) -> float:
        return max(1.0, self.volume_top - CAPTION)

    @property
    def first_number(self) -> float:
        """Candle number at the left edge."""
        return self.number(0.0)

    @property
    def last_number(self) -> float:
        """Candle number at the right edge of the plot."""
        return self.number(self.plot_right)

    def x(self, number: Pixels) -> Pixels:
        return self.newest_x + (number - self.right_number) * self.step

    def number(self, x: float) -> float:
        return self.right_number + (x - self.newest_x) / self.step

    def y(self, price: Pixels) -> Pixels:
        return (self.high - price) / ((self.high - self.low) or 1.0) * self.price_bottom

    def price(self, y: float) -> float:
        return self.high - y / self.price_bottom * (self.high - self.low)

    def snap(self, pixels: Floats) -> Floats:
        """On whole device pixels."""
        return np.round(pixels * self.scale) / self.scale


def fitted(low: float, high: float, known: tuple[float, float] | None) -> tuple[float, float]:
    """A price range around ``low`` to ``high`` with air; the ``known`` one while it fits."""
    air = max((high - low) * 0.08, abs(high) * 1e-4, 1e-12)
    if known is not None:
        holds = known[0] <= low - air * 0.25 and high + air * 0.25 <= known[1]
        if holds and high - low + 2 * air >= LOOSEST * (known[1] - known[0]):
            return known
    return low - air, high + air

"""Which candles are in view: pan, zoom, and following the newest until the person looks elsewhere; pure."""

from __future__ import annotations

STEP = 6.0
"""Pixels per candle at first."""
WIDEST = 48.0
NARROWEST = 0.001


class Viewport:
    """``right`` is the candle number at the newest candle's place; ``follows`` keeps the newest there."""

    def __init__(self) -> None:
        self.step = STEP
        self.right = 0.0
        self.follows = True

    def settle(self, first: float, newest: float, room: float) -> None:
        """The candles known now reach from ``first`` to ``newest`` and have ``room`` pixels."""
        self.step = max(self.step, min(STEP, room / (newest - first + 2)))
        if self.follows or self.right >= newest:
            self.right, self.follows = newest, True
        self.right = max(self.right, min(first + 10, newest))

    def pan(self, pixels: float) -> None:
        """Drag the candles by ``pixels``, to the right when positive; ``settle`` keeps them in reach."""
        if pixels:
            self.right -= pixels / self.step
            self.follows = False

    def zoom(self, factor: float, offset: float) -> None:
        """Make candles wider; what is ``offset`` pixels right of the newest's place stays where it is."""
        wanted = min(WIDEST, max(NARROWEST, self.step * factor))
        if not self.follows:
            self.right += offset / self.step - offset / wanted
        self.step = wanted

    def to_newest(self) -> None:
        """Follow again."""
        self.follows = True

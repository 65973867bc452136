"""How kernels are compiled: the decorators of every function that Numba turns into machine code.

All are cached on disk and divide as IEEE 754 says (x / 0 is inf or NaN, which every layer of the judge refuses): a
check before each division, and a way out for its error, cost a third of the speed.
"""

from __future__ import annotations

from typing import Any

from numba import njit

compiled: Any = njit(cache=True, error_model="numpy")
"""For functions called now and then."""

inlined: Any = njit(cache=True, error_model="numpy", forceinline=True)
"""For functions called on every candle: their code goes into the caller's, because handing over a dozen arrays (each
in seven parts) costs more than most of them do."""

unlocked: Any = njit(cache=True, error_model="numpy", nogil=True)
"""For loops over many candles: other Python threads run meanwhile."""

checked: Any = njit(cache=True)
"""For a fold whose divisor cannot be zero unless the books are wrong: it raises ``ZeroDivisionError`` then."""

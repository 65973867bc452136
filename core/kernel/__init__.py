"""Compiled code: the step contract, indicators, matching, judging and the backtest loop, on float64.

Importing any part first tells Numba where its cache lives (see ``core.kernel.cache``), before Numba is imported.
"""

from core.kernel.cache import choose_cache_folder

choose_cache_folder()

"""The simulated market's random process: regimes, volatility, jumps and volume; pure, the feed's thread.

One market factor moves all symbols, each adds its own noise.  Numbers come from numpy's PCG64 in blocks of
fixed size and order, so a seed gives the same prices wherever the drawing stops and goes on.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt, tau

import numpy as np

from actors.venues.sim_markets import base_price
from core.candles import Floats
from core.ids import Symbol

BLOCK = 256
"""Candles that are drawn at once."""
STEPS = 12
"""Prices within one candle."""


@dataclass(frozen=True, slots=True)
class Regime:
    """``drift`` in sigmas per candle, ``volatility`` times the usual sigma, ``pull`` to an anchor."""

    name: str
    drift: float
    volatility: float
    pull: float


REGIMES = (
    Regime("calm trend up", 0.09, 0.8, 0.0),
    Regime("calm trend down", -0.09, 0.8, 0.0),
    Regime("range", 0.0, 0.9, 0.03),
    Regime("turbulent", -0.02, 2.4, 0.0),
)
CHANGES = 1 / 240  # of a regime, per candle
SIGMA = 0.0006  # of one minute's log return; 43 % a year
MARKET_SHARE = 0.7  # correlation of a symbol with the market's factor
HOME = 1 / 10_000  # pull to the base price per candle, so that an endless market keeps to sensible numbers
JUMPS = 1 / 1_000  # per candle; a jump lies between one close and the next open
JUMP_SIZE = 6.0  # sigmas
CALMING, SHOCK = 0.97, 0.10  # the logarithm of the volatility: what stays of it, and what is added
TURNOVER = 1_500_000.0  # quote units (in dollars) a minute, of the median symbol


@dataclass(frozen=True, slots=True)
class PriceBlock:
    """``BLOCK`` candles of one symbol in logarithms of the price.

    ``opens`` has the shape (BLOCK), the others (BLOCK, STEPS): ``path`` the price at the end of each step,
    ``highs`` and ``lows`` the extremes within it, ``worths`` the traded volume in dollars.
    """

    opens: Floats
    path: Floats
    highs: Floats
    lows: Floats
    worths: Floats


@dataclass(frozen=True, slots=True)
class MarketBlock:
    """What all symbols share: the regime, sigma, factor and jump (a log return) of each candle."""

    regimes: list[int]
    sigmas: list[float]
    factors: list[float]
    jumps: list[float]


def price_blocks(seed: int, symbols: Sequence[Symbol], minutes: float) -> Iterator[tuple[PriceBlock, ...]]:
    """Endless blocks, one per symbol in their order, of candles that last ``minutes``."""
    lines = [SymbolLine(seed, symbol, minutes) for symbol in symbols]
    for market in _market_blocks(seed, minutes):
        yield tuple(line.draw(market) for line in lines)


def _market_blocks(seed: int, minutes: float) -> Iterator[MarketBlock]:
    chance = np.random.Generator(np.random.PCG64(seed))
    sigma = SIGMA * sqrt(minutes)
    regime, heat = 0, 0.0
    while True:
        changes = (chance.random(BLOCK) < CHANGES).tolist()
        turns = chance.integers(1, len(REGIMES), BLOCK).tolist()
        heats = chance.standard_normal(BLOCK).tolist()
        factors = chance.standard_normal(BLOCK).tolist()
        jumps = _jumps(chance, sigma).tolist()
        regimes, sigmas = [], []
        for change, turn, shock in zip(changes, turns, heats, strict=True):
            if change:
                regime = (regime + turn) % len(REGIMES)
            heat = CALMING * heat + SHOCK * shock
            regimes.append(regime)
            sigmas.append(sigma * REGIMES[regime].volatility * exp(heat))
        yield MarketBlock(regimes, sigmas, factors, jumps)


def _jumps(chance: np.random.Generator, sigma: float) -> Floats:
    happens = chance.random(BLOCK) < JUMPS
    sizes: Floats = happens * chance.standard_normal(BLOCK) * JUMP_SIZE * sigma
    return sizes


class SymbolLine:
    """One symbol's price from block to block; its own noise depends on the seed and its name alone."""

    def __init__(self, seed: int, symbol: Symbol, minutes: float) -> None:
        name = int.from_bytes(hashlib.sha256(symbol.encode()).digest()[:8], "little")
        self._chance = np.random.Generator(np.random.PCG64([seed, name]))
        self._home = self._price = self._anchor = log(base_price(symbol))
        self._beta = 1.0 + (name % 64) / 128  # up to half again as lively as the market
        self._sigma = SIGMA * sqrt(minutes)
        self._turnover = TURNOVER * minutes
        self._minutes = minutes
        self._regime = 0
        self._candle = 0

    def draw(self, market: MarketBlock) -> PriceBlock:
        """The next block under what the market does meanwhile."""
        chance = self._chance
        noises = chance.standard_normal(BLOCK).tolist()
        gaps = _jumps(chance, self._sigma).tolist()
        steps = chance.standard_normal((BLOCK, STEPS))
        above, below = 1.0 - chance.random((2, BLOCK, STEPS))  # (0, 1]: their logarithm is finite
        shares = chance.standard_exponential((BLOCK, STEPS))
        moods = chance.standard_normal(BLOCK)
        own = sqrt(1 - MARKET_SHARE**2)
        opens, returns = np.empty(BLOCK), np.empty(BLOCK)
        for i in range(BLOCK):
            index, sigma = market.regimes[i], market.sigmas[i] * self._beta
            regime = REGIMES[index]
            if index != self._regime:
                self._regime, self._anchor = index, self._price
            opens[i] = self._price + self._beta * market.jumps[i] + gaps[i]
            move = sigma * (regime.drift + MARKET_SHARE * market.factors[i] + own * noises[i])
            move -= regime.pull * (self._price - self._anchor) + HOME * (self._price - self._home)
            returns[i] = move
            self._price = float(opens[i]) + move
        sigmas = np.array(market.sigmas) * self._beta
        path, highs, lows = _within(opens, returns, sigmas / sqrt(STEPS), steps, above, below)
        worths = self._worths(np.abs(returns) / sigmas, moods, shares, market)
        return PriceBlock(opens, path, highs, lows, worths)

    def _worths(self, strength: Floats, moods: Floats, shares: Floats, market: MarketBlock) -> Floats:
        """Dollars per step: more in big moves, in turbulence and in the afternoon (UTC)."""
        minute = (self._candle + np.arange(BLOCK)) * self._minutes
        self._candle += BLOCK
        season = 1 - 0.35 * np.sin(tau * minute / 1440)
        lively = np.array([REGIMES[index].volatility for index in market.regimes])
        total = self._turnover * season * lively * (0.5 + strength) * np.exp(0.5 * moods)
        worths: Floats = total[:, None] * shares / shares.sum(axis=1, keepdims=True)
        return worths


def _within(
    opens: Floats, returns: Floats, sigma: Floats, steps: Floats, above: Floats, below: Floats
) -> tuple[Floats, Floats, Floats]:
    """A Brownian bridge from each open to its close, and the extremes of the bridge within each step.

    The maximum of a bridge from a to b with variance v is ((a + b) + sqrt((b - a)^2 - 2 v ln U)) / 2.
    """
    walk = np.cumsum(steps, axis=1) * sigma[:, None]
    share = np.arange(1, STEPS + 1) / STEPS
    path = opens[:, None] + walk + share * (returns - walk[:, -1])[:, None]
    starts = np.concatenate([opens[:, None], path[:, :-1]], axis=1)
    variance = 2 * sigma[:, None] ** 2
    reach = (path - starts) ** 2
    highs = (starts + path + np.sqrt(reach - variance * np.log(above))) / 2
    lows = (starts + path - np.sqrt(reach - variance * np.log(below))) / 2
    return path, highs, lows

"""Candle files that tests make themselves: the simulated market's closed candles as CSV."""

from __future__ import annotations

from pathlib import Path

from actors.venues.sim import SimSource


def write_candles(path: Path, count: int, *, symbol: str = "BTC/USDT", seed: int = 7) -> Path:
    """``count`` one-minute candles of one simulated symbol."""
    source = SimSource(seed, [symbol], quotes=False)
    lines = ["ts,open,high,low,close,volume"]
    while len(lines) <= count:
        event = source.pull()
        assert event is not None
        assert event.bar is not None
        lines.append(",".join(map(repr, event.bar)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path

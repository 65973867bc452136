"""The start: each market's past, fetched and made whole; on the connection's loop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from actors.venues.exchange.candles import MOST_BEHIND
from actors.venues.exchange.source_rest import Rest, is_whole, joined
from core.clock import instant
from core.ids import Symbol
from core.market import Bar, bar_fault
from core.messages import CandleDropped

log = structlog.get_logger("feed")

HISTORY = 500
"""Closed candles in all that a chart begins with."""
WARM_UP = 300
"""Of these, the newest that strategies see (as past) before the first live candle."""


@dataclass(frozen=True, slots=True)
class Past:
    """A market's past: ``shown`` for charts, ``seen`` also by strategies, ``dropped`` what could not be used."""

    shown: tuple[Bar, ...]
    seen: tuple[Bar, ...]
    dropped: tuple[CandleDropped, ...]
    last: int
    close: float | None


async def fetch_past(rest: Rest, symbol: Symbol, span_ms: int, last: int | None) -> Past | None:
    """``last`` is the candle behind which the session goes on, None at its first start; None: no candle exists yet."""
    bars = await rest.newest(symbol, HISTORY + 1)
    if not is_whole(bars, span_ms):
        bars = joined(bars, await rest.newest(symbol, HISTORY + 1))
    if not bars:
        return None
    dropped: list[CandleDropped] = []
    if last is not None and bars[-1].ts < last:
        newest = f"the venue's newest candle is of {instant(bars[-1].ts):%Y-%m-%d %H:%M}"
        dropped.append(CandleDropped(symbol, instant(last), f"{newest}: nothing follows before it is later"))
    if last is not None and bars[0].ts > last + span_ms:
        behind = (bars[-1].ts - last) // span_ms - 1
        first = last + span_ms
        if behind > MOST_BEHIND:
            last = bars[-1].ts - (MOST_BEHIND + 1) * span_ms
            dropped.append(
                CandleDropped(
                    symbol,
                    instant(first),
                    f"{behind - MOST_BEHIND:,} candles are left out: Belay was away for longer than what is filled",
                )
            )
        bars = joined(await rest.after(symbol, last, MOST_BEHIND, until=bars[0].ts), bars)
    good, bad = sound(symbol, bars[:-1], span_ms)  # the last one forms
    dropped += bad
    if last is None:
        shown, seen = good[:-WARM_UP], good[-WARM_UP:]
    else:
        shown = tuple(bar for bar in good if bar.ts <= last)[-HISTORY:]
        seen = tuple(bar for bar in good if bar.ts > last)
    end = good[-1] if good else None
    if end is None:
        return Past((), (), tuple(dropped), last if last is not None else bars[-1].ts - span_ms, None)
    return Past(shown, seen, tuple(dropped), max(end.ts, last or 0), end.close)


def sound(symbol: Symbol, bars: Sequence[Bar], span_ms: int) -> tuple[tuple[Bar, ...], list[CandleDropped]]:
    """The candles that can be used, those without trades put in flat, and a sentence for each of the others."""
    good: list[Bar] = []
    dropped: list[CandleDropped] = []
    bad = set[int]()
    for bar in bars:
        fault = "its time is not the beginning of a candle" if bar.ts % span_ms else bar_fault(bar)
        if fault is not None:
            bad.add(bar.ts)
            dropped.append(CandleDropped(symbol, instant(max(bar.ts, 0)), fault))
            continue
        while good and good[-1].ts + span_ms < bar.ts:
            ts, close = good[-1].ts + span_ms, good[-1].close
            good.append(Bar(ts, close, close, close, close, 0.0))
        good.append(bar)
    return tuple(bar for bar in good if bar.ts not in bad), dropped

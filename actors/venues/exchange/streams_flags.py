"""Where a venue's candle stream says that a candle is over: ccxt leaves this out, so it is read from the raw frame.

Field names from the venues' documentation; Binance's was tried on the wire-level venue, the others were not tried.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

Closed = tuple[str, int]
"""The venue's own name of a market and the open time of its candle in ms."""
Reader = Callable[[Mapping[str, Any]], list[Closed]]


def reader_of(exchange_id: str) -> Reader | None:
    """What finds the candles that a raw frame says are over; None where the venue does not say."""
    return READERS.get(exchange_id)


def _binance(frame: Mapping[str, Any]) -> list[Closed]:
    k = frame.get("k")
    return [(str(k["s"]), int(k["t"]))] if isinstance(k, Mapping) and k.get("x") is True else []


def _bybit(frame: Mapping[str, Any]) -> list[Closed]:
    market = str(frame.get("topic", "")).rpartition(".")[2]
    rows = frame.get("data") or []
    return [(market, int(row["start"])) for row in rows if row.get("confirm") is True]


def _okx(frame: Mapping[str, Any]) -> list[Closed]:
    market = str((frame.get("arg") or {}).get("instId", ""))
    rows = frame.get("data") or []
    return [(market, int(row[0])) for row in rows if len(row) > 8 and str(row[8]) == "1"]


READERS: Mapping[str, Reader] = {
    "binance": _binance,
    "binanceus": _binance,
    "bybit": _bybit,
    "okx": _okx,
}

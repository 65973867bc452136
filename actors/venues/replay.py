"""Recorded candles as a market: files merged by time, the same at every speed; the feed's thread pulls.

``replay:PATH[,PATH...]`` names the files in the order of the symbols.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from actors.venues.candle_files import CandleFile, read_candles
from actors.venues.infer_instrument import infer_instrument
from core.candles import Candles
from core.clock import instant
from core.errors import BadData, BadSettings
from core.figures import plural
from core.ids import Symbol
from core.instrument import Instrument, split_symbol
from core.market import Bar
from core.messages import CandleDropped
from core.ports import MarketEvent

PREFIX = "replay:"
HISTORY = 500
"""Candles in front of the next event that a chart is given."""
CHUNK = 16_384
FILE_NAME = re.compile(
    r"[a-z0-9]+_([A-Z0-9]{2,}?)(USDT|USDC|BUSD|TUSD|USD|EUR|GBP|NOK|TRY|BTC|ETH|BNB)_\d+[mhd](_|$)"
)


def replay_from(spec: str, symbols: Sequence[str]) -> ReplaySource:
    """The source that ``replay:PATH[,PATH...]`` and ``--symbols`` name; ``BadSettings`` if they disagree."""
    paths = [Path(part.strip()).expanduser() for part in spec.removeprefix(PREFIX).split(",") if part.strip()]
    return ReplaySource(paths, symbols or [symbol_of(path) for path in paths])


def symbol_of(path: Path) -> Symbol:
    """The symbol that a file name such as ``binance_BTCUSDT_1m_2021.parquet`` tells; else ``BadSettings``."""
    found = FILE_NAME.match(path.stem)
    if found is None:
        raise BadSettings(f"The name {path.name} does not tell its market; add --symbols, say BTC/USDT.")
    return Symbol(f"{found[1]}/{found[2]}")


class ReplaySource:
    """A ``core.ports.MarketSource`` over candle files, merged by (open time, position of the symbol)."""

    def __init__(
        self,
        paths: Sequence[Path],
        symbols: Sequence[str],
        *,
        instruments: Mapping[Symbol, Instrument] | None = None,
    ) -> None:
        """Read everything; ``instruments`` overrides what is inferred.  ``BadSettings``, ``BadData``."""
        _check(paths, symbols)
        files = [read_candles(path) for path in paths]
        self.timeframe = _shared_timeframe(files)
        self.symbols = tuple(Symbol(symbol) for symbol in symbols)
        self.label = f"Replay of {', '.join(path.name for path in paths)}"
        self.fingerprint = _fingerprint(self.symbols, files)
        self.missing = sum(file.missing for file in files)
        given = instruments or {}
        self._instruments = tuple(
            given.get(symbol) or infer_instrument(symbol, file.bars)
            for symbol, file in zip(self.symbols, files, strict=True)
        )
        owners = np.repeat(np.arange(len(files)), [len(file.bars) for file in files])
        bars = np.concatenate([file.bars for file in files])
        order = np.lexsort((owners, bars["ts"]))
        self._bars, self._owners = bars[order], owners[order]
        self.total: int | None = len(bars)
        self._dropped = self._place(files)
        self._next = 0
        self._events = self._from(0)

    def instruments(self) -> tuple[Instrument, ...]:
        return self._instruments

    def candles(self) -> Candles:
        """All of them, in order of time (a backtest's input)."""
        return self._bars

    def history(self, symbol: Symbol) -> Sequence[Bar]:
        """At most 500 closed candles in front of the next event: none at the start, some after ``skip``."""
        mine = self._owners[: self._next] == self.symbols.index(symbol)
        return [Bar(*row) for row in self._bars[: self._next][mine][-HISTORY:].tolist()]

    def skip(self, candles: int) -> None:
        """Go to the place behind the first ``candles`` closed candles, counted from the beginning."""
        if candles > len(self._bars):
            raise BadData(f"The session is at candle {candles}, but {self.label} ends at {len(self._bars)}.")
        self._next = candles
        self._events = self._from(candles)

    def pull(self) -> MarketEvent | None:
        return next(self._events, None)

    def _from(self, start: int) -> Iterator[MarketEvent]:
        """All events from position ``start``, turned into Python values a chunk at a time."""
        symbols, dropped = self.symbols, self._dropped
        for low in range(start, len(self._bars), CHUNK):
            rows = self._bars[low : low + CHUNK].tolist()
            owners = self._owners[low : low + CHUNK].tolist()
            for place, (row, owner) in enumerate(zip(rows, owners, strict=True), low):
                if place in dropped:
                    yield from dropped[place]
                self._next = place + 1
                yield MarketEvent(symbols[owner], Bar._make(row))
        yield from dropped.get(len(self._bars), ())

    def _place(self, files: Sequence[CandleFile]) -> Mapping[int, Sequence[MarketEvent]]:
        """The candles that were left out, by the position of the candle that follows them in their file."""
        found: defaultdict[int, list[MarketEvent]] = defaultdict(list)
        for owner, file in enumerate(files):
            places = (
                [*np.flatnonzero(self._owners == owner).tolist(), len(self._bars)] if file.dropped else []
            )
            for row in file.dropped:
                fact = CandleDropped(
                    self.symbols[owner], instant(row.ts), f"{file.path.name}, row {row.row}: {row.reason}"
                )
                found[places[row.after]].append(MarketEvent(self.symbols[owner], dropped=fact))
        return dict(found)


def _check(paths: Sequence[Path], symbols: Sequence[str]) -> None:
    if not paths:
        raise BadSettings("Name a candle file to replay, for example replay:candles.parquet.")
    if len(paths) != len(symbols):
        raise BadSettings(
            f"{plural(len(paths), 'candle file')} and {plural(len(symbols), 'symbol')}: give --symbols "
            "with one for each file, in the same order."
        )
    twice = [symbol for symbol, count in Counter(symbols).items() if count > 1]
    if twice:
        raise BadSettings(f"{twice[0]} is named for two candle files; each market has one file.")
    for symbol in symbols:
        split_symbol(symbol)


def _shared_timeframe(files: Sequence[CandleFile]) -> str:
    first = files[0]
    for file in files[1:]:
        if file.timeframe != first.timeframe:
            raise BadSettings(
                f"{first.path.name} holds {first.timeframe} candles and {file.path.name} {file.timeframe}: "
                "replay files of one time frame together."
            )
    return first.timeframe


def _fingerprint(symbols: Sequence[Symbol], files: Sequence[CandleFile]) -> str:
    digest = hashlib.sha256("\n".join(symbols).encode())
    for file in files:
        digest.update(len(file.bars).to_bytes(8, "little"))
        digest.update(file.bars.tobytes())
    return f"replay-{digest.hexdigest()[:16]}"

"""Candle files: Parquet or CSV into one checked array, in the thread of whoever asks.

Bad candles are left out and named, files with too many of them refused (D12).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import polars as pl

from core.candles import (
    CANDLE,
    PRICES,
    Candles,
    Times,
    dated,
    decimal_places,
    first_backward,
    missing,
    on_grid,
    repeated,
    sound,
    timeframe_of,
)  # fmt: skip
from core.errors import BadData
from core.figures import plural
from core.market import Bar, bar_fault

COLUMNS = ("ts", *PRICES, "volume")
MOST_BAD = 0.01
"""Share of unusable candles above which a file is refused."""


class DroppedRow(NamedTuple):
    """A candle left out: its row (from 1), its time in ms, why, and how many good ones are in front of it."""

    row: int
    ts: int
    reason: str
    after: int


@dataclass(frozen=True, slots=True)
class CandleFile:
    """What a file holds: ``bars`` (dtype ``core.candles.CANDLE``), oldest first, none of them bad.

    ``missing`` counts the candles that holes leave out, ``price_places`` are the decimals of its prices.
    """

    path: Path
    bars: Candles
    timeframe: str
    missing: int
    dropped: tuple[DroppedRow, ...]
    price_places: int


def read_candles(path: Path) -> CandleFile:
    """Read and check ``path``; ``BadData`` with one sentence that names the first fault."""
    frame = _frame(path)
    lacking = [name for name in COLUMNS if name not in frame.columns]
    if lacking:
        raise BadData(
            f"{path.name} has no column {', '.join(lacking)}; a candle file has {', '.join(COLUMNS)}."
        )
    if frame.is_empty():
        raise BadData(f"{path.name} holds no candles.")
    return _checked(path, _array(frame))


def _frame(path: Path) -> pl.DataFrame:
    kind = path.suffix.lower()
    if kind not in (".parquet", ".csv"):
        raise BadData(f"{path.name} is no candle file; give a .parquet or a .csv.")
    if not path.is_file():
        raise BadData(f"There is no candle file {path}; check the path.")
    try:
        if kind == ".csv":  # as text, so that a word among the numbers is a bad candle and not a bad file
            return pl.read_csv(path, infer_schema=False)
        return pl.read_parquet(path)
    except pl.exceptions.NoDataError:
        raise BadData(f"{path.name} holds no candles.") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadData(f"{path.name} cannot be read: {str(error).splitlines()[0].rstrip('.')}.") from error


def _array(frame: pl.DataFrame) -> Candles:
    """The frame as records; what is no number becomes NaN, a time that is none becomes -1."""
    bars = np.empty(frame.height, dtype=CANDLE)
    times = frame["ts"]
    if times.dtype.is_temporal():
        times = times.cast(pl.Datetime("ms")).dt.epoch("ms")
    elif times.dtype == pl.String:
        times = times.str.strip_chars()
    bars["ts"] = times.cast(pl.Int64, strict=False).fill_null(-1).to_numpy()
    for name in COLUMNS[1:]:
        column = frame[name].str.strip_chars() if frame[name].dtype == pl.String else frame[name]
        bars[name] = column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()
    return bars


def _checked(path: Path, bars: Candles) -> CandleFile:
    rows: Times = np.flatnonzero(dated(bars["ts"]))
    backward = first_backward(bars["ts"][rows])
    if backward is not None:
        raise BadData(
            f"{path.name}, row {rows[backward] + 1}: the time goes backward; sort the candles by ts first."
        )
    rows = rows[sound(bars[rows])]
    rows = rows[~repeated(bars["ts"][rows])]
    bad = len(bars) - len(rows)
    if bad > MOST_BAD * len(bars) or not len(rows):
        first = _dropped(bars, rows, most=1)[0]
        raise BadData(
            f"{path.name}, row {first.row}: {first.reason}; {bad} of {plural(len(bars), 'candle')} "
            f"{'is' if bad == 1 else 'are'} unusable and at most {MOST_BAD * 100:.0f} % may be: "
            "repair or replace the file."
        )
    kept = bars[rows]
    try:
        timeframe = timeframe_of(kept["ts"])
    except BadData as error:
        raise BadData(f"{path.name}: {error}") from None
    places = max(decimal_places(kept[name]) for name in PRICES)
    for name in PRICES:  # 5.330000000000001e-05 is 0.0000533: a limit there is reached
        kept[name] = on_grid(kept[name], places)
    gone = _dropped(bars, rows, most=bad)
    return CandleFile(path, kept, timeframe, missing(kept["ts"], timeframe), gone, places)


def _dropped(bars: Candles, rows: Times, most: int) -> tuple[DroppedRow, ...]:
    """The first ``most`` rows that are not in ``rows``; one without a time has that of the one in front."""
    is_kept = np.zeros(len(bars), dtype=np.bool_)
    is_kept[rows] = True
    found = []
    for index in np.flatnonzero(~is_kept)[:most].tolist():
        bar = Bar(*bars[index].tolist())
        after = int(np.searchsorted(rows, index))
        if not dated(bars["ts"][index : index + 1])[0]:
            reason = "the time is not an instant in milliseconds"
            bar = bar._replace(ts=int(bars["ts"][rows[max(after - 1, 0)]]) if len(rows) else 0)
        else:
            reason = bar_fault(bar) or "the time repeats that of the candle in front of it"
        found.append(DroppedRow(index + 1, bar.ts, reason, after))
    return tuple(found)

"""Candle files: what is read, what is left out with its reason, and what is refused with which sentence."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from actors.venues.candle_files import read_candles
from core.errors import BadData

MINUTE = 60_000
START = 1_700_000_040_000
HEADER = "ts,open,high,low,close,volume"
NAMES = HEADER.split(",")


def good(n: int, start: int = START) -> list[list[Any]]:
    return [[start + i * MINUTE, 10.0, 12.5, 9.0, 11.25, 3.0] for i in range(n)]


def csv(folder: Path, rows: Sequence[Sequence[object]], header: str = HEADER) -> Path:
    path = folder / "candles.csv"
    path.write_text("\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n", encoding="utf-8")
    return path


def parquet(folder: Path, rows: Sequence[Sequence[object]]) -> Path:
    path = folder / "candles.parquet"
    pl.DataFrame(rows, schema=NAMES, orient="row").write_parquet(path)
    return path


@pytest.mark.parametrize("write", [csv, parquet])
def test_a_good_file(tmp_path: Path, write: Any) -> None:
    file = read_candles(write(tmp_path, good(3) + good(2, START + 5 * MINUTE)))
    assert file.bars["ts"].tolist() == [START + i * MINUTE for i in (0, 1, 2, 5, 6)]
    assert file.bars[0].tolist() == (START, 10.0, 12.5, 9.0, 11.25, 3.0)
    assert (file.timeframe, file.missing, file.dropped, file.price_places) == ("1m", 2, (), 2)


def test_more_columns_and_another_order(tmp_path: Path) -> None:
    rows = [[row[5], "x", *row[:5]] for row in good(4)]
    file = read_candles(csv(tmp_path, rows, "volume,trades,ts,open,high,low,close"))
    assert file.bars["volume"].tolist() == [3.0] * 4
    assert file.bars["close"].tolist() == [11.25] * 4


def test_times_may_be_instants(tmp_path: Path) -> None:
    first = datetime(2024, 1, 1, tzinfo=UTC)
    path = tmp_path / "candles.parquet"
    rows = [[first + timedelta(minutes=i), *row[1:]] for i, row in enumerate(good(3))]
    pl.DataFrame(rows, schema=NAMES, orient="row").write_parquet(path)
    assert read_candles(path).bars["ts"].tolist() == [1_704_067_200_000 + i * MINUTE for i in range(3)]


NAN = "nan"
BAD = [
    pytest.param([None, NAN, 12, 9, 11, 3], "missing or not finite", id="NaN"),
    pytest.param([None, 10, 12, 9, "inf", 3], "missing or not finite", id="infinite"),
    pytest.param([None, 10, "", 9, 11, 3], "missing or not finite", id="empty"),
    pytest.param([None, 10, 12, "low", 11, 3], "missing or not finite", id="word"),
    pytest.param([None, 10, 12, 0, 11, 3], "zero or negative", id="zero"),
    pytest.param([None, -10, 12, -12, 11, 3], "zero or negative", id="negative"),
    pytest.param([None, 10, 12, 9, 11, -3], "volume is negative", id="volume"),
    pytest.param([None, 10, 10.5, 9, 11, 3], "do not enclose", id="high"),
    pytest.param([None, 10, 12, 10.5, 11, 3], "do not enclose", id="low"),
    pytest.param(["", 10, 12, 9, 11, 3], "not an instant", id="no time"),
    pytest.param(["noon", 10, 12, 9, 11, 3], "not an instant", id="no number"),
    pytest.param([10**18, 10, 12, 9, 11, 3], "not an instant", id="nanoseconds"),
    pytest.param([START + 9 * MINUTE, 10, 12, 9, 11, 3], "repeats", id="repeated"),
]


@pytest.mark.parametrize(("row", "reason"), BAD)
def test_a_bad_candle_is_left_out_and_named(tmp_path: Path, row: list[Any], reason: str) -> None:
    rows = good(200)
    rows[10] = [rows[10][0] if row[0] is None else row[0], *row[1:]]
    file = read_candles(csv(tmp_path, rows))
    assert len(file.bars) == 199
    assert file.missing == 1
    (dropped,) = file.dropped
    assert (dropped.row, dropped.after) == (11, 10)
    assert reason in dropped.reason
    assert dropped.ts in (START + 9 * MINUTE, START + 10 * MINUTE)


@pytest.mark.parametrize(("row", "reason"), BAD)
def test_a_file_with_too_many_is_refused_at_the_first(tmp_path: Path, row: list[Any], reason: str) -> None:
    rows = good(150)
    for at in (10, 80):
        rows[at] = [rows[at][0] if row[0] is None else row[0], *row[1:]]
    if reason == "repeats":
        rows[80][0] = rows[79][0]
    with pytest.raises(BadData, match=rf"^candles.csv, row 11: .*{reason}.*2 of 150 candles.*at most 1 %"):
        read_candles(csv(tmp_path, rows))


def test_one_in_a_hundred_is_still_taken(tmp_path: Path) -> None:
    rows = good(100)
    rows[0][1] = NAN
    file = read_candles(csv(tmp_path, rows))
    assert file.dropped[0][:1] + file.dropped[0][3:] == (1, 0)
    with pytest.raises(BadData, match="1 of 99"):
        read_candles(csv(tmp_path, rows[:99]))


def test_backward_times_are_refused_and_not_sorted(tmp_path: Path) -> None:
    rows = good(300)
    rows[120], rows[121] = rows[121], rows[120]
    with pytest.raises(BadData, match=r"^candles.csv, row 122: the time goes backward"):
        read_candles(csv(tmp_path, rows))


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.csv", None, r"no candle file .*gone\.csv; check the path"),
        ("a.txt", "x", r"a\.txt is no candle file; give a \.parquet or a \.csv"),
        ("a.csv", "", "holds no candles"),
        ("a.csv", HEADER + "\n", "holds no candles"),
        ("a.csv", "time,open,high,low,close\n1,2,3,4,5\n", "has no column ts, volume"),
        ("a.csv", HEADER + "\n1,1,1,1,1,1,1,1\n", "cannot be read"),
        ("a.parquet", "PAR0 nothing", "cannot be read"),
        ("a.csv", HEADER + f"\n{START},1,1,1,1,1\n", r"a\.csv: One candle has no time frame"),
        ("a.csv", HEADER + "\n100,1,1,1,1,1\n160,1,1,1,1,1\n", "60 ms, which is no time frame"),
        ("a.csv", HEADER + "\n1,0,1,1,1,1\n", "row 1: a price is zero or negative; 1 of 1"),
    ],
)
def test_a_file_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, name: str, content: str | None, sentence: str
) -> None:
    path = tmp_path / name
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(BadData, match=sentence) as caught:
        read_candles(path)
    assert "\n" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "candles.csv").mkdir()
    with pytest.raises(BadData, match="no candle file"):
        read_candles(tmp_path / "candles.csv")


def test_floating_noise_is_taken_off(tmp_path: Path) -> None:
    rows = [[START + i * MINUTE, 5.33e-05, 5.34e-05, 5.288000000000001e-05, 5.3e-05, 1.0] for i in range(3)]
    file = read_candles(parquet(tmp_path, rows))
    assert file.bars["low"].tolist() == [5.288e-05] * 3
    assert file.price_places == 8


def test_recorded_files_are_read_bit_for_bit(shared: Path) -> None:
    path = shared / "data" / "candles" / "binance_BTCUSDT_1m_2021-04_2021-05.parquet"
    file, raw = read_candles(path), pl.read_parquet(path)
    assert all(np.array_equal(file.bars[name], raw[name].to_numpy()) for name in NAMES)
    assert (len(file.bars), file.timeframe, file.missing, file.dropped) == (42_915, "1m", 284, ())


def test_every_recorded_file_can_be_used(shared: Path) -> None:
    for path in sorted((shared / "data" / "candles").glob("*.parquet")):
        file = read_candles(path)
        assert f"_{file.timeframe}" in path.name
        assert not file.dropped

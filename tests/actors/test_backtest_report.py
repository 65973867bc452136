"""The report of a backtest: files that agree with each other and with the result, and a page without a network."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import main as front
from tests.fakes.made_candles import write_candles


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def backtest(home: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def run(*words: str) -> tuple[int, str, str]:
        code = front.main(("--json", "backtest", *words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def candles(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_candles(tmp_path_factory.mktemp("candles") / "binance_BTCUSDT_1m_made.csv", 4_000, seed=3)


@pytest.mark.parametrize("strategy", ["ema_cross", "grid"])
def test_the_files_agree(backtest: Any, tmp_path: Path, candles: Path, strategy: str) -> None:
    folder = tmp_path / "deep" / "report"
    code, out, err = backtest("--strategy", strategy, "--data", str(candles), "--report", str(folder))
    assert code == 0, err
    result = json.loads(out)
    fills, trades, equity = (rows_of(folder / f"{name}.csv") for name in ("fills", "trades", "equity"))
    assert len(fills) == result["fills"] > 10
    assert sum(Decimal(fill["fee"]) for fill in fills) == Decimal(result["fees"])
    assert len(equity) == result["candles"] == 4_000
    assert Decimal(equity[-1]["equity"]) == Decimal(result["equity"])
    assert [fill["time"] for fill in fills] == sorted(fill["time"] for fill in fills)
    held = sum(Decimal(fill["quantity"]) * (1 if fill["side"] == "buy" else -1) for fill in fills)
    closed = sum(Decimal(trade["quantity"]) for trade in trades)
    bought = sum(Decimal(fill["quantity"]) for fill in fills if fill["side"] == "buy")
    assert trades
    assert closed <= bought - held
    if held == 0:
        assert sum(Decimal(trade["net"]) for trade in trades) == Decimal(result["profit"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?://|src=|href=", page)
    assert f"Backtest: {strategy} on BTC/USDT" in page
    assert "<svg" in page


def test_a_span_and_parameters(backtest: Any, candles: Path) -> None:
    words = ("--strategy", "grid", "--data", str(candles))
    whole = json.loads(backtest(*words)[1])
    half = json.loads(backtest(*words, "--from", "2025-01-01T12:00", "--to", "2025-01-02")[1])
    assert half["candles"] == 720 < whole["candles"]
    assert json.loads(backtest(*words, "--set", "levels=2")[1])["signals"] < whole["signals"]
    dear = json.loads(backtest(*words, "--fees", "0.01", "--cash", "500")[1])
    assert Decimal(dear["fees"]) / max(dear["fills"], 1) > Decimal(whole["fees"]) / whole["fills"]


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("--from", "2031-01-01"), 2, "No candle lies between"),
        (("--from", "yesterday"), 2, "is no time"),
        (("--timeframe", "1h"), 2, "candles are 1m, not 1h"),
        (("--set", "wings=2"), 2, "no parameter 'wings'"),
        (("--set", "levels=many"), 2, "levels"),
    ],
)
def test_what_cannot_be_is_a_sentence(
    backtest: Any, candles: Path, words: Any, code: int, sentence: str
) -> None:
    found, out, err = backtest("--strategy", "grid", "--data", str(candles), *words)
    assert found == code
    assert sentence in err
    assert json.loads(out)["event"] == "error"


def test_a_report_that_cannot_be_written(backtest: Any, tmp_path: Path, candles: Path) -> None:
    (tmp_path / "file").touch()
    words = ("--strategy", "grid", "--data", str(candles), "--report", str(tmp_path / "file" / "report"))
    code, _, err = backtest(*words)
    assert (code, "Choose another folder." in err) == (1, True)

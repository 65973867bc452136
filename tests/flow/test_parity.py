"""The compiled backtest and the replay through the actors are the same bot: the same fills to the last byte."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from actors.backtest_report import _table
from actors.persistence.rows import FILL_COLUMNS, fill_row
from actors.session import open_session
from core.backtest import run_backtest
from core.modes import Mode
from core.settings import Settings
from tests.fakes.made_candles import write_candles
from tests.fakes.program import BOTH, replay, summary

Said = Callable[..., tuple[int, str, str]]
MINUTES = "binance_BTCUSDT_1m_2021-04_2021-05.parquet"
FIVES = ("binance_BTCUSDT_5m_2020-12_2021-07.parquet", "binance_XLMUSDT_5m_2020-12_2021-07.parquet")


def cut(whole: Path, folder: Path, count: int, skip: int = 0) -> Path:
    """``count`` candles of a recorded file, under its own name."""
    part = folder / whole.name
    pl.read_parquet(whole).slice(skip, count).write_parquet(part)
    return part


def backtest(said: Said, home: Path, candles: Path, strategy: str) -> tuple[str, dict[str, Any]]:
    """fills.csv of the report, and the result."""
    report = home.parent / f"{home.name} report"
    words = ("--strategy", strategy, "--data", str(candles), "--symbol", "BTC/USDT", "--report", str(report))
    code, out, err = said("--home", str(home), "--json", "backtest", *words)
    assert code == 0, err
    return (report / "fills.csv").read_text(), json.loads(out)


def replayed(said: Said, home: Path, *files: Path, symbols: str = "BTC/USDT", strategies: Any = BOTH
             ) -> dict[str, Any]:  # fmt: skip
    code, out, err = said(
        "--home", str(home), "--json", *replay(*files, symbols=symbols, strategies=strategies)
    )
    assert code == 0, err
    return summary(out)


def export(said: Said, home: Path, what: str) -> str:
    out = home / f"{what}.csv"
    assert said("--home", str(home), "export", what, "--out", str(out))[0] == 0
    return out.read_text()


def check_parity(said: Said, home: Path, candles: Path, strategy: str) -> dict[str, Any]:
    fills, result = backtest(said, home, candles, strategy)
    end = replayed(said, home, candles, strategies=(strategy,))
    mine = export(said, home, "fills")
    assert mine.splitlines() == fills.splitlines()
    assert mine == fills
    assert len(fills.splitlines()) - 1 == end["fills"] == result["fills"]
    for name in ("candles", "signals", "denials", "equity", "profit", "fees", "drawdown"):
        assert end[name] == result[name], name
    return end


@pytest.mark.parametrize("strategy", BOTH)
def test_on_a_cut_of_the_recorded_minutes(said: Said, tmp_path: Path, shared: Path, strategy: str) -> None:
    candles = cut(shared / "data" / "candles" / MINUTES, tmp_path, 9_000, skip=20_000)
    end = check_parity(said, tmp_path / "home", candles, strategy)
    assert end["fills"] > 40


@pytest.mark.long
@pytest.mark.timeout(240)
@pytest.mark.parametrize("strategy", BOTH)
def test_on_all_recorded_minutes(said: Said, tmp_path: Path, shared: Path, strategy: str) -> None:
    end = check_parity(said, tmp_path / "home", shared / "data" / "candles" / MINUTES, strategy)
    assert end["candles"] == 42_915


@pytest.mark.parametrize("strategy", BOTH)
def test_on_made_candles(said: Said, tmp_path: Path, strategy: str) -> None:
    candles = write_candles(tmp_path / "candles.csv", 6_000, seed=11)
    assert check_parity(said, tmp_path / "home", candles, strategy)["fills"] > 20


@pytest.mark.parametrize("strategy", BOTH)
@pytest.mark.parametrize(
    ("limit", "reason"), [("daily_loss_usd = 0.1", "daily-loss"), ("daily_entries = 2", "daily-entries")]
)
def test_with_limits_that_bite(said: Said, tmp_path: Path, strategy: str, limit: str, reason: str) -> None:
    """A limit that cuts in while the day goes on does so at the same candle."""
    home = tmp_path / "limited"
    home.mkdir()
    (home / "settings.toml").write_text(f"[risk]\n{limit}\nmax_order_usd = 45\n")
    candles = write_candles(tmp_path / "candles.csv", 5_000, seed=12)
    end = check_parity(said, home, candles, strategy)
    assert end["denials"][reason] > 0
    assert end["fills"] > 3


# ---------------------------------------------------------------- two markets, two strategies each


def check_two(said: Said, tmp_path: Path, files: list[Path]) -> None:
    homes, symbols = [tmp_path / "one", tmp_path / "two"], "BTC/USDT,XLM/USDT"
    ends = [replayed(said, home, *files, symbols=symbols) for home in homes]
    assert ends[0] == ends[1]
    assert ends[0]["fills"] > 50
    for what in ("orders", "fills", "trades", "ledger"):
        first, second = (export(said, home, what) for home in homes)
        assert first == second, what
    fills = export(said, homes[0], "fills")
    for name in ("ema_cross:BTC/USDT", "ema_cross:XLM/USDT", "grid:BTC/USDT", "grid:XLM/USDT"):
        assert name in fills
    settings = Settings.model_validate(
        {"venue": {"name": f"replay:{files[0]},{files[1]}", "symbols": symbols.split(",")}}
    )
    session = open_session(settings, BOTH, Mode.PAPER, tmp_path)
    source: Any = session.source
    result = run_backtest(session.plan, source.candles(), source._owners.astype(np.int64))
    out = tmp_path / "backtest.csv"
    _table(out, FILL_COLUMNS, map(fill_row, result.fills))
    assert out.read_text() == fills


def test_two_markets_two_strategies_two_homes(said: Said, tmp_path: Path, shared: Path) -> None:
    files = [cut(shared / "data" / "candles" / name, tmp_path, 3_000) for name in FIVES]
    check_two(said, tmp_path, files)


@pytest.mark.long
@pytest.mark.timeout(600)
def test_two_markets_whole(said: Said, tmp_path: Path, shared: Path) -> None:
    check_two(said, tmp_path, [shared / "data" / "candles" / name for name in FIVES])

"""Whatever is wrong with what a run is given: one clear sentence, the exit code of the README, and nothing is lost."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.made_candles import write_candles

Said = Callable[..., tuple[int, str, str]]
HEAD = "ts,open,high,low,close,volume"


def good(count: int = 300) -> list[list[Any]]:
    return [[minute * 60_000, 100.0, 101.0, 99.0, 100.5, 5.0] for minute in range(count)]


def write(path: Path, lines: list[list[Any]], head: str = HEAD) -> Path:
    path.write_text("\n".join([head, *(",".join(map(str, line)) for line in lines)]) + "\n")
    return path


def run_on(said: Said, path: Path | str, *more: str, symbols: str = "BTC/USDT") -> tuple[int, str, str]:
    return said(
        "run",
        "--headless",
        "--venue",
        f"replay:{path}",
        "--symbols",
        symbols,
        "--speed",
        "max",
        "--until-end",
        *more,
    )


def one_sentence(said_: tuple[int, str, str], code: int, *words: str) -> None:
    """Exactly one sentence on stderr, nothing on stdout, no traceback."""
    found, out, err = said_
    assert (found, out) == (code, ""), said_
    (sentence,) = err.splitlines()
    assert sentence.endswith((".", "?")), sentence
    for word in words:
        assert word in sentence, sentence


def spoilt(kind: str) -> tuple[list[list[Any]], str]:
    """Candles with a fault in every tenth row, and a word of the sentence about it."""
    lines = good()
    bad = lines[10::10]
    match kind:
        case "NaN":
            for line in bad:
                line[4] = "nan"
            return lines, "row 11"
        case "words":
            for line in bad:
                line[1] = "maintenance"
            return lines, "row 11"
        case "negative":
            for line in bad:
                line[1] = line[2] = line[3] = line[4] = -100.0
            return lines, "row 11"
        case "zero":
            for line in bad:
                line[1] = line[2] = line[3] = line[4] = 0
            return lines, "row 11"
        case "infinite":
            for line in bad:
                line[2] = "inf"
            return lines, "row 11"
        case "high below low":
            for line in bad:
                line[2], line[3] = line[3], line[2]
            return lines, "row 11"
        case "backward":
            lines[20][0], lines[21][0] = lines[21][0], lines[20][0]
            return lines, "time goes backward"
        case _:
            return [], "no candles"


@pytest.mark.parametrize(
    "kind", ["NaN", "words", "negative", "zero", "infinite", "high below low", "backward", "empty"]
)
def test_candles_that_cannot_be(said: Said, home: Path, tmp_path: Path, kind: str) -> None:
    lines, word = spoilt(kind)
    path = write(tmp_path / "candles.csv", lines)
    one_sentence(run_on(said, path), 1, "candles.csv", word)
    one_sentence(said("backtest", "--strategy", "grid", "--data", str(path), "--symbol", "BTC/USDT"), 1, word)
    assert not (home / "belay.db").exists()


def test_a_few_bad_candles_are_left_out_and_named(said: Said, tmp_path: Path) -> None:
    lines = good(400)
    lines[50][4], lines[60][1] = "nan", -5
    code, out, err = run_on(said, write(tmp_path / "candles.csv", lines), "--json")
    assert code == 0, err
    assert json.loads(out.splitlines()[-1])["candles"] == 398
    assert "row 51" in err
    assert "row 61" in err


def test_other_candle_files_that_cannot_be(said: Said, tmp_path: Path) -> None:
    one_sentence(run_on(said, tmp_path / "none.csv"), 1, "none.csv", "check the path")
    one_sentence(run_on(said, tmp_path), 1, "no candle file")
    one_sentence(
        run_on(said, write(tmp_path / "a.csv", good(), "when,open,high,low,close,volume")), 1, "no column ts"
    )
    (tmp_path / "b.parquet").write_bytes(b"PAR1 and nothing")
    one_sentence(run_on(said, tmp_path / "b.parquet"), 1, "b.parquet", "cannot be read")
    (tmp_path / "c.csv").write_bytes(os.urandom(2_000))
    code, out, err = run_on(said, tmp_path / "c.csv")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    one_sentence(run_on(said, ""), 2, "replay:PATH")


@pytest.mark.parametrize(
    ("symbols", "words"),
    [
        ("BTC/USDT:USDT", ("derivative", "spot")),
        ("BTCUSDT", ("BASE/QUOTE",)),
        ("BTC/USDT,ETH/USDT", ("1 candle file", "2 symbol")),
        ("BTC/", ("BASE/QUOTE",)),
    ],
)
def test_symbols_that_cannot_be(
    said: Said, home: Path, tmp_path: Path, symbols: str, words: tuple[str, ...]
) -> None:
    path = write(tmp_path / "candles.csv", good())
    one_sentence(run_on(said, path, symbols=symbols), 2, *words)
    assert not (home / "belay.db").exists()


@pytest.mark.parametrize("symbols", ["BTC/USDT:USDT", "btc", "BTC/USDT,ETH/EUR", "BTC/USDT,BTC/USDT"])
def test_symbols_that_cannot_be_simulated(said: Said, symbols: str) -> None:
    one_sentence(said("run", "--headless", "--venue", "sim", "--symbols", symbols, "--for", "1"), 2)


def test_two_files_for_one_market_and_unlike_time_frames(said: Said, tmp_path: Path) -> None:
    one, two = write(tmp_path / "one.csv", good()), tmp_path / "two.csv"
    write(two, [[line[0] * 5, *line[1:]] for line in good()])
    one_sentence(run_on(said, f"{one},{two}", symbols="BTC/USDT,BTC/USDT"), 2, "twice")
    one_sentence(run_on(said, f"{one},{two}", symbols="BTC/USDT,ETH/USDT"), 2, "1m", "5m")
    one_sentence(run_on(said, one, "--timeframe", "5m"), 2, "1m, not 5m")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--strategy", "grdi"), "Did you mean grid?"),
        (("--strategy", "moon"), "There are: ema_cross, grid"),
        (("--strategy", "grid", "--strategy", "grid"), "named twice"),
        (("--speed", "fast"), "speed"),
        (("--speed", "-1"), "speed"),
        (("--cash", "-5"), "cash"),
        (("--cash", "nan"), "cash"),
        (("--cash", "1e30"), "at most"),
        (("--spede", "max"), "--spede"),
        (("--for", "0"), "--for"),
    ],
)
def test_arguments_that_cannot_be(
    said: Said, home: Path, tmp_path: Path, words: tuple[str, ...], expected: str
) -> None:
    path = write(tmp_path / "candles.csv", good())
    one_sentence(run_on(said, path, *words), 2, expected)
    assert not (home / "belay.db").exists()


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("[risk\nmax = 1", "line 1"),
        ("risk = ", "end of the file"),
        ("[risk]\nmax_order_usd = 5000\n", "ceiling"),
        ("[risk]\nmax_order_usd = nan\n", "max_order_usd"),
        ("[strategies.moon]\n", "moon"),
        ("[strategies.grid]\nlevels = 3.5\n", "whole numbers"),
        ("[venue]\nname = 'sim'\napi_secret = 'x'\n", "secret"),
    ],
)
def test_settings_that_cannot_be(said: Said, home: Path, tmp_path: Path, toml: str, expected: str) -> None:
    (home / "settings.toml").write_text(toml)
    path = write(tmp_path / "candles.csv", good())
    code, out, err = run_on(said, path)
    assert (code, out) == (2, "")
    assert expected in err
    assert "Traceback" not in err
    assert not (home / "belay.db").exists()
    for command in (("kill",), ("status",)):  # neither needs them
        assert said(*command)[0] == 0


@pytest.mark.parametrize("home_is", ["a file", "inside a file"])
def test_a_home_that_cannot_be(said: Said, tmp_path: Path, home_is: str) -> None:
    (tmp_path / "file").touch()
    home = tmp_path / "file" if home_is == "a file" else tmp_path / "file" / "home"
    one_sentence(said("--home", str(home), "run", "--headless", "--for", "1"), 2, "--home")


def test_nothing_is_lost_by_a_start_that_fails(said: Said, home: Path, tmp_path: Path) -> None:
    """A home with records, and then every kind of failing start: the records stay as they were."""
    path = write_candles(tmp_path / "candles.csv", 2_500, seed=3)
    assert run_on(said, path)[0] == 0
    before = export(said, home)
    assert len(before[1].splitlines()) > 5
    assert run_on(said, path, "--strategy", "moon")[0] == 2
    assert run_on(said, write(tmp_path / "bad.csv", spoilt("NaN")[0]))[0] == 1
    (home / "settings.toml").write_text("[")
    assert run_on(said, path)[0] == 2
    (home / "settings.toml").unlink()
    assert export(said, home) == before
    code, out, err = run_on(said, path, "--json")
    assert code == 0, err
    assert export(said, home) == before  # the candles are at their end: nothing is traded twice
    assert json.loads(out.splitlines()[-1])["candles"] == 2_500


def export(said: Said, home: Path) -> list[str]:
    texts = []
    for what in ("orders", "fills", "ledger"):
        out = home / f"{what}.csv"
        assert said("export", what, "--out", str(out))[0] == 0
        texts.append(out.read_text())
    return texts


def test_times_of_the_sentences_do_not_repeat(said: Said, tmp_path: Path) -> None:
    """With --json each sentence is one event with the same text and code."""
    code, out, err = run_on(said, tmp_path / "none.csv", "--json")
    (event,) = [json.loads(line) for line in out.splitlines()]
    assert (code, event["exit"], event["text"]) == (1, 1, err.rstrip())
    assert all(first != second for first, second in pairwise([*err.splitlines(), ""]))

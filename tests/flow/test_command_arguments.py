"""The grammar of the command line: what its words become."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

from actors.commands.parser import make_parser


def test_global_options_stand_before_or_after_the_command(tmp_path: Path) -> None:
    parser = make_parser()
    for words in (
        ["--home", "h", "--json", "keys", "list"],
        ["keys", "--home", "h", "--json", "list"],
        ["keys", "list", "--home", "h", "--json"],
        ["--json", "keys", "list", "--home", "h"],
    ):
        args = parser.parse_args(words)
        assert (args.home, args.json, args.verbose, args.config) == ("h", True, False, None)
    assert parser.parse_args(["--home", "one", "status", "--home", "two"]).home == "two"


def test_the_arguments_of_a_run() -> None:
    args = make_parser().parse_args(
        [
            "run",
            "--headless",
            "--venue",
            "replay:a.csv,b.csv",
            "--symbols",
            "A/B,C/D",
            "--strategy",
            "grid",
            "--strategy",
            "ema_cross",
            "--timeframe",
            "1m",
            "--speed",
            "max",
            "--for",
            "2.5",
            "--until-end",
            "--cash",
            "500",
            "--dry-run",
            "--confirm",
            "X",
        ]
    )
    assert (args.venue, args.symbols, args.strategy) == (
        "replay:a.csv,b.csv",
        "A/B,C/D",
        ["grid", "ema_cross"],
    )
    assert (args.seconds, args.until_end, args.cash, args.dry_run, args.mode) == (
        2.5,
        True,
        "500",
        True,
        "paper",
    )


def test_the_arguments_of_a_backtest() -> None:
    args = make_parser().parse_args(
        [
            "backtest",
            "--strategy",
            "grid",
            "--data",
            "x.csv",
            "--set",
            "a=1",
            "--set",
            "b=2",
            "--from",
            "2026-01-01",
            "--to",
            "2026-02-01",
            "--fees",
            "0.001",
        ]
    )
    assert (args.params, args.since, args.until) == ([("a", "1"), ("b", "2")], "2026-01-01", "2026-02-01")


def test_the_arguments_of_an_order() -> None:
    parse = make_parser().parse_args
    args = parse(["order", "place", "BTC/USDT", "buy", "0.001", "--price", "50000.10", "--stop", "49000"])
    assert (args.action, args.symbol, args.side, args.mode) == ("place", "BTC/USDT", "buy", "paper")
    assert [args.quantity, args.price, args.stop] == [Decimal("0.001"), Decimal("50000.10"), Decimal(49000)]
    assert str(args.price) == "50000.10"
    assert (args.market, args.venue, args.confirm) == (False, None, None)
    args = parse(
        [
            "order",
            "place",
            "BTC/USDT",
            "sell",
            "1",
            "--market",
            "--venue",
            "kraken",
            "--mode",
            "live",
            "--confirm",
            "T",
        ]
    )
    assert (args.market, args.price, args.venue, args.mode, args.confirm) == (
        True,
        None,
        "kraken",
        "live",
        "T",
    )
    assert parse(["order", "cancel", "bly23"]).id == "bly23"
    assert parse(["order", "cancel-all", "--symbol", "BTC/USDT"]).symbol == "BTC/USDT"
    assert parse(["order", "list"]).action == "list"
    args = parse(["order", "foreign", "--adopt", "77"])
    assert (args.ignore, args.close, args.adopt) == (None, None, "77")

"""``backtest``: one strategy over past candles, with the same plan, judge and matching as a run; main thread."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from actors.backtest_report import write_report
from actors.commands.context import Context
from actors.session import new_plan
from actors.venues.replay import ReplaySource, symbol_of
from core.backtest import Result, run_backtest
from core.clock import millis
from core.errors import BadData, BadSettings
from core.ids import Symbol
from core.money import text


def backtest(args: argparse.Namespace, context: Context) -> int:
    """Print the result, write the report; 0 done."""
    if args.data is None:
        raise BadSettings(
            "Name the candles: --data FILE (this version has no candle store for --symbol alone)."
        )
    path = Path(args.data).expanduser()
    source = ReplaySource([path], [args.symbol or _symbol(path)])
    if args.timeframe is not None and args.timeframe != source.timeframe:
        raise BadSettings(
            f"The candles are {source.timeframe}, not {args.timeframe}. Leave --timeframe away."
        )
    plan = new_plan(context.settings, source, "replay", [args.strategy], dict(args.params))
    candles = _span(source.candles(), args.since, args.until)
    start = perf_counter()
    result = run_backtest(plan, candles, np.zeros(len(candles), np.int64))
    seconds = perf_counter() - start
    event = _event(result, candles, seconds)
    if args.report:
        write_report(Path(args.report).expanduser(), result, candles, event)
    _say(context, event, args.report)
    return 0


def _symbol(path: Path) -> Symbol:
    """The market that the file's name tells; one sentence that names this command's own option."""
    if not path.is_file():
        raise BadData(f"There is no file {path}.")
    try:
        return symbol_of(path)
    except BadSettings:
        raise BadSettings(
            f"The name {path.name} does not tell its market; add --symbol, say BTC/USDT."
        ) from None


def _span(candles: Any, since: str | None, until: str | None) -> Any:
    """The candles from ``since`` (included) to ``until`` (not included)."""
    first = _moment(since, "--from") if since else 0
    last = _moment(until, "--to") if until else 2**62
    chosen = np.ascontiguousarray(candles[(candles["ts"] >= first) & (candles["ts"] < last)])
    if len(chosen) == 0:
        raise BadSettings("No candle lies between --from and --to. Look at the times of the file.")
    return chosen


def _moment(text_: str, option: str) -> int:
    try:
        at = datetime.fromisoformat(text_)
    except ValueError:
        raise BadSettings(
            f"{option} {text_!r} is no time. Write it like 2021-05-01 or 2021-05-01T12:00."
        ) from None
    return millis(at.replace(tzinfo=UTC) if at.tzinfo is None else at)


def _event(result: Result, candles: Any, seconds: float) -> dict[str, Any]:
    account = result.arena.account[0]
    cash = result.plan.cash
    held = candles["close"][-1] / candles["open"][0] - 1
    return {
        "event": "backtest",
        "strategy": result.plan.instances[0].strategy,
        "symbol": result.plan.instances[0].symbol,
        "candles": len(candles),
        "signals": int(account["signals"]),
        "fills": len(result.fills),
        "denials": result.denials,
        "equity": text(result.final_equity),
        "profit": text(result.final_equity - cash),
        "return": f"{(result.final_equity / cash - 1):.8f}",
        "holding": f"{held:.8f}",
        "fees": text(sum((fill.fee.amount for fill in result.fills), cash - cash)),
        "drawdown": text(result.drawdown),
        "seconds": round(seconds, 4),
    }


def _say(context: Context, event: dict[str, Any], report: str | None) -> None:
    context.emit(event)
    for name in ("strategy", "symbol", "candles", "signals", "fills", "equity", "profit", "fees", "drawdown"):
        context.say(f"{name + ':':10}{event[name]}")
    for reason, count in event["denials"].items():
        context.say(f"denied:   {count} {reason}")
    context.say(f"holding:  {float(event['holding']):+.2%} over the same candles")
    if report:
        context.say(f"The report is in {report}.")

"""A backtest's report folder: fills.csv, trades.csv, equity.csv and a page that opens without a network."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from actors.persistence.export import write_csv
from actors.persistence.rows import FILL_COLUMNS, TRADE_COLUMNS, Row, fill_row, trade_row
from core.backtest import Result
from core.errors import BadData
from core.intent import Kind, Side
from core.money import Price
from core.order import Fill, Order, Role
from core.position import OpenTrip, trip_after
from core.records import RoundTrip

POINTS = 1_200
"""Most points of the page's equity line."""


def write_report(folder: Path, result: Result, candles: Any, event: Mapping[str, Any]) -> None:
    """Write all files; ``BadData`` in one sentence when the folder cannot take them."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _table(folder / "fills.csv", FILL_COLUMNS, map(fill_row, result.fills))
        _table(folder / "trades.csv", TRADE_COLUMNS, map(trade_row, round_trips(result)))
        places = zip(candles["ts"].tolist(), result.equity.tolist(), strict=False)
        _table(folder / "equity.csv", ("time", "equity"), ((ts, f"{equity:.8f}") for ts, equity in places))
        (folder / "report.html").write_text(_page(result, candles, event), encoding="utf-8")
    except OSError as error:
        raise BadData(
            f"The report cannot be written to {folder}: {error.strerror}. Choose another folder."
        ) from error


def _table(path: Path, names: tuple[str, ...], rows: Iterable[Row]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        write_csv(file, names, rows)


def round_trips(result: Result) -> list[RoundTrip]:
    """The trades that these fills make, by the same fold as the records'."""
    open_trips: dict[tuple[str, str], OpenTrip] = {}
    found: list[RoundTrip] = []
    for fill in result.fills:
        key = (fill.identity.instance, fill.identity.symbol)
        after = trip_after(open_trips.pop(key, None), fill, _order(result, fill))
        if isinstance(after, RoundTrip):
            found.append(after)
        else:
            open_trips[key] = after
    return found


def _order(result: Result, fill: Fill) -> Order:
    """What the fold must know of a fill's order: whether it is protective, and its mode."""
    declared = {one.id: one.slots for one in result.plan.instances}[fill.identity.instance]
    is_guard = fill.identity.slot >= declared
    return Order(
        client_order_id=fill.client_order_id,
        identity=fill.identity,
        side=fill.side,
        kind=Kind.STOP if is_guard else Kind.LIMIT,
        price=Price(fill.price),
        quantity=fill.quantity,
        stop=None,
        mode=result.plan.mode,
        time=fill.at,
        role=Role.PROTECTIVE if is_guard else Role.DECLARED,
    )


def _page(result: Result, candles: Any, event: Mapping[str, Any]) -> str:
    """One page, everything inside: the figures and the equity line as SVG."""
    rows = "".join(
        f"<tr><th>{html.escape(name)}</th><td>{html.escape(str(value))}</td></tr>"
        for name, value in event.items()
        if name not in ("event", "seconds", "denials")
    )
    bought = sum(fill.side is Side.BUY for fill in result.fills)
    title = html.escape(f"{event['strategy']} on {event['symbol']}")
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Backtest: {title}</title>'
        "<style>body{font:15px system-ui;max-width:60rem;margin:2rem auto;padding:0 1rem}"
        "th{text-align:left;font-weight:400;color:#555;padding:.2rem 2rem .2rem 0}svg{width:100%;height:auto}</style>"
        f"<h1>Backtest: {title}</h1><p>{len(candles):,} candles, {bought:,} buys, "
        f"{len(result.fills) - bought:,} sells, fees and slippage included. Past candles say nothing certain about "
        f"the next ones.</p>{_line(result.equity)}<table>{rows}</table></html>\n"
    )


def _line(equity: Any) -> str:
    """Equity over time, thinned to the page's width."""
    if len(equity) < 2:
        return ""
    chosen = equity[np.linspace(0, len(equity) - 1, min(POINTS, len(equity))).astype(np.int64)]
    low, high = float(chosen.min()), float(chosen.max())
    reach = (high - low) or 1.0
    points = " ".join(
        f"{i * 1000 / (len(chosen) - 1):.1f},{300 - (value - low) / reach * 280:.1f}"
        for i, value in enumerate(chosen.tolist())
    )
    return (
        f'<svg viewBox="0 0 1000 310" role="img" aria-label="Equity from {low:.2f} to {high:.2f}">'
        f'<polyline fill="none" stroke="#14191c" stroke-width="1.5" points="{points}"/></svg>'
        f"<p>Equity between {low:,.2f} and {high:,.2f}.</p>"
    )

"""What the window's charts and tables cost: 50,000 candles, and 10,000 rows at 1,000 changes a second."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter

import pytest
from PySide6.QtWidgets import QApplication, QWidget

from core.market import Bar
from gui.charts.candles import CandleChart
from gui.table_column import Column
from gui.tables import Table
from gui.theme import Theme, ThemeChoice

pytestmark = pytest.mark.bench
MINUTE = 60_000


def bars(first: int, count: int) -> list[Bar]:
    return [Bar(n * MINUTE, 100, 104, 97, 100 + n % 4, 1) for n in range(first, first + count)]


def cost(change: Callable[[int], object], shown: QWidget, times: int = 40) -> float:
    """Milliseconds per change, its painting included."""
    begin = perf_counter()
    for n in range(times):
        change(n)
        shown.grab()
    return (perf_counter() - begin) / times * 1000


def test_fifty_thousand_candles_stay_fluid(qtbot, qapp: QApplication) -> None:
    Theme(qapp, ThemeChoice.DARK)
    chart = CandleChart("1m")
    qtbot.addWidget(chart)
    chart.resize(900, 650)
    chart.show()
    qtbot.waitExposed(chart)
    chart.append(bars(0, 50_000))
    chart.redraw()
    for _ in range(60):
        chart._zoom(0.7, 400)

    def forming(n: int) -> None:
        chart.update_forming(Bar(50_000 * MINUTE, 100, 104, 97, 100 + n % 4, 1))
        chart.redraw()

    def closed(n: int) -> None:  # what a replay at 3,000 candles a second brings between two pictures
        chart.append(bars(50_001 + 150 * n, 150))
        chart.redraw()

    found = {
        "forming": cost(forming, chart),
        "pan": cost(lambda _: chart._pan(2), chart),
        "150 closed": cost(closed, chart),
    }
    print({name: f"{each:.1f} ms" for name, each in found.items()})
    assert max(found.values()) < 50, "20 pictures a second do not fit"


def test_a_table_takes_a_thousand_changes_a_second(qtbot, qapp: QApplication) -> None:
    Theme(qapp, ThemeChoice.DARK)
    column = Column[tuple[int, int]]
    columns = [
        column(key=name, head=name, text=lambda r: f"{r[1]:,}", order=lambda r: r[0], is_number=True)
        for name in "abcdefghi"
    ]
    table = Table(columns, lambda row: row[0], name="Rows", empty="None.")
    qtbot.addWidget(table)
    table.resize(900, 650)
    table.show()
    qtbot.waitExposed(table)
    table.put((n, 0) for n in range(10_000))
    table.model.flush()

    def change(n: int) -> None:  # a thirtieth of a second: 33 changed rows, 5 new ones
        table.put((10_000 - 1 - (n * 33 + k) % 10_000, n) for k in range(33))
        table.put((10_000 + 5 * n + k, n) for k in range(5))
        table.model.flush()

    spent = cost(change, table)
    print(f"{spent:.1f} ms per flush")
    assert spent < 33, "30 flushes a second do not fit"

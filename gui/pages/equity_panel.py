"""The dashboard's equity: the number, its change in the chosen span, and the line; the window's thread."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from PySide6.QtWidgets import QSizePolicy

from core.messages import AccountMarked, EquitySampled
from core.records import EquityPoint
from gui.charts.equity import EquityChart
from gui.panels import Change, Panel, Segments, column, label, row
from gui.text import DOT, NOT_KNOWN, money, percent

SPANS: tuple[tuple[str, timedelta | None], ...] = (
    ("1 day", timedelta(days=1)), ("7 days", timedelta(days=7)), ("30 days", timedelta(days=30)),
    ("All", None),
)  # fmt: skip


class EquityPanel(Panel):
    """Points come from the books and go on with each ``EquitySampled``."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Equity")
        self._points: list[EquityPoint] = []
        self._account: AccountMarked | None = None
        self._caption = label("Equity", 12, 400, "faint")
        self.value = label(NOT_KNOWN, 30, 600)
        self.change, self._note = Change(15, 600), label("", 12, 400, "faint")
        self.spans = Segments([name for name, _ in SPANS], 1)
        self.spans.chosen.connect(lambda _: self._show())
        self.chart = EquityChart()
        self.chart.setMinimumHeight(220)
        self.chart.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        beside = column(None, self.change, self._note, gap=2)
        # The choices share the caption's line: beside the number they would lack room from 10,000 USDT on.
        self.add(column(row(self._caption, None, self.spans), row(self.value, 16, beside, None), gap=0))
        self.body.addWidget(self.chart, 1)

    def set_points(self, points: list[EquityPoint]) -> None:
        self._points = points
        self._show()

    def sampled(self, fact: EquitySampled) -> None:
        point = EquityPoint(fact.at, fact.equity)
        if not self._points or point.at > self._points[-1].at:
            self._points.append(point)
            self.chart.append(point)
            self._words()

    def marked(self, account: AccountMarked) -> None:
        self._account = account
        self.value.setText(money(account.equity, account.currency))
        self._words()

    def _within(self) -> list[EquityPoint]:
        span = SPANS[self.spans.at][1]
        if span is None or not self._points:
            return self._points
        since = self._points[-1].at - span
        return [point for point in self._points if point.at >= since]

    def _show(self) -> None:
        self.chart.set_points(self._within())
        self._words()

    def _words(self) -> None:
        account, points = self._account, self._within()
        if account is None:
            return
        self._caption.setText(f"Equity, {account.mode} account")
        start = points[0].equity if points else account.start_equity
        grown = account.equity - start
        part = percent(grown / start, signed=True) if start else NOT_KNOWN
        self.change.show_change(grown, f"{money(grown, account.currency, signed=True)} ({part})")
        highest = max([point.equity for point in points] + [account.equity], default=Decimal(0))
        name = SPANS[self.spans.at][0]
        span = "since the start" if name == "All" else f"in {name}"
        self._note.setText(f"{span}{DOT}highest {money(highest, account.currency)}")

"""The dashboard: am I all right?  Equity, today, positions, strategies, last events; window's thread."""

from __future__ import annotations

from datetime import UTC, datetime

from core.instrument import Instrument
from core.messages import AccountMarked, EquitySampled, Fact, FeedProgressed, StrategyNoted
from core.order import Fill, Order, OrderState
from core.ports import Desk
from core.records import EquityPoint
from gui.bridge import Bridge
from gui.pages.equity_panel import EquityPanel
from gui.pages.happened import WANTED, Happened, of_fact, of_fill, of_order
from gui.pages.page import Columns, Page
from gui.pages.positions_panel import PositionsPanel
from gui.pages.today_panel import TodayPanel
from gui.pages.watch_panels import EVENTS, ComingPanel, EventsPanel, StrategiesPanel

NOTEWORTHY = (OrderState.DENIED, OrderState.REFUSED, OrderState.UNKNOWN)
_LONG_AGO = datetime.min.replace(tzinfo=UTC)


class DashboardPage(Page):
    """Lives from facts; the books are asked once, for the equity line and the last events."""

    title = "Dashboard"
    subtitle = "What you have, what happened today, what comes next"
    group = "Watch"
    icon = "dashboard"

    def __init__(self) -> None:
        super().__init__()
        self.equity, self.today = EquityPanel(), TodayPanel()
        self.positions, self.events = PositionsPanel(), EventsPanel()
        self.strategies, self.coming = StrategiesPanel(), ComingPanel()
        self._instruments: dict[str, Instrument] = {}
        self._timeframe = "1m"
        columns = Columns(386)
        columns.wide.addWidget(self.equity, 1)
        columns.wide.addWidget(self.positions)
        columns.wide.addWidget(self.events)
        columns.side.addWidget(self.today)
        columns.side.addWidget(self.strategies, 1)
        columns.side.addWidget(self.coming)
        self.body.addWidget(columns, 1)

    def facts(self) -> tuple[type, ...]:
        return (AccountMarked, EquitySampled, FeedProgressed, StrategyNoted, *WANTED)

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._instruments = {instrument.symbol: instrument for instrument in desk.instruments}
        self._timeframe = desk.timeframe
        self.positions.set_instruments(self._instruments)

        def read() -> tuple[list[EquityPoint], list[Fill], list[Order]]:
            books = desk.books
            unusual = books.orders(states=NOTEWORTHY, limit=EVENTS)
            return books.equity(), books.fills(limit=EVENTS), unusual

        bridge.ask(read, self._read, lambda error: self.events.empty.set_sentence(str(error)))

    def _read(self, books: tuple[list[EquityPoint], list[Fill], list[Order]]) -> None:
        points, fills, unusual = books
        self.equity.set_points(points)
        events = [of_fill(fill, self._instruments.get(fill.identity.symbol)) for fill in fills]
        events += [of_order(order) for order in unusual]
        if not self.events.words():
            self.events.set_events(sorted(events, key=_when, reverse=True))

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case AccountMarked():
                for panel in (self.equity, self.today, self.positions):
                    panel.marked(fact)
            case EquitySampled():
                self.equity.sampled(fact)
            case FeedProgressed(at=at):
                self.coming.show_time(at, self._timeframe)
            case StrategyNoted():
                self.strategies.noted(fact)
            case _:
                event = of_fact(fact, self._instruments)
                if event is not None:
                    self.events.add_event(event)


def _when(event: Happened) -> datetime:
    return event.at or _LONG_AGO

"""The trades page: round trips with net, fees, result and how each ended; the window's thread."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from decimal import Decimal

from PySide6.QtCore import QTimer

from core.errors import BelayError
from core.instrument import Instrument
from core.messages import AccountMarked, Fact, OrderFilled
from core.ports import Desk
from core.records import RoundTrip
from gui.bridge import Bridge
from gui.order_words import strategy_name
from gui.pages.page import Page
from gui.pages.trade_columns import ending, quote_of, trade_columns
from gui.panels import Button, label
from gui.record_panel import RecordPanel
from gui.table_column import Store
from gui.tables import Table
from gui.text import money, plural

FILTERS = ("All", "Today", "Won", "Lost", "Even")
PAGE = 2_000
AGAIN_MS = 1_000
"""After a fill the books are asked for new round trips, at most this often."""
EMPTY = "No trades yet. A trade appears here when a position is closed."


class TradesPage(Page):
    """There is no fact for a round trip: each fill asks the books again.  Today begins at 00:00 UTC."""

    title = "Trades"
    subtitle = "Round trips: what was bought, sold and kept"
    group = "Watch"
    icon = "trades"

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self._bridge: Bridge | None = None
        self._instruments: Mapping[str, Instrument] = {}
        self._now: datetime | None = None
        self._offset = 0
        self._has_older = False
        self._is_asking = False
        way_out = Button("")
        self.table = Table(
            trade_columns(lambda symbol: self._instruments.get(symbol)),
            lambda trip: (trip.instance, trip.symbol, trip.opened, trip.closed, trip.sold),
            name="Trades", empty=EMPTY, action=way_out,
        )  # fmt: skip
        self.summary = label("", 13, 500, "soft")
        self.panel = RecordPanel(
            self.table,
            "trades",
            FILTERS,
            "Find a symbol, a strategy",
            way_out,
            "See the open orders",
            self.summary,
        )
        self.panel.left.connect(lambda: self.asked_for.emit("Orders"))
        self.panel.tell_empty("", EMPTY)
        self.body.addWidget(self.panel, 1)
        self._again = QTimer(self, interval=AGAIN_MS, singleShot=True)
        self._again.timeout.connect(lambda: self._ask(0))
        self.panel.searched.connect(self._search)
        self.table.wanted_more.connect(self._ask_older)

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk, self._bridge = desk, bridge
        self._instruments = {each.symbol: each for each in desk.instruments}
        self.panel.export.attach(desk.books, bridge)
        self._ask(0)

    def facts(self) -> tuple[type, ...]:
        return AccountMarked, OrderFilled

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case OrderFilled() if self.isVisible() and not self._again.isActive():
                self._again.start()
            case AccountMarked(at=at):
                is_new_day = self._now is None or at.date() != self._now.date()
                self._now = at
                if is_new_day:
                    self._search()
            case _:
                pass

    def refresh(self) -> None:
        self._ask(0)

    def remember(self, store: Store) -> None:
        """Keep the table's columns in ``store``."""
        self.table.remember(store, "trades")

    # ---- rows

    def _ask(self, offset: int) -> None:
        if self._desk is None or self._bridge is None or self._is_asking:
            return
        self._is_asking = True
        books = self._desk.books
        self._bridge.ask(
            lambda: books.trades(limit=PAGE, offset=offset),
            lambda trips: self._loaded(trips, offset),
            self._failed,
        )

    def _ask_older(self) -> None:
        if self._has_older:
            self._ask(self._offset)

    def _loaded(self, trips: list[RoundTrip], offset: int) -> None:
        self._is_asking = False
        if offset >= self._offset or not self._offset:
            self._offset = offset + len(trips)
            self._has_older = len(trips) == PAGE
        newest = max((trip.closed for trip in trips), default=None)
        if newest is not None and (self._now is None or newest > self._now):
            self._now = newest
        self.table.put(trips)
        self.table.model.flush()
        self._tell()

    def _failed(self, fault: BelayError) -> None:
        self._is_asking = False
        self.panel.fail(fault)

    def _search(self) -> None:
        self.table.show_only(self._shows)
        self.panel.tell_empty("No trade fits what you look for.", EMPTY)
        self._tell()

    def _shows(self, trip: RoundTrip) -> bool:
        return self._is_in(trip, FILTERS[self.panel.filters.at]) and self._matches(trip)

    def _is_in(self, trip: RoundTrip, name: str) -> bool:
        if name == "Today":
            return self._now is not None and trip.closed.date() == self._now.date()
        return name == "All" or trip.result == name.lower()

    def _matches(self, trip: RoundTrip) -> bool:
        told = f"{trip.symbol} {strategy_name(trip.instance)} {ending(trip)} {trip.result}"
        return self.panel.words in told.lower()

    # ---- words

    def _tell(self) -> None:
        known = self.table.model.rows()
        counts = [sum(self._is_in(trip, name) for trip in known) for name in FILTERS]
        self.panel.filters.set_counts(counts if known else [None] * len(FILTERS))
        self.summary.setText(summary(trip for trip in known if self._shows(trip)))
        if self._has_older:
            self.panel.say(f"The newest {plural(self._offset, 'trade')}; older ones follow when you scroll")
        else:
            self.panel.say(f"{plural(len(known), 'trade')}, all that the records hold" if known else "")


def summary(trips: Iterable[RoundTrip]) -> str:
    """``Net +2.27 USDT after 1.35 USDT of fees``, one part per currency; empty for no trade."""
    sums: dict[str, tuple[Decimal, Decimal]] = {}
    for trip in trips:
        net, fees = sums.get(quote_of(trip), (Decimal(0), Decimal(0)))
        sums[quote_of(trip)] = net + trip.net, fees + trip.fees
    parts = [
        f"{money(net, unit, signed=True)} after {money(fees, unit)} of fees"
        for unit, (net, fees) in sorted(sums.items())
    ]
    return f"Net {', '.join(parts)}" if parts else ""

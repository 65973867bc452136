"""The orders page: every order from the wish to the last fill, live; the window's thread."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import QTimer

from core.errors import BelayError
from core.ids import ClientOrderId
from core.instrument import Instrument
from core.messages import Fact
from core.money import text as plain
from core.order import WORKING, Order, OrderState
from core.ports import Desk
from core.records import Counts, OrderEvent
from gui.bridge import Bridge
from gui.icons import Icon
from gui.order_words import ORDER_FACTS, WORDS, is_unknown, kind_word, origin, side_word, unknown_sentence
from gui.pages.market import MarketPage
from gui.pages.order_columns import order_columns
from gui.pages.order_life import OrderLife
from gui.pages.page import Columns, Page
from gui.panels import Button, label
from gui.record_panel import RecordPanel
from gui.table_column import Store
from gui.tables import Table
from gui.text import plural

S = OrderState
EMPTY = "No orders yet. They appear here as soon as a strategy wishes one."
ELSEWHERE = "See what the strategies wait for"
FILTERS: tuple[tuple[str, tuple[OrderState, ...]], ...] = (
    ("All", ()), ("Open", (S.INTENT, S.WAITING, S.OPEN, S.PART_FILLED, S.CANCELLING)), ("Filled", (S.FILLED,)),
    ("Cancelled", (S.CANCELLED,)), ("Denied", (S.DENIED, S.REFUSED)), ("Unknown", (S.UNKNOWN,)),
)  # fmt: skip
"""Denied holds what Belay denied and what the venue refused."""
PAGE = 500
AGAIN_MS = 500
"""Counts and the chosen order's life are asked for again at most this often."""


class OrdersPage(Page):
    """Rows come from the books, then from facts; a fact is never undone by an older answer of the books."""

    title = "Orders"
    subtitle = "Every order from the wish to the last fill"
    group = "Watch"
    icon = "orders"

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self._bridge: Bridge | None = None
        self._instruments: Mapping[str, Instrument] = {}
        self._newest: datetime | None = None
        self._serial = 0
        self._touched: dict[ClientOrderId, int] = {}
        self._questions = 0
        self._is_counting = False
        self._unknown: set[ClientOrderId] = set()
        self._working: set[ClientOrderId] = set()
        self._offset = 0
        self._is_asking = False
        way_out = Button("")
        self.table = Table(
            order_columns(lambda symbol: self._instruments.get(symbol), lambda: self._newest),
            lambda order: order.client_order_id, name="Orders", is_pinned=is_unknown,
            empty=EMPTY, action=way_out,
        )  # fmt: skip
        self.panel = RecordPanel(
            self.table,
            "orders",
            [name for name, _ in FILTERS],
            "Find an order, a price, an id",
            way_out,
            ELSEWHERE,
        )
        self.life = OrderLife()
        self._warning = Icon("unknown", 14, "warn")
        self.unknown = label("", 13, 500)
        self.head.addWidget(self._warning)
        self.head.addWidget(self.unknown)
        columns = Columns(284)
        columns.wide.addWidget(self.panel)
        columns.side.addWidget(self.life)
        self.body.addWidget(columns, 1)
        self._again = QTimer(self, interval=AGAIN_MS, singleShot=True)
        self._again.timeout.connect(self._ask_counts)
        self.panel.searched.connect(self._search)
        self.panel.left.connect(lambda: self.asked_for.emit(MarketPage.title))
        self.table.wanted_more.connect(self._ask_more)
        self.table.chosen.connect(self._choose)
        self.life.chart_asked.connect(self._show_chart)
        self._count_unknown()

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk, self._bridge = desk, bridge
        self._instruments = {each.symbol: each for each in desk.instruments}
        self.panel.export.attach(desk.books, bridge)
        self._search()
        self._ask_counts()
        self._ask_working(desk)

    def facts(self) -> tuple[type, ...]:
        return ORDER_FACTS

    def on_fact(self, fact: Fact) -> None:
        if not isinstance(fact, ORDER_FACTS):
            return
        if self._questions:  # an answer on its way may be older than this fact
            self._serial += 1
            self._touched[fact.order.client_order_id] = self._serial
        self._take([fact.order])
        if self.isVisible() and not self._again.isActive():
            self._again.start()

    def refresh(self) -> None:
        self._ask_counts()

    def remember(self, store: Store) -> None:
        """Keep the table's columns in ``store``."""
        self.table.remember(store, "orders")

    # ---- rows

    def _take(self, orders: list[Order]) -> None:
        newest = max((order.time for order in orders), default=None)
        if newest is not None and (self._newest is None or newest > self._newest):
            self._newest = newest
        self.table.put(orders)
        before = len(self._unknown)
        for order in orders:
            (self._unknown.add if is_unknown(order) else self._unknown.discard)(order.client_order_id)
        if len(self._unknown) != before:
            self._count_unknown()
        self._count_working(orders)
        chosen = self.life.order
        if chosen is not None:
            for order in orders:
                if order.client_order_id == chosen.client_order_id and order != chosen:
                    self.life.show_order(order, self._instruments.get(order.identity.symbol))

    def _shows(self, order: Order) -> bool:
        states = FILTERS[self.panel.filters.at][1]
        return (not states or order.status in states) and self._matches(order)

    def _matches(self, order: Order) -> bool:
        words = self.panel.words.replace(",", "")
        if not words:
            return True
        price = plain(order.price) if order.price is not None else ""
        told = (order.identity.symbol, side_word(order.side), kind_word(order), price, plain(order.quantity),
                WORDS[order.status], origin(order), order.client_order_id, order.reason)  # fmt: skip
        return words in " ".join(told).lower().replace(",", "")

    def _search(self) -> None:
        self._offset, self._is_asking = 0, False
        self.panel.tell_empty("No order fits what you look for.", EMPTY)
        self.table.show_only(self._shows)
        self._ask_more()

    def _ask_more(self) -> None:
        if self._desk is None or self._bridge is None or self._is_asking or self._offset < 0:
            return
        self._is_asking = True
        self._questions += 1
        books, offset, since = self._desk.books, self._offset, self._serial
        at, words = self.panel.filters.at, self.panel.words
        self._bridge.ask(
            lambda: books.orders(states=FILTERS[at][1], text=words, limit=PAGE, offset=offset),
            lambda orders: self._loaded(orders, since, (at, words, offset)),
            self._not_loaded,
        )

    def _answered(self) -> None:
        self._questions -= 1
        if not self._questions:
            self._touched.clear()

    def _not_loaded(self, fault: BelayError) -> None:
        self._answered()
        self._is_asking = False
        self.panel.fail(fault)

    def _loaded(self, orders: list[Order], since: int, asked: tuple[int, str, int]) -> None:
        self._take([order for order in orders if self._touched.get(order.client_order_id, 0) <= since])
        self._answered()
        if asked != (self.panel.filters.at, self.panel.words, self._offset):
            return  # the person looks for something else by now
        self._is_asking = False
        self._offset = self._offset + PAGE if len(orders) == PAGE else -1
        self._tell()

    def _tell(self) -> None:
        self.table.model.flush()
        more = "" if self._offset < 0 else "; older ones follow when you scroll"
        self.panel.say(f"{plural(self.table.model.rowCount(), 'order')} shown{more}")

    # ---- counts and words

    def _ask_counts(self) -> None:
        if self._desk is None or self._bridge is None:
            return
        if not self._is_counting:  # a slow answer must not make questions pile up
            self._is_counting = True
            self._bridge.ask(self._desk.books.counts, self._show_counts, self._not_counted)
        if self.life.order is not None:
            self._ask_life(self.life.order)

    def _not_counted(self, fault: BelayError) -> None:
        self._is_counting = False
        self.panel.fail(fault)

    def _show_counts(self, counts: Counts) -> None:
        self._is_counting = False
        if not self._is_asking and self.panel.is_quiet:
            self._tell()
        by_state = dict(counts.by_state)
        self.panel.filters.set_counts(
            [sum(by_state.get(state, 0) for state in states or OrderState) for _, states in FILTERS]
        )

    def _ask_working(self, desk: Desk) -> None:
        """All that is open, however old: the table asks for the newest only."""
        self._questions += 1
        books, bridge, since = desk.books, self._bridge, self._serial
        assert bridge is not None
        bridge.ask(
            lambda: books.orders(states=WORKING, limit=PAGE),
            lambda orders: self._working_loaded(orders, since),
            self._working_failed,
        )

    def _working_loaded(self, orders: list[Order], since: int) -> None:
        self._count_working([one for one in orders if self._touched.get(one.client_order_id, 0) <= since])
        self._answered()

    def _working_failed(self, fault: BelayError) -> None:
        self._answered()
        self.panel.fail(fault)

    def _count_working(self, orders: list[Order]) -> None:
        for order in orders:
            is_open = order.status in WORKING
            (self._working.add if is_open else self._working.discard)(order.client_order_id)
        self.counted.emit(len(self._working))

    def _count_unknown(self) -> None:
        venue = self._desk.venue_label if self._desk is not None else "the venue"
        words = unknown_sentence(len(self._unknown), venue)
        self._warning.setVisible(bool(words))
        self.unknown.setText(words)

    # ---- the chosen order

    def _choose(self, order: Order | None) -> None:
        if order is None or self._desk is None:
            return
        self.life.show_order(order, self._instruments.get(order.identity.symbol))
        self._ask_life(order)

    def _ask_life(self, order: Order) -> None:
        assert self._desk is not None
        assert self._bridge is not None
        books, wanted = self._desk.books, order.client_order_id

        def done(events: list[OrderEvent]) -> None:
            if self.life.order is not None and self.life.order.client_order_id == wanted:
                self.life.show_steps(events)

        self._bridge.ask(lambda: books.order_events(wanted), done, self.life.fail)

    def _show_chart(self, symbol: str) -> None:
        market = self.window().findChild(MarketPage)
        if isinstance(market, MarketPage):
            market.show_symbol(symbol)
        self.asked_for.emit(MarketPage.title)

"""The market page: the price, our orders in it, and why there is no new one; the window's thread."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QWidget

from core.errors import BelayError
from core.ids import ClientOrderId, Symbol
from core.market import TIMEFRAME_MS, Bar, Candle
from core.messages import (
    AccountMarked,
    BarsSeen,
    CandlesClosed,
    CandleSeen,
    Fact,
    FeedProgressed,
    HaltTripped,
    OrderFilled,
    QuoteSeen,
    Rearmed,
    StateChanged,
    StrategyNoted,
    SymbolAged,
)
from core.modes import TradingState
from core.order import WORKING, Fill, Order, OrderState
from core.ports import Desk
from gui.bridge import Bridge
from gui.charts.candles import CandleChart
from gui.charts.picture import Market
from gui.icons import Icon
from gui.order_words import ORDER_FACTS
from gui.pages.ladder import LadderPanel
from gui.pages.page import Columns, Page
from gui.pages.quote_panel import QuotePanel
from gui.pages.symbol_state import SymbolState
from gui.pages.why_panel import WhyPanel
from gui.panels import Change, Panel, Segments, label, row, set_tone
from gui.table_column import Store
from gui.text import duration, percent, price

FRAMES = ("1m", "5m", "15m", "1h", "4h", "1d")
RENEW_MS = 100
"""Words and panels beside the chart are renewed at most this often."""
FILLS = 2_000


class MarketPage(Page):
    """Every symbol goes on filling; the chosen one is shown."""

    title = "Market"
    subtitle = "The price, your orders in it, and why"
    group = "Watch"
    icon = "market"

    def __init__(self) -> None:
        super().__init__()
        self.states: dict[Symbol, SymbolState] = {}
        self.shown = Symbol("")
        self.symbols: Segments | None = None
        self.frames: Segments | None = None
        self._mode = ""
        self._store: Store | None = None
        self._base = "1m"
        self._trading, self._why = TradingState.ACTIVE, ""
        self._touched: set[ClientOrderId] | None = set()
        self._answers_due = 2
        self.chart = CandleChart()
        self.chart.setMinimumHeight(380)
        self.name, self.price = label("", 15, 600), label("", 20, 600)
        self.change = Change(13, 500)
        self.stale = row(Icon("warning", 14, "warn"), label("stale", 13, 500, "warn"), gap=6)
        self.stale.hide()
        self.fault = label("", 12, 400, "bad")
        self._top = QHBoxLayout()
        self._top.setSpacing(12)
        for part in (self.name, self.price, self.stale, self.change):
            self._top.addWidget(part)
        self._top.addStretch(1)
        self.panel = Panel(gap=8)
        self.panel.setAccessibleName("Price chart")
        head = QWidget()
        head.setLayout(self._top)
        self._top.setContentsMargins(0, 0, 0, 0)
        head.setMinimumHeight(32)
        self.panel.add(head, self.fault)
        self.panel.body.addWidget(self.chart, 1)
        self.fault.hide()
        self.quote, self.ladder, self.reason = QuotePanel(), LadderPanel(), WhyPanel()
        columns = Columns(284)
        columns.wide.addWidget(self.panel)
        for panel in (self.quote, self.ladder):
            columns.side.addWidget(panel)
        columns.side.addWidget(self.reason, 1)
        self.body.addWidget(columns, 1)
        self._timer = QTimer(self, interval=RENEW_MS, singleShot=True)
        self._timer.timeout.connect(self.renew)

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._mode, self._base = str(desk.mode), desk.timeframe
        known = {each.symbol: each for each in desk.instruments}
        for symbol in desk.symbols:
            instrument = known.get(symbol)
            market = Market(
                places=instrument.price_places if instrument else 2,
                base=instrument.base if instrument else symbol.partition("/")[0],
            )
            self.states.setdefault(symbol, SymbolState(instrument, market))
        self._choices(desk)
        books = desk.books
        bridge.ask(lambda: books.orders(states=WORKING, limit=FILLS), self._orders_loaded, self._failed)
        bridge.ask(lambda: books.fills(limit=FILLS), self._fills_loaded, self._failed)
        bridge.ask(
            lambda: books.orders(states=[OrderState.DENIED], limit=20), self._orders_loaded, self._failed
        )

    def remember(self, store: Store) -> None:
        """Keep the symbol and the time frame shown in ``store``."""
        self._store = store

    def facts(self) -> tuple[type, ...]:
        return (*ORDER_FACTS, BarsSeen, CandlesClosed, CandleSeen, QuoteSeen, AccountMarked, StrategyNoted,
                FeedProgressed, StateChanged, HaltTripped, Rearmed, SymbolAged)  # fmt: skip

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case BarsSeen(symbol=symbol, bars=bars) | CandlesClosed(symbol=symbol, bars=bars):
                self._closed(symbol, bars)
            case CandleSeen(candle=candle):
                self._candle(candle)
            case QuoteSeen(quote=quote):
                self.quote.came(quote)
                self._state(quote.symbol).quote = quote
            case AccountMarked():
                self._trading, self._why = fact.state, fact.state_why
                for symbol, state in self.states.items():
                    state.holdings = tuple(held for held in fact.holdings if held.symbol == symbol)
            case StrategyNoted():
                self._state(fact.symbol).notes[fact.instance] = fact
            case FeedProgressed(freshness=freshness):
                self.quote.set_freshness(freshness)
            case SymbolAged(symbol=symbol):
                self._state(symbol).aged = fact
                self.quote.aged(fact)
            case StateChanged():
                self._trading, self._why = fact.state, fact.cause
            case HaltTripped():
                self._trading = TradingState.HALTED
            case Rearmed():
                self._trading = TradingState.ACTIVE
            case _ if isinstance(fact, ORDER_FACTS):
                self._order(fact.order)
                if isinstance(fact, OrderFilled):
                    self._fill(fact.fill)
            case _:
                pass
        if not self._timer.isActive():
            self._timer.start()

    def refresh(self) -> None:
        self.renew()

    def show_symbol(self, symbol: str) -> None:
        """Choose a symbol, as its segment does."""
        names = list(self.states)
        if self.symbols is not None and symbol in names:
            self.symbols.choose(names.index(Symbol(symbol)))

    # ---- choices

    def _choices(self, desk: Desk) -> None:
        names = list(desk.symbols)
        kept = self._store.value("market/symbol") if self._store is not None else None
        first = next((at for at, name in enumerate(names) if name == kept), 0)
        self.symbols = Segments(names, first)
        self.symbols.setToolTip("The market that is shown")
        self.symbols.chosen.connect(lambda at: self._show(names[at]))
        self.head.addWidget(self.symbols)
        base = TIMEFRAME_MS[self._base]
        frames = [name for name in FRAMES if TIMEFRAME_MS[name] % base == 0] or [self._base]
        kept = self._store.value("market/timeframe") if self._store is not None else None
        start = kept if kept in frames else frames[min(1, len(frames) - 1)]
        self.frames = Segments(frames, frames.index(start))
        self.frames.setToolTip("Length of a candle")
        self.frames.chosen.connect(lambda at: self._frame(frames[at]))
        self._top.addWidget(self.frames)
        self.chart.set_timeframe(start)
        if names:
            self._show(names[first])

    def _frame(self, name: str) -> None:
        self.chart.set_timeframe(name)
        if self._store is not None:
            self._store.setValue("market/timeframe", name)

    def _show(self, symbol: Symbol) -> None:
        self.shown = symbol
        if self._store is not None:
            self._store.setValue("market/symbol", str(symbol))
        self.chart.set_orders(self._state(symbol).marks())
        self.chart.show_market(self._state(symbol).market)
        self.renew()

    def _state(self, symbol: Symbol) -> SymbolState:
        return self.states.setdefault(symbol, SymbolState())

    # ---- what comes in

    def _closed(self, symbol: Symbol, bars: tuple[Bar, ...]) -> None:
        if symbol == self.shown:
            self.chart.append(bars)
        else:
            self._state(symbol).market.bars.append(bars)

    def _candle(self, candle: Candle) -> None:
        if candle.timeframe != self._base:
            return
        numbers = (candle.open, candle.high, candle.low, candle.close, candle.volume)
        bar = Bar(int(candle.at.timestamp() * 1000), *map(float, numbers))
        ring = self._state(candle.symbol).market.bars
        if candle.closed:
            ring.append((bar,))
        else:
            ring.update_forming(bar)
        if candle.symbol == self.shown:
            self.chart.mark_old()

    def _order(self, order: Order) -> None:
        if self._touched is not None:  # the books have not answered yet: this fact is newer than their answer
            self._touched.add(order.client_order_id)
        self._state(order.identity.symbol).take(order)

    def _fill(self, fill: Fill) -> None:
        self._state(fill.identity.symbol).market.fills.add((fill,))
        if fill.identity.symbol == self.shown:
            self.chart.mark_old()

    def _orders_loaded(self, orders: list[Order]) -> None:
        for order in orders:
            if self._touched is not None and order.client_order_id not in self._touched:
                self._state(order.identity.symbol).take(order)
        self._answers_due -= 1
        if not self._answers_due:
            self._touched = None
        self.renew()

    def _fills_loaded(self, fills: list[Fill]) -> None:
        for fill in reversed(fills):
            self._state(fill.identity.symbol).market.fills.add((fill,))
        self.chart.mark_old()

    def _failed(self, fault: BelayError) -> None:
        self.fault.setText(str(fault))
        self.fault.show()

    # ---- what is shown

    def renew(self) -> None:
        """Bring words and lines up to date; nothing while hidden."""
        self._timer.stop()
        if not self.isVisible() or not self.shown:
            return
        state = self._state(self.shown)
        self.name.setText(self.shown)
        self.price.setText(price(state.last, state.instrument))
        set_tone(self.price, "faint" if state.is_stale else "text")
        self.stale.setVisible(state.is_stale)
        moved = state.change()
        if moved is None:
            self.change.show_change(None, "")
        else:
            span = "24 h" if moved[1].days else duration(moved[1])
            self.change.show_change(moved[0], f"{percent(moved[0], signed=True)} in {span}")
        self.chart.set_orders(state.marks())
        self.quote.show_quote(self.shown, state.quote, state.instrument)
        self.ladder.show_state(state, self._mode)
        self.reason.show_state(state, self._trading, self._why)

"""What the market page knows of one symbol, and what of it becomes lines in the chart; window's thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

import numpy as np

from core.ids import ClientOrderId, InstanceId
from core.instrument import Instrument
from core.market import Freshness, Quote
from core.messages import Holding, StrategyNoted, SymbolAged
from core.order import Order, OrderState, Role
from gui.charts.bars import CLOSE, TS
from gui.charts.marks import Line, Mark
from gui.charts.picture import Market
from gui.order_words import side_token, side_word, slot_name, strategy_name
from gui.text import quantity

DAY_MS = 86_400_000


@dataclass(slots=True)
class SymbolState:
    """Candles, the newest quote, orders that may still trade, positions, and what each strategy waits for."""

    instrument: Instrument | None = None
    market: Market = field(default_factory=Market)
    quote: Quote | None = None
    orders: dict[ClientOrderId, Order] = field(default_factory=dict)
    holdings: tuple[Holding, ...] = ()
    notes: dict[InstanceId, StrategyNoted] = field(default_factory=dict)
    denial: Order | None = None
    aged: SymbolAged | None = None

    @property
    def is_stale(self) -> bool:
        """Whether the source says that the price may not be trusted."""
        return self.aged is not None and self.aged.freshness is not Freshness.FRESH

    def take(self, order: Order) -> None:
        """Keep an order while it may still trade; remember the newest denied one."""
        if order.is_working:
            self.orders[order.client_order_id] = order
        else:
            self.orders.pop(order.client_order_id, None)
        if order.status is OrderState.DENIED and (self.denial is None or order.time >= self.denial.time):
            self.denial = order

    @property
    def last(self) -> Decimal | None:
        """The newest price: the quote's, else the last candle's close."""
        if self.quote is not None:
            return self.quote.last
        columns = self.market.bars.columns()
        if not columns.shape[1]:
            return None
        return Decimal(format(float(columns[CLOSE, -1]), f".{self.market.places}f"))

    def change(self) -> tuple[Decimal, timedelta] | None:
        """How far the price moved as a fraction, and in how long: a day, or what the candles hold."""
        columns, last = self.market.bars.columns(), self.last
        if columns.shape[1] < 2 or last is None:
            return None
        newest = columns[TS, -1]
        first = int(np.searchsorted(columns[TS], newest - DAY_MS))
        before = Decimal(format(float(columns[CLOSE, first]), ".12g"))
        span = timedelta(milliseconds=float(newest - columns[TS, first]))
        return (last / before - 1, span) if before else None

    def named(self, order: Order) -> str:
        """``B1``; with the strategy in front where several have orders here."""
        several = len({each.identity.instance for each in self.orders.values()}) > 1
        name = slot_name(order)
        return f"{strategy_name(order.identity.instance)} {name}" if several else name

    def marks(self) -> list[Mark]:
        """Lines for the chart, highest first."""
        held = [each for each in self.holdings if each.quantity]
        found = [
            Mark(each.average, f"{strategy_name(each.instance)} paid" if len(held) > 1 else "Average paid",
                 "soft", Line.AVERAGE)
            for each in held
        ]  # fmt: skip
        for order in self.orders.values():
            if order.price is None:
                continue
            what = (
                f"{self.named(order)}  {side_word(order.side)} {quantity(order.remaining, self.instrument)}"
            )
            if order.status is OrderState.UNKNOWN:
                found.append(Mark(order.price, f"{what}, unknown", "warn"))
            elif order.status is OrderState.WAITING:
                found.append(Mark(order.price, f"{what}, kept back here", "soft"))
            elif order.role is Role.PROTECTIVE:
                found.append(Mark(order.price, what, "bad", Line.STOP))
            else:
                found.append(Mark(order.price, what, side_token(order.side)))
        return sorted(found, key=lambda mark: -mark.price)

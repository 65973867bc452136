"""The dashboard's positions, each with its stop and the loss at it; the window's thread."""

from __future__ import annotations

from collections.abc import Mapping

from core.instrument import Instrument
from core.messages import AccountMarked, Holding
from gui.grid import Cell, Grid
from gui.order_words import strategy_name
from gui.panels import EmptyState, Panel
from gui.text import direction, number, price, quantity

HEADS = (("Symbol", False), ("Strategy", False), ("Quantity", True), ("Average", True), ("Now", True),
         ("Open profit", True), ("Stop", True), ("Loss at stop", True))  # fmt: skip


def holding_cells(held: Holding, instrument: Instrument | None) -> list[Cell]:
    """One row; a missing stop is said, never shown as 0."""
    average = instrument.price(held.average) if instrument else held.average
    stop = Cell(price(held.stop, instrument)) if held.stop is not None else Cell("no stop", "warn", "warning")
    loss = Cell(number(held.loss_at_stop)) if held.loss_at_stop is not None else Cell("not known", "faint")
    return [
        Cell(held.symbol, is_strong=True),
        Cell(strategy_name(held.instance), "soft"),
        Cell(quantity(held.quantity, instrument)),
        Cell(price(average, instrument)),
        Cell(price(held.price, instrument)),
        Cell(number(held.open_profit, signed=True), direction(round(held.open_profit, 2))),
        stop,
        loss,
    ]


class PositionsPanel(Panel):
    """Filled by ``AccountMarked``."""

    def __init__(self) -> None:
        super().__init__("Positions", flush=True, gap=4)
        self.grid = Grid(HEADS)
        self.empty = EmptyState("No position now. Strategies buy when their rule and the limits allow it.")
        self.grid.hide()
        self.add(self.grid, self.empty)
        self._instruments: Mapping[str, Instrument] = {}

    def set_instruments(self, instruments: Mapping[str, Instrument]) -> None:
        self._instruments = instruments

    def marked(self, account: AccountMarked) -> None:
        held = [each for each in account.holdings if each.quantity]
        self.note.setText(f"amounts in {account.currency}" if held else "")
        self.grid.setVisible(bool(held))
        self.empty.setVisible(not held)
        self.grid.show_rows([holding_cells(each, self._instruments.get(each.symbol)) for each in held])

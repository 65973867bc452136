"""The panel of orders that Belay did not make: one row each, with Ignore, Close and Adopt; window's thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from core.errors import BelayError
from core.instrument import Instrument
from core.ports import Desk
from core.venue import VenueOrder
from gui.bridge import Bridge
from gui.icons import Icon
from gui.order_words import side_token, side_word
from gui.pages.foreign_words import (
    ASKED,
    BUTTONS,
    LEAD,
    SAID,
    TIPS,
    UNDER_WAY,
    Decision,
    close_question,
    told,
    undecided,
)
from gui.pages.venue_question import Question
from gui.panels import Button, Panel, button, label, row, sentence, set_tone
from gui.text import plural, price, quantity

HEADS = (
    ("Market", False),
    ("Side", False),
    ("Kind", False),
    ("Price", True),
    ("Quantity", True),
    ("", False),
)
WIDTHS = (92, 64, 64, 92, 92)
MOST = 30
"""Rows shown; more follow as these are decided."""
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
Decide = Callable[[VenueOrder, Decision], object]


class ForeignRow:
    """The widgets of one order, in one line of the grid."""

    def __init__(self, order: VenueOrder, instrument: Instrument | None, decide: Decide) -> None:
        self.order = order
        what = told(order, instrument)
        token = side_token(order.side)
        self.state = label("", 12, 400, "soft")
        self.buttons: dict[Decision, Button] = {}
        for decision, words in BUTTONS.items():
            made = button(words, clicked=partial(decide, order, decision))
            made.setToolTip(TIPS[decision])
            made.setAccessibleName(f"{words}: {what}")
            self.buttons[decision] = made
        at = price(order.price, instrument) if order.price is not None else "at market"
        self.parts: tuple[QWidget, ...] = (
            label(order.symbol, 13, 500),
            row(Icon(token, 12, token), label(side_word(order.side), 13, 400, token), None, gap=6),
            label(str(order.kind).capitalize()),
            label(at),
            label(quantity(order.quantity, instrument)),
            row(8, *self.buttons.values(), 8, self.state, None, gap=6),
        )
        for part, (_, is_number) in zip(self.parts, HEADS, strict=True):
            if is_number and hasattr(part, "setAlignment"):
                part.setAlignment(RIGHT)

    def show_state(self, words: str, *, can_decide: bool) -> None:
        """What is being done, or was decided."""
        self.state.setText(words)
        if not can_decide:
            self._let_go()
        for each in self.buttons.values():
            each.setEnabled(can_decide)

    def _let_go(self) -> None:
        """A button that goes while it has the keyboard would pass it to whatever is next, the kill plate for one."""
        for each in self.buttons.values():
            each.clearFocus()

    def texts(self) -> list[str]:
        """Market, side, kind, price, quantity and state, as shown."""
        found = [part.text() if hasattr(part, "text") else "" for part in self.parts[:5]]
        return [*found, self.state.text()]

    def remove(self) -> None:
        self._let_go()
        for part in self.parts:
            part.hide()
            part.deleteLater()


class ForeignPanel(Panel):
    """Hidden while there are none; ``counted`` carries how many wait for a decision."""

    counted = Signal(int)

    def __init__(self) -> None:
        super().__init__("Orders that Belay did not make", gap=8)
        self._desk: Desk | None = None
        self._bridge: Bridge | None = None
        self._instruments: Mapping[str, Instrument] = {}
        self._orders: dict[str, VenueOrder] = {}
        self._under_way: dict[str, Decision] = {}
        self._decided: dict[str, Decision] = {}
        self._asked = ""
        self.rows: dict[str, ForeignRow] = {}
        grid = QWidget()
        self._grid = QGridLayout(grid)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(16)
        self._grid.setVerticalSpacing(4)
        for at, (words, is_number) in enumerate(HEADS):
            head = label(words, 12, 500, "faint")
            if is_number:
                head.setAlignment(RIGHT)
            self._grid.addWidget(head, 0, at)
        for at, width in enumerate(WIDTHS):
            self._grid.setColumnMinimumWidth(at, width)
        self._grid.setColumnStretch(len(HEADS) - 1, 1)
        self.more = label("", 12, 400, "faint")
        self.question = Question()
        self.said = sentence("", "soft", 12)
        for part in (self.more, self.said):
            part.hide()
        self.add(sentence(LEAD), grid, self.more, self.question, self.said)
        self.hide()

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        """Decisions go to ``desk`` through ``bridge``."""
        self._desk, self._bridge = desk, bridge
        self._instruments = {each.symbol: each for each in desk.instruments}

    def show_orders(self, orders: Sequence[VenueOrder]) -> int:
        """Show these; how many of them are new and wait for a decision."""
        new = [each for each in orders if each.venue_id not in self._orders]
        self._orders = {each.venue_id: each for each in orders}
        for key in [key for key, decision in self._decided.items() if decision is not Decision.IGNORE]:
            del self._decided[key]  # still told, still there: it may be decided again
        for key in set(self._decided) - set(self._orders):
            del self._decided[key]
        if self._asked not in self._orders:
            self.question.drop()  # nobody can close what is gone
        self._show()
        return len(new)

    @property
    def waiting(self) -> int:
        """How many wait for a decision."""
        return undecided(self._orders.values(), set(self._decided))

    def _show(self) -> None:
        shown = list(self._orders.values())[:MOST]
        wanted = {each.venue_id: each for each in shown}
        for gone in [key for key, row_ in self.rows.items() if wanted.get(key) != row_.order]:
            self.rows.pop(gone).remove()
        for place, (key, order) in enumerate(wanted.items(), 1):
            if key not in self.rows:
                self.rows[key] = ForeignRow(order, self._instruments.get(order.symbol), self._decide)
            for at, part in enumerate(self.rows[key].parts):
                self._grid.addWidget(part, place, at)
                part.show()
            self._show_state(key)
        further = len(self._orders) - len(shown)
        self.more.setText(f"{plural(further, 'more', 'more')}; they follow as these are decided")
        self.more.setVisible(further > 0)
        self.note.setText(plural(len(self._orders), "order"))
        self.setVisible(bool(self._orders) or not self.said.isHidden())
        self.counted.emit(self.waiting)

    def _show_state(self, key: str) -> None:
        if key not in self.rows:
            return
        if key in self._under_way:
            self.rows[key].show_state(UNDER_WAY[self._under_way[key]], can_decide=False)
        elif key in self._decided:
            # what was asked for may fail at the venue without any news: it can be asked for again
            self.rows[key].show_state(ASKED[self._decided[key]], can_decide=True)
        else:
            self.rows[key].show_state("", can_decide=True)

    # ---- decisions

    def _decide(self, order: VenueOrder, decision: Decision) -> None:
        self.question.drop()
        if decision is not Decision.CLOSE:
            self._do(order, decision)
            return
        venue = self._desk.venue_label if self._desk is not None else "the venue"
        words = close_question(order, self._instruments.get(order.symbol), venue)
        self._asked = order.venue_id
        self.question.put(words, f"Cancel it at {venue}", "Leave it", lambda: self._do(order, decision))

    def _do(self, order: VenueOrder, decision: Decision) -> None:
        if self._desk is None or self._bridge is None:
            return
        desk, key = self._desk, order.venue_id
        self._under_way[key] = decision
        self._say("", "soft")
        self._show_state(key)
        self._bridge.ask(
            lambda: desk.foreign(key, decision.value),
            lambda _: self._done(order, decision),
            lambda fault: self._failed(order, fault),
        )

    def _done(self, order: VenueOrder, decision: Decision) -> None:
        self._under_way.pop(order.venue_id, None)
        if order.venue_id in self._orders:
            self._decided[order.venue_id] = decision
        what = told(order, self._instruments.get(order.symbol))
        self._say(f"{what} ({order.symbol}): {SAID[decision]}", "soft")
        self._show()

    def _failed(self, order: VenueOrder, fault: BelayError) -> None:
        self._under_way.pop(order.venue_id, None)
        what = told(order, self._instruments.get(order.symbol))
        self._say(f"{what}: {fault}", "bad")
        self._show()

    def _say(self, words: str, tone: str) -> None:
        self.said.setText(words)
        self.said.setVisible(bool(words))
        set_tone(self.said, tone)

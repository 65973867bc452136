"""The connection while it runs: state, counters, the venue's limits, ages by market, the last comparison.

The window's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from time import monotonic

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.ids import Symbol
from core.messages import LinkNoted, Reconciled, SymbolAged
from core.venue import BudgetUse
from gui.grid import Cell, Grid
from gui.icons import Icon
from gui.meter import NEAR, Meter, share
from gui.pages.venue_line import SignLine
from gui.pages.venue_words import (
    NO_AGES,
    NO_LIMITS,
    NO_LINK,
    NOT_COMPARED,
    age_cells,
    budget_words,
    counters,
    difference_words,
    unresolved_words,
    verdict,
)
from gui.panels import EmptyState, Pair, Panel, label, row, sentence, set_tone
from gui.text import age, moment
from gui.wording import state_mark

QUIET_S = 15.0
"""A connection that has told nothing for so long is said to be silent; it reports every five seconds."""
Clock = Callable[[], float]


class _State(QWidget):
    """A name, and a state with its sign."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.icon, self.words = Icon("dash", 14, "faint"), label("not known", 13, 500, "faint")
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(row(label(name, 13, 400, "soft"), None, self.icon, self.words))

    def show_state(self, state: str) -> None:
        icon, tone = state_mark(state)
        self.icon.show_icon(icon, tone)
        self.words.setText(state or "not known")
        set_tone(self.words, "text" if tone == "paper" else tone)


class LinkPanel(Panel):
    """The newest of ``LinkNoted``, and since when it is silent."""

    def __init__(self, clock: Clock = monotonic) -> None:
        self.age = label("", 12, 400, "faint")
        super().__init__("Connection", side=self.age, gap=4)
        self._clock = clock
        self._at: float | None = None
        self.empty = sentence(NO_LINK)
        self.public, self.private = _State("Prices"), _State("Own orders")
        self.pairs: dict[str, Pair] = {}
        self.add(self.empty, self.public, self.private)
        self.public.hide()
        self.private.hide()

    def show_link(self, noted: LinkNoted) -> None:
        """What the connection has just told."""
        self._at = self._clock()
        self.empty.hide()
        self.public.show()
        self.private.show()
        if noted.public:  # feed and executor each tell their own half
            self.public.show_state(noted.public)
        if noted.private:
            self.private.show_state(noted.private)
        for name, value in counters(noted):
            if name not in self.pairs:
                self.pairs[name] = Pair(name)
                self.add(self.pairs[name])
            self.pairs[name].set_value(value)
        self.tick()

    def tick(self) -> None:
        """Count the age of the report on."""
        if self._at is None:
            return
        gone = self._clock() - self._at
        is_quiet = gone > QUIET_S
        words = f"told {age(timedelta(seconds=gone))}".removesuffix(" old") + " ago"
        self.age.setText(f"silent, {words}" if is_quiet else words)
        set_tone(self.age, "warn" if is_quiet else "faint")


class BudgetMeter(QWidget):
    """A limit of the venue: name, use, bar."""

    def __init__(self) -> None:
        super().__init__()
        self.name, self.words, self.bar = label("", 13, 400, "soft"), label("", 13, 500), Meter()
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 4)
        box.setSpacing(4)
        box.addWidget(row(self.name, None, self.words))
        box.addWidget(self.bar)

    def show_use(self, budget: BudgetUse) -> None:
        used, limit = Decimal(str(budget.used)), Decimal(str(budget.limit))
        self.name.setText(budget.name)
        self.words.setText(budget_words(budget))
        self.setAccessibleName(f"{budget.name}, {budget_words(budget)}")
        set_tone(self.words, "warn" if share(used, limit) >= NEAR else "text")
        self.bar.show_use(used, limit)


class BudgetPanel(Panel):
    """The venue's limits as meters, in its own units."""

    def __init__(self) -> None:
        super().__init__("Limits of the venue", note="Belay stays below them", gap=4)
        self.empty = sentence(NO_LIMITS)
        self.meters: list[BudgetMeter] = []
        self.add(self.empty)

    def show_budgets(self, budgets: tuple[BudgetUse, ...]) -> None:
        """Show these, in their order."""
        self.empty.setVisible(not budgets)
        while len(self.meters) < len(budgets):
            self.meters.append(BudgetMeter())
            self.add(self.meters[-1])
        for place, meter in enumerate(self.meters):
            meter.setVisible(place < len(budgets))
            if place < len(budgets):
                meter.show_use(budgets[place])


class AgesPanel(Panel):
    """How old the newest price of each market is, counted on by this computer's own clock."""

    def __init__(self, clock: Clock = monotonic) -> None:
        super().__init__("Prices by market", flush=True, gap=2)
        self._clock = clock
        self._told: dict[Symbol, tuple[SymbolAged, float]] = {}
        self.grid = Grid((("Market", False), ("Newest price", False), ("Way", False)))
        self.empty = EmptyState(NO_AGES)
        self.grid.hide()
        self.add(self.empty, self.grid)

    def aged(self, fact: SymbolAged) -> None:
        """What the feed says of one market."""
        self._told[fact.symbol] = fact, self._clock()

    def tick(self) -> None:
        """Count the ages on."""
        self.empty.setVisible(not self._told)
        self.grid.setVisible(bool(self._told))
        now = self._clock()
        rows = []
        for symbol in sorted(self._told):
            fact, at = self._told[symbol]
            name, icon, tone, told, way = age_cells(fact, fact.age + now - at, is_silent=now - at > QUIET_S)
            ink = "text" if tone == "paper" else tone
            rows.append(
                (Cell(name), Cell(told, ink, icon), Cell(way, "soft" if way != "nothing comes" else "warn"))
            )
        self.grid.show_rows(rows)


class ComparedPanel(Panel):
    """The last comparison of venue and books."""

    def __init__(self) -> None:
        self.at = label("", 12, 400, "faint")
        super().__init__("Last comparison", side=self.at, gap=6)
        self.verdict = SignLine(NOT_COMPARED)
        self.why = sentence("", "faint", 12)
        self.details = sentence("", "text", 12)
        self.add(self.verdict, self.why, self.details)
        self.why.hide()
        self.details.hide()

    def compared(self, fact: Reconciled) -> None:
        """Show a newer one."""
        self.verdict.show_line(*verdict(fact))
        self.at.setText(f"{moment(fact.at)} UTC")
        self.why.setText(f"Because of: {fact.cause}")
        lines = [difference_words(each) for each in fact.differences]
        lines += [unresolved_words(each) for each in fact.unresolved]
        self.details.setText("\n".join(lines))
        self.why.setVisible(bool(fact.cause))
        self.details.setVisible(bool(lines))

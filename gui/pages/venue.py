"""The connection page: what the venue in use can do, how the line to it is, foreign orders; window's thread."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from core.messages import Fact, ForeignSeen, LinkNoted, Reconciled, SymbolAged
from core.ports import Desk
from core.venue import Capabilities
from gui.bridge import Bridge
from gui.notice import Notice
from gui.pages.foreign import ForeignPanel
from gui.pages.foreign_words import notice
from gui.pages.page import Columns, Page
from gui.pages.venue_ability import AbilityPanel
from gui.pages.venue_link import AgesPanel, BudgetPanel, ComparedPanel, LinkPanel
from gui.pages.venue_words import RECORDED, SIMULATED
from gui.panels import EmptyState, Panel
from gui.standing import is_simulated
from gui.statusbar import StatusBar

TICK_MS = 1000
RENEW_MS = 100
"""What fifty markets tell at once is shown at once."""


class VenuePage(Page):
    """Panels appear with what is known: a simulated or recorded market has none of them."""

    title = "Connection"
    subtitle = "What the venue can do, and how the line to it is"
    group = "Set up"
    icon = "strategies"

    def __init__(self) -> None:
        super().__init__()
        self._desk: Desk | None = None
        self.foreign = ForeignPanel()
        self._said = ""
        self.foreign.counted.connect(self._count)
        self.none = Panel()
        self.empty = EmptyState("The connection is shown as soon as Belay is up.")
        self.none.add(self.empty, None)
        self.ability = AbilityPanel()
        self.link, self.budgets = LinkPanel(), BudgetPanel()
        self.ages, self.compared = AgesPanel(), ComparedPanel()
        self.columns = Columns(386)
        self.columns.wide.addWidget(self.ability, 1)
        for panel in (self.link, self.compared, self.budgets):
            self.columns.side.addWidget(panel)
        self.columns.side.addWidget(self.ages)
        self.columns.side.addStretch(1)
        self.body.addWidget(self.foreign)
        self.body.addWidget(self.none)
        self.body.addWidget(self.columns, 1)
        self.columns.hide()
        self._second = QTimer(self, interval=TICK_MS)
        self._second.timeout.connect(self.tick)
        self._second.start()
        self._soon = QTimer(self, interval=RENEW_MS, singleShot=True)
        self._soon.timeout.connect(self.tick)

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk = desk
        self.foreign.attach(desk, bridge)
        caps: Capabilities | None = getattr(desk, "capabilities", None)  # see KeysPage.attach
        if caps is None:
            self.empty.set_sentence(SIMULATED if is_simulated(desk.venue_label) else RECORDED)
            return
        self.ability.show_venue(caps)
        self._connected()

    def facts(self) -> tuple[type, ...]:
        return LinkNoted, SymbolAged, ForeignSeen, Reconciled

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case LinkNoted():
                self._connected()
                self.link.show_link(fact)
                self.budgets.show_budgets(fact.statistics.budgets)
                status = self.window().findChild(StatusBar)
                if isinstance(status, StatusBar):
                    status.show_link(fact)
            case SymbolAged():
                self.ages.aged(fact)
                if not self._soon.isActive():
                    self._soon.start()
            case ForeignSeen(orders=orders):
                self._foreign(self.foreign.show_orders(orders))
            case Reconciled():
                self._connected()
                self.compared.compared(fact)
            case _:
                pass

    def refresh(self) -> None:
        self.tick()

    # ---- what is shown

    def _connected(self) -> None:
        """There is a venue: its panels take the place of the sentence."""
        self.none.hide()
        self.columns.show()
        self.ability.setVisible(bool(self.ability.rows))

    def _foreign(self, new: int) -> None:
        said = self.window().findChild(Notice)
        if new and isinstance(said, Notice):
            venue = self._desk.venue_label if self._desk is not None else "the venue"
            self._said = notice(self.foreign.waiting, venue)
            said.say(self._said)

    def _count(self, waiting: int) -> None:
        """Once all are decided, or gone, the notice has nothing to say any more."""
        self.counted.emit(waiting or None)
        said = self.window().findChild(Notice)
        if not waiting and self._said and isinstance(said, Notice):
            said.take_back(self._said)

    def tick(self) -> None:
        """Ages count on while they are looked at."""
        if self.isVisible():
            self.link.tick()
            self.ages.tick()

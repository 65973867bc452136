"""Halt evidence: the proof that everything stopped, what is left, and the way back; the window's thread."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel

from core.errors import BelayError
from core.halt import HaltEvidence, HaltRecord, HaltStep
from core.ids import Symbol
from core.messages import Fact, HaltProgressed, HaltTripped, PartsChecked, Rearmed
from core.modes import Mode
from core.ports import Desk
from gui.bridge import Bridge
from gui.grid import Grid
from gui.icons import Icon
from gui.pages.halt_steps import HaltSteps
from gui.pages.halt_words import conditions, line_cells, steps, verdict
from gui.pages.page import Columns, Page
from gui.pages.rearm_panel import RearmPanel
from gui.panels import EmptyState, Panel, button, column, label, row, sentence
from gui.text import plural

HEADS = (("Symbol", False), ("Side", False), ("Slot", False), ("Price", True), ("Quantity", True),
         ("Cancel sent", True), ("Answer", True), ("Read 1", False), ("Read 2", False))  # fmt: skip


class HaltPage(Page):
    """Stands in the Dashboard's place while the latch is set; ``folder`` is where evidence is exported to."""

    title = "Halt evidence"
    subtitle = "What was stopped, what proves it, what is left to do"
    group = "Watch"
    icon = "dashboard"

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._desk: Desk | None = None
        self._bridge: Bridge | None = None
        self._record: HaltRecord | None = None
        self._evidence: HaltEvidence | None = None
        self._parts: PartsChecked | None = None
        self._has_decided = False
        self._build_head()
        columns = Columns(386)
        self.orders = Panel(
            "Orders", side=label("as the venue told them", 12, 400, "faint"), flush=True, gap=4
        )
        self.grid = Grid(HEADS)
        self.no_orders = EmptyState("No open order of yours was found.")
        self.orders.add(self.grid, self.no_orders, None)
        self.beside = Panel("Beside the orders", gap=6)
        self._beside_words = sentence("")
        self.beside.add(self._beside_words, None)
        columns.wide.addWidget(self.orders)
        columns.wide.addWidget(self.beside, 1)
        self._build_side(columns)
        self.body.addWidget(columns, 1)

    def _build_head(self) -> None:
        self.frame = Panel(gap=12)
        self._sign = Icon("halted", 32)
        self.verdict, self._below = label("", 24, 600, wrap=True), sentence("")
        self.exported = label("", 12, 400, "faint")
        self.export_button = button("Export evidence", "export", clicked=self._export)
        head = QHBoxLayout()
        head.setSpacing(16)
        head.addWidget(self._sign)
        head.addWidget(column(self.verdict, self._below, gap=2), 1)
        head.addWidget(self.exported)
        head.addWidget(self.export_button)
        self.steps = HaltSteps()
        self.frame.body.addLayout(head)
        self.frame.add(self.steps)
        self.body.addWidget(self.frame)

    def _build_side(self, columns: Columns) -> None:
        self.by_hand = Panel("Do it by hand, now", gap=6)
        self._hand_words = sentence("")
        self.by_hand.add(self._hand_words, row(button("Copy order ids", clicked=self._copy_ids), None))
        self.holding = Panel("What you still hold", gap=6)
        self.held_words = sentence("", "text")
        self.keep_button = button("Keep them", clicked=self._keep)
        self.holding.add(self.held_words, row(self.keep_button, None))
        self.rearm = RearmPanel()
        self.rearm.rearm.connect(self._rearm)
        for panel in (self.by_hand, self.holding):
            columns.side.addWidget(panel)
        columns.side.addWidget(self.rearm, 1)

    def facts(self) -> tuple[type, ...]:
        return (HaltTripped, HaltProgressed, Rearmed, PartsChecked)

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk, self._bridge = desk, bridge
        if desk.latch.is_set():
            self.tripped(desk.latch.read())
            bridge.ask(desk.evidence, self._found, lambda error: self.rearm.say(str(error)))

    def on_fact(self, fact: Fact) -> None:
        match fact:
            case HaltTripped(record=record):
                self.tripped(record)
            case HaltProgressed(evidence=evidence):
                self._found(evidence)
            case Rearmed():
                self._record = self._evidence = None
                self.rearm.clear()
            case PartsChecked():
                self._parts = fact
                self._judge()
            case _:
                pass

    def tripped(self, record: HaltRecord | None) -> None:
        """The latch is set; the proof follows."""
        if record != self._record:
            self._has_decided = False
            self._evidence = None
            self.exported.setText("")
        self._record = record
        self._show()

    def _found(self, evidence: HaltEvidence | None) -> None:
        if evidence is not None:
            self._record, self._evidence = evidence.record, evidence
        self._show()

    def _show(self) -> None:
        evidence = self._evidence
        is_open = evidence is not None and evidence.step is HaltStep.UNVERIFIED
        large, small = verdict(evidence)
        self.verdict.setText(large)
        self._below.setText(small)
        self._sign.show_icon("unverified" if is_open else "halted", "text")
        self.frame.set_alarm(is_open)
        if self._record is not None:
            self.steps.show_steps(steps(self._record, evidence))
        lines = evidence.lines if evidence is not None else ()
        self.orders.title.setText(plural(len(lines), "order") if lines else "Orders")
        self.grid.setVisible(bool(lines))
        self.no_orders.setVisible(not lines)
        self.no_orders.set_sentence("Open orders are being read." if evidence is None else "None was found.")
        known = {each.symbol: each for each in self._desk.instruments} if self._desk is not None else {}
        self.grid.show_rows([line_cells(line, known.get(Symbol(line.symbol))) for line in lines])
        waited = evidence.not_sent if evidence is not None else ()
        _words(self._beside_words, [f"Not sent, it waited in the queue: {each}" for each in waited],
               "Nothing waited in the queue." if evidence is not None else "Not known yet.")  # fmt: skip
        held = evidence.holdings if evidence is not None else ()
        _words(self.held_words, list(held), "Nothing." if evidence is not None else "Not known yet.")
        self.keep_button.setVisible(bool(held) and not self._has_decided)
        self.export_button.setVisible(evidence is not None)
        self._show_by_hand(is_open)
        self._judge()

    def _show_by_hand(self, is_open: bool) -> None:
        """Only what is at a real venue can be seen to there; a paper order ends with Belay."""
        venue = self._desk.venue_label if self._desk is not None else "the venue"
        self.by_hand.setVisible(is_open and self._desk is not None and self._desk.mode is Mode.LIVE)
        self._hand_words.setText(
            f"1. Open {venue} on another network; a phone without Wi-Fi is enough.\n"
            "2. Cancel every order there that is listed here without \u201cgone\u201d.\n"
            "3. Come back: Belay sees it at the next answer and says VERIFIED."
        )

    def _judge(self) -> None:
        self.rearm.show_conditions(conditions(self._evidence, self._parts, self._has_decided))

    def _keep(self) -> None:
        self._has_decided = True
        self._show()

    def _copy_ids(self) -> None:
        lines = self._evidence.lines if self._evidence is not None else ()
        QGuiApplication.clipboard().setText("\n".join(line.client_order_id for line in lines))

    def _rearm(self, phrase: str) -> None:
        if self._desk is not None and self._bridge is not None:
            desk = self._desk
            self._bridge.ask(
                lambda: desk.rearm(phrase), lambda _: None, lambda error: self.rearm.say(str(error))
            )

    def _export(self) -> None:
        evidence = self._evidence
        if evidence is None or self._bridge is None:
            return
        stamp = "".join(letter for letter in evidence.record.at[:19] if letter.isdigit())
        out = self._folder / f"halt-{stamp}.json"

        def write() -> Path:
            try:
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_text(evidence.as_json(), encoding="utf-8")
            except OSError as error:
                raise BelayError(
                    f"The evidence is not written to {out.parent}: {error.strerror}. Free some space or check the "
                    "folder's rights, then try again."
                ) from error
            return out

        self._bridge.ask(
            write,
            lambda path: self._exported(f"The evidence is in {path}."),
            lambda e: self._exported(str(e)),
        )

    def _exported(self, words: str) -> None:
        self.exported.setText(words.rsplit("/", 1)[-1] if len(words) > 60 else words)
        self.exported.setToolTip(words)


def _words(into: QLabel, lines: list[str], nothing: str) -> None:
    into.setText("\n".join(lines) if lines else nothing)

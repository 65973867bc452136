"""The keys page: which venues have keys in the keyring, what they may do, new ones; window's thread.

Every call to keyring and network runs in a helper thread with an end to the waiting: either may hang.
"""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import BelayError, Refused
from core.messages import Fact
from core.modes import Mode
from core.ports import Desk, KeyRing
from core.venue import Capabilities, KeyRights
from gui.bridge import Bridge
from gui.icons import Icon
from gui.pages import keys_words as words
from gui.pages.keys_asking import PatientAsker
from gui.pages.keys_entry import KeysEntry
from gui.pages.keys_form import KeysForm
from gui.pages.page import Columns, Page
from gui.panels import EmptyState, Panel, button, label, row, sentence

KEYRING_S = 8.0
"""The keyring ends its own waiting a little earlier; this is for one that does not."""
TEST_S = 45.0


class KeysPage(Page):
    """Asks the keyring when it comes to the front, never before."""

    title = "Keys"
    subtitle = "Where they are kept, and what they may do"
    group = "Set up"
    icon = "lock"

    def __init__(self, keyring_s: float = KEYRING_S, test_s: float = TEST_S) -> None:
        super().__init__()
        self._waits = keyring_s, test_s
        self._ring: KeyRing | None = None
        self._desk: Desk | None = None
        self._keyring: PatientAsker | None = None
        self._tests: PatientAsker | None = None
        self.entries: dict[str, KeysEntry] = {}
        self.backend = label("", 12, 400, "faint")
        self.panel = Panel("Stored keys", side=self.backend, flush=True, gap=6)
        self._list = QWidget()
        self._lines = QVBoxLayout(self._list)
        self._lines.setContentsMargins(0, 0, 0, 0)
        self._lines.setSpacing(4)
        self.empty = EmptyState("The keyring is being asked.")
        self.said = sentence("", "soft", 12)
        self.said.setContentsMargins(16, 4, 16, 4)
        self.said.hide()
        self._build_fault()
        self.panel.add(self.fault, self._list, self.empty, self.said, None)
        self.form = KeysForm()
        self.form.given.connect(self._store)
        advice = Panel("What good keys are", gap=6)
        advice.add(*(sentence(each) for each in (*words.ADVICE, words.HOME)), None)
        columns = Columns(386)
        columns.wide.addWidget(self.panel, 1)
        columns.side.addWidget(self.form)
        columns.side.addWidget(advice, 1)
        self.body.addWidget(columns, 1)
        self._list.hide()

    def _build_fault(self) -> None:
        self.fault_title, self.fault_words = label("", 13, 600), sentence("", "text")
        self.fault_follows = sentence("", "soft", 12)
        self.again = button("Look again", clicked=self.refresh)
        self.fault = Panel(gap=6)
        self.fault.setObjectName("content")
        self.fault.add(row(Icon("warning", 16, "warn"), self.fault_title, None), self.fault_words,
                       self.fault_follows, row(self.again, None))  # fmt: skip
        self.fault.hide()

    # ---- the page's contract

    def attach(self, desk: Desk, bridge: Bridge) -> None:
        self._desk = desk
        self._ring = getattr(desk, "keyring", None)  # a pipeline brought up without one still has its window
        self._keyring = PatientAsker(bridge, self._waits[0], self)
        self._tests = PatientAsker(bridge, self._waits[1], self)
        self._keyring.free.connect(self._look)
        self._tests.free.connect(self._enable)
        if self.isVisible():
            self._look()

    def facts(self) -> tuple[type, ...]:
        return ()

    def on_fact(self, fact: Fact) -> None:
        """Nothing that trades changes the keys."""

    def refresh(self) -> None:
        self._look()

    # ---- the list

    def _look(self) -> None:
        if self._keyring is None or self._keyring.is_waiting:
            return
        if self._ring is None:
            self._failed(Refused(words.NO_RING))
            return
        ring = self._ring
        self.again.setEnabled(False)
        self._keyring.ask(
            lambda: (ring.backend(), ring.venues()), self._found, self._failed, words.HANGS, words.STILL_HANGS
        )

    def _found(self, answer: tuple[str, tuple[str, ...]]) -> None:
        backend, venues = answer
        self.fault.hide()
        self.backend.setText(words.backend_name(backend))
        self.backend.setToolTip(backend)
        for gone in set(self.entries) - set(venues):
            entry = self.entries.pop(gone)
            entry.hide()
            entry.deleteLater()
        for venue in venues:
            if venue not in self.entries:
                self._add(venue)
            self.entries[venue].set_in_use(self._uses(venue))
        self._list.setVisible(bool(venues))
        self.empty.setVisible(not venues)
        self.empty.set_sentence(words.EMPTY)
        self.form.show_stored(venues)
        self.form.block("")
        self.counted.emit(None)
        self._enable()

    def _add(self, venue: str) -> None:
        entry = KeysEntry(venue)
        entry.tested.connect(self._test)
        entry.deleted.connect(self._delete)
        self.entries[venue] = entry
        self._lines.insertWidget(sorted(self.entries).index(venue), entry)

    def _uses(self, venue: str) -> bool:
        desk = self._desk
        caps: Capabilities | None = getattr(desk, "capabilities", None)
        return desk is not None and desk.mode is Mode.LIVE and caps is not None and caps.venue == venue

    def _failed(self, fault: BelayError) -> None:
        self.fault_title.setText(words.fault_title(fault))
        self.fault_words.setText(str(fault))
        self.fault_follows.setText(words.fault_follows(fault))
        self.fault.show()
        self.backend.setText("")
        self.empty.setVisible(not self.entries)
        self.empty.set_sentence(words.UNSEEN)
        self.form.block("The keyring must answer first.")
        self._enable()

    def _enable(self) -> None:
        """Buttons work while nothing is under way and the keyring answers."""
        assert self._keyring is not None
        assert self._tests is not None
        is_well = self.fault.isHidden() and not self._keyring.is_waiting and not self._tests.is_waiting
        for entry in self.entries.values():
            entry.set_able(is_well)
        self.again.setEnabled(not self._keyring.is_waiting)

    def _say(self, sentence_: str) -> None:
        self.said.setText(sentence_)
        self.said.setVisible(bool(sentence_))

    # ---- deeds

    def _store(self, venue: str, api_key: str, secret: str, password: str | None) -> None:
        if self._ring is None or self._keyring is None:
            return
        call = partial(self._ring.put, venue, api_key, secret, password)
        self._say("")
        self.form.block("The keyring is being asked.")
        self._keyring.ask(
            call, lambda _: self._stored(venue), self._not_stored, words.HANGS, words.STILL_HANGS
        )
        self._enable()

    def _stored(self, venue: str) -> None:
        self.form.wipe()
        self.form.venue.clear()
        self.form.say(words.stored(words.venue_title(venue)))
        if venue in self.entries:
            self.entries[venue].forget()  # what a test found was true of the older keys
        self._look()

    def _not_stored(self, fault: BelayError) -> None:
        self.form.block("")
        self.form.say(str(fault), is_fault=True)
        self._enable()

    def _test(self, venue: str) -> None:
        if self._ring is None or self._tests is None:
            return
        call, entry = partial(self._ring.test, venue), self.entries[venue]
        entry.wait()

        def done(rights: KeyRights) -> None:
            if self.entries.get(venue) is entry:  # else deleted meanwhile, on the command line perhaps
                entry.show_rights(rights)
            self._enable()

        def failed(fault: BelayError) -> None:
            if self.entries.get(venue) is entry:
                entry.fail(fault)
            self._enable()

        late = words.test_late(entry.title, self._tests.seconds)
        self._tests.ask(call, done, failed, late, f"The last test has not come back yet. {late}")
        self._enable()

    def _delete(self, venue: str) -> None:
        if self._ring is None or self._keyring is None:
            return
        call = partial(self._ring.delete, venue)
        self._keyring.ask(
            call, lambda _: self._deleted(venue), self._not_deleted, words.HANGS, words.STILL_HANGS
        )
        self._enable()

    def _deleted(self, venue: str) -> None:
        self._say(words.deleted(words.venue_title(venue)))
        self._look()

    def _not_deleted(self, fault: BelayError) -> None:
        self._say(str(fault))
        self._enable()

"""A page alone with a fake desk: attached, shown, and delivered to without a running timer."""

from __future__ import annotations

from typing import Generic, TypeVar

from pytestqt.qtbot import QtBot

from core.messages import Fact
from gui.bridge import Bridge
from gui.pages.page import Page
from tests.fakes.desk import FakeBooks, FakeDesk

Shown = TypeVar("Shown", bound=Page)


class MemoryStore:
    """Columns and choices in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, object] = {}

    def value(self, key: str, /) -> object:
        return self.kept.get(key)

    def setValue(self, key: str, value: object, /) -> None:
        self.kept[key] = value


class PageBench(Generic[Shown]):
    """The page in its own window of 1,200 x 800."""

    def __init__(
        self, qtbot: QtBot, page: Shown, books: FakeBooks | None = None, store: MemoryStore | None = None
    ) -> None:
        self.page = page
        self.desk = FakeDesk(books=books or FakeBooks.filled())
        self.bridge = Bridge()
        self.desk.subscribe(self.bridge.publish)
        wanted = page.facts()
        self.bridge.fact.connect(lambda fact: page.on_fact(fact) if isinstance(fact, wanted) else None)
        qtbot.addWidget(page, before_close_func=lambda _: self.bridge.close())
        page.resize(1400, 800)
        page.show()
        qtbot.waitExposed(page)
        if store is not None:
            page.remember(store)
        page.attach(self.desk, self.bridge)
        page.refresh()

    def say(self, *facts: Fact) -> None:
        """Publish and deliver at once."""
        self.desk.say(*facts)
        self.bridge.deliver()
        while self.bridge._ready:  # one delivery holds the window for 25 ms at most
            self.bridge.deliver()

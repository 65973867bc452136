"""A page alone with a desk of the test's own: attached, shown, and delivered to without a running timer."""

from __future__ import annotations

from typing import Generic, TypeVar

from pytestqt.qtbot import QtBot

from core.messages import Fact
from gui.bridge import Bridge
from gui.pages.page import Page
from tests.fakes.desk import FakeDesk

Shown = TypeVar("Shown", bound=Page)


class DeskBench(Generic[Shown]):
    """The page in its own window of 1,400 x 900."""

    def __init__(self, qtbot: QtBot, page: Shown, desk: FakeDesk) -> None:
        self.page, self.desk, self.bridge = page, desk, Bridge()
        desk.subscribe(self.bridge.publish)
        wanted = page.facts()
        self.bridge.fact.connect(lambda fact: page.on_fact(fact) if isinstance(fact, wanted) else None)
        qtbot.addWidget(page, before_close_func=lambda _: self.bridge.close())
        page.resize(1400, 900)
        page.show()
        qtbot.waitExposed(page)
        page.attach(desk, self.bridge)
        page.refresh()

    def say(self, *facts: Fact) -> None:
        """Publish and deliver at once, however slow the machine is."""
        self.desk.say(*facts)
        while self.bridge.deliver():
            pass

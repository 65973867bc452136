"""Orders that Belay did not make: a quiet notice, a row each, and Ignore, Close and Adopt by real clicks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from threading import Event

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from core.errors import GiveUpOrder
from core.intent import Side
from core.messages import ForeignSeen
from core.modes import Mode
from core.money import Quantity
from gui.pages.foreign import MOST
from gui.pages.foreign_words import Decision
from gui.pages.venue import VenuePage
from tests.fakes.desk import FakeDesk
from tests.fakes.desk_pages import DeskBench
from tests.fakes.venue_made import CAPS, foreign, strangers

LEFT = Qt.MouseButton.LeftButton
ETH, STOP = "OQCLML-BW3P3-BUCMWZ", "OB5VMB-B4U2U-DK2WRW"
IGNORE, CLOSE, ADOPT = Decision
Open = Callable[..., DeskBench[VenuePage]]


@pytest.fixture
def open_page(qtbot: QtBot) -> Open:
    def open_it(desk: FakeDesk | None = None) -> DeskBench[VenuePage]:
        return DeskBench(qtbot, VenuePage(), desk or FakeDesk(Mode.LIVE, "Kraken", capabilities=CAPS))

    return open_it


def click(qtbot: QtBot, button: QPushButton) -> None:
    assert button.isVisible()
    assert button.isEnabled(), button.text()
    qtbot.mouseClick(button, LEFT)


def test_each_order_is_a_row_in_words(open_page: Open) -> None:
    bench = open_page()
    panel = bench.page.foreign
    assert panel.isHidden()
    bench.say(strangers())
    assert panel.isVisible()
    assert [row.texts() for row in panel.rows.values()] == [
        ["ETH/USDT", "", "Limit", "3,999.50", "0.2500", ""], ["BTC/USDT", "", "Stop", "52,000.00", "0.01000", ""],
    ]  # fmt: skip
    assert panel.rows[ETH].buttons[CLOSE].accessibleName() == "Close: Sell 0.2500 ETH at 3,999.50"
    assert panel.note.text() == "2 orders"
    bench.say(ForeignSeen(()))
    assert panel.isHidden()


@pytest.mark.parametrize(("decision", "state"), [(IGNORE, "ignored"), (ADOPT, "asked to adopt")])
def test_ignore_and_adopt_are_one_click(
    open_page: Open, qtbot: QtBot, decision: Decision, state: str
) -> None:
    bench = open_page()
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[decision])
    qtbot.waitUntil(lambda: panel.rows[ETH].state.text() == state)
    assert bench.desk.calls == [f"{decision} {ETH}"]
    assert panel.question.isHidden()
    assert panel.said.isVisible()


def test_close_asks_first_and_says_what_follows(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    part = foreign(filled=Quantity("0.1"))
    bench.say(ForeignSeen((part,)))
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[CLOSE])
    asked = panel.question.words.text()
    assert asked.startswith("Cancel this order at Kraken: Sell 0.2500 ETH at 3,999.50 (ETH/USDT)?")
    assert "What it has traded, 0.1000, stays." in asked
    click(qtbot, panel.question.no)
    click(qtbot, panel.rows[ETH].buttons[CLOSE])
    qtbot.keyClick(panel.question.no, Qt.Key.Key_Escape)
    assert bench.desk.calls == []
    click(qtbot, panel.rows[ETH].buttons[CLOSE])
    click(qtbot, panel.question.yes)
    qtbot.waitUntil(lambda: panel.rows[ETH].state.text() == "asked to close")
    assert bench.desk.calls == [f"close {ETH}"]
    bench.say(ForeignSeen(()))
    assert panel.rows == {}


def test_a_question_is_about_the_row_that_was_clicked_last(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[CLOSE])
    click(qtbot, panel.rows[STOP].buttons[CLOSE])
    assert "BTC once at 52,000.00" in panel.question.words.text()
    click(qtbot, panel.question.yes)
    qtbot.waitUntil(lambda: bench.desk.calls == [f"close {STOP}"])


def test_a_question_goes_with_its_order(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[CLOSE])
    bench.say(strangers())
    assert panel.question.isVisible()
    bench.say(ForeignSeen(strangers().orders[1:]))
    assert panel.question.isHidden()


def test_what_fails_is_said_and_can_be_tried_again(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    bench.desk.foreign_fault = GiveUpOrder("Nothing like it is open at Kraken.")
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[ADOPT])
    qtbot.waitUntil(lambda: panel.said.text().endswith("Nothing like it is open at Kraken."))
    assert panel.said.property("tone") == "bad"
    bench.desk.foreign_fault = None
    click(qtbot, panel.rows[ETH].buttons[ADOPT])
    qtbot.waitUntil(lambda: panel.rows[ETH].state.text() == "asked to adopt")


class SlowDesk(FakeDesk):
    """Decides only when it is let go."""

    def __init__(self) -> None:
        super().__init__(Mode.LIVE, "Kraken", capabilities=CAPS)
        self.gate = Event()

    def foreign(self, venue_id: str, action: str) -> None:
        super().foreign(venue_id, action)
        self.gate.wait(60)


@pytest.fixture
def slow() -> Iterator[SlowDesk]:
    desk = SlowDesk()
    yield desk
    desk.gate.set()


def test_a_decision_under_way_is_not_sent_twice(open_page: Open, qtbot: QtBot, slow: SlowDesk) -> None:
    bench = open_page(slow)
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[ADOPT])
    assert panel.rows[ETH].state.text() == "being adopted"
    assert not any(button.isEnabled() for button in panel.rows[ETH].buttons.values())
    qtbot.mouseClick(panel.rows[ETH].buttons[CLOSE], LEFT)
    assert panel.question.isHidden()
    bench.say(strangers())  # the venue tells them again meanwhile
    assert panel.rows[ETH].state.text() == "being adopted"
    assert panel.rows[STOP].buttons[ADOPT].isEnabled()
    slow.gate.set()
    qtbot.waitUntil(lambda: panel.rows[ETH].state.text() == "asked to adopt")
    assert slow.calls == [f"adopt {ETH}"]


def test_an_order_that_goes_while_it_is_decided_leaves_no_row(
    open_page: Open, qtbot: QtBot, slow: SlowDesk
) -> None:
    bench = open_page(slow)
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[ADOPT])
    bench.say(ForeignSeen(()))
    assert panel.rows == {}
    slow.gate.set()
    qtbot.waitUntil(lambda: "Belay takes it over" in panel.said.text())
    assert panel.rows == {}


def test_an_ignored_order_stays_ignored_and_a_failed_close_can_be_repeated(
    open_page: Open, qtbot: QtBot
) -> None:
    bench = open_page()
    bench.say(strangers())
    panel = bench.page.foreign
    click(qtbot, panel.rows[ETH].buttons[IGNORE])
    qtbot.waitUntil(lambda: panel.waiting == 1)
    click(qtbot, panel.rows[STOP].buttons[CLOSE])
    click(qtbot, panel.question.yes)
    qtbot.waitUntil(lambda: panel.waiting == 0)
    assert panel.rows[STOP].buttons[CLOSE].isEnabled()  # it may have failed, and no news comes of that
    bench.say(strangers())  # still open at the venue
    assert panel.rows[ETH].state.text() == "ignored"
    assert panel.rows[STOP].state.text() == ""
    click(qtbot, panel.rows[STOP].buttons[CLOSE])
    assert panel.question.isVisible()


def test_a_changed_order_is_shown_as_it_is_now(open_page: Open) -> None:
    bench = open_page()
    bench.say(strangers())
    bench.say(ForeignSeen((foreign(quantity=Quantity("0.4"), side=Side.BUY),)))
    panel = bench.page.foreign
    assert [row.texts()[4] for row in panel.rows.values()] == ["0.4000"]
    assert panel.rows[ETH].buttons[CLOSE].accessibleName() == "Close: Buy 0.4000 ETH at 3,999.50"


def test_orders_of_markets_outside_the_session_and_without_price(open_page: Open) -> None:
    bench = open_page()
    odd = replace(foreign("odd"), symbol="XLM/USD", price=None, quantity=Quantity("7.4"))  # type: ignore[arg-type]
    bench.say(ForeignSeen((odd,)))
    assert bench.page.foreign.rows["odd"].texts()[3:5] == ["at market", "7.4"]


def test_many_are_shown_in_part_and_counted_in_full(open_page: Open) -> None:
    bench = open_page()
    counted: list[object] = []
    bench.page.counted.connect(counted.append)
    many = tuple(foreign(f"id{n}") for n in range(MOST + 5))
    bench.say(ForeignSeen(many))
    panel = bench.page.foreign
    assert len(panel.rows) == MOST
    assert panel.more.text() == "5 more; they follow as these are decided"
    assert counted[-1] == MOST + 5
    bench.say(ForeignSeen(many[MOST:]))
    assert list(panel.rows) == [f"id{n}" for n in range(MOST, MOST + 5)]
    assert panel.more.isHidden()
    bench.say(ForeignSeen(()))
    assert counted[-1] is None

"""The orders page: history and facts in one table, filters with counts, the chosen order's life, export."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog
from pytestqt.qtbot import QtBot

from core.errors import BadData
from core.intent import Side
from core.messages import OrderCancelled, OrderDenied, OrderFilled, OrderLost, OrderPlaced
from core.order import WORKING, Happening, Order, OrderState
from core.records import OrderEvent
from gui.order_words import headline, origin
from gui.pages.market import MarketPage
from gui.pages.orders import OrdersPage
from tests.fakes import made
from tests.fakes.desk import FakeBooks
from tests.fakes.pages import MemoryStore, PageBench


class HeldBooks(FakeBooks):
    """Answers with what was there when it was asked, but only when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[list[Order]] = []
        self.open: list[Order] = []

    def orders(
        self, *, states: Iterable[str] = (), text: str = "", limit: int = 500, offset: int = 0
    ) -> list[Order]:
        return self.open if set(states) == WORKING else self.answers.pop(0)


class BrokenBooks(FakeBooks):
    def orders(
        self, *, states: Iterable[str] = (), text: str = "", limit: int = 500, offset: int = 0
    ) -> list[Order]:
        raise BadData("The records cannot be read: the disk does not answer. Check the disk.")


Bench = Callable[..., PageBench[OrdersPage]]


@pytest.fixture
def bench(qtbot: QtBot) -> Bench:
    return lambda books=None, store=None: PageBench(qtbot, OrdersPage(), books, store)


def shown(bench: PageBench[OrdersPage]) -> list[Order]:
    model = bench.page.table.model
    model.flush()
    return [model.row_at(row) for row in range(model.rowCount())]


def loaded(bench: PageBench[OrdersPage], qtbot: QtBot, count: int = 13) -> None:
    qtbot.waitUntil(lambda: len(shown(bench)) == count)


def test_history_comes_in_with_counts_and_the_unknown_one_first(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    loaded(one, qtbot)
    assert shown(one)[0].status is OrderState.UNKNOWN
    rest = [order.time for order in shown(one)[1:]]
    assert rest == sorted(rest, reverse=True)
    qtbot.waitUntil(lambda: one.page.panel.filters._names[0] == "All 13")
    assert one.page.panel.filters._names == (
        "All 13",
        "Open 5",
        "Filled 4",
        "Cancelled 1",
        "Denied 2",
        "Unknown 1",
    )
    assert one.page.unknown.text() == "1 order unknown: its slot is blocked until Simulated market answers"


@pytest.mark.parametrize(("at", "states"), [
    (1, {"open", "part-filled"}), (2, {"filled"}), (3, {"cancelled"}), (4, {"denied", "refused"}),
    (5, {"unknown"}),
])  # fmt: skip
def test_a_filter_shows_its_states_alone(bench: Bench, qtbot: QtBot, at: int, states: set[str]) -> None:
    one = bench()
    loaded(one, qtbot)
    one.page.panel.filters.choose(at)
    assert {str(order.status) for order in shown(one)} == states


def test_finding_takes_words_prices_and_ids(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    loaded(one, qtbot)
    known = {order.client_order_id: order for order in shown(one)}
    some = next(order for order in known.values() if order.identity.slot == 2)
    for words, wanted in (
        ("58,219.36", [some]), ("58219.36", [some]), (some.client_order_id.upper(), [some]),
        (origin(some), [some]), ("nothing like it", []),
        ("ETH", [order for order in known.values() if order.identity.symbol == made.ETH]),
    ):  # fmt: skip
        one.page.panel.finder.setText(words)
        ids = {order.client_order_id for order in wanted}
        qtbot.waitUntil(lambda ids=ids: {order.client_order_id for order in shown(one)} == ids)
    one.page.panel.finder.setText("nothing like it")
    qtbot.waitUntil(one.page.table.empty.isVisible)
    assert one.page.table.empty.sentence.text().startswith("No order fits")
    qtbot.mouseClick(one.page.panel._way_out, Qt.MouseButton.LeftButton)
    assert len(shown(one)) == 13
    assert one.page.panel.words == ""


def test_facts_change_rows_in_place(bench: Bench, qtbot: QtBot) -> None:
    one = bench(FakeBooks())
    order = made.order(3, Side.BUY, "57000", "0.001")
    one.say(OrderPlaced(order))
    assert shown(one) == [order]
    part = replace(made.fill(order), quantity=made.Quantity("0.0004"), cost=made.Decimal("22.8"))
    after = order.with_fill(part)
    one.say(OrderFilled(after, part))
    assert shown(one) == [after]
    lost = replace(order, client_order_id="other", status=OrderState.UNKNOWN)
    one.say(OrderLost(lost))
    assert shown(one)[0] == lost
    assert "1 order unknown" in one.page.unknown.text()
    found = lost.after(Happening.ACKNOWLEDGED)
    one.say(OrderPlaced(found))
    assert one.page.unknown.text() == ""
    assert {order.status for order in shown(one)} == {OrderState.OPEN, OrderState.PART_FILLED}


def test_an_older_answer_never_undoes_a_fact(bench: Bench, qtbot: QtBot) -> None:
    books = HeldBooks()
    order = made.order(3, Side.BUY, "57000", "0.001")
    other = made.order(4, Side.BUY, "56000", "0.001")
    books.answers = [[order, other]]
    one = bench(books)
    filled = order.with_fill(made.fill(order))
    one.say(OrderFilled(filled, made.fill(order)))
    qtbot.waitUntil(lambda: len(shown(one)) == 2)
    assert {o.status for o in shown(one)} == {OrderState.FILLED, OrderState.OPEN}


def test_without_orders_it_says_why(bench: Bench, qtbot: QtBot) -> None:
    one = bench(FakeBooks())
    qtbot.waitUntil(one.page.table.empty.isVisible)
    assert one.page.table.empty.sentence.text().startswith("No orders yet")
    with qtbot.waitSignal(one.page.asked_for) as asked:
        qtbot.mouseClick(one.page.panel._way_out, Qt.MouseButton.LeftButton)
    assert asked.args == ["Market"]
    assert one.page.unknown.text() == ""


def test_a_fault_is_a_sentence_in_the_panel(bench: Bench, qtbot: QtBot) -> None:
    one = bench(BrokenBooks())
    qtbot.waitUntil(lambda: "the disk does not answer" in one.page.panel.foot.text())
    assert one.page.panel.foot.property("tone") == "bad"


def test_choosing_a_row_tells_its_life(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    loaded(one, qtbot)
    denied = next(order for order in shown(one) if order.status is OrderState.DENIED)
    one.page.table.choose(denied.client_order_id)
    life = one.page.life
    assert life.head.text() == headline(denied, made.INSTRUMENTS[1]) == "Buy 0.0118 ETH at 3,871.40"
    qtbot.waitUntil(lambda: any("cooldown after a loss" in words for words in life.step_words()))
    assert any("Denied by Belay" in words for words in life.step_words())
    unknown = shown(one)[0]
    one.page.table.choose(unknown.client_order_id)
    qtbot.waitUntil(lambda: any("not sent again" in words for words in life.step_words()))


def test_the_life_goes_on_with_facts(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks()
    order = made.order(3, Side.BUY, "57000", "0.001")
    one = bench(books)
    one.say(OrderPlaced(order))
    shown(one)
    one.page.table.choose(order.client_order_id)
    filled = order.with_fill(made.fill(order))
    books.kept_events[order.client_order_id] = [
        OrderEvent(order.client_order_id, made.NOW, made.NOW, "filled", "all of it")
    ]
    one.say(OrderFilled(filled, made.fill(order)))
    assert "filled" in one.page.life.under.text()
    qtbot.waitUntil(lambda: any("all of it" in words for words in one.page.life.step_words()))


def test_a_denied_order_comes_with_its_sign_and_word(bench: Bench, qtbot: QtBot) -> None:
    one = bench(FakeBooks())
    order = made.order(
        7, Side.BUY, "3871.40", "0.01", symbol=made.ETH, state=OrderState.DENIED, reason="No stop."
    )
    one.say(OrderDenied(order, why=None))  # type: ignore[arg-type]  # the page reads the order alone
    shown(one)
    status = next(column for column in one.page.table.model.columns if column.key == "status")
    assert (status.text(order), status.sign(order), status.ink(order)) == ("Denied by Belay", "dash", "warn")
    assert status.copied(order) == "denied"


def test_export_asks_without_blocking_the_window_and_says_how_it_went(
    bench: Bench, qtbot: QtBot, tmp_path: Path
) -> None:
    one = bench()
    loaded(one, qtbot)
    button = one.page.panel.export
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert isinstance(button.dialog, QDialog)
    assert not button.dialog.isModal()
    assert button.dialog.windowModality() is Qt.WindowModality.NonModal
    button.dialog.fileSelected.emit(str(tmp_path / "mine"))
    qtbot.waitUntil(lambda: "13 rows are in" in one.page.panel.foot.text())
    assert len((tmp_path / "mine.csv").read_text(encoding="utf-8").splitlines()) == 13
    button.dialog.close()
    button.write(tmp_path / "missing" / "mine.jsonl")
    qtbot.waitUntil(lambda: "is not written" in one.page.panel.foot.text())
    assert button.isEnabled()


def test_show_in_chart_leads_to_the_market(bench: Bench, qtbot: QtBot) -> None:
    one = bench()
    loaded(one, qtbot)
    market = MarketPage()
    market.setParent(one.page)
    market.attach(one.desk, one.bridge)
    eth = next(order for order in shown(one) if order.identity.symbol == made.ETH)
    one.page.table.choose(eth.client_order_id)
    with qtbot.waitSignal(one.page.asked_for) as asked:
        one.page.life._chart.click()
    assert asked.args == ["Market"]
    assert market.shown == made.ETH


def test_columns_are_kept(bench: Bench, qtbot: QtBot) -> None:
    store = MemoryStore()
    one = bench(store=store)
    one.page.table.view.head.resizeSection(1, 140)
    assert bench(store=store).page.table.view.head.sectionSize(1) == 140


def test_more_pages_follow_when_scrolled(bench: Bench, qtbot: QtBot) -> None:
    books = FakeBooks()
    books.kept_orders = [made.order(1, Side.BUY, "57000", "0.001", sequence=n, minutes=n) for n in range(620)]
    one = bench(books)
    loaded(one, qtbot, 500)
    assert one.page.panel.foot.text() == "500 orders shown; older ones follow when you scroll"
    bar = one.page.table.view.verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 1000)
    bar.setValue(bar.maximum())
    loaded(one, qtbot, 620)
    assert one.page.panel.foot.text() == "620 orders shown"


def test_the_navigation_counts_what_is_open_also_what_is_older_than_the_table(
    bench: Bench, qtbot: QtBot
) -> None:
    books = HeldBooks()
    old = made.order(7, Side.BUY, "58000.00", "0.00077")
    books.answers, books.open = [[]], [old]
    page, counted = OrdersPage(), []
    page.counted.connect(counted.append)
    one = PageBench(qtbot, page, books)
    qtbot.waitUntil(lambda: bool(counted) and counted[-1] == 1)
    new = made.order(8, Side.BUY, "57000.00", "0.00077")
    one.page.on_fact(OrderPlaced(new))
    assert counted[-1] == 2
    one.page.on_fact(OrderPlaced(new))
    assert counted[-1] == 2
    one.page.on_fact(
        OrderCancelled(made.order(7, Side.BUY, "58000.00", "0.00077", state=OrderState.CANCELLED))
    )
    assert counted[-1] == 1

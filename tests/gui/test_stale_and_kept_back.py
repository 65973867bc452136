"""Stale prices on the market page, and orders that are kept back or unknown, in words and signs."""

from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from core.intent import Side
from core.market import Freshness
from core.messages import FeedProgressed, OrderAmended, OrderPlaced, QuoteSeen
from core.modes import Mode
from core.order import Order, OrderState
from gui.order_words import INKS, SIGNS, UNKNOWN_WHY, WORDS, why_sentence
from gui.pages.ladder import rungs
from gui.pages.market import MarketPage
from gui.pages.orders import FILTERS, OrdersPage
from gui.pages.quote_panel import QuotePanel
from tests.fakes import made
from tests.fakes.desk import FakeBooks, FakeDesk
from tests.fakes.desk_pages import DeskBench
from tests.fakes.venue_made import aged

GAP = "\u00a0"


# ---------------------------------------------------------------- the age of prices on the market page


def test_a_quote_follows_its_own_market_and_not_the_feed(qtbot: QtBot) -> None:
    now = [100.0]
    panel = QuotePanel(clock=lambda: now[0])
    qtbot.addWidget(panel)
    panel.show_quote(made.BTC, made.quote(), made.INSTRUMENTS[0])
    panel.set_freshness(Freshness.FRESH)
    panel.aged(aged(made.BTC, Freshness.STALE, 14.0, "polling"))
    panel.aged(aged(made.ETH, Freshness.FRESH, 0.2))
    panel.tick()
    assert panel.age.text() == f"stale, 14{GAP}s old, polled"
    assert not panel.sign.isHidden()  # a sign and a word, not the colour alone
    assert panel.ask.value.property("tone") == "faint"
    panel.show_quote(made.ETH, made.quote(), made.INSTRUMENTS[1])
    assert panel.age.text() == f"0.2{GAP}s old"
    assert panel.sign.isHidden()
    panel.set_freshness(Freshness.STALE)  # another market is stale; this one's own word counts
    assert panel.age.text() == f"0.2{GAP}s old"
    panel.aged(aged(made.ETH, Freshness.UNKNOWN, 0.0, "none"))
    panel.tick()
    assert panel.age.text().startswith("age not known")


def test_a_stale_market_is_marked_and_the_page_says_what_follows(qtbot: QtBot) -> None:
    bench = DeskBench(qtbot, MarketPage(), FakeDesk(Mode.LIVE, "Kraken"))
    page = bench.page
    bench.say(QuoteSeen(made.quote()), aged())
    page.renew()
    assert page.stale.isHidden()
    bench.say(aged(made.BTC, Freshness.STALE, 14.0))
    page.renew()
    assert page.stale.isVisible()
    assert page.price.property("tone") == "faint"
    assert page.reason.words.text().startswith("The price of BTC/USDT is stale: no new entries here")
    page.show_symbol(made.ETH)
    assert page.stale.isHidden()
    page.show_symbol(made.BTC)
    bench.say(aged())
    page.renew()
    assert page.stale.isHidden()
    assert "stale" not in page.reason.words.text()
    assert page.price.property("tone") == "text"


def test_without_news_per_market_the_feed_s_word_counts(qtbot: QtBot) -> None:
    bench = DeskBench(qtbot, MarketPage(), FakeDesk())
    bench.say(QuoteSeen(made.quote()), FeedProgressed(3, None, made.NOW, Freshness.STALE, "real time"))
    bench.page.renew()
    assert bench.page.quote.age.text().startswith("stale, ")


# ---------------------------------------------------------------- orders that are kept back, or unknown


def waiting(price: str = "60100.00") -> Order:
    return made.order(11, Side.SELL, price, "0.00076", state=OrderState.WAITING)


def test_every_state_has_word_sign_and_colour() -> None:
    for table in (WORDS, SIGNS, INKS):
        assert set(table) == set(OrderState)
    assert len(set(WORDS.values())) == len(WORDS)
    assert SIGNS[OrderState.WAITING] not in {
        SIGNS[state] for state in OrderState if state is not OrderState.WAITING
    }


def test_why_an_order_is_kept_back_or_unknown() -> None:
    words = why_sentence(waiting(), made.INSTRUMENTS[0])
    assert "the BTC that it would trade rests in a protective stop" in words
    assert "when the price reaches 60,100.00" in words
    assert why_sentence(replace(waiting(), status=OrderState.UNKNOWN), None) == UNKNOWN_WHY
    assert why_sentence(replace(waiting(), status=OrderState.OPEN), None) == ""


def test_the_orders_page_says_why_an_order_waits(qtbot: QtBot) -> None:
    books = FakeBooks.filled()
    books.kept_orders.insert(0, waiting())
    bench = DeskBench(qtbot, OrdersPage(), FakeDesk(books=books))
    page = bench.page
    qtbot.waitUntil(lambda: page.table.model.rowCount() == 14)
    page.panel.filters.choose(1)
    assert OrderState.WAITING in FILTERS[1][1]
    page.table.choose(waiting().client_order_id)
    qtbot.waitUntil(lambda: any("Belay keeps it back" in words for words in page.life.step_words()))
    assert "kept back here" in page.life.under.text()
    status = next(column for column in page.table.model.columns if column.key == "status")
    assert (status.text(waiting()), status.sign(waiting())) == ("Kept back here", "pause")


def test_the_reason_goes_when_the_order_goes_to_the_venue(qtbot: QtBot) -> None:
    books = FakeBooks()
    books.kept_orders = [waiting()]
    bench = DeskBench(qtbot, OrdersPage(), FakeDesk(books=books))
    page = bench.page
    qtbot.waitUntil(lambda: page.table.model.rowCount() == 1)
    page.table.choose(waiting().client_order_id)
    qtbot.waitUntil(lambda: any("Belay keeps it back" in words for words in page.life.step_words()))
    bench.say(OrderPlaced(replace(waiting(), status=OrderState.OPEN)))
    qtbot.waitUntil(lambda: not any("Belay keeps it back" in words for words in page.life.step_words()))


def test_a_kept_back_order_is_marked_in_chart_and_ladder(qtbot: QtBot) -> None:
    bench = DeskBench(qtbot, MarketPage(), FakeDesk())
    bench.say(QuoteSeen(made.quote("59000.00")), OrderAmended(waiting("59590.00")))
    bench.page.renew()
    found = rungs(bench.page.states[made.BTC])
    assert [(rung.words, rung.sign) for rung in found] == [
        ("S11, kept back here", "pause"),
        ("Price now", ""),
    ]
    assert "S11, kept back here" in bench.page.ladder.ladder.accessibleName()
    assert [mark.words for mark in bench.page.states[made.BTC].marks()] == [
        "S11  Sell 0.00076, kept back here"
    ]

"""The connection page: what the venue can do, state, counters, limits, ages, the last comparison, the status bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from core.market import Freshness
from core.messages import Reconciled
from core.modes import Mode
from core.venue import BudgetUse, Capabilities, StopSupport
from gui.pages.venue import VenuePage
from gui.pages.venue_link import AgesPanel, LinkPanel
from gui.pages.venue_words import NOT_COMPARED, RECORDED, SIMULATED, abilities, budget_words
from gui.standing import Standing
from gui.statusbar import StatusBar, link_part, status_parts
from gui.text import MINUS
from gui.wording import offset_words, state_mark
from tests.fakes import made, venue_made
from tests.fakes.desk import FakeDesk
from tests.fakes.desk_pages import DeskBench
from tests.fakes.venue_made import BARE, CAPS, aged, compared, noted

Open = Callable[..., DeskBench[VenuePage]]
GAP = "\u00a0"


@pytest.fixture
def open_page(qtbot: QtBot) -> Open:
    def open_it(caps: Capabilities | None = CAPS, label: str = "Kraken") -> DeskBench[VenuePage]:
        return DeskBench(qtbot, VenuePage(), FakeDesk(Mode.LIVE, label, capabilities=caps))

    return open_it


# ---------------------------------------------------------------- what the venue can do


@pytest.mark.parametrize(
    ("label", "words"), [("Simulated market", SIMULATED), ("Replay of day.csv", RECORDED)]
)
def test_a_market_without_a_venue_needs_no_connection(open_page: Open, label: str, words: str) -> None:
    page = open_page(None, label).page
    assert page.empty.isVisible()
    assert page.empty.sentence.text() == words
    assert page.columns.isHidden()
    assert page.foreign.isHidden()


def test_each_ability_has_a_word_a_sign_and_a_sentence(open_page: Open) -> None:
    page = open_page().page
    assert page.none.isHidden()
    rows = {row.what.text(): row for row in page.ability.rows}
    assert rows["Protective stops"].how.text() == "stop, then market"
    assert rows["Cancel all at once"].how.text() == "no"
    assert rows["Cancel all at once"].says.text() == "Kill cancels order by order."
    assert "leaves it off unless you choose it" in rows["Dead man's switch"].says.text()
    assert all(row.accessibleName().endswith(row.says.text()) and row.says.text() for row in rows.values())
    assert page.ability.streams == {
        "Candles": "streamed", "Best bid and ask": "streamed", "Own orders": "streamed", "Own trades": "streamed",
        "Balances": "polled",
    }  # fmt: skip
    assert page.ability.notes == list(CAPS.notes)


def test_every_ability_changes_its_word_with_the_venue() -> None:
    plain = replace(CAPS, stops=StopSupport.NONE, can_amend=False, has_post_only=False, can_find=False,
                    cancels_all=False, dead_man=False, has_sandbox=False, tells_key_rights=False)  # fmt: skip
    full = replace(CAPS, stops=StopSupport.LIMIT, can_amend=True, has_post_only=True, can_find=True,
                   cancels_all=True, dead_man=True, has_sandbox=True, tells_key_rights=True)  # fmt: skip
    for without, with_ in zip(abilities(plain), abilities(full), strict=True):
        assert without.what == with_.what
        assert (without.how, without.icon, without.says) != (with_.how, with_.icon, with_.says)
        assert with_.icon == "check"
        assert without.icon != "check"


def test_no_stops_at_the_venue_is_a_warning_in_words(open_page: Open) -> None:
    row = open_page(BARE, "Firi").page.ability.rows[0]
    assert row.how.text() == "Belay watches"
    assert row.how.property("tone") == "warn"
    assert "protects nothing while it is off" in row.says.text()


# ---------------------------------------------------------------- how the connection is


def test_the_connection_tells_state_counters_and_clock(open_page: Open) -> None:
    bench = open_page()
    page = bench.page
    assert page.link.empty.isVisible()
    bench.say(noted())
    assert page.link.empty.isHidden()
    assert page.link.public.words.text() == "streams"
    values = {name: pair.value.text() for name, pair in page.link.pairs.items()}  # type: ignore[attr-defined]
    assert values == {
        "Clock of the venue": f"+12{GAP}ms", "Requests": "1,843", "Asked again": "4",
        "Held back by our limiter": f"12, 7.4{GAP}s in all", "Told to slow down": "0", "Connected again": "1",
        "Stream messages": "48,213",
    }  # fmt: skip
    bench.say(noted("polling only", "down: the token was refused", offset_ms=None, requests=1844))
    assert page.link.pairs["Requests"].value.text() == "1,844"  # type: ignore[attr-defined]
    assert page.link.pairs["Clock of the venue"].value.text() == "not known"  # type: ignore[attr-defined]
    assert (page.link.public.icon._name, page.link.private.icon._name) == ("warning", "cross")


def test_feed_and_executor_each_tell_their_own_half(open_page: Open) -> None:
    bench = open_page()
    bench.say(noted("streams", ""), noted("", "polling"))
    assert bench.page.link.public.words.text() == "streams"
    assert bench.page.link.private.words.text() == "polling"


def test_a_connection_that_tells_nothing_is_silent(qtbot: QtBot) -> None:
    now = [100.0]
    panel = LinkPanel(clock=lambda: now[0])
    qtbot.addWidget(panel)
    panel.tick()
    assert panel.age.text() == ""
    panel.show_link(noted())
    now[0] = 104.0
    panel.tick()
    assert (panel.age.text(), panel.age.property("tone")) == (f"told 4.0{GAP}s ago", "faint")
    now[0] = 130.0
    panel.tick()
    assert (panel.age.text(), panel.age.property("tone")) == (f"silent, told 30{GAP}s ago", "warn")


def test_limits_are_meters_with_words(open_page: Open) -> None:
    bench = open_page()
    budgets = bench.page.budgets
    assert budgets.empty.isVisible()
    bench.say(noted())
    shown = [(meter.name.text(), meter.words.text(), meter.bar._share) for meter in budgets.meters]
    assert shown == [
        ("Requests, 1 min", "1,240 of 6,000 weight", Decimal(1240) / 6000),
        ("Orders, 10 s", "88 of 100 orders", Decimal("0.88")), ("Private counter", "2.5 of 20", Decimal("0.125")),
    ]  # fmt: skip
    assert budgets.meters[1].words.property("tone") == "warn"
    bench.say(noted(budgets=venue_made.budgets(6000.0)[:1]))
    assert [meter.isVisible() for meter in budgets.meters] == [True, False, False]
    assert budgets.meters[0].words.text() == "reached 6,000 weight"
    bench.say(noted(budgets=()))
    assert budgets.empty.isVisible()


def test_a_limit_of_zero_is_reached() -> None:
    assert budget_words(BudgetUse(name="x", used=0.0, limit=0.0, unit="")) == "reached 0"


def test_ages_count_on_and_say_their_state_in_words(qtbot: QtBot) -> None:
    now = [100.0]
    panel = AgesPanel(clock=lambda: now[0])
    qtbot.addWidget(panel)
    panel.tick()
    assert not panel.empty.isHidden()
    panel.aged(aged(made.ETH, Freshness.STALE, 14.0, "polling"))
    panel.aged(aged(made.BTC, Freshness.FRESH, 0.4))
    panel.aged(replace(aged(way="none"), symbol="XLM/USD", freshness=Freshness.UNKNOWN))  # type: ignore[arg-type]
    now[0] = 101.0
    panel.tick()
    assert panel.grid.words() == [
        ["BTC/USDT", f"fresh, 1.4{GAP}s old", "streamed"], ["ETH/USDT", f"stale, 15{GAP}s old", "polled"],
        ["XLM/USD", "not known", "nothing comes"],
    ]  # fmt: skip
    assert [boxes[1].icon._name for boxes in panel.grid._rows] == ["check", "warning", "unknown"]
    now[0] = 130.0  # nothing was told for half a minute: nobody may call that fresh
    panel.tick()
    assert panel.grid.words()[0][1] == f"not told for long, 30{GAP}s old"


def test_fifty_markets_at_once_cost_one_renewal(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    ticks: list[int] = []
    real = bench.page.ages.tick
    bench.page.ages.tick = lambda: (ticks.append(1), real())[1]  # type: ignore[method-assign]
    bench.say(*(replace(aged(), symbol=f"C{n:02}/USDT") for n in range(50)))  # type: ignore[arg-type]
    qtbot.waitUntil(lambda: len(bench.page.ages.grid.words()) == 50)
    assert len(ticks) <= 2


# ---------------------------------------------------------------- the last comparison


def test_the_last_comparison_says_when_why_and_what_differs(open_page: Open) -> None:
    bench = open_page()
    panel = bench.page.compared
    assert panel.verdict.words.text() == NOT_COMPARED
    bench.say(compared())
    assert panel.verdict.words.text() == "Venue and books agree."
    assert panel.at.text() == f"8{GAP}May 22:20:31 UTC"
    assert panel.why.text() == "Because of: every minute"
    assert panel.details.isHidden()
    bench.say(compared(agrees=False))
    assert panel.verdict.words.text() == "1 balance differs from the books, 1 order not resolved."
    assert panel.verdict.icon._name == "warning"
    assert panel.details.text().splitlines() == [
        f"ETH: 0.20 there, 0.25 in the books, {MINUS}0.05{GAP}ETH not explained",
        "Buy 0.00078 BTC at 57,407.14 USDT: unknown, asking",
    ]
    bench.say(compared())
    assert panel.details.isHidden()


def test_an_order_alone_that_is_not_resolved_is_no_agreement(open_page: Open) -> None:
    bench = open_page()
    bench.say(Reconciled(made.NOW, "start", (), compared(agrees=False).unresolved))
    assert (
        bench.page.compared.verdict.words.text() == "The balances agree with the books, 1 order not resolved."
    )
    assert bench.page.compared.verdict.icon._name == "unknown"


def test_news_of_a_connection_shows_it_also_without_a_capability_table(open_page: Open) -> None:
    bench = open_page(None, "Kraken")
    assert bench.page.columns.isHidden()
    bench.say(noted())
    assert bench.page.columns.isVisible()
    assert bench.page.none.isHidden()
    assert bench.page.ability.isHidden()


def test_a_desk_without_a_venue_port_is_taken_as_simulated(qtbot: QtBot) -> None:
    desk = FakeDesk()
    del desk.capabilities
    assert DeskBench(qtbot, VenuePage(), desk).page.empty.sentence.text() == SIMULATED


# ---------------------------------------------------------------- the status bar


@pytest.mark.parametrize(("state", "mark"), [
    ("streams", ("check", "paper")), ("polling", ("warning", "warn")), ("reconnecting", ("warning", "warn")),
    ("down", ("cross", "bad")), ("none", ("cross", "bad")), ("", ("dash", "soft")),
    ("streams and polling", ("warning", "warn")),
    ("no answer", ("cross", "bad")), ("something new", ("dash", "soft")),
])  # fmt: skip
def test_a_state_has_its_own_sign(state: str, mark: tuple[str, str]) -> None:
    assert state_mark(state) == mark


def test_the_clock_offset_has_a_sign() -> None:
    assert [offset_words(each) for each in (None, 0, 12, -1500)] == [
        "not known", f"0{GAP}ms", f"+12{GAP}ms", f"{MINUS}1,500{GAP}ms",
    ]  # fmt: skip


def test_the_status_bar_names_the_connection_and_its_silence(qtbot: QtBot) -> None:
    bar, standing, now = StatusBar(), Standing(), datetime.now(UTC)
    qtbot.addWidget(bar)
    bar.resize(1440, 28)
    bar.show_standing(standing, now)
    assert not any("Kraken" in words for words in bar.words())
    bar.show_link(noted())
    bar.show_link(noted("", "down"))  # the executor's half says nothing about prices
    bar.show_standing(standing, now)
    assert f"Kraken streams, clock +12{GAP}ms" in bar.words()
    bar.show_standing(standing, now + timedelta(seconds=30))
    assert f"Kraken silent, clock +12{GAP}ms" in bar.words()
    assert link_part(noted(offset_ms=None)) == ("check", "paper", "Kraken streams")
    assert len(status_parts(standing, now)) == len(status_parts(standing, now, noted())) - 1


def test_the_page_is_reached_by_keyboard_from_row_to_row(open_page: Open, qtbot: QtBot) -> None:
    bench = open_page()
    bench.say(venue_made.strangers())
    page = bench.page
    page.activateWindow()
    qtbot.waitUntil(page.isActiveWindow)
    first, second = page.foreign.rows.values()
    order = [*first.buttons.values(), *second.buttons.values()]
    order[0].setFocus()
    for before, after in pairwise(order):
        qtbot.keyClick(before, Qt.Key.Key_Tab)
        assert after.hasFocus()

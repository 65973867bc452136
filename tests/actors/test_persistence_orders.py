"""What the facts about orders become in the records."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from actors.persistence.books import RecordBooks
from actors.persistence.queries import tuples
from actors.persistence.reading import reading
from actors.persistence.restart import load_restart
from actors.persistence.tables import MetricRow
from actors.persistence.verify import verify_books
from core.errors import Refused
from core.intent import Side, Withdrawal
from core.messages import (
    EquitySampled,
    Flush,
    OrderAmended,
    OrderLost,
    OrderPlaced,
    OrderRefused,
    SignalRaised,
)
from core.money import Price, Quantity
from core.order import Happening, OrderState, Role
from core.records import Restart
from tests.fakes.record_bench import (
    BOOK,
    BTC,
    GRID,
    Ears,
    Market,
    denied,
    moment,
    order,
    stage,
)


def restart(home: Path) -> Restart:
    return load_restart(home, BOOK)


def happenings(home: Path, sequence: int) -> list[str]:
    events = RecordBooks(home, BOOK).order_events(order(sequence).client_order_id)
    return [event.happening for event in reversed(events)]


def test_the_life_of_an_order(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    entry = market.place(1, order(1, stop="26000"))
    market.drain(1)
    entry = market.fill(entry, "0.0005", part=1)
    entry = market.fill(entry, part=2)
    market.drain(2)
    leave = market.place(3, order(3, Side.SELL, price="28000"))
    market.drain(3)
    market.fill(leave)
    market.drain(4)
    records.receive(Flush())

    books = RecordBooks(home, BOOK)
    newest, oldest = books.orders()
    assert oldest == entry
    assert newest.status is OrderState.FILLED
    assert happenings(home, 1) == ["signal", "intent", "placed", "filled", "filled"]
    assert [each.quantity for each in books.fills()] == [
        Decimal("0.002"),
        Decimal("0.0015"),
        Decimal("0.0005"),
    ]
    (trade,) = books.trades()
    assert trade.net == Decimal("0.002") * (28000 - Decimal("27123.45")) - trade.fees
    assert trade.ended_by == "exit"
    (position,) = books.positions()
    assert (position.quantity, position.realised) == (0, trade.net)
    totals = books.totals()
    assert (totals.candles, totals.signals, totals.orders, totals.fills, totals.trades) == (4, 2, 2, 3, 1)
    assert totals.fees == {"USDT": trade.fees}
    assert verify_books(home, BOOK) == []
    records.finish()


def test_a_write_ahead_brings_the_cancels(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    placed = market.place(1, order(1))
    market.write_ahead(2, order(2), cancels=(placed,))
    assert [each.status for each in restart(home).working] == [OrderState.CANCELLING, OrderState.INTENT]
    assert happenings(home, 1) == ["signal", "intent", "placed", "cancel asked"]
    records.finish()


def test_a_cancel_of_an_unknown_order_leaves_it_unknown(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.write_ahead(1, order(1))
    lost = order(1).after(Happening.ANSWER_LOST)
    market.tell(OrderLost(lost))
    market.write_ahead(2, cancels=(lost,))
    assert [each.status for each in restart(home).working] == [OrderState.UNKNOWN]
    records.finish()


def test_an_identity_is_placed_once(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.place(1, order(1))
    with pytest.raises(Refused, match=r"was placed before and is open"):  # in the open unit
        market.write_ahead(1, order(1))
    market.drain(1)
    with pytest.raises(Refused, match=r"placed before"):  # in a complete unit, not yet on disk
        market.write_ahead(2, order(1), order(2))
    records.receive(Flush())
    with pytest.raises(Refused, match=r"placed before"):  # on disk
        market.write_ahead(2, order(1))
    assert (
        RecordBooks(home, BOOK).orders(text=str(order(2).client_order_id)) == []
    )  # nothing of the refused ask
    records.finish()


def test_what_was_only_written_ahead_or_denied_may_come_again(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.write_ahead(1, order(1))
    market.write_ahead(1, order(1))
    market.tell(denied(order(2)))
    market.drain(1)
    records.receive(Flush())
    assert restart(home).sequences == {(GRID, BTC, 0): 1}
    market.write_ahead(2, order(2))
    assert restart(home).sequences == {(GRID, BTC, 0): 2}
    assert happenings(home, 2) == ["denied", "intent"]
    records.finish()


def test_a_fill_told_twice_is_booked_once(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    entry = market.place(1, order(1))
    market.drain(1)
    market.fill(entry)
    market.fill(entry)
    market.drain(2)
    records.receive(Flush())
    market.fill(entry)
    market.drain(3)
    records.finish()
    assert len(RecordBooks(home, BOOK).fills()) == 1
    assert verify_books(home, BOOK) == []


def test_a_sale_of_more_than_is_held_is_kept_and_said(home: Path) -> None:
    ears = Ears()
    records = stage(home, hub=ears)
    market = Market(records)
    leave = market.place(1, order(1, Side.SELL))
    market.fill(leave)
    market.drain(1)
    records.finish()
    assert len(RecordBooks(home, BOOK).fills()) == 1
    assert ["compare both" in sentence for sentence in ears.alerts()] == [True]
    assert any("does not fit" in fault for fault in verify_books(home, BOOK))


def test_every_other_fact_becomes_a_row(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    market.tell(SignalRaised(GRID, Withdrawal(identity=order(1).identity, at=moment(1))))
    market.write_ahead(1, order(1), order(2, slot=1), order(3, slot=2))
    market.tell(OrderRefused(order(1).after(Happening.REFUSED, reason="post-only would have taken")))
    placed = order(2, slot=1).after(Happening.ACKNOWLEDGED)
    market.tell(OrderPlaced(placed))
    market.tell(OrderAmended(replace(placed, quantity=Quantity("0.001"), price=Price("27000"))))
    market.tell(OrderLost(order(3, slot=2).after(Happening.ANSWER_LOST, reason="no answer")))
    market.tell(denied(order(4)))
    market.tell(EquitySampled(1, moment(60), Decimal("9999.5")))
    market.drain(1)
    records.finish()
    books = RecordBooks(home, BOOK)
    assert [each.status.value for each in books.orders()] == ["denied", "unknown", "open", "refused"]
    assert books.orders(states=["refused"])[0].reason == "post-only would have taken"
    assert [each.quantity for each in books.orders(states=["open"])] == [Decimal("0.001")]
    assert happenings(home, 1) == ["signal", "intent", "refused"]
    assert books.counts().denials == (("above-maximum", 1),)
    assert dict(books.counts().by_state) == {"denied": 1, "open": 1, "refused": 1, "unknown": 1}
    assert books.totals().orders == 3
    assert [point.equity for point in books.equity()] == [Decimal("9999.5")]
    assert books.equity(since=moment(61)) == []


def test_the_deposit_is_the_first_entry_and_comes_once(home: Path) -> None:
    for number in (1, 2):
        records = stage(home)
        Market(records).write_ahead(number, order(number))
        Market(records).drain(number)
        records.finish()
    out = home / "ledger.csv"
    assert RecordBooks(home, BOOK).export("ledger", "csv", out) == 2
    assert out.read_text().splitlines()[1].split(",")[1:] == ["1", "venue:USDT", "USDT", "10000", "deposit"]


def test_open_trips_and_entries_go_on_after_a_restart(home: Path) -> None:
    records = stage(home)
    market = Market(records)
    entry = market.fill(market.place(1, order(1, stop="26000")))
    market.drain(1)
    records.finish()
    records = stage(home)
    market = Market(records)
    leave = order(2, Side.SELL, slot=1, price="26000", role=Role.PROTECTIVE)
    market.tell(OrderPlaced(leave.after(Happening.ACKNOWLEDGED)))
    market.fill(leave.after(Happening.ACKNOWLEDGED))
    market.drain(2)
    records.finish()
    (trade,) = RecordBooks(home, BOOK).trades()
    assert (trade.opened, trade.closed, trade.ended_by) == (entry.time, leave.time, "stop")
    assert trade.risked is not None
    assert verify_books(home, BOOK) == []


def test_metrics_count_on_after_a_restart(home: Path) -> None:
    for life, (bought, sold) in enumerate([("100", "110"), ("100", "90"), ("100", "120")]):
        records = stage(home)
        market = Market(records)
        number = 2 * life + 1
        market.fill(market.place(number, order(number, price=bought)))
        market.fill(market.place(number, order(number + 1, Side.SELL, price=sold)))
        market.tell(EquitySampled(number, moment(60 * number), Decimal(10_000)))
        market.drain(number)
        records.finish()
    with reading(home) as database:
        metrics = MetricRow.select(MetricRow.trades, MetricRow.wins, MetricRow.profit).order_by(
            MetricRow.time
        )
        found = list(tuples(metrics, database))
    fees = [Decimal("0.002") * (100 + sold) / 1000 for sold in (110, 90, 120)]
    assert [row[:2] for row in found] == [(1, 1), (2, 1), (3, 2)]
    assert Decimal(found[-1][2]) == Decimal("0.002") * (10 - 10 + 20) - sum(fees)

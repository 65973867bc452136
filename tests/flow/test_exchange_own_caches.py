"""The streams' reader for any ccxt venue, tried on Binance's wire as if nothing were known of it but ccxt's caches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from actors.venues.exchange.own_caches import CacheReader
from actors.venues.exchange.own_frames import Ask
from actors.venues.exchange.own_streams import OwnStreams
from core.ids import VenueName
from core.intent import Side
from core.venue import VenueOrder, VenueStatus, VenueTrade
from tests.fakes.exchange_bench import QUICK, SOON, AccountBench, account_on, total
from tests.venue.binance import Binance
from tests.venue.faults import Trouble


@pytest.fixture
def bench() -> Iterator[AccountBench]:
    with account_on(Binance(), "BTC/USDT") as made:
        account, link = made.account, made.link

        async def ask(_: Ask) -> tuple[Any, ...]:
            return ()

        account._streams = OwnStreams(
            connection=account._connection, reader=lambda exchange: CacheReader(exchange, account._ids), ask=ask,
            receiver=made.hear, note_message=link.note_stream_message, note_reconnect=link.note_reconnect,
            patience=replace(QUICK, deaf=0.2), backoff=SOON,
        )  # fmt: skip
        account._streams.start()
        made.until(lambda: made.ups() == 1)
        yield made


def test_orders_and_fills_come_out_of_the_caches(bench: AccountBench) -> None:
    order = bench.order(Side.BUY, "0.01", "49000")
    venue_id = bench.place(order)
    bench.until(lambda: bench.orders(order))
    for quantity in ("0.002", "0.003"):
        bench.fill(order, quantity)
    bench.until(lambda: total(bench.trades(order)) == Decimal("0.005"))
    bench.cancel(order)
    bench.until(lambda: bench.orders(order)[-1].status is VenueStatus.CANCELLED)
    assert [(t.cost, t.fee.amount, t.venue_id) for t in bench.trades(order)] == [
        (fill.cost, fill.fee, venue_id) for fill in bench.core.settlement.fills
    ]
    assert bench.orders(order)[-1].filled == Decimal("0.005")
    asked = bench.account.trades({bench.symbol: bench.trades(order)[0].at})
    assert list(asked) == bench.trades(order)


def test_many_at_once_lose_nothing(bench: AccountBench) -> None:
    orders = [bench.order(Side.SELL, f"0.00{number}") for number in range(1, 9)]
    for order in orders:
        bench.place(order)
    bench.until(lambda: all(total(bench.trades(order)) == order.quantity for order in orders))
    assert len([news for news in bench.news if isinstance(news, VenueTrade)]) == 8  # none is told twice


def test_a_cut_and_a_broken_frame(bench: AccountBench) -> None:
    bench.venue.cut_sockets()
    bench.until(lambda: bench.ups() == 2)
    bench.venue.plan.add(Trouble.BAD_FRAME, "ws executionReport")
    bench.place(bench.order(Side.SELL, "0.01"))
    bench.until(lambda: bench.ups() == 3)
    order = bench.order(Side.SELL, "0.01")
    bench.place(order)
    bench.until(lambda: bench.trades(order))


def test_a_quiet_order_breaks_nothing_where_not_every_order_is_told(bench: AccountBench) -> None:
    bench.venue.plan.add(Trouble.LOST, "ws *", times=4)
    bench.place(bench.order(Side.BUY, "0.01", "49000"))
    order = bench.order(Side.BUY, "0.01", "48000")
    bench.venue.plan.clear()
    bench.place(order)
    bench.until(lambda: bench.orders(order))
    assert (bench.ups(), bench.downs()) == (1, [])


ORDER = {"id": "7", "symbol": "BTC/USDT", "side": "buy", "type": "limit", "price": "1", "amount": "2", "filled": "0",
         "status": "open", "timestamp": 1_700_000_000_000}  # fmt: skip
TRADE = {"id": "1", "order": "7", "symbol": "BTC/USDT", "side": "buy", "price": "1", "amount": "2",
         "timestamp": 1_700_000_000_000}  # fmt: skip


def test_only_what_changed_is_told_and_a_fill_without_its_fee_is_asked_for() -> None:
    from actors.venues.exchange.client_ids import ClientIds

    exchange = SimpleNamespace(has={"watchOrders": True}, clients={}, orders=[dict(ORDER)], myTrades=None)
    reader = CacheReader(exchange, ClientIds(VenueName("any")))
    assert reader.calls == ("watch_orders",)
    assert not reader.is_ready
    assert [type(told) for told in reader.look()] == [VenueOrder]
    assert list(reader.look()) == []
    exchange.orders[0]["filled"] = "1"
    assert [told.filled for told in reader.look() if isinstance(told, VenueOrder)] == [1]
    exchange.myTrades = [dict(TRADE), TRADE | {"id": "2", "fee": {"cost": "0.1", "currency": "USDT"}}]
    first, second = reader.look()
    assert first == Ask("7", "BTC/USDT", "1")  # type: ignore[arg-type]
    assert isinstance(second, VenueTrade)
    exchange.orders.append({"id": "8"})  # cannot be read: told to the log, and no harm done
    assert list(reader.look()) == []

"""The venue's matching core by itself: exact fills, fees, locks, stops, expiry and amends."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from tests.venue.bench import BTC, START, Bench
from tests.venue.matching import Matching
from tests.venue.orders import Kind, Status, Wish
from tests.venue.rules import KRAKEN_MARKETS, Reason, Refused
from tests.venue.settlement import Fees
from tests.venue.wallet import BrokenInvariant


@pytest.fixture
def bench() -> Iterator[Bench]:
    made = Bench()
    yield made
    made.core.check()


def refused(reason: Reason) -> pytest.RaisesExc[Refused]:
    return pytest.RaisesExc(Refused, check=lambda no: no.reason is reason)


def test_a_market_order_walks_the_book(bench: Bench) -> None:
    (first, size), (second, _) = bench.core.tapes[BTC].book.asks(2)
    bench.core.wallet.deposit("USDT", Decimal(100_000))
    order = bench.place("buy", str(size + Decimal("0.01")))
    assert [(fill.price, fill.amount) for fill in order.fills] == [(first, size), (second, Decimal("0.01"))]
    assert order.status is Status.FILLED
    assert order.cost == first * size + second * Decimal("0.01")
    assert bench.core.wallet.total("USDT") == 110_000 - order.cost
    assert bench.core.wallet.total("BTC") == 1 + order.amount - sum(fill.fee for fill in order.fills)


def test_a_resting_order_is_the_maker_at_its_own_price(bench: Bench) -> None:
    order = bench.place("buy", "0.1", "49000")
    assert bench.core.wallet.locked("USDT") == 4900
    bench.core.set_price(BTC, "48900")
    assert [(f.price, f.amount, f.maker) for f in order.fills] == [(49000, Decimal("0.1"), True)]
    assert bench.core.wallet.locked("USDT") == 0
    assert bench.happened() == ["new", "trade"]


def test_a_big_resting_order_fills_by_what_stands_there(bench: Bench) -> None:
    bench.core.wallet.deposit("USDT", Decimal(1_000_000))
    order = bench.place("buy", "20", "49000")
    bench.core.set_price(BTC, "48999.99")  # the best ask is one tick above: one level crosses
    assert order.status is Status.PART
    assert 0 < order.filled < 2
    bench.core.check()
    bench.core.gap(BTC, "-0.1")
    assert order.filled > 5


def test_what_a_better_price_saves_is_free_at_once(bench: Bench) -> None:
    bench.core.wallet.deposit("USDT", Decimal(1_000_000))
    offered = bench.core.tapes[BTC].book.offer(True, Decimal(50010))
    taken = sum(size for _, size in offered)
    order = bench.place("buy", str(taken + 1), "50010")
    assert (order.status, order.filled) == (Status.PART, taken)
    assert bench.core.wallet.locked("USDT") == 50010


def test_a_canceled_order_gives_its_money_back(bench: Bench) -> None:
    order = bench.place("sell", "0.4", "51000")
    bench.core.fill(order, "0.1")
    assert bench.core.wallet.locked("BTC") == Decimal("0.3")
    bench.core.cancel(order)
    assert order.status is Status.CANCELED
    assert bench.core.wallet.locked("BTC") == 0
    with refused(Reason.UNKNOWN_ORDER):
        bench.core.cancel(order)


@pytest.mark.parametrize(
    ("side", "amount", "price", "reason"),
    [
        ("buy", "0.001", "49000.001", Reason.PRICE_GRID),
        ("buy", "0.000015", "49000", Reason.AMOUNT_GRID),
        ("buy", "0.00001", "49000", Reason.NOTIONAL_SMALL),
        ("buy", "0", "49000", Reason.AMOUNT_GRID),
        ("buy", "1", "49000", Reason.FUNDS),
        ("sell", "1.00001", None, Reason.FUNDS),
        ("buy", "0.3", None, Reason.FUNDS),
    ],
)
def test_what_breaks_a_rule_is_refused(
    bench: Bench, side: str, amount: str, price: str | None, reason: Reason
) -> None:
    with refused(reason):
        bench.place(side, amount, price)
    assert not bench.core.orders
    assert not bench.told


def test_the_minimum_amount_and_a_closed_market(bench: Bench) -> None:
    wish = Wish(symbol="ETH/USDT", side="buy", kind=Kind.LIMIT, amount=Decimal(1), price=Decimal(2000))
    bench.core.tapes["ETH/USDT"].closed = True
    with refused(Reason.CLOSED):
        bench.core.place(wish)
    kraken = Matching(KRAKEN_MARKETS, {"USD": "100"}, Fees(), lambda: START)
    with refused(Reason.AMOUNT_SMALL):
        kraken.place(Wish(symbol="BTC/USD", side="buy", kind=Kind.MARKET, amount=Decimal("0.00004")))


def test_post_only_never_takes(bench: Bench) -> None:
    with refused(Reason.WOULD_TAKE):
        bench.place("buy", "0.01", "50001", post_only=True)
    assert bench.place("buy", "0.01", "49999", post_only=True).status is Status.OPEN


def test_ioc_takes_what_is_there_and_fok_all_or_nothing(bench: Bench) -> None:
    bench.core.wallet.deposit("USDT", Decimal(1_000_000))
    best, size = bench.core.tapes[BTC].book.asks(1)[0]
    whole = bench.place("buy", str(size + 1), str(best), tif="FOK")
    assert (whole.status, whole.filled) == (Status.EXPIRED, 0)
    part = bench.place("buy", str(size + 1), str(best), tif="IOC")
    assert (part.status, part.filled) == (Status.EXPIRED, size)
    assert bench.core.wallet.locked("USDT") == 0


def test_a_client_id_is_free_again_once_its_order_is_over(bench: Bench) -> None:
    first = bench.place("buy", "0.01", "49000", client_id="a")
    with refused(Reason.DUPLICATE_ID):
        bench.place("buy", "0.01", "49000", client_id="a")
    bench.core.cancel(first)
    second = bench.place("buy", "0.01", "49000", client_id="a")
    assert bench.core.find(client_id="a") is second


def test_a_stop_sleeps_until_its_price(bench: Bench) -> None:
    stop = bench.place("sell", "0.2", kind=Kind.STOP, stop=Decimal(49000))
    limit = bench.place("sell", "0.1", "48000", kind=Kind.STOP_LIMIT, stop=Decimal(48500))
    bench.core.set_price(BTC, "49000.01")
    assert not stop.works
    bench.core.set_price(BTC, "49000")
    assert stop.status is Status.FILLED
    assert stop.fills[0].price <= 49000
    bench.core.gap(BTC, "-0.05")  # through the limit: triggered, resting, not filled
    assert limit.works
    assert (limit.status, limit.filled) == (Status.OPEN, 0)
    bench.core.set_price(BTC, "48100")
    assert limit.status is Status.FILLED


def test_a_buy_stop_triggers_above_and_a_profit_taking_on_the_other_side(bench: Bench) -> None:
    stop = bench.place("buy", "0.01", kind=Kind.STOP, stop=Decimal(51000))
    take = bench.place("sell", "0.01", kind=Kind.TAKE_PROFIT, stop=Decimal(52000))
    bench.core.set_price(BTC, "51000")
    assert stop.status is Status.FILLED
    assert take.status is Status.OPEN
    bench.core.set_price(BTC, "52000")
    assert take.status is Status.FILLED


def test_an_order_with_an_expiry_ends_when_its_time_comes(bench: Bench) -> None:
    order = bench.place("buy", "0.01", "49000", expires_at=START + 1000)
    bench.time += 999
    bench.core.tick()
    assert order.status is Status.OPEN
    bench.time += 1
    bench.core.tick()
    assert order.status is Status.EXPIRED


def test_the_dead_mans_switch_cancels_everything_once(bench: Bench) -> None:
    orders = [bench.place("buy", "0.01", "49000"), bench.place("sell", "0.01", "51000")]
    bench.core.dead_man_at = START + 500
    bench.time += 500
    bench.core.tick()
    assert {order.status for order in orders} == {Status.CANCELED}
    assert bench.core.dead_man_at is None


def test_an_amend_keeps_the_order_and_its_fills(bench: Bench) -> None:
    order = bench.place("buy", "0.1", "49000")
    bench.core.fill(order, "0.04")
    bench.core.amend(order, amount=Decimal("0.06"), price=Decimal(48000))
    assert (order.remaining, order.price) == (Decimal("0.02"), 48000)
    assert bench.core.wallet.locked("USDT") == 960
    with refused(Reason.NO_CHANGE):
        bench.core.amend(order, price=Decimal(48000))
    with refused(Reason.FUNDS):
        bench.core.amend(order, amount=Decimal(9))
    assert order.amount == Decimal("0.06")
    bench.core.amend(order, price=Decimal(50100))  # marketable now
    assert order.status is Status.FILLED


@pytest.mark.parametrize(
    ("taken_in", "bnb", "asset", "fee"),
    [
        ("received", "0", "BTC", "0.0001"),
        ("quote", "0", "USDT", "4.90000000"),
        ("BNB", "1", "BNB", "0.00735000"),
        ("BNB", "0.001", "BTC", "0.0001"),
    ],
)
def test_where_the_fee_is_taken(taken_in: str, bnb: str, asset: str, fee: str) -> None:
    bench = Bench(Fees(taken_in=taken_in), {"USDT": "10000", "BNB": bnb})
    order = bench.place("buy", "0.1", "49000")
    made = bench.core.fill(order)
    assert (made.fee_asset, made.fee) == (asset, Decimal(fee))
    bench.core.check()


def test_a_wrong_balance_breaks_the_invariant(bench: Bench) -> None:
    bench.core.wallet.holdings["USDT"].free += 1
    with pytest.raises(BrokenInvariant):
        bench.core.check()
    bench.core.wallet.holdings["USDT"].free -= 1
    bench.core.wallet.lock("USDT", Decimal(1))
    with pytest.raises(BrokenInvariant):
        bench.core.check()
    bench.core.wallet.unlock("USDT", Decimal(1))


def test_the_walk_is_its_seed() -> None:
    paths = []
    for _ in range(2):
        bench = Bench()
        bench.core.walk(BTC, 50)
        paths.append([made.price for made in bench.core.tapes[BTC].prints])
    assert paths[0] == paths[1]
    assert len(set(paths[0])) > 20


def test_candles_follow_the_prints_and_add_up(bench: Bench) -> None:
    for minute, price in enumerate(("50000", "50300", "49800", "50100")):
        bench.time = START // 60_000 * 60_000 + minute * 60_000 + 60_000
        bench.core.set_price(BTC, price)
    tape = bench.core.tapes[BTC]
    ones = tape.candles(60_000, bench.time, bench.time - 180_000)
    assert [bar.close for bar in ones] == [50000, 50300, 49800, 50100]
    quarter = tape.candles(900_000, bench.time, None, 1)[0]
    inside = [bar for bar in tape.candles(60_000, bench.time) if bar.ts >= quarter.ts]
    assert (quarter.high, quarter.low) == (max(b.high for b in inside), min(b.low for b in inside))
    assert quarter.volume == sum(bar.volume for bar in inside)

"""Any orders, any candles, any volume: the account, the slots and the venue's book never disagree."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.ids import ClientOrderId, Currency, ExecutionId, Identity, InstanceId
from core.instrument import Instrument
from core.intent import Side
from core.kernel.records import MARKET, OPEN, STOP, TRADED
from core.kernel.rounding import on_step
from core.money import Money, Price, Quantity
from core.order import Fill
from core.position import Position
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, DEAR, FREE, Bench, exact, plan
from tests.fakes.record_bench import START

USDT = Currency("USDT")
GRIDS = [("0.01", "0.00000001"), ("0.05", "0.00025"), ("0.25", "0.001"), ("5", "0.05"), ("0.00000001", "1"),
         ("1", "0.000005")]  # fmt: skip
"""Ticks with steps; an order costs at least what one unit of the last place can hold."""
ONE = InstanceId("grid:BTC/USDT")


class Watched(Bench):
    """Looks at everything after each report, with exact numbers of its own."""

    def __init__(self, tick: str, step: str, *, is_free: bool) -> None:
        market = Instrument(BTC, Decimal(tick), Decimal(step))
        instances = lay_out([("grid", BTC, {"levels": 3})])
        super().__init__(plan(market, instances=instances, costs=FREE if is_free else DEAR))
        self.cash, self.position = self.plan.cash, Position(instance=ONE, symbol=BTC)
        self.fees = Decimal(0)
        self.places = (market.price_places, market.quantity_places)

    def check(self, report: Any) -> None:
        if report["happening"] == TRADED:
            self._count(report)
        account, held = self.account, self.slots["held"]
        assert account["cash"] == float(self.cash)
        assert account["fees"] == float(self.fees)
        assert self.positions[0]["quantity"] == float(self.position.quantity)
        assert sum(exact(float(each)) for each in held) == self.position.quantity
        assert all(held >= 0)
        assert account["reserved"] >= 0
        assert account["open_entries"] >= 0
        if self.position.quantity == 0:
            assert account["realised"] == float(self.position.realised)
            assert self.positions[0]["cost"] == 0

    def look_at_guards(self) -> None:
        """Between candles: what a slot holds is what its protective stop sells, and the account knows its price."""
        for slot, guard in zip(self.slots, self.book[len(self.slots) :], strict=True):
            rest = exact(guard["quantity"]) - exact(guard["filled"]) if guard["active"] else 0
            assert rest == exact(slot["held"])
            assert slot["guard_price"] == (guard["price"] if rest else 0)

    def _count(self, report: Any) -> None:
        price, quantity = (
            exact(float(report[name]), places)
            for name, places in zip(("price", "quantity"), self.places, strict=True)
        )
        cost, fee = exact(float(report["cost"])), exact(float(report["fee"]))
        assert quantity > 0
        assert abs(cost - price * quantity) <= Decimal("0.6e-8")
        rate = self.plan.costs.maker if report["maker"] else self.plan.costs.taker
        assert abs(fee - cost * rate) <= Decimal("0.6e-8")
        side = Side.BUY if report["side"] > 0 else Side.SELL
        identity = Identity(ONE, BTC, 0, int(report["sequence"]))
        fill = Fill(
            execution_id=ExecutionId(""), client_order_id=ClientOrderId(""), identity=identity, side=side,
            price=Price(price), quantity=Quantity(quantity), cost=cost, fee=Money(fee, USDT),
            is_maker=bool(report["maker"]), at=START,
        )  # fmt: skip
        self.cash -= side * cost + fee
        self.fees += fee
        self.position = self.position.after(fill)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("buy"), st.integers(0, 2), st.sampled_from(["market", "limit", "post-only", "stop"]),
                  st.integers(-40, 40), st.integers(1, 60)),
        st.tuples(st.just("sell"), st.integers(0, 2), st.sampled_from(["market", "limit", "post-only", "stop"]),
                  st.integers(-40, 40), st.integers(1, 100)),
        st.tuples(st.just("cancel"), st.integers(0, 2)),
        st.tuples(st.just("candle"), st.integers(-20, 20), st.integers(0, 30), st.integers(0, 30),
                  st.sampled_from([0, 0, 3, 10, 1000])),
    ),
    min_size=5, max_size=40,
)  # fmt: skip


class Play:
    """Turns numbers into orders that a judge could approve, around a price that walks."""

    def __init__(self, bench: Watched, tick: str, step: str) -> None:
        self.bench, self.tick, self.step = bench, Decimal(tick), Decimal(step)
        self.mid = 1000
        bench.market["last"] = self._price(0)

    def _price(self, off: int) -> float:
        return float(self.tick * max(1, self.mid + off))

    def do(self, what: str, *numbers: Any) -> None:
        getattr(self, what)(*numbers)
        self.bench.look_at_guards()

    def _is_over(self, slot: int) -> bool:
        return not self.bench.book[slot]["active"]

    def buy(self, slot: int, kind: str, off: int, size: int) -> None:
        record = self.bench.slots[slot]
        if not self._is_over(slot) or record["held"] > 0:
            return
        price = 0.0 if kind == "market" else self._price(off)
        stop = self._price(min(off, 0) - 1 - size % 30)
        quantity = float(self.step * size)
        if stop < self._price(off):
            self.bench.order(slot, "buy", kind, price, quantity, stop)

    def sell(self, slot: int, kind: str, off: int, share: int) -> None:
        held = exact(float(self.bench.slots[slot]["held"]))
        units = (held * share / 100 / self.step).to_integral_value("ROUND_DOWN") * self.step
        if self._is_over(slot) and units > 0:
            self.bench.order(slot, "sell", kind, 0.0 if kind == "market" else self._price(off), float(units))

    def cancel(self, slot: int) -> None:
        if self.bench.slots[slot]["status"] == OPEN:
            self.bench.cancel(slot)

    def candle(self, move: int, up: int, down: int, volume: int) -> None:
        bench, start = self.bench, len(self.bench.heard)
        before = bench.book.copy()
        open_ = self.mid + move
        self.mid = max(100, open_ + (up - down) // 2)
        low, high = min(open_, self.mid) - down, max(open_, self.mid) + up
        prices = [float(self.tick * max(1, each)) for each in (open_, high, low, self.mid)]
        units = float(self.step) * volume
        bench.candle(" ".join(map(repr, prices)), units)
        fills = [report for report in bench.heard[start:] if report["happening"] == TRADED]
        room = on_step(units * bench.market["participation"], bench.market)
        assert sum(exact(float(each["quantity"])) for each in fills) <= exact(room)
        for each in fills:
            self._look(each, before[int(each["flat"])], prices)

    def _look(self, fill: Any, before: Any, prices: list[float]) -> None:
        """No fill is better than its rule: not than the open, the trigger or, as a maker, its own price."""
        order, side = self.bench.book[int(fill["flat"])], int(fill["side"])
        open_, high, low, _ = prices
        if fill["maker"]:
            assert fill["price"] == order["price"]
            assert low < order["price"] if side > 0 else high > order["price"]
        elif order["kind"] == STOP:
            was_triggered = before["active"] and before["triggered"]
            assert side * (fill["price"] - (open_ if was_triggered else order["price"])) >= 0
        else:
            assert side * (fill["price"] - open_) >= 0
            assert order["kind"] == MARKET or side * (order["price"] - fill["price"]) >= 0


@settings(max_examples=150)
@given(st.sampled_from(GRIDS), st.booleans(), actions)
def test_nothing_ever_disagrees(grid: tuple[str, str], is_free: bool, moves: list[tuple[Any, ...]]) -> None:
    tick, step = grid
    play = Play(Watched(tick, step, is_free=is_free), tick, step)
    for what, *numbers in moves:
        play.do(what, *numbers)
    for slot in range(3):  # and all ends well: everything is sold, the last sale takes the rest of the cost
        play.cancel(slot)
        play.sell(slot, "market", 0, 100)
    play.candle(0, 1, 1, 10**9)
    assert play.bench.position.quantity == 0
    assert play.bench.account["reserved"] == 0
    assert play.bench.account["open_entries"] == 0
    assert play.bench.account["realised"] == float(play.bench.cash - play.bench.plan.cash)

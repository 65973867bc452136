"""Any wishes, fills, prices and days: whatever the judge approves keeps every limit, counted anew in Decimal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import instant
from core.ids import ClientOrderId, Identity, Symbol
from core.intent import Intent, Kind, Side, Wish, Withdrawal
from core.kernel.fold import Changed
from core.kernel.records import CANCELLED, FILLED, NONE, OPEN, PENDING, REFUSED
from core.kernel.records import DENIED as DENIED_STATUS
from core.limits import Limits
from core.market import Bar
from core.messages import OrderFilled
from core.money import Price, Quantity
from core.order import Fill
from core.plan import Costs
from core.risk.verdict import Reason
from core.strategies.library import lay_out
from tests.fakes.kernel_bench import BTC, instrument, plan
from tests.fakes.line_bench import Line

HOUR = 3_600_000
DAY = 24 * HOUR
TICK, STEP = Decimal("0.01"), Decimal("0.001")
LIMITS = Limits(
    max_order_usd=Decimal(50), min_order_usd=Decimal(10), daily_entries=4, risk_per_trade=Decimal("0.008"),
    daily_loss_usd=Decimal(9), daily_loss_pct=Decimal("0.02"), symbol_share=Decimal("0.55"),
    max_position_usd=Decimal(130), total_share=Decimal("0.5"), max_exposure_usd=Decimal(105), cooldown_minutes=180,
    entries_per_minute=2,
)  # fmt: skip
CLOSE = Decimal("1e-6")
"""What doubles and Decimals may differ by where neither is rounded."""

wishes = st.tuples(
    st.integers(0, 2), st.sampled_from(["buy", "buy", "sell", "withdraw"]), st.sampled_from(list(Kind)[:3]),
    st.integers(-700, 300), st.integers(1, 700), st.integers(1, 2000),
)  # fmt: skip
hours = st.lists(
    st.tuples(st.integers(-400, 400), st.integers(0, 300), st.integers(0, 300), st.sampled_from([0, 1, 100]),
              st.lists(wishes, max_size=4)),
    min_size=10, max_size=60,
)  # fmt: skip


class Witness:
    """Plays random hours and keeps books of its own, from the facts alone."""

    def __init__(self) -> None:
        grid = lay_out([("grid", BTC, {"levels": 3})])
        self.plan = plan(
            instrument(), instances=grid, limits=LIMITS, cash="220", timeframe="1h",
            costs=Costs(participation=Decimal("0.5")),
        )  # fmt: skip
        self.line = Line(self.plan, wish=self._wishes, after=self._after)
        self.cash, self.held = self.plan.cash, Counter[int]()
        self.last, self.day, self.day_start = Decimal(100), 0, self.plan.cash
        self.entries: Counter[int] = Counter()
        self.entered: set[ClientOrderId] = set()
        self.trip, self.hurt_at, self.now = Decimal(0), -DAY, 0
        self.approved_at: Counter[int] = Counter()
        self.sequences: Counter[int] = Counter()
        self.todo: list[Any] = []
        self.approved = 0

    def equity(self) -> Decimal:
        return self.cash + self.last * self._units()

    def _units(self) -> Decimal:
        return Decimal(sum(self.held.values())) * STEP

    def hour(self, n: int, hour: tuple[int, int, int, int, list[Any]]) -> None:
        move, up, down, volume, self.todo = hour
        if n * HOUR // DAY > self.day:
            self.day, self.day_start = n * HOUR // DAY, self.equity()
        open_ = self.last
        close = max(Decimal(20), open_ + move * TICK)
        bar = [open_, max(open_, close) + up * TICK, max(TICK, min(open_, close) - down * TICK), close]
        self.line.candle(BTC, Bar(n * HOUR, *map(float, bar), float(volume)))

    def _after(self, fact: Changed) -> None:
        if not isinstance(fact, OrderFilled):
            return
        fill, slot = fact.fill, fact.fill.identity.slot % 3
        self.cash -= fill.side * fill.cost + fill.fee.amount
        self.held[slot] += int(fill.side * fill.quantity / STEP)
        self._weigh_trip(fill, is_stop=fill.identity.slot >= 3)
        if fill.side is Side.BUY and fill.client_order_id not in self.entered:
            self.entered.add(fill.client_order_id)
            self.entries[fill.at_ms // DAY] += 1

    def _weigh_trip(self, fill: Fill, *, is_stop: bool) -> None:
        """A round trip ends when nothing is held; a loss or a stop begins the market's rest."""
        self.trip -= fill.side * fill.cost + fill.fee.amount
        if is_stop or (not self._units() and self.trip < 0):
            self.hurt_at = max(self.hurt_at, fill.at_ms)
        if not self._units():
            self.trip = Decimal(0)

    def _wishes(self, line: Line, symbol: Symbol, bar: Bar) -> Iterator[Wish]:
        """One wish at a time: each is judged before the next is asked for."""
        self.last = Decimal(repr(bar.close))
        for slot, what, kind, off, size, below in self.todo:
            status = line.risk.arena.slots[slot]["status"]
            identity = Identity(self.plan.instances[0].id, BTC, slot, self.sequences[slot])
            if what == "withdraw":
                if status == OPEN:
                    yield Withdrawal(identity=identity, at=instant(bar.ts + HOUR))
            elif status in (NONE, FILLED, CANCELLED, DENIED_STATUS, REFUSED):
                yield from self._order(
                    slot, Side.BUY if what == "buy" else Side.SELL, kind, off, size, below, bar
                )

    def _order(
        self, slot: int, side: Side, kind: Kind, off: int, size: int, below: int, bar: Bar
    ) -> Iterator[Wish]:
        self.sequences[slot] += 1
        price = max(TICK, self.last + off * TICK)
        stop = price - below * TICK
        intent = Intent(
            identity=Identity(self.plan.instances[0].id, BTC, slot, self.sequences[slot]), side=side, kind=kind,
            price=None if kind is Kind.MARKET else Price(price), quantity=Quantity(size * STEP),
            reference=Price(self.last), stop=Price(stop) if stop > 0 and side > 0 else None,
            at=instant(bar.ts + HOUR),
        )  # fmt: skip
        free, self.now = self.cash - self._spoken_for(), bar.ts + HOUR
        waiting = self._waiting()
        yield intent
        if self.line.risk.arena.slots[slot]["status"] == PENDING:
            self.approved += 1
            self._check(intent, free, waiting)

    def _waiting(self) -> int:
        """Entries under way without a fill, as the venue and the order table have them, and those just approved."""
        slots = self.line.risk.arena.slots
        return sum(
            1 for s in slots if s["live_side"] > 0 and s["status"] in (PENDING, OPEN) and s["filled"] == 0
        )

    def _spoken_for(self) -> Decimal:
        total = Decimal(0)
        for record in self.line.risk.arena.slots:
            if record["live_side"] > 0 and record["status"] in (PENDING, OPEN):
                price = (
                    record["live_price"] if record["live_kind"] else self.line.risk.arena.markets[0]["last"]
                )
                rest = Decimal(repr(float(record["live_quantity"]))) - Decimal(repr(float(record["filled"])))
                if record["live_kind"] or record["status"] == PENDING:
                    total += rest * Decimal(repr(float(price))) * (1 + self.plan.costs.taker)
        return total

    def _check(self, intent: Intent, free: Decimal, waiting: int) -> None:
        if intent.side is Side.SELL:
            assert 0 < intent.quantity <= self.held[intent.identity.slot] * STEP
            return
        price, costs = intent.price or self.last, self.plan.costs
        assert LIMITS.min_order_usd <= price * intent.quantity <= LIMITS.max_order_usd
        assert intent.stop is not None
        assert intent.stop < price
        sold = intent.stop * (1 - costs.spread / 2 - costs.slippage)
        loss = intent.quantity * (price - sold + (price + sold) * costs.taker)
        assert loss <= LIMITS.risk_per_trade * self.equity() + CLOSE
        allowed = min(LIMITS.daily_loss_usd, LIMITS.daily_loss_pct * self.day_start)
        assert self.day_start - self.equity() < allowed + CLOSE
        assert self.entries[self.day] + waiting + 1 <= LIMITS.daily_entries
        assert price <= self.last * (1 + LIMITS.price_band) + CLOSE
        cost = price * intent.quantity * (1 + costs.taker)
        assert cost <= free + CLOSE
        exposed = self.last * self._units() + (self.cash - free) + cost
        assert exposed <= LIMITS.total_share * self.equity() + CLOSE
        assert exposed <= LIMITS.max_exposure_usd + CLOSE
        assert self.now - self.hurt_at >= LIMITS.cooldown_minutes * 60_000
        self.approved_at[self.now] += 1
        assert self.approved_at[self.now] <= LIMITS.entries_per_minute


@settings(max_examples=120)
@given(hours)
def test_what_is_approved_keeps_every_limit(day: list[tuple[int, int, int, int, list[Any]]]) -> None:
    witness = Witness()
    for n, hour in enumerate(day):
        witness.hour(n, hour)
        account = witness.line.risk.arena.account[0]
        assert account["cash"] == float(witness.cash)
        assert abs(Decimal(repr(float(account["equity"]))) - witness.equity()) < CLOSE
        assert abs(Decimal(repr(float(account["day_start_equity"]))) - witness.day_start) < CLOSE
    assert all(count <= LIMITS.daily_entries for count in witness.entries.values())


def test_such_walks_are_not_idle() -> None:
    chance = Random(7)
    witness = Witness()
    for n in range(600):
        kinds = list(Kind)[:3]
        todo = [
            (
                chance.randrange(3),
                chance.choice(["buy", "buy", "sell", "withdraw"]),
                chance.choice(kinds),
                chance.randint(-300, 300),
                chance.randint(1, 700),
                chance.randint(1, 900),
            )
            for _ in range(4)
        ]
        witness.hour(n, (chance.randint(-300, 300), 100, 100, 100, todo))  # fmt: skip
    reasons = {denial.reason for denial in witness.line.denials}
    assert witness.approved > 50
    assert sum(witness.entries.values()) > 25
    assert {Reason.DAILY_LOSS, Reason.DAILY_ENTRIES, Reason.SIDE, Reason.BELOW_MINIMUM, Reason.ABOVE_MAXIMUM,
            Reason.RISK_AT_STOP, Reason.NO_STOP, Reason.TOTAL_SHARE, Reason.EXPOSURE, Reason.COOLDOWN,
            Reason.ORDER_RATE} <= reasons  # fmt: skip

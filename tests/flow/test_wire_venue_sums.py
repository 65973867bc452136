"""Whatever is done to the matching core, its balances are the deposits and the fills, and its locks the orders'."""

from __future__ import annotations

from decimal import Decimal
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.venue.bench import BTC, Bench
from tests.venue.orders import Kind, Wish
from tests.venue.rules import Refused
from tests.venue.settlement import Fees

STEP = st.one_of(
    st.tuples(st.just("place"), st.sampled_from(("buy", "sell")), st.integers(1, 400), st.integers(-300, 300),
              st.sampled_from(("GTC", "IOC", "FOK", "post", "market", "stop", "stop-limit"))),
    st.tuples(st.just("price"), st.integers(-500, 500)),
    st.tuples(st.just("cancel"), st.integers(0, 5)),
    st.tuples(st.just("fill"), st.integers(0, 5), st.integers(1, 100)),
    st.tuples(st.just("amend"), st.integers(0, 5), st.integers(1, 400), st.integers(-300, 300)),
)  # fmt: skip


@settings(max_examples=60)
@given(steps=st.lists(STEP, max_size=30), taken_in=st.sampled_from(("received", "quote", "BNB")))
def test_whatever_happens_the_sums_agree(steps: list[tuple], taken_in: str) -> None:  # type: ignore[type-arg]
    bench = Bench(
        Fees(taken_in=taken_in, taker=Decimal("0.0037")), {"USDT": "9000", "BTC": "0.2", "BNB": "0.05"}
    )
    numbers = count()
    for step in steps:
        try:
            _act(bench, step, next(numbers))
        except Refused:
            pass
        bench.core.check()


def _act(bench: Bench, step: tuple, number: int) -> None:  # type: ignore[type-arg]
    core, what = bench.core, step[0]
    last = core.tapes[BTC].last
    if what == "price":
        core.gap(BTC, Decimal(step[1]) / 10_000)
        return
    if what == "place":
        _, side, amount, away, manner = step
        price = core.tapes[BTC].market.to_tick(last + away)
        kind = {"market": Kind.MARKET, "stop": Kind.STOP, "stop-limit": Kind.STOP_LIMIT}.get(
            manner, Kind.LIMIT
        )
        core.place(
            Wish(symbol=BTC, side=side, kind=kind, amount=Decimal(amount) / 1000, client_id=f"c{number % 7}",
                 price=price if kind.has_limit else None, stop=price + 1 if kind.has_stop else None,
                 tif=manner if manner in ("IOC", "FOK") else "GTC", post_only=manner == "post")
        )  # fmt: skip
        return
    orders = core.open_orders()
    if not orders:
        return
    order = orders[step[1] % len(orders)]
    if what == "cancel":
        core.cancel(order)
    elif what == "fill" and order.works:
        core.fill(order, core.tapes[BTC].market.to_step(order.remaining * step[2] / 100) or order.remaining)
    elif what == "amend" and order.wish.kind is Kind.LIMIT:
        core.amend(
            order, amount=Decimal(step[2]) / 1000, price=core.tapes[BTC].market.to_tick(last + step[3])
        )

"""A value that goes into a row comes out the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from actors.persistence import rows
from actors.persistence.bookkeeping import trip_from_json, trip_json
from actors.persistence.tables import FillRow, OrderRow, PositionRow, PostingRow, TradeRow
from core.clock import EPOCH
from core.ids import ClientOrderId, Currency, ExecutionId, Identity, InstanceId, Symbol
from core.intent import Kind, Side
from core.modes import Mode
from core.money import Money, Price, Quantity
from core.order import Fill, Order, OrderState, Role
from core.position import OpenTrip, Position
from core.records import Posting, RoundTrip

signed = st.decimals(allow_nan=False, allow_infinity=False, places=12, min_value=-(10**15), max_value=10**15)
units = st.builds(Quantity, st.decimals(min_value=0, max_value=10**15, places=12))
prices = st.builds(Price, st.decimals(min_value="0.000000000001", max_value=10**9, places=12))
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
moments = st.integers(0, 4_102_444_800_000).map(lambda ms: EPOCH + timedelta(milliseconds=ms))
identities = st.builds(
    Identity, words.map(InstanceId), st.just(Symbol("BTC/USDT")), st.integers(0, 99), st.integers(1, 2**40)
)
orders = st.builds(
    Order, client_order_id=words.map(ClientOrderId), identity=identities, side=st.sampled_from(Side),
    kind=st.sampled_from(Kind), price=st.none() | prices, quantity=units, stop=st.none() | prices,
    mode=st.sampled_from(Mode), time=moments, role=st.sampled_from(Role), status=st.sampled_from(OrderState),
    filled=units, cost=signed, fee=signed, reason=words,
)  # fmt: skip
fills = st.builds(
    Fill, execution_id=words.map(ExecutionId), client_order_id=words.map(ClientOrderId), identity=identities,
    side=st.sampled_from(Side), price=prices, quantity=units, cost=signed,
    fee=st.builds(Money, signed, words.map(Currency)), is_maker=st.booleans(), at=moments,
)  # fmt: skip
trades = st.builds(
    RoundTrip, instance=words.map(InstanceId), symbol=words.map(Symbol), opened=moments, closed=moments,
    quantity=units, bought=prices, sold=prices, fees=signed, net=signed, risked=st.none() | signed,
    ended_by=st.sampled_from(["exit", "stop", "target"]), mode=st.sampled_from(Mode),
)  # fmt: skip


@given(orders)
def test_orders(order: Order) -> None:
    row = rows.order_row(order)
    assert rows.order_from_row(row) == order
    assert len(row) == len(rows.ORDER_COLUMNS)


@given(fills)
def test_fills(fill: Fill) -> None:
    row = rows.fill_row(fill)
    assert rows.fill_from_row(row) == fill
    assert len(row) == len(rows.FILL_COLUMNS)


@given(trades)
def test_trades(trade: RoundTrip) -> None:
    assert rows.trade_from_row(rows.trade_row(trade)) == trade


@given(
    st.builds(
        Position, instance=words, symbol=words, quantity=units, cost=signed, realised=signed, fees=signed
    )
)
def test_positions(position: Position) -> None:
    assert rows.position_from_row(rows.position_row(position)) == position


@given(st.builds(Posting, st.integers(0, 2**40), moments, words, words, signed, words))
def test_postings(posting: Posting) -> None:
    assert rows.posting_from_row(rows.posting_row(posting)) == posting


@given(st.builds(
    OpenTrip, opened=moments, held=signed, units_bought=signed, bought=signed, units_sold=signed, sold=signed,
    money=signed, fees=signed, risked=st.none() | signed,
))  # fmt: skip
def test_open_trips(trip: OpenTrip) -> None:
    assert trip_from_json(trip_json(trip)) == trip


def test_amounts_are_plain_digits_and_times_milliseconds() -> None:
    posting = Posting(1, datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC), "fees", "BTC", Decimal("1E-8"), "")
    assert rows.posting_row(posting) == (1000, 1, "fees", "BTC", "0.00000001", "")


def test_every_column_is_in_its_table() -> None:
    for table, names in (
        (OrderRow, rows.ORDER_COLUMNS), (FillRow, rows.FILL_COLUMNS), (TradeRow, rows.TRADE_COLUMNS),
        (PositionRow, rows.POSITION_COLUMNS), (PostingRow, rows.POSTING_COLUMNS),
    ):  # fmt: skip
        assert set(names) <= set(table._meta.fields)


def test_the_stable_columns_come_first() -> None:
    """Scripts read the export by these names and in this order; more may follow."""
    assert rows.FILL_COLUMNS[:13] == (
        "time", "symbol", "side", "price", "quantity", "fee", "fee_currency", "strategy", "slot", "sequence",
        "cost", "client_order_id", "execution_id",
    )  # fmt: skip
    assert rows.ORDER_COLUMNS[:12] == (
        "time", "client_order_id", "symbol", "side", "kind", "price", "quantity", "status", "strategy",
        "slot", "sequence", "mode",
    )  # fmt: skip

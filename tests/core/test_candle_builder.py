"""Candles built from trades against the definition of a candle, for any trades in any order of arrival."""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby, pairwise

from hypothesis import given
from hypothesis import strategies as st

from core.candle_builder import CandleBuilder, Print
from core.market import Bar

SPAN = 60_000
START = 1_700_000_000_000 // SPAN * SPAN

prints = st.builds(
    lambda ms, price, amount: (START + ms, Decimal(price) / 100, Decimal(amount) / 1000),
    st.integers(0, 8 * SPAN - 1),
    st.integers(1, 10_000),
    st.integers(1, 10_000),
)
tapes = st.lists(prints, min_size=1, max_size=60).map(
    lambda rows: [Print(*row, str(number)) for number, row in enumerate(sorted(rows, key=lambda row: row[0]))]
)


def by_definition(tape: list[Print], until: int) -> list[Bar]:
    """The candles of a tape in the venue's order, those without trades flat, up to ``until``."""
    bars: dict[int, Bar] = {}
    for ts, group in groupby(tape, key=lambda made: made.at // SPAN * SPAN):
        rows = list(group)
        prices = [made.price for made in rows]
        volume = sum((made.amount for made in rows), Decimal(0))
        shape = (prices[0], max(prices), min(prices), prices[-1], volume)
        bars[ts] = Bar(ts, *(float(value) for value in shape))
    made: list[Bar] = []
    for ts in range(min(bars), until, SPAN):
        flat = made[-1].close if made else 0.0
        made.append(bars.get(ts, Bar(ts, flat, flat, flat, flat, 0.0)))
    return made


@given(tapes, st.randoms(use_true_random=False))
def test_any_order_within_a_candle_gives_the_venues_candles(tape: list[Print], random: object) -> None:
    builder, closed = CandleBuilder(SPAN), []
    for _, group in groupby(tape, key=lambda made: made.at // SPAN):
        rows = list(group)
        random.shuffle(rows)  # type: ignore[attr-defined]
        for made in rows:
            closed += builder.add([made])
    closed += builder.advance(START + 9 * SPAN)
    assert closed == by_definition(tape, START + 9 * SPAN)
    assert builder.late == 0


@given(tapes, st.randoms(use_true_random=False))
def test_one_heap_of_trades_gives_the_same(tape: list[Print], random: object) -> None:
    heap = list(tape)
    random.shuffle(heap)  # type: ignore[attr-defined]
    builder = CandleBuilder(SPAN)
    closed = builder.add(heap)
    assert closed + builder.advance(START + 9 * SPAN) == by_definition(tape, START + 9 * SPAN)


@given(tapes)
def test_no_hole_none_twice_and_repeated_trades_change_nothing(tape: list[Print]) -> None:
    builder, closed = CandleBuilder(SPAN), []
    for made in tape:
        closed += builder.add([made, made])
        closed += builder.add([made])
    assert all(after.ts - before.ts == SPAN for before, after in pairwise(closed))
    assert closed + builder.advance(START + 9 * SPAN) == by_definition(tape, START + 9 * SPAN)


def test_a_late_trade_is_counted_and_changes_nothing() -> None:
    builder = CandleBuilder(SPAN)
    first = builder.add(
        [Print(START, Decimal(10), Decimal(1), "1"), Print(START + SPAN, Decimal(11), Decimal(1), "3")]
    )
    assert first == [Bar(START, 10.0, 10.0, 10.0, 10.0, 1.0)]
    assert builder.add([Print(START + 5, Decimal(99), Decimal(1), "2")]) == []
    assert (builder.late, builder.forming) == (1, Bar(START + SPAN, 11.0, 11.0, 11.0, 11.0, 1.0))


def test_it_goes_on_behind_a_known_candle() -> None:
    builder = CandleBuilder(SPAN, Bar(START, 9.0, 9.0, 9.0, 9.5, 3.0))
    assert builder.forming == Bar(START + SPAN, 9.5, 9.5, 9.5, 9.5, 0.0)
    closed = builder.add([Print(START + 3 * SPAN + 1, Decimal("9.7"), Decimal(2))])
    assert closed == [Bar(START + n * SPAN, 9.5, 9.5, 9.5, 9.5, 0.0) for n in (1, 2)]
    assert builder.forming == Bar(START + 3 * SPAN, 9.7, 9.7, 9.7, 9.7, 2.0)


def test_before_the_first_trade_there_is_nothing() -> None:
    builder = CandleBuilder(SPAN)
    assert (builder.forming, builder.advance(START)) == (None, [])


def test_trades_without_ids_count_each() -> None:
    builder = CandleBuilder(SPAN)
    builder.add([Print(START, Decimal(10), Decimal(1)), Print(START, Decimal(12), Decimal(1))])
    assert builder.forming == Bar(START, 10.0, 12.0, 10.0, 12.0, 2.0)

"""The simulated market: the same for a seed, whole after a restart, lawful on tick and step, and alive."""

from decimal import Decimal
from itertools import islice, pairwise

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from actors.venues.sim import HISTORY, START_MS, SimSource
from actors.venues.sim_markets import base_price, sim_instrument
from actors.venues.sim_prices import REGIMES, STEPS
from core.errors import BadSettings
from core.ids import Symbol
from core.market import TIMEFRAME_MS, Bar, bar_fault
from core.ports import MarketEvent, MarketSource

BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
MINUTE = 60_000


def take(source: SimSource, n: int) -> list[MarketEvent]:
    return list(islice(iter(source.pull, None), n))


def closed(source: SimSource, n: int) -> list[Bar]:
    return [event.bar for event in take(source, n) if event.bar]


def test_a_seed_is_a_market() -> None:
    first, again, other = (SimSource(seed, [BTC, ETH]) for seed in (7, 7, 8))
    assert take(first, 2_000) == take(again, 2_000)
    assert first.history(ETH) == again.history(ETH)
    assert first.history(BTC) != other.history(BTC)
    assert first.fingerprint == again.fingerprint != other.fingerprint


def test_the_fingerprint_names_all_that_matters() -> None:
    sources = [
        SimSource(7, [BTC, ETH]),
        SimSource(7, [ETH, BTC]),
        SimSource(7, [BTC, ETH], "5m"),
        SimSource(7, [BTC, ETH], start_ms=0),
    ]
    assert len({source.fingerprint for source in sources}) == 4


def test_a_symbol_does_not_depend_on_the_others() -> None:
    alone, together = (SimSource(3, symbols, quotes=False) for symbols in ([ETH], [BTC, ETH]))
    both = [event.bar for event in take(together, 1_000) if event.symbol == ETH]
    assert closed(alone, 500) == both


def test_quotes_change_nothing() -> None:
    silent, loud = SimSource(7, [BTC], quotes=False), SimSource(7, [BTC])
    assert closed(silent, 300) == closed(loud, 300 * (STEPS + 1))


@settings(max_examples=20)
@example(candles=0, pulled=3)
@example(candles=301, pulled=0)
@given(candles=st.integers(0, 700), pulled=st.integers(0, 40))
def test_skip_goes_on_exactly_behind_the_candle(candles: int, pulled: int) -> None:
    whole, source = SimSource(5, [BTC, ETH]), SimSource(5, [BTC, ETH])
    left = candles
    while left:
        left -= whole.pull().bar is not None
    take(source, pulled)
    source.skip(candles)
    assert source.history(ETH) == whole.history(ETH)
    assert take(source, 60) == take(whole, 60)


def test_one_candle_is_twelve_moments_and_its_close() -> None:
    source: MarketSource = SimSource(7, [BTC, ETH])
    assert (source.label, source.total, source.timeframe) == ("Simulated market", None, "1m")
    events = [source.pull() for _ in range(2 * (STEPS + 1))]
    for step, (btc, eth) in enumerate(zip(events[:-2:2], events[1:-2:2], strict=True), 1):
        for symbol, event in ((BTC, btc), (ETH, eth)):
            assert event
            assert event.quote
            assert event.forming
            assert event.symbol == event.quote.symbol == symbol
            assert event.quote.at.timestamp() * 1000 == START_MS + step * MINUTE // STEPS
            assert event.quote.last in (event.quote.bid, event.quote.ask)
            assert event.quote.bid < event.quote.ask
            assert float(event.quote.last) == event.forming.close
            assert event.forming.ts == START_MS
    for moment, close in zip(events[-4:-2], events[-2:], strict=True):
        assert moment
        assert close
        assert close.bar == moment.forming


def test_a_forming_candle_only_grows() -> None:
    forming = [event.forming for event in take(SimSource(2, [BTC]), STEPS) if event.forming]
    assert len(forming) == STEPS
    for before, after in pairwise(forming):
        assert (after.ts, after.open) == (before.ts, before.open)
        assert after.high >= before.high
        assert after.low <= before.low
        assert after.volume >= before.volume


@pytest.mark.parametrize("timeframe", ["1m", "1h", "1d"])
@pytest.mark.parametrize("symbol", ["BTC/USDT", "XLM/USD", "ETH/BTC", "PEPE/USDT", "BTC/NOK"])
def test_candles_are_lawful_and_on_the_grid(symbol: str, timeframe: str) -> None:
    source = SimSource(11, [symbol], timeframe, quotes=False)
    (instrument,) = source.instruments()
    history = list(source.history(Symbol(symbol)))
    bars = history + closed(source, 1_000)
    assert len(history) == HISTORY
    assert bars[HISTORY].ts == START_MS
    before: Bar | None = None
    for bar in bars:
        assert bar_fault(bar) is None
        assert before is None or bar.ts == before.ts + TIMEFRAME_MS[timeframe]
        for number, grid in (
            (bar.high, instrument.tick),
            (bar.close, instrument.tick),
            (bar.volume, instrument.step),
        ):
            places = -int(grid.as_tuple().exponent)
            assert float(f"{number:.{places}f}") == number
        before = bar


def test_it_moves_like_a_market() -> None:
    for seed in range(3):
        events = take(SimSource(seed, [BTC, ETH], quotes=False), 40_000)
        closes = [np.array([e.bar.close for e in events if e.bar and e.symbol == s]) for s in (BTC, ETH)]
        btc, eth = (np.diff(np.log(prices)) for prices in closes)
        assert 0.0004 < btc.std() < 0.002
        assert ((btc / btc.std()) ** 4).mean() > 4  # fat tails
        assert np.corrcoef(np.abs(btc[1:]), np.abs(btc[:-1]))[0, 1] > 0.1  # calm and wild times
        assert 0.3 < np.corrcoef(btc, eth)[0, 1] < 0.8
        assert closes[0].min() / 60_000 > 0.25
        assert closes[0].max() / 60_000 < 4


def test_jumps_lie_between_candles() -> None:
    bars = closed(SimSource(1, [BTC], quotes=False), 20_000)
    gaps = [abs(after.open / before.close - 1) for before, after in pairwise(bars)]
    assert 5 < sum(gap > 0.001 for gap in gaps) < 200
    assert np.median(gaps) == 0


def test_there_are_four_regimes() -> None:
    assert [regime.name for regime in REGIMES] == ["calm trend up", "calm trend down", "range", "turbulent"]


@pytest.mark.parametrize(
    ("symbol", "price", "tick", "step", "least"),
    [
        ("BTC/USDT", 60_000, "0.01", "0.00001", "5"),
        ("ETH/USDT", 3_000, "0.01", "0.0001", "5"),
        ("XLM/USD", 0.12, "0.00001", "1", "5"),
        ("ETH/BTC", 0.05, "0.000001", "0.0001", "0.0001"),
    ],
)
def test_instruments_are_like_binances(symbol: str, price: float, tick: str, step: str, least: str) -> None:
    instrument = sim_instrument(Symbol(symbol))
    assert base_price(Symbol(symbol)) == pytest.approx(price)
    assert (instrument.tick, instrument.step) == (Decimal(tick), Decimal(step))
    assert (instrument.min_quantity, instrument.min_notional) == (Decimal(step), Decimal(least))


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", min_size=2, max_size=6))
def test_any_name_has_a_price_and_an_instrument(name: str) -> None:
    symbol = Symbol(f"{name}/USDT")
    assert base_price(symbol) == base_price(symbol) > 0.04
    instrument = sim_instrument(symbol)
    assert float(instrument.step) * base_price(symbol) < 11


@pytest.mark.parametrize(
    ("seed", "symbols", "timeframe"),
    [(1, [], "1m"), (1, [BTC, BTC], "1m"), (1, [BTC], "7m"), (-1, [BTC], "1m")],
)
def test_wrong_settings_are_a_sentence(seed: int, symbols: list[str], timeframe: str) -> None:
    with pytest.raises(BadSettings):
        SimSource(seed, symbols, timeframe)

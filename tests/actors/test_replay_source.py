"""Replay: files merged by time, the symbol from the file name, the same events after a restart."""

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from actors.venues.infer_instrument import infer_instrument
from actors.venues.replay import CHUNK, ReplaySource, replay_from, symbol_of
from core.candles import CANDLE
from core.errors import BadData, BadSettings, BadValue
from core.ids import Symbol
from core.instrument import Instrument
from core.ports import MarketEvent, MarketSource

MINUTE = 60_000
BTC, ETH = Symbol("BTC/USDT"), Symbol("ETH/USDT")
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(
        name: str, minutes: Sequence[int], price: float = 10.0, bad: Sequence[int] = (), step: int = MINUTE
    ) -> Path:
        lines = ["ts,open,high,low,close,volume"]
        for minute in minutes:
            low = 0 if minute in bad else price
            lines.append(f"{minute * step},{price},{price + 1},{low},{price + 0.5},{minute + 1}.25")
        path = tmp_path / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return write


def drain(source: ReplaySource) -> list[MarketEvent]:
    return list(iter(source.pull, None))


def seen(events: Sequence[MarketEvent]) -> list[tuple[str, int]]:
    return [(event.symbol, event.bar.ts // MINUTE) for event in events if event.bar]


def test_events_are_merged_by_time_then_by_the_order_of_the_symbols(write: Write) -> None:
    a, b = write("a.csv", [0, 1, 2, 4]), write("b.csv", [1, 2, 3, 4], price=3.0)
    source: MarketSource = ReplaySource([a, b], [BTC, ETH])
    assert isinstance(source, ReplaySource)
    events = drain(source)
    assert seen(events) == [
        (BTC, 0), (BTC, 1), (ETH, 1), (BTC, 2), (ETH, 2), (ETH, 3), (BTC, 4), (ETH, 4),
    ]  # fmt: skip
    assert seen(drain(ReplaySource([b, a], [ETH, BTC])))[1:3] == [(ETH, 1), (BTC, 1)]
    assert events[0].bar == (0, 10.0, 11.0, 10.0, 10.5, 1.25)
    assert (source.total, source.timeframe, source.missing) == (8, "1m", 1)
    assert source.label == "Replay of a.csv, b.csv"
    assert source.pull() is None


def test_the_fingerprint_names_candles_and_symbols(write: Write) -> None:
    a, same, other = (
        write("a.csv", range(3)),
        write("same.csv", range(3)),
        write("c.csv", range(3), price=10.5),
    )
    prints = {
        ReplaySource([path], [symbol]).fingerprint for path, symbol in ((a, BTC), (other, BTC), (a, ETH))
    }
    assert len(prints) == 3
    assert ReplaySource([same], [BTC]).fingerprint in prints


def test_skip_goes_on_exactly_behind_the_candle(write: Write) -> None:
    paths = [write("a.csv", range(0, 40, 1)), write("b.csv", range(5, 60))]
    whole = drain(ReplaySource(paths, [BTC, ETH]))
    for candles in (0, 1, 30, 31, len(whole) - 1, len(whole)):
        source = ReplaySource(paths, [BTC, ETH])
        source.pull()
        source.skip(candles)
        assert drain(source) == whole[candles:]
    with pytest.raises(BadData, match=r"at candle 96, but Replay of a\.csv, b\.csv ends at 95"):
        source.skip(96)


def test_a_chunk_ends_unseen(write: Write) -> None:
    source = ReplaySource([write("a.csv", range(CHUNK + 5))], [BTC])
    assert [minute for _, minute in seen(drain(source))] == list(range(CHUNK + 5))


def test_history_is_what_lies_in_front(write: Write) -> None:
    source = ReplaySource([write("a.csv", range(900)), write("b.csv", range(900), price=4)], [BTC, ETH])
    assert list(source.history(BTC)) == []
    source.skip(5)
    assert [bar.ts // MINUTE for bar in source.history(BTC)] == [0, 1, 2]
    assert [bar.open for bar in source.history(ETH)] == [4.0, 4.0]
    source.skip(1700)
    assert [bar.ts // MINUTE for bar in source.history(ETH)] == list(range(350, 850))
    source.pull()
    assert source.history(BTC)[-1].ts == 850 * MINUTE


def test_dropped_candles_come_at_their_place(write: Write) -> None:
    a = write("a.csv", range(300), bad=[0, 5, 299])
    source = ReplaySource([a, write("b.csv", range(300), price=4)], [BTC, ETH])
    events = drain(source)
    places = [place for place, event in enumerate(events) if event.dropped]
    assert len(places) == 3
    first, middle, last = (events[place].dropped for place in places)
    assert None not in (first, middle, last)
    assert middle is not None
    assert middle.symbol == BTC
    assert middle.at.timestamp() == 300
    assert middle.reason == "a.csv, row 6: a price is zero or negative"
    assert places[0] == 1  # in front of the file's first good candle; ETH at minute 0 comes before
    assert seen(events[: places[1]])[-1] == (ETH, 5)
    assert places[2] == len(events) - 1
    assert source.total == 597


def test_the_spec_of_the_command_line(write: Write) -> None:
    a, b = write("binance_BTCUSDT_1m_2021.csv", range(3)), write("b.csv", range(3))
    assert replay_from(f"replay:{a}", []).symbols == (BTC,)
    assert replay_from(f"replay:{a}, {b}", [ETH, BTC]).symbols == (ETH, BTC)
    with pytest.raises(BadSettings, match=r"name b\.csv does not tell its market; add --symbols"):
        replay_from(f"replay:{b}", [])
    with pytest.raises(BadSettings, match=r"2 candle files and 1 symbol"):
        replay_from(f"replay:{a},{b}", [BTC])
    with pytest.raises(BadSettings, match="BTC/USDT is named for two"):
        replay_from(f"replay:{a},{b}", [BTC, BTC])
    with pytest.raises(BadSettings, match="Name a candle file"):
        replay_from("replay:", [])
    with pytest.raises(BadValue, match="spot markets only"):
        replay_from(f"replay:{a}", ["BTC/USDT:USDT"])


def test_files_of_two_time_frames_do_not_mix(write: Write) -> None:
    a, b = write("a.csv", range(3)), write("b.csv", range(3), step=5 * MINUTE)
    with pytest.raises(BadSettings, match=r"a\.csv holds 1m candles and b\.csv 5m"):
        ReplaySource([a, b], [BTC, ETH])


@pytest.mark.parametrize(
    ("name", "symbol"),
    [
        ("binance_BTCUSDT_1m_2021-04_2021-05.parquet", "BTC/USDT"),
        ("binance_XRPETH_5m.csv", "XRP/ETH"),
        ("coinbase_BTCUSD_1d_2014.csv", "BTC/USD"),
        ("kraken_ETHBTC_4h.parquet", "ETH/BTC"),
        ("unknown_TRXBTC_5m_2018-01.parquet", "TRX/BTC"),
    ],
)
def test_the_symbol_in_a_file_name(name: str, symbol: str) -> None:
    assert symbol_of(Path(name)) == symbol


@pytest.mark.parametrize("name", ["candles.csv", "binance_XRPUSDT_5m-futures.parquet", "BTCUSDT_1m.csv"])
def test_a_name_that_tells_no_market(name: str) -> None:
    with pytest.raises(BadSettings):
        symbol_of(Path(name))


@pytest.mark.parametrize(
    ("symbol", "price", "volume", "tick", "step", "least"),
    [
        ("BTC/USDT", 60_000.25, 1.234567, "0.01", "0.000001", "5"),
        ("BTC/USDT", 60_000.0, 3.0, "1", "0.00001", "5"),  # whole volumes: a step of 1 would be a fortune
        ("BTC/USDT", 60_000.0, 0.0, "1", "0.00001", "5"),
        ("XLM/USDT", 0.12345, 1000.5, "0.00001", "0.1", "5"),
        ("XRP/ETH", 0.00141342, 1482.0, "0.00000001", "0.1", "0.001"),
        ("SHIB/BTC", 1e-8, 7.0, "0.00000001", "1", "0.0001"),
        ("X/USDT", 1 / 3, 1 / 3, "0.00000001", "0.00000001", "5"),
    ],
)
def test_the_instrument_follows_from_the_candles(
    symbol: str, price: float, volume: float, tick: str, step: str, least: str
) -> None:
    bars = np.array([(0, price, price, price, price, volume)] * 3, dtype=CANDLE)
    instrument = infer_instrument(Symbol(symbol), bars)
    assert (instrument.tick, instrument.step) == (Decimal(tick), Decimal(step))
    assert (instrument.min_quantity, instrument.min_notional) == (Decimal(step), Decimal(least))


def test_prices_too_small_to_write_are_refused() -> None:
    bars = np.array([(0, 2e-9, 2e-9, 2e-9, 2e-9, 1.0)], dtype=CANDLE)
    with pytest.raises(BadData, match=r"below 0\.00000001"):
        infer_instrument(Symbol("X/BTC"), bars)


def test_settings_override_what_is_inferred(write: Write) -> None:
    given = Instrument(BTC, Decimal("0.1"), Decimal("0.001"))
    source = ReplaySource(
        [write("a.csv", range(3)), write("b.csv", range(3))], [BTC, ETH], instruments={BTC: given}
    )
    first, second = source.instruments()
    assert first is given
    assert (second.symbol, second.tick) == (ETH, Decimal("0.1"))


def test_recorded_minutes_of_two_markets(shared: Path) -> None:
    folder = shared / "data" / "candles"
    spec = ",".join(
        str(folder / f"binance_{name}_1m_2021-04_2021-05.parquet") for name in ("BTCUSDT", "ETHUSDT")
    )
    source = replay_from(f"replay:{spec}", [])
    assert source.symbols == (BTC, ETH)
    assert [(str(i.tick), str(i.step)) for i in source.instruments()] == [
        ("0.01", "0.000001"),
        ("0.01", "0.00001"),
    ]
    keys = [
        (event.bar.ts, source.symbols.index(event.symbol)) for event in iter(source.pull, None) if event.bar
    ]
    assert len(keys) == source.total == 85_830
    assert keys == sorted(keys)
    middle = random.Random(1).randrange(len(keys))
    source.skip(middle)
    event = source.pull()
    assert event is not None
    assert event.bar is not None
    assert (event.bar.ts, source.symbols.index(event.symbol)) == keys[middle]

"""A settings table that leads only a part of a venue elsewhere: the rest is left alone, and said to be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from actors.commands.preflight_finding import Light
from actors.commands.preflight_market import streams as streams_finding
from actors.venue_keys import VenueKeys
from actors.venues.asking import last_prices
from actors.venues.exchange.account import ExchangeAccount
from actors.venues.exchange.hosts import honest, left_behind
from actors.venues.exchange.link import Access, Link
from actors.venues.exchange.loading import exchange_class
from actors.venues.exchange.markets import capabilities_of
from core.clock import SystemClock
from core.errors import BelayError
from core.ids import Symbol, VenueName
from core.settings import Settings
from core.venue import AccountStream, News
from tests.fakes.live_feed_bench import Desk, until
from tests.fakes.venue_gaps import half_table, lacking
from tests.venue.binance import Binance
from tests.venue.kraken import Kraken
from tests.venue.market_driver import in_the_past
from tests.venue.server import VenueServer, ccxt_config

PAIR = {"binance": "BTC/USDT", "kraken": "BTC/USD"}


def made(venue: str, **table: Any) -> Any:
    plain = exchange_class(venue)
    assert plain is not None
    return plain(table)


def urls(**api: Any) -> dict[str, Any]:
    return {"api": api}


HERE = {"public": "http://127.0.0.1:1/x", "private": "http://127.0.0.1:1/x"}


@pytest.mark.parametrize("venue", ["binance", "kraken", "okx", "bybit", "coinbase"])
def test_where_nothing_is_changed_nothing_is_left_behind(venue: str) -> None:
    assert not left_behind(made(venue)).sentences


@pytest.mark.parametrize("venue", ["binance", "kraken"])
def test_with_requests_led_elsewhere_alone_the_streams_are_left_behind(venue: str) -> None:
    left = left_behind(made(venue, urls=urls(**HERE)))
    assert (left.public, left.own, left.sapi, left.private) == (True, True, venue == "binance", False)
    assert "are not used" in left.sentences[0]


def test_each_stream_that_is_led_elsewhere_is_used() -> None:
    ws = {"spot": "ws://127.0.0.1:1/s"}
    left = left_behind(made("binance", urls=urls(**HERE, ws=ws, sapi="http://127.0.0.1:1/sapi")))
    assert (left.public, left.own, left.sapi) == (False, True, False)
    ws = {"spot": "ws://127.0.0.1:1/s", "ws-api": {"spot": "ws://127.0.0.1:1/w"}}  # type: ignore[dict-item]
    assert not left_behind(
        made("binance", urls=urls(**HERE, ws=ws, sapi="http://127.0.0.1:1/sapi"))
    ).sentences
    ws = {"publicV2": "ws://127.0.0.1:1/s", "privateV2": "ws://127.0.0.1:1/w"}
    assert not left_behind(made("kraken", urls=urls(**HERE, ws=ws))).sentences
    ws = {"public": "ws://127.0.0.1:1/s", "private": "ws://127.0.0.1:1/w"}  # version 1, which nobody asks
    assert left_behind(made("kraken", urls=urls(**HERE, ws=ws))).own


def test_orders_that_would_go_to_the_venue_itself_are_told() -> None:
    left = left_behind(made("binance", urls=urls(public=HERE["public"])))
    assert left.private
    assert any("orders go to the venue itself" in sentence for sentence in left.sentences)


def test_other_venues_streams_count_as_a_whole_and_a_hostname_moves_all() -> None:
    assert left_behind(made("okx", urls=urls(rest="http://127.0.0.1:1"))).public
    assert left_behind(made("okx", hostname="127.0.0.1:1")).own
    assert not left_behind(made("okx", hostname="my.okx.com")).sentences
    assert not left_behind(made("bybit", hostname="127.0.0.1:1")).sentences
    sandbox = made("binance")
    sandbox.set_sandbox_mode(True)
    assert not left_behind(sandbox).sentences


# ---- on the wire: the tests' fence fails whatever would go beyond loopback ----------------------------------


@pytest.fixture(params=["binance", "kraken"])
def venue(request: pytest.FixtureRequest) -> Iterator[VenueServer]:
    api = in_the_past(Binance(seed=3) if request.param == "binance" else Kraken(seed=3))
    with VenueServer(api) as server:
        yield server


def half_link(venue: VenueServer, *, keys: bool = False) -> Link:
    table = {name: part for name, part in half_table(venue).items() if name != "enableRateLimit"}
    ours = VenueKeys(venue.api.key, venue.api.secret) if keys else None
    return Link(Access(VenueName(venue.api.ccxt_id), table, ours, 2.0), SystemClock())


def test_the_market_is_asked_for_and_not_streamed(venue: VenueServer) -> None:
    desk = Desk(venue)
    try:
        with structlog.testing.capture_logs() as told:
            reader = desk.read(link=half_link(venue))
            until(lambda: all(reader.candles(symbol) for symbol in desk.symbols), "the warm-up")
        assert "public streams stay off" in [line["event"] for line in told]
        if venue.api.ccxt_id == "binance":
            desk.minutes(reader, 1)
            desk.check(reader)
        assert reader.source.life is not None
        assert reader.source.life.streams.state == "polling"
        assert reader.source.capabilities is not None
        assert not any(reader.source.capabilities.streams[name] for name in ("candles", "quotes", "orders"))
        assert venue.streams() == []
    finally:
        desk.close()


def test_own_orders_are_asked_for_and_no_signed_request_leaves(venue: VenueServer) -> None:
    venue.api.clock.__init__()  # type: ignore[misc]  # orders need the present
    account = ExchangeAccount(half_link(venue, keys=True), (Symbol(PAIR[venue.api.ccxt_id]),))
    news: list[News] = []
    try:
        account.open()
        account.listen(news.append)
        assert [one.is_up for one in news if isinstance(one, AccountStream)] == [False]
        rights = account.key_rights()
        if venue.api.ccxt_id == "binance":
            assert rights.detail.startswith("could not verify: the settings leave urls.api.sapi")
        else:
            assert rights.may_trade
        assert account.open_orders() == ()
        finding = streams_finding(account.caps)
        assert finding.light is Light.AMBER
        assert "orders" in finding.evidence
        assert any("leave the public and own streams" in note for note in account.caps.notes)
    finally:
        account.close()


def test_capabilities_of_what_is_led_elsewhere_as_a_whole_stay() -> None:
    with VenueServer(Binance()) as server:
        exchange = made("binance", urls=ccxt_config(server)["urls"])
        caps = capabilities_of(exchange)
        assert honest(caps, exchange) is caps
        assert all(caps.streams.values())


# ---- prices ------------------------------------------------------------------------------------------------

TICKER = {"binance": "GET /api/v3/ticker/24hr", "kraken": "Ticker"}
BOOK = {"binance": "GET /api/v3/depth", "kraken": "Depth"}
CANDLES = {"binance": "GET /api/v3/klines", "kraken": "OHLC"}


@pytest.fixture
def settings(venue: VenueServer) -> Settings:
    name = venue.api.ccxt_id
    table = {
        part: value for part, value in ccxt_config(venue, keys=False).items() if part != "enableRateLimit"
    }
    return Settings.model_validate(
        {"venue": {"name": name, "symbols": [PAIR[name]]}, "venues": {name: {"ccxt": table}}}
    )


def test_a_price_is_told_by_the_first_way_that_works(venue: VenueServer, settings: Settings) -> None:
    name = venue.api.ccxt_id
    symbol = Symbol(PAIR[name])
    venue.set_price(symbol, "51234.5")

    def asked() -> float:
        return float(last_prices(name, settings, (symbol,))[symbol].last)

    assert asked() == 51234.5
    with lacking(venue, TICKER[name]):
        assert abs(asked() - 51234.5) < 100
        with lacking(venue, BOOK[name]):
            assert asked() == 51234.5
            with lacking(venue, CANDLES[name]), pytest.raises(BelayError):
                asked()

"""ccxt's classes one at a time, and their constructor tables: merged deep, without keys; offline."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from actors.venue_keys import VenueKeys
from actors.venues.exchange.link import Access, Link
from actors.venues.exchange.loading import venue_ids
from actors.venues.exchange.make import make_config, plain_class, probe_of
from core.clock import SystemClock
from core.errors import BadSettings
from core.ids import VenueName

ROOT = Path(__file__).resolve().parents[2]


# ---------------------------------------------------------------- loading


def test_one_exchange_loads_without_the_hundred_others() -> None:
    script = (
        "import sys\n"
        "from actors.venues.exchange.loading import exchange_class\n"
        "kraken = exchange_class('kraken')\n"
        "assert 'ccxt.pro.bybit' not in sys.modules and 'ccxt.binance' not in sys.modules\n"
        "import ccxt, ccxt.pro, ccxt.async_support\n"  # stand-ins: cheap, and nobody can tell
        "assert 'ccxt.pro.bybit' not in sys.modules\n"
        "assert ccxt.pro.kraken is kraken and issubclass(kraken, ccxt.async_support.kraken)\n"
        "assert isinstance(ccxt.pro.binanceus, type) and isinstance(ccxt.pro.binance, type)\n"
        "assert issubclass(ccxt.RateLimitExceeded, ccxt.BaseError)\n"
        "assert ccxt.__version__ and len(ccxt.exchanges) > 90 and len(ccxt.pro.exchanges) > 60\n"  # the real ones
        "assert ccxt.pro.kraken is kraken\n"
        "from ccxt.base.errors import NetworkError\n"
        "assert ccxt.NetworkError is NetworkError\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_was_imported_before_stays_as_it_is() -> None:
    script = (
        "import ccxt, ccxt.pro\n"
        "from actors.venues.exchange.loading import exchange_class\n"
        "assert exchange_class('kraken') is ccxt.pro.kraken\n"
        "assert exchange_class('nowhere') is None and exchange_class('base') is None\n"
        "assert exchange_class('../kraken') is None\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_ids_are_ccxts_own() -> None:
    import ccxt

    assert set(venue_ids()) == set(ccxt.exchanges)


# ---------------------------------------------------------------- making


def test_an_old_name_and_capitals_are_understood() -> None:
    assert plain_class("coinbasepro").__name__ == "coinbase"
    assert plain_class("Kraken").__name__ == "kraken"


@pytest.mark.parametrize(("typed", "near"), [("krakn", "kraken"), ("binanc", "binance"), ("okex", "okx")])
def test_an_unknown_venue_gets_near_matches(typed: str, near: str) -> None:
    with pytest.raises(BadSettings, match=f"did you mean .*{near}"):
        plain_class(typed)


@pytest.mark.parametrize("typed", ["qqqq", "a/b", "__init__", "base"])
def test_an_unknown_venue_without_near_matches_says_what_to_write(typed: str) -> None:
    with pytest.raises(BadSettings, match=r"ccxt id|did you mean"):
        plain_class(typed)


def test_a_venue_of_derivatives_is_refused() -> None:
    with pytest.raises(BadSettings, match="no spot markets"):
        Link(Access(VenueName("binanceusdm")), SystemClock())


def test_missing_credentials_are_named() -> None:
    with pytest.raises(BadSettings, match="needs password"):
        probe_of(plain_class("okx"), VenueKeys("k" * 20, "s" * 20))
    probe_of(plain_class("okx"), VenueKeys("k" * 20, "s" * 20, "phrase"))
    probe_of(plain_class("okx"), None)


def config_of(venue: str, table: Mapping[str, Any], keys: VenueKeys | None = None) -> dict[str, Any]:
    return make_config(plain_class(venue), table, keys, 7.5)()


def test_the_users_table_is_merged_deep_and_last() -> None:
    plain = config_of("binance", {})
    assert plain["options"]["fetchMarkets"] == {"types": ["spot"]}
    assert plain["options"]["defaultType"] == "spot"
    assert plain["timeout"] == 7500
    table = {
        "hostname": "example.org",
        "timeout": Decimal(3000),
        "options": {"recvWindow": Decimal(5000), "fetchMarkets": {"types": ("spot", "linear")}},
        "urls": {"api": {"public": "http://127.0.0.1:1/x"}},
    }
    mine = config_of("binance", table)
    assert mine["hostname"] == "example.org"
    assert (mine["timeout"], type(mine["timeout"])) == (3000, int)
    assert mine["options"]["fetchMarkets"] == {"types": ["spot", "linear"]}
    assert mine["options"]["fetchCurrencies"] is False
    assert mine["urls"]["api"]["public"] == "http://127.0.0.1:1/x"


def test_each_object_gets_a_table_of_its_own() -> None:
    make = make_config(plain_class("binance"), {"options": {"a": {"b": 1}}}, None, 1.0)
    first, second = make(), make()
    first["options"]["a"]["b"] = 2
    first["options"]["fetchMarkets"]["types"].append("swap")
    assert second["options"]["a"]["b"] == 1
    assert make()["options"]["fetchMarkets"] == {"types": ["spot"]}


@pytest.mark.parametrize(
    "table",
    [
        {"apiKey": "x"}, {"api_key": "x"}, {"SECRET": "x"}, {"password": "x"}, {"uid": "x"}, {"privateKey": "x"},
        {"options": {"apiKey": "x"}}, {"headers": {"X-MBX-APIKEY": "x"}}, {"headers": {"Authorization": "x"}},
    ],
)  # fmt: skip
def test_keys_in_the_settings_are_refused_without_showing_them(table: dict[str, Any]) -> None:
    secret = "this-is-the-secret"
    hidden = {key: dict.fromkeys(value, secret) if isinstance(value, dict) else secret
              for key, value in table.items()}  # fmt: skip
    with pytest.raises(BadSettings, match="keys set kraken") as caught:
        config_of("kraken", hidden)
    assert secret not in str(caught.value)


def test_what_belay_decides_is_not_taken_from_the_table() -> None:
    table = {"enableRateLimit": True, "verbose": True, "number": float, "session": "x", "asyncio_loop": "x"}
    found = config_of("kraken", table)
    assert found["enableRateLimit"] is False
    assert found["verbose"] is False, "it would print keys"
    assert found["number"] is str
    assert "session" not in found
    assert "asyncio_loop" not in found


def test_keys_come_from_the_keyring_only() -> None:
    found = config_of("okx", {}, VenueKeys("the-key", "the-secret", "phrase"))
    assert (found["apiKey"], found["secret"], found["password"]) == ("the-key", "the-secret", "phrase")
    assert "apiKey" not in config_of("okx", {})


def test_every_spot_class_of_ccxt_can_be_linked_and_priced() -> None:
    """Link, metered class and tariff are made for each; nothing goes over the network."""
    for venue in venue_ids():
        if not plain_class(venue)({"enableRateLimit": False}).has.get("spot"):
            continue
        link = Link(Access(VenueName(venue)), SystemClock())
        exchange = link.make()
        assert exchange.id == link.name == venue
        assert exchange.enableRateLimit is False
        assert exchange.parse_number("0.10") == "0.10", "the venue's own digits"
        for method in ("GET", "POST"):
            costs = link.tariff.costs(exchange, ["public"], method, "ticker", {}, {"cost": 1})
            assert all(cost > 0 for cost in costs.values())
        assert link.keeper.use()

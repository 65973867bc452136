"""What readers of own streams make of a venue's confirmations and refusals, frame by frame."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.own_binance import BinanceFrames
from actors.venues.exchange.own_frames import StreamBroken
from actors.venues.exchange.own_kraken import KrakenFrames
from core.ids import VenueName


def kraken() -> KrakenFrames:
    return KrakenFrames(SimpleNamespace(id="kraken"), ClientIds(VenueName("kraken")))


def binance() -> tuple[BinanceFrames, list[dict[str, Any]]]:
    """The reader, and what ccxt is given of confirmations."""
    told: list[dict[str, Any]] = []
    exchange = SimpleNamespace(
        id="binance", handle_user_data_stream_subscribe=lambda _client, message: told.append(message)
    )
    reader = BinanceFrames(exchange, ClientIds(VenueName("binance")))
    exchange.handle_user_data_stream_subscribe(None, {"id": "1", "status": 200, "result": {}})
    return reader, told


@pytest.mark.parametrize("method", ["subscribe", None])
def test_a_refused_subscription_ends_krakens_stream(method: str | None) -> None:
    frame = {"error": "ESession:Invalid session", "success": False} | ({"method": method} if method else {})
    with pytest.raises(StreamBroken, match="refused"):
        list(kraken().take(json.dumps(frame)))


def test_another_request_that_kraken_refuses_ends_nothing() -> None:
    reader = kraken()
    assert not list(reader.take('{"error":"Unsupported event","method":"ping","success":false}'))
    assert not reader.is_ready


def test_only_orders_are_subscribed_to() -> None:
    assert (tuple(kraken().calls), tuple(binance()[0].calls)) == (("watch_orders",), ("watch_orders",))


def test_binances_confirmation_counts_without_a_number_of_the_subscription() -> None:
    reader, told = binance()
    assert reader.is_ready
    assert told == [{"id": "1", "status": 200, "result": {"subscriptionId": 0}}]


@pytest.mark.parametrize(
    "frame",
    ['{"id":"7","status":200}', '{"id":7,"result":null}', '{"event":{"e":"outboundAccountPosition","B":[]}}'],
)
def test_an_answer_or_an_event_says_that_the_stream_is_there(frame: str) -> None:
    reader, _ = binance()
    reader.is_ready = False
    list(reader.take(frame))
    assert reader.is_ready


def test_binances_refusal_is_none() -> None:
    reader, _ = binance()
    reader.is_ready = False
    with pytest.raises(StreamBroken, match="refused"):
        list(reader.take('{"id":"7","status":400,"error":{"code":-1022,"msg":"Signature is not valid."}}'))
    assert not reader.is_ready

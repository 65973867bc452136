"""Own streams of one account put together: the venue's reader, our markets only, and what a stream left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actors.venues.exchange import account_raw as raw
from actors.venues.exchange.account_reads import listed, order_of
from actors.venues.exchange.account_trades import trade_of
from actors.venues.exchange.account_values import log
from actors.venues.exchange.client_ids import ClientIds
from actors.venues.exchange.connection import Connection
from actors.venues.exchange.hosts import left_behind
from actors.venues.exchange.link import Link
from actors.venues.exchange.own_binance import BinanceFrames
from actors.venues.exchange.own_caches import CacheReader
from actors.venues.exchange.own_frames import Ask, Reader
from actors.venues.exchange.own_kraken import KrakenFrames
from actors.venues.exchange.own_session import Patience
from actors.venues.exchange.own_streams import Backoff, OwnStreams
from core.ids import Symbol
from core.venue import News, VenueOrder, VenueTrade


def own_streams(
    connection: Connection, link: Link, ids: ClientIds, symbols: tuple[Symbol, ...],
    receiver: Callable[[News], None], patience: Patience, backoff: Backoff,
) -> OwnStreams | None:  # fmt: skip
    """Streams that are not started yet, None where the venue has neither own orders nor own trades."""
    has = connection.exchange.has
    if not (has.get("watchOrders") or has.get("watchMyTrades")):
        return None
    left = left_behind(connection.exchange)
    if left.own:
        log.warning("own streams stay off", venue=link.name, why=" ".join(left.sentences))
        return None

    def reader(exchange: Any) -> Reader:
        if exchange.id == "binance":
            return BinanceFrames(exchange, ids)
        return KrakenFrames(exchange, ids) if exchange.id == "kraken" else CacheReader(exchange, ids)

    def ours(news: News) -> None:
        if not isinstance(news, VenueOrder | VenueTrade) or news.symbol in symbols:
            receiver(news)

    async def ask(told: Ask) -> tuple[News, ...]:
        return await connection.aread(lambda exchange: _read(exchange, told, ids))

    return OwnStreams(
        connection=connection, reader=reader, ask=ask, receiver=ours, note_message=link.note_stream_message,
        note_reconnect=link.note_reconnect, patience=patience, backoff=backoff,
    )  # fmt: skip


async def _read(exchange: Any, told: Ask, ids: ClientIds) -> tuple[News, ...]:
    """The order or the trade that a stream told incompletely."""
    if not told.trade_id:
        return (order_of(await exchange.fetch_order(told.venue_id, told.symbol), ids),)
    if exchange.id == "binance" and told.symbol:
        rows = await listed(raw.binance_trades(exchange, told.symbol, {"orderId": told.venue_id}))
    elif exchange.id == "kraken":
        rows = await listed(raw.kraken_trades(exchange, {}))
    else:
        rows = await listed(exchange.fetch_my_trades(told.symbol))
    return tuple(trade_of(row, ids) for row in rows if str(row.get("id")) == told.trade_id)

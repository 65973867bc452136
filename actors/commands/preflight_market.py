"""What a venue's markets and balances mean for this configuration: findings from values, no call; pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_UP, Decimal

from actors.commands.preflight_finding import Finding, Light
from core.figures import plural
from core.ids import Currency, Symbol
from core.instrument import Instrument
from core.limits import MAX_TRADE_USD, Limits
from core.money import text
from core.venue import Balance, Capabilities, StopSupport

CENT = Decimal("0.01")
FALL = Decimal("1.1")
"""A position this much above the venue's minimum can still be sold after a fall of some nine per cent."""
Prices = Mapping[Symbol, Decimal]


def venue_least(market: Instrument, prices: Prices) -> Decimal:
    """The venue's smallest order in quote currency; without a price, what its least cost alone says."""
    return max(market.min_notional, market.min_quantity * prices.get(market.symbol, Decimal(0)))


def least(market: Instrument, limits: Limits, prices: Prices) -> Decimal:
    """The smallest order that both the venue and the settings take, in quote currency (A9)."""
    return max(
        venue_least(market, prices), limits.min_order_usd if market.quote in limits.usd_like else Decimal(0)
    )


def filters(markets: Sequence[Instrument], limits: Limits, prices: Prices) -> Finding:
    """Whether orders of the sizes that the settings allow pass the venue's filters."""
    evidence = "; ".join(_sizes(market, limits, prices) for market in markets)
    foreign = [market for market in markets if market.quote not in limits.usd_like]
    too_big = [
        one for one in markets if one not in foreign and venue_least(one, prices) > limits.max_order_usd
    ]
    if too_big:
        light = Light.RED if len(too_big) == len(markets) else Light.AMBER
        names = ", ".join(one.symbol for one in too_big)
        return Finding(
            "filters", light, f"{evidence}; too large for your limit of {text(limits.max_order_usd)} USD: {names}",
            f"Take {names} out of venue.symbols, or raise risk.max_order_usd (no setting goes above {MAX_TRADE_USD}).",
        )  # fmt: skip
    if foreign:
        names = ", ".join(one.symbol for one in foreign)
        light = Light.RED if len(foreign) == len(markets) else Light.AMBER
        return Finding(
            "filters", light, f"{evidence}; the price in USD is not known, so every order is denied: {names}",
            f"Choose markets that are quoted in {', '.join(limits.usd_like)}.",
        )  # fmt: skip
    tight = [one for one in markets if least(one, limits, prices) < venue_least(one, prices) * FALL]
    if tight:
        enough = max(venue_least(one, prices) for one in tight) * FALL
        return Finding(
            "filters", Light.AMBER,
            f"{evidence}; after a small fall a smallest position is below the venue's minimum and its stop is refused",
            f"Set risk.min_order_usd to {text(_cents_up(enough))} or more.",
        )  # fmt: skip
    unknown = [one.symbol for one in markets if one.min_quantity and one.symbol not in prices]
    if unknown:
        return Finding(
            "filters", Light.AMBER, f"{evidence}; no price of {', '.join(unknown)}: its least quantity is not weighed",
            "Try again when the venue tells prices.",
        )  # fmt: skip
    return Finding("filters", Light.GREEN, evidence)


def _cents_up(amount: Decimal) -> Decimal:
    """Up, so that an order of the amount that is told is large enough."""
    return amount.quantize(CENT, ROUND_UP)


def _sizes(market: Instrument, limits: Limits, prices: Prices) -> str:
    low = text(_cents_up(least(market, limits, prices)))
    return f"{market.symbol} from {low} {market.quote}, tick {text(market.tick)}, step {text(market.step)}"


def balance(
    markets: Sequence[Instrument], limits: Limits, prices: Prices, held: Mapping[Currency, Balance]
) -> Finding:
    """Whether the account can pay for the smallest order of each quote currency, or holds coins to look after."""
    needs: dict[Currency, Decimal] = {}
    for market in markets:
        low = least(market, limits, prices)
        needs[market.quote] = min(low, needs.get(market.quote, low))
    have = {quote: _free(held.get(quote)) for quote in needs}
    short = [quote for quote in needs if have[quote] < needs[quote]]
    evidence = ", ".join(
        f"{text(have[quote])} {quote} free, the smallest order is {text(_cents_up(needs[quote]))}"
        for quote in needs
    )
    if not short:
        return Finding("balance", Light.GREEN, evidence)
    coins = [
        market.base
        for market in markets
        if market.base in held and held[market.base].total > market.min_quantity
    ]
    light = Light.AMBER if coins or len(short) < len(needs) else Light.RED
    holds = f"; it holds {', '.join(dict.fromkeys(coins))}" if coins else ""
    return Finding(
        "balance", light, evidence + holds, f"Nothing can be bought with {', '.join(short)}: deposit some."
    )


def _free(balance: Balance | None) -> Decimal:
    if balance is None:
        return Decimal(0)
    return balance.free if balance.free is not None else balance.total


def stops(caps: Capabilities) -> Finding:
    """How a position is protected while this computer sleeps."""
    if caps.stops is StopSupport.NONE:
        return Finding(
            "stops", Light.AMBER, f"{caps.title} holds no stop orders, so Belay watches the price itself",
            "Keep this computer on and connected while you hold something: when it is off, nothing protects you.",
        )  # fmt: skip
    if caps.stops is StopSupport.LIMIT:
        return Finding(
            "stops", Light.GREEN, "the venue holds them and sells with a limit (orders.max_slippage below)"
        )
    return Finding("stops", Light.GREEN, "the venue holds them and sells at the market")


def streams(caps: Capabilities) -> Finding:
    """What is told at once and what is asked for again and again."""
    polled = [name for name, is_streamed in caps.streams.items() if not is_streamed]
    if polled:
        return Finding(
            "streams", Light.AMBER, f"not streamed, so asked for again and again: {', '.join(polled)}",
            "News of these comes some seconds later.",
        )  # fmt: skip
    return Finding("streams", Light.GREEN, f"{plural(len(caps.streams), 'kind')} of news streamed")

"""What the connection page says about a venue: each ability in a word and a sentence, streams, a comparison; pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from core.instrument import split_symbol
from core.market import Freshness
from core.messages import Difference, LinkNoted, Reconciled, SymbolAged
from core.order import Order
from core.venue import BudgetUse, Capabilities, StopSupport
from gui.order_words import WORDS, headline
from gui.text import age, duration, money, number, percent, plural
from gui.wording import offset_words, way_words

SIMULATED = "The simulated market needs no connection."
RECORDED = "Recorded prices need no connection."
NO_LINK = "The connection has not reported yet; it does so every five seconds."
NO_LIMITS = "The venue has told no limits yet."
NO_AGES = "No market has reported the age of its prices yet."
NOT_COMPARED = (
    "Venue and books have not been compared yet. That happens at the start, after a gap, and every minute."
)
STREAM_WORDS = {
    "ticker": "Best bid and ask", "tickers": "Best bid and ask", "quotes": "Best bid and ask", "trades": "Trades",
    "candles": "Candles", "ohlcv": "Candles", "book": "Order book", "orders": "Own orders",
    "own_orders": "Own orders", "own orders": "Own orders", "own_trades": "Own trades", "my_trades": "Own trades",
    "own trades": "Own trades", "balance": "Balances", "balances": "Balances",
}  # fmt: skip
RANKS = {
    "first class": "First class: Belay is built for this venue's own rules.",
    "checked": "Checked: Belay knows this venue's rules, less of it is tested.",
    "any ccxt venue": "Any ccxt venue: it follows ccxt's general rules alone. Begin with the smallest orders.",
}


@dataclass(frozen=True, slots=True)
class Ability:
    """One row: what, how (a word with its sign and colour), and a sentence."""

    what: str
    how: str
    icon: str
    tone: str
    says: str


def _yes(what: str, says: str, how: str = "yes") -> Ability:
    return Ability(what, how, "check", "paper", says)


def _no(what: str, says: str, how: str = "no") -> Ability:
    return Ability(what, how, "dash", "soft", says)


def _either(what: str, can: bool, yes: str, no: str) -> Ability:
    return _yes(what, yes) if can else _no(what, no)


def abilities(caps: Capabilities) -> list[Ability]:
    """What Belay can do there, the most important first."""
    return [
        _stops(caps),
        _either(
            "Find an order by our id", caps.can_find,
            "An order without an answer is found by its own id, in any state.",
            "An order without an answer is looked for among open orders and trades; its slot waits longer.",
        ),
        _either(
            "Change an open order", caps.can_amend, "Price and quantity change while the order keeps its identity.",
            "A change is a cancel and a new order; Belay watches the price in between.",
        ),
        _either(
            "Post-only orders", caps.has_post_only, "An order that would trade at once is refused by the venue.",
            "An order may trade at once and pay the taker's fee.",
        ),
        _either(
            "Cancel all at once", caps.cancels_all, "One request cancels every order of a market.",
            "Kill cancels order by order.",
        ),
        _either(
            "Dead man's switch", caps.dead_man, "The venue can cancel all orders when Belay falls silent. It would "
            "take protective stops along, so Belay leaves it off unless you choose it.",
            "When this computer dies, orders at the venue stay as they are until Belay is back.",
        ),
        _either(
            "Practice venue", caps.has_sandbox, "It has a sandbox for trying the whole live path.",
            "It has no sandbox; the simulated market takes its place.",
        ),
        _either(
            "Rights of keys", caps.tells_key_rights, "It tells what keys may do; live refuses those that may withdraw.",
            "It does not tell what keys may do: look there that withdrawals are off.",
        ),
    ]  # fmt: skip


def _stops(caps: Capabilities) -> Ability:
    what = "Protective stops"
    if caps.stops is StopSupport.MARKET:
        return _yes(
            what, "They rest at the venue and sell at market, also when Belay is off.", "stop, then market"
        )
    if caps.stops is StopSupport.LIMIT:
        says = "They rest at the venue and sell with a limit; a price that jumps over the limit leaves them unfilled."
        return Ability(what, "stop, then limit", "check", "paper", says)
    says = "The venue holds none: Belay watches the price itself, and protects nothing while it is off."
    return Ability(what, "Belay watches", "warning", "warn", says)


def facts_of(caps: Capabilities) -> list[tuple[str, str]]:
    """Names and values that need no sentence."""
    return [
        ("Fees", f"{percent(caps.maker)} maker, {percent(caps.taker)} taker"),
        ("A lost request ends after", duration(timedelta(seconds=caps.settle_seconds))),
    ]


def rank_words(caps: Capabilities) -> str:
    """How far the venue is known; empty where nobody said."""
    return RANKS.get(caps.rank, caps.rank)


def stream_name(name: str) -> str:
    """``Own orders`` of ``own_orders``."""
    return STREAM_WORDS.get(name, name.replace("_", " ").capitalize())


# ---------------------------------------------------------------- what changes while it runs


def counters(noted: LinkNoted) -> list[tuple[str, str]]:
    """The counters since the start, by name."""
    told = noted.statistics
    waits = number(told.waits, 0)
    if told.waits:
        waits = f"{waits}, {duration(timedelta(seconds=round(told.wait_seconds, 1)))} in all"
    return [
        ("Clock of the venue", offset_words(told.offset_ms)),
        ("Requests", number(told.requests, 0)),
        ("Asked again", number(told.retries, 0)),
        ("Held back by our limiter", waits),
        ("Told to slow down", number(told.rate_limited, 0)),
        ("Connected again", number(told.reconnects, 0)),
        ("Stream messages", number(told.stream_messages, 0)),
    ]


def budget_words(budget: BudgetUse) -> str:
    """``1,240 of 6,000 weight``, or that the limit is reached."""
    used, limit = Decimal(str(round(budget.used, 1))), Decimal(str(budget.limit))
    if used >= limit:
        return f"reached {_short(limit)} {budget.unit}".rstrip()
    return f"{_short(used)} of {_short(limit)} {budget.unit}".rstrip()


def _short(value: Decimal) -> str:
    return number(value, 0 if value == value.to_integral_value() else 1)


def age_cells(fact: SymbolAged, seconds: float, *, is_silent: bool) -> tuple[str, str, str, str, str]:
    """Market, sign, colour, state with age, and way of one market whose newest price is ``seconds`` old.

    ``is_silent``: the feed has told nothing of it for too long, so it is not called fresh.
    """
    if is_silent and fact.freshness is Freshness.FRESH:
        return (
            str(fact.symbol),
            "warning",
            "warn",
            f"not told for long, {_old(seconds)}",
            way_words(fact.way),
        )
    icon, tone = {
        Freshness.FRESH: ("check", "paper"), Freshness.STALE: ("warning", "warn"),
    }.get(fact.freshness, ("unknown", "faint"))  # fmt: skip
    words = "not known" if fact.freshness is Freshness.UNKNOWN else str(fact.freshness)
    told = words if fact.freshness is Freshness.UNKNOWN else f"{words}, {_old(seconds)}"
    return str(fact.symbol), icon, tone, told, way_words(fact.way)


def _old(seconds: float) -> str:
    return age(timedelta(seconds=seconds))


def verdict(fact: Reconciled) -> tuple[str, str, str]:
    """Sign, colour and one sentence of a comparison."""
    open_ = [] if not fact.unresolved else [f"{plural(len(fact.unresolved), 'order')} not resolved"]
    if fact.differences:
        what = plural(len(fact.differences), "balance")
        verb = "differs" if len(fact.differences) == 1 else "differ"
        return "warning", "warn", f"{', '.join([f'{what} {verb} from the books', *open_])}."
    if open_:
        return "unknown", "warn", f"The balances agree with the books, {open_[0]}."
    return "check", "paper", "Venue and books agree."


def difference_words(one: Difference) -> str:
    """What is there, what the books say, and how far they are apart."""
    gap = one.venue - one.ours
    places = max(_places(one.venue), _places(one.ours), 2)
    return (
        f"{one.currency}: {number(one.venue, places)} there, {number(one.ours, places)} in the books, "
        f"{money(gap, one.currency, places, signed=True)} not explained"
    )


def _places(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def unresolved_words(order: Order) -> str:
    """An order that was not found, in words."""
    quote = split_symbol(order.identity.symbol)[1]
    return f"{headline(order, None)} {quote}: {WORDS[order.status].lower()}"

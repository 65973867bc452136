"""Orders at the venue that Belay did not make, in words: what they are, what each decision means; pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from core.instrument import Instrument, split_symbol
from core.intent import Kind
from core.venue import VenueOrder
from gui.order_words import side_word
from gui.text import plural, price, quantity


class Decision(StrEnum):
    """What a person can do about a foreign order; the texts are what the desk takes."""

    IGNORE = "ignore"
    CLOSE = "close"
    ADOPT = "adopt"


BUTTONS = {Decision.IGNORE: "Ignore", Decision.CLOSE: "Close", Decision.ADOPT: "Adopt"}
TIPS = {
    Decision.IGNORE: "It stays at the venue, and Belay leaves it alone; Kill does, too.",
    Decision.CLOSE: "It is cancelled at the venue.",
    Decision.ADOPT: "Belay takes it into its books: it counts as exposure, and Kill cancels it.",
}
UNDER_WAY = {
    Decision.IGNORE: "being ignored", Decision.CLOSE: "being closed", Decision.ADOPT: "being adopted",
}  # fmt: skip
ASKED = {Decision.IGNORE: "ignored", Decision.CLOSE: "asked to close", Decision.ADOPT: "asked to adopt"}
SAID = {
    Decision.IGNORE: "left alone from now on.",
    Decision.CLOSE: "its cancelling is asked for; it leaves this list when the venue confirms.",
    Decision.ADOPT: "Belay takes it over; it leaves this list when it is in the books.",
}
LEAD = (
    "Belay did not make these. They may be yours, made by hand, or another program's. They use up balance that the "
    "strategies count on, so decide for each."
)


def told(order: VenueOrder, instrument: Instrument | None) -> str:
    """``Sell 0.2 ETH at 3,000.00``."""
    base = split_symbol(order.symbol)[0]
    what = f"{side_word(order.side)} {quantity(order.quantity, instrument)} {base}"
    if order.price is None:
        return f"{what} at market"
    return f"{what} {'once at' if order.kind is Kind.STOP else 'at'} {price(order.price, instrument)}"


def notice(count: int, venue: str) -> str:
    """What is said when foreign orders appear."""
    what = plural(count, "open order")
    verb = "was" if count == 1 else "were"
    return f"{what} at {venue} {verb} not made by Belay. The page Connection shows what you can do."


def close_question(order: VenueOrder, instrument: Instrument | None, venue: str) -> str:
    """What follows when it is closed."""
    part = f" What it has traded, {quantity(order.filled, instrument)}, stays." if order.filled else ""
    return (
        f"Cancel this order at {venue}: {told(order, instrument)} ({order.symbol})? Belay did not make it; whoever "
        f"made it may count on it, for example as a stop that protects coins.{part} It cannot be brought back."
    )


def undecided(orders: Iterable[VenueOrder], ignored: set[str]) -> int:
    """How many still wait for a decision."""
    return sum(order.venue_id not in ignored for order in orders)

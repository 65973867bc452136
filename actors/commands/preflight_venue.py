"""The checks that ask the venue: reachable, clock, keys and their rights, money, markets; bounded in time.

Without keys the public part is checked and the rest is amber: paper trading needs none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from time import monotonic

from actors.commands.context import Context
from actors.commands.preflight_finding import Finding, Light
from actors.commands.preflight_market import balance, filters, stops, streams
from actors.commands.preflight_rights import rights_findings
from actors.commands.venue_check import (
    OPEN_S,
    READ_S,
    Doors,
    FoundKeys,
    VenueDoors,
    bounded,
    close,
    find_keys,
)
from actors.venues.public_view import VenueView
from core.errors import BadSettings, BelayError, KeysRefused
from core.figures import plural
from core.ids import CLIENT_ID_PREFIX, Currency, Symbol
from core.instrument import Instrument
from core.settings import Settings
from core.settings_given import is_live_allowed
from core.venue import Balance, Exchange

__all__ = ["Doors", "venue_findings"]
NEAR_MS = 1_000
"""A clock this near is as good as right."""
FULL = 0.8
"""The share of a limit above which there is little room."""
PAPER = "Live trading needs them; paper trading does not."


def venue_findings(
    context: Context, doors: Doors | None = None, found: FoundKeys | None = None, *, is_start: bool = False
) -> Iterator[Finding]:
    """Every check of the venue that the settings name, in order; ``found`` are its keys where they are known.

    Before a start foreign orders are not asked for, since its first look tells of them; the rest is urgent, because
    coins may be without a stop.
    """
    settings = context.settings
    name = settings.venue.name
    yield _live(context)
    found = found or find_keys(name, settings, context.environment)
    try:
        doors = doors or VenueDoors(name, settings, context.home)
        visit = _opened(doors, settings, found, is_start=is_start)
    except BelayError as error:
        yield _red("venue", error)
        return
    try:
        yield from _visited(visit)
    finally:
        close(visit.view)


@dataclass(slots=True)
class _Visit:
    """One look at an open venue and what is known of it so far."""

    view: VenueView
    hands: Exchange | None
    """The same venue with our keys; None without them."""
    doors: Doors
    settings: Settings
    found: FoundKeys
    seconds: float
    is_start: bool
    refusal: str = ""
    """Why the venue did not take the keys."""
    markets: tuple[Instrument, ...] = ()
    prices: Mapping[Symbol, Decimal] | None = None

    def known_prices(self) -> Mapping[Symbol, Decimal]:
        """Last prices where the venue tells them; without them the checks say so."""
        if self.prices is None:
            try:
                symbols = tuple(market.symbol for market in self.markets)
                self.prices = bounded(READ_S, lambda: self.doors.prices(symbols))
            except BelayError:
                self.prices = {}
        return self.prices


def _opened(doors: Doors, settings: Settings, found: FoundKeys, *, is_start: bool) -> _Visit:
    """The open venue, without keys if it refuses them; ``BelayError`` when it cannot be reached."""
    start = monotonic()
    refusal = ""
    if found.keys is not None:
        hands = doors.exchange(found.keys)
        try:
            _open(hands)
        except KeysRefused as error:
            refusal = str(error)
        else:
            return _Visit(hands, hands, doors, settings, found, monotonic() - start, is_start)
    view = doors.view()
    _open(view)
    return _Visit(view, None, doors, settings, found, monotonic() - start, is_start, refusal)


def _open(view: VenueView) -> None:
    try:
        bounded(OPEN_S, view.open)
    except BelayError:
        close(view)
        raise


def _visited(visit: _Visit) -> Iterator[Finding]:
    caps = visit.view.caps
    rank = f" ({caps.rank})" if caps.rank else ""
    yield Finding("venue", Light.GREEN, f"{caps.title}{rank} answers, {visit.seconds:.1f} s to connect")
    yield _guarded("offset", _offset, visit)
    yield _guarded("markets", _markets, visit)
    if visit.markets:
        yield filters(visit.markets, visit.settings.limits, visit.known_prices())
    yield stops(caps)
    yield streams(caps)
    yield from _private(visit)
    yield _guarded("budget", _budget, visit)
    if caps.notes:
        yield Finding("notes", Light.AMBER, " ".join(caps.notes), "Know these limits before you trade live.")


def _private(visit: _Visit) -> Iterator[Finding]:
    """What only the owner of the keys is told; after a refusal nothing more is asked with them."""
    if visit.refusal:
        yield Finding("keys", Light.RED, visit.refusal, "Make new keys at the venue and store them.")
        return
    hands = visit.hands
    if hands is None:
        yield Finding("keys", Light.AMBER, visit.found.fault, PAPER)
        return
    try:
        held = bounded(READ_S, lambda: hands.balances(is_urgent=visit.is_start))
    except KeysRefused as error:
        yield Finding("keys", Light.RED, str(error), "Make new keys at the venue and store them.")
        return
    except BelayError as error:
        yield _red("keys", error)
        return
    yield Finding("keys", Light.GREEN, f"the venue takes them ({_source(visit.settings)})")
    yield from rights_findings(hands, is_urgent=visit.is_start)
    if visit.markets:
        yield _balance(visit, held)
    if not visit.is_start:
        yield _guarded("foreign", lambda _: _foreign(hands), visit)


def _guarded(name: str, made: Callable[[_Visit], Finding], visit: _Visit) -> Finding:
    try:
        return made(visit)
    except BelayError as error:
        return _red(name, error)


def _red(name: str, error: BelayError) -> Finding:
    advice = "Correct what is named here and check again."
    return Finding(name, Light.RED, " ".join(str(error).split()), advice)


def _source(settings: Settings) -> str:
    return "from the environment" if settings.keys.source == "environment" else "from the keyring"


def _live(context: Context) -> Finding:
    try:
        is_allowed = is_live_allowed(context.environment)
    except BadSettings as error:
        return Finding("live", Light.RED, str(error), "Correct it.")
    if is_allowed:
        return Finding("live", Light.GREEN, "ALLOW_LIVE=1")
    return Finding(
        "live",
        Light.AMBER,
        "ALLOW_LIVE is not set, so live trading is refused",
        "Paper trading does not need it.",
    )


def _offset(visit: _Visit) -> Finding:
    offset = visit.view.statistics().offset_ms
    if offset is None:
        return Finding(
            "offset", Light.AMBER, "the venue does not tell its time, so the clocks cannot be compared",
            "Keep this computer's clock synchronised.",
        )  # fmt: skip
    evidence = f"the venue's clock is {abs(offset):,} ms {'ahead' if offset >= 0 else 'behind'}"
    if abs(offset) <= NEAR_MS:
        return Finding("offset", Light.GREEN, evidence)
    return Finding(
        "offset", Light.AMBER, f"{evidence}; Belay goes by the venue's",
        "Set this computer's clock if it is the wrong one.",
    )  # fmt: skip


def _markets(visit: _Visit) -> Finding:
    wanted = visit.settings.venue.symbols
    found = bounded(READ_S, lambda: visit.view.instruments(wanted))
    visit.markets = tuple(visit.settings.instrument(one) for one in found)
    return Finding(
        "markets", Light.GREEN, f"{', '.join(wanted)} {'is' if len(wanted) == 1 else 'are'} traded now"
    )


def _balance(visit: _Visit, held: Mapping[Currency, Balance]) -> Finding:
    return balance(visit.markets, visit.settings.limits, visit.known_prices(), held)


def _foreign(hands: Exchange) -> Finding:
    orders = bounded(READ_S, hands.open_orders)
    strange = [one for one in orders if not one.client_order_id.startswith(CLIENT_ID_PREFIX)]
    ours = len(orders) - len(strange)
    if not strange:
        evidence = f"no open order but {plural(ours, 'order')} of Belay" if ours else "no order is open"
        return Finding("foreign", Light.GREEN, evidence)
    listed = ", ".join(f"{one.side} {one.symbol}" for one in strange[:3])
    more = ", ..." if len(strange) > 3 else ""
    return Finding(
        "foreign", Light.AMBER, f"{plural(len(strange), 'open order')} that Belay did not make: {listed}{more}",
        "Belay leaves them alone; `python main.py order foreign` shows them.",
    )  # fmt: skip


def _budget(visit: _Visit) -> Finding:
    used = visit.view.statistics()
    told = ", ".join(f"{one.name} {one.used:.0f} of {one.limit:.0f}" for one in used.budgets)
    if used.rate_limited:
        return Finding(
            "budget", Light.AMBER, f"the venue called for fewer requests {plural(used.rate_limited, 'time')}; {told}",
            "Close other programs that use this venue from your address.",
        )  # fmt: skip
    if any(one.limit and one.used / one.limit > FULL for one in used.budgets):
        return Finding(
            "budget", Light.AMBER, told, "Wait a minute before you start: little of the limit is left."
        )
    return Finding("budget", Light.GREEN, told or "no limit is told; Belay keeps the pace that ccxt names")

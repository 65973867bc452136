"""From settings to a session: the market source, the plan and the book that belong together; any thread."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from decimal import ROUND_DOWN, Decimal
from pathlib import Path
from typing import Any

from actors.feed.pace import Pace
from actors.persistence.restart import load_restart
from actors.venue_keys import VenueKeys
from actors.venues.venue_ids import FIRI, checked_venue, has_real_market, is_real
from core.errors import BadSettings, Refused
from core.ids import BookId, Symbol
from core.instrument import Instrument
from core.limits import Limits
from core.modes import Mode
from core.money import to_amount
from core.plan import MOST_CASH, Costs, Instance, Plan
from core.plan_text import plan_from_json, plan_to_json
from core.ports import MarketSource
from core.settings import Settings
from core.strategies.library import NAMES, lay_out
from core.venue import Capabilities, Exchange

SALT_FILE = "live-identity"
DEFAULT_STRATEGIES = ("grid", "ema_cross")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a pipeline is made of."""

    plan: Plan
    source: MarketSource
    pace: Pace
    exchange: Exchange | None = None
    """Where orders really go; None on paper."""
    capabilities: Capabilities | None = None
    """What a real venue can do, also when its prices alone are used."""


def costs_of(settings: Settings) -> Costs:
    """The paper account's costs."""
    paper = settings.paper
    return Costs(
        maker=paper.maker_fee, taker=paper.taker_fee, spread=paper.spread, slippage=paper.slippage,
        participation=paper.participation,
    )  # fmt: skip


def limits_of(settings: Settings, named: Sequence[Symbol]) -> Limits:
    """The limits; symbols that a person names for a paper run are allowed unless a list was set."""
    limits = settings.limits
    if "allowed_symbols" in settings.risk.model_fields_set:
        return limits
    return replace(limits, allowed_symbols=tuple(dict.fromkeys((*limits.allowed_symbols, *named))))


def instances_of(
    settings: Settings, names: Sequence[str] | None, symbols: Sequence[Symbol], params: Mapping[str, Any]
) -> tuple[Instance, ...]:
    """One instance per strategy and symbol: those named, else those enabled in the settings, else the default two."""
    unknown = [name for name in settings.strategies if name not in NAMES]
    if unknown:
        raise BadSettings(*(f"strategies.{name}: no strategy is called {name!r}. There are: {', '.join(NAMES)}."
                            for name in unknown))  # fmt: skip
    if names is None:
        chosen = [name for name, section in settings.strategies.items() if section.enabled]
        names = chosen or [name for name in DEFAULT_STRATEGIES if name not in settings.strategies]
        if not names:
            raise BadSettings("Every strategy is disabled in the settings. Enable one under [strategies].")
    wanted = []
    for symbol in symbols:
        for name in names:
            section = settings.strategies.get(name)
            if section is not None and section.symbols and symbol not in section.symbols:
                continue
            own = section.params if section is not None else {}
            wanted.append((name, symbol, {**own, **params}))
    return lay_out(wanted)


def named_symbols(settings: Settings) -> tuple[Symbol, ...]:
    """The symbols that a person named, none where the default stands."""
    return settings.venue.symbols if "symbols" in settings.venue.model_fields_set else ()


def open_source(settings: Settings, pace: Pace) -> tuple[str, MarketSource]:
    """The market that the settings name; ``BadSettings`` for one that this version does not trade."""
    name = settings.venue.name
    if name == "sim":
        from actors.venues.sim import SimSource

        venue = settings.venue
        return "sim", SimSource(settings.sim.seed, venue.symbols, venue.timeframe, quotes=not pace.is_max)
    if name.startswith("replay:"):
        from actors.venues.replay import replay_from

        return "replay", replay_from(name, named_symbols(settings))
    raise BadSettings(f"{name} is an exchange; it is opened with its keys.")


def new_plan(
    settings: Settings, source: MarketSource, venue: str, strategies: Sequence[str] | None,
    params: Mapping[str, Any] | None = None, mode: Mode = Mode.PAPER, salt: str = "",
) -> Plan:  # fmt: skip
    """The plan for a market; ``params`` go over those of the settings for every strategy."""
    instruments = tuple(settings.instrument(one) for one in source.instruments())
    symbols = tuple(one.symbol for one in instruments)
    plan = Plan(
        book=BookId(""),
        mode=mode,
        timeframe=source.timeframe,
        instruments=instruments,
        instances=instances_of(settings, strategies, symbols, params or {}),
        costs=costs_of(settings),
        limits=limits_of(settings, symbols),
        cash=settings.paper.cash,
    )
    return replace(plan, book=book_of(plan, venue, source.fingerprint + salt))


def book_of(plan: Plan, venue: str, fingerprint: str) -> BookId:
    """One set of books per mode, market, instances and paper account; limits may change within it.

    A real venue may change its fees, ticks and minima, and its account holds what it holds: none of it opens new books.
    """
    fixed = replace(plan, book=BookId(""), limits=Limits())
    if has_real_market(venue):
        markets = tuple(Instrument(symbol, Decimal(1), Decimal(1)) for symbol in plan.symbols)
        fixed = replace(fixed, instruments=markets)
        if plan.mode.is_real:
            fixed = replace(fixed, cash=Decimal(1), costs=Costs())
    digest = hashlib.blake2b(f"{fingerprint} {plan_to_json(fixed)}".encode(), digest_size=5).hexdigest()
    return BookId(f"{plan.mode}/{venue}/{digest}")


def home_salt(home: Path, mode: Mode) -> str:
    """What keeps the order ids of two homes on one account apart; made once, for real money only."""
    if not mode.is_real:
        return ""
    path = home / SALT_FILE
    if not path.exists():
        fresh = path.with_suffix(".new")
        fresh.write_text(secrets.token_hex(8), encoding="ascii")
        fresh.replace(path)
    return path.read_text(encoding="ascii").strip()


def open_session(
    settings: Settings,
    strategies: Sequence[str] | None,
    mode: Mode,
    home: Path,
    keys: VenueKeys | None = None,
) -> Session:
    """Everything a pipeline needs; ``BadSettings`` or ``BadData`` in one sentence per fault."""
    if is_real(settings.venue.name):
        return open_real_session(settings, strategies, mode, home, keys)
    pace = Pace.parse(str(settings.sim.speed))
    venue, source = open_source(settings, pace)
    wanted = settings.venue.timeframe
    if "timeframe" in settings.venue.model_fields_set and wanted != source.timeframe:
        raise BadSettings(f"The candles are {source.timeframe}, not {wanted}. Leave --timeframe away.")
    return Session(plan=new_plan(settings, source, venue, strategies, mode=mode), source=source, pace=pace)


def open_real_session(
    settings: Settings, strategies: Sequence[str] | None, mode: Mode, home: Path, keys: VenueKeys | None
) -> Session:
    """A real venue's prices, and in live mode its account; ``TryAgain`` when it cannot be reached."""
    from actors.venues.opening import link_to, open_exchange, open_live_source

    venue = settings.venue
    link = None if checked_venue(venue.name) == FIRI else link_to(venue.name, settings, keys, home)
    source = open_live_source(venue.name, settings, home, venue.symbols, venue.timeframe, link=link)
    exchange = None
    with ExitStack() as undo:
        undo.callback(source.close)
        plan = new_plan(settings, source, venue.name, strategies, mode=mode, salt=home_salt(home, mode))
        if mode.is_real:
            exchange = open_exchange(venue.name, settings, keys, home, venue.symbols, link=link)
            undo.callback(exchange.close)
            exchange.open()
            plan = with_account(plan, exchange, home)
        undo.pop_all()
    caps = exchange.caps if exchange is not None else getattr(source, "capabilities", None)
    return Session(plan=plan, source=source, pace=Pace(None), exchange=exchange, capabilities=caps)


def with_account(plan: Plan, exchange: Exchange, home: Path) -> Plan:
    """The venue's fees, and the money that the book began with: at its first start what is free there now."""
    known = load_restart(home, plan.book).pieces.get("plan")
    quote = plan.instruments[0].quote
    if known is not None:
        cash = plan_from_json(known.decode()).cash
    else:
        balance = exchange.balances().get(quote)
        free = balance.free if balance is not None and balance.free is not None else Decimal(0)
        cash = min(to_amount(free, ROUND_DOWN), MOST_CASH)
        if cash <= 0:
            raise Refused(f"The account holds no free {quote}. Put some there, or trade on paper.")
    costs = replace(plan.costs, maker=exchange.caps.maker, taker=exchange.caps.taker)
    return replace(plan, cash=cash, costs=costs)


def home_ready(home: Path) -> None:
    """Make the home folder; one sentence when that is not possible."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(
            f"The home folder {home} cannot be made: {error.strerror}. Choose another with --home."
        ) from error

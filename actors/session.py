"""From settings to a session: the market source, the plan and the book that belong together; any thread."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

from actors.feed.pace import Pace
from core.errors import BadSettings
from core.ids import BookId, Symbol
from core.instrument import Instrument
from core.limits import Limits
from core.modes import Mode
from core.plan import Costs, Instance, Plan
from core.plan_text import plan_to_json
from core.ports import MarketSource
from core.settings import Settings
from core.strategies.library import NAMES, lay_out

DEFAULT_STRATEGIES = ("grid", "ema_cross")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """What the command line adds to the settings; None where it says nothing."""

    venue: str | None = None
    symbols: tuple[Symbol, ...] | None = None
    strategies: tuple[str, ...] | None = None
    timeframe: str | None = None
    speed: str | None = None
    cash: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a pipeline is made of."""

    plan: Plan
    source: MarketSource
    pace: Pace
    venue_name: str


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


def instances_of(settings: Settings, names: Sequence[str] | None, symbols: Sequence[Symbol]) -> tuple[Instance, ...]:
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
            wanted.append((name, symbol, dict(section.params) if section is not None else {}))
    return lay_out(wanted)


def open_source(settings: Settings, ask: Ask) -> tuple[str, MarketSource]:
    """The market that the settings or the command line name."""
    name = ask.venue or settings.venue.name
    if name == "sim":
        from actors.venues.sim import SimSource

        symbols = ask.symbols or settings.venue.symbols
        return "sim", SimSource(settings.sim.seed, symbols, ask.timeframe or settings.venue.timeframe)
    if name.startswith("replay:"):
        from actors.venues.replay import replay_from

        return "replay", replay_from(name, ask.symbols or ())
    raise BadSettings(
        f"This version trades on the simulated market (sim) and on recorded candles (replay:PATH), not on {name!r}."
    )


def new_plan(settings: Settings, ask: Ask, instruments: Sequence[Instrument], timeframe: str) -> Plan:
    """The plan for these markets; its book is named by ``open_session``."""
    symbols = tuple(one.symbol for one in instruments)
    return Plan(
        book=BookId(""),
        mode=Mode.PAPER,
        timeframe=timeframe,
        instruments=tuple(settings.instrument(one) for one in instruments),
        instances=instances_of(settings, ask.strategies, symbols),
        costs=costs_of(settings),
        limits=limits_of(settings, ask.symbols or symbols),
        cash=ask.cash or settings.paper.cash,
    )


def book_of(plan: Plan, venue: str, fingerprint: str) -> BookId:
    """One set of books per mode, market, instances and paper account; limits may change within it."""
    fixed = replace(plan, book=BookId(""), limits=Limits())
    digest = hashlib.blake2b(f"{fingerprint} {plan_to_json(fixed)}".encode(), digest_size=5).hexdigest()
    return BookId(f"{plan.mode}/{venue}/{digest}")


def open_session(settings: Settings, ask: Ask) -> Session:
    """Everything a pipeline needs; ``BadSettings`` or ``BadData`` in one sentence per fault."""
    venue, source = open_source(settings, ask)
    if ask.timeframe is not None and ask.timeframe != source.timeframe:
        raise BadSettings(f"The candles are {source.timeframe}, not {ask.timeframe}. Leave --timeframe away.")
    plan = new_plan(settings, ask, source.instruments(), source.timeframe)
    plan = replace(plan, book=book_of(plan, venue, source.fingerprint))
    pace = Pace.parse(ask.speed if ask.speed is not None else str(settings.sim.speed))
    return Session(plan=plan, source=source, pace=pace, venue_name=source.label)


def home_ready(home: Path) -> None:
    """Make the home folder; one sentence when that is not possible."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"The home folder {home} cannot be made: {error.strerror}. Choose another with --home."
                          ) from error  # fmt: skip

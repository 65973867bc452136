"""From settings to a session: the market source, the plan and the book that belong together; any thread."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from actors.feed.pace import Pace
from core.errors import BadSettings
from core.ids import BookId, Symbol
from core.limits import Limits
from core.modes import Mode
from core.plan import Costs, Instance, Plan
from core.plan_text import plan_to_json
from core.ports import MarketSource
from core.settings import Settings
from core.strategies.library import NAMES, lay_out

DEFAULT_STRATEGIES = ("grid", "ema_cross")


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a pipeline is made of."""

    plan: Plan
    source: MarketSource
    pace: Pace


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
    raise BadSettings(
        f"This version trades on the simulated market (sim) and on recorded candles (replay:PATH), not on {name!r}."
    )


def new_plan(
    settings: Settings, source: MarketSource, venue: str, strategies: Sequence[str] | None,
    params: Mapping[str, Any] | None = None, mode: Mode = Mode.PAPER,
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
    return replace(plan, book=book_of(plan, venue, source.fingerprint))


def book_of(plan: Plan, venue: str, fingerprint: str) -> BookId:
    """One set of books per mode, market, instances and paper account; limits may change within it."""
    fixed = replace(plan, book=BookId(""), limits=Limits())
    digest = hashlib.blake2b(f"{fingerprint} {plan_to_json(fixed)}".encode(), digest_size=5).hexdigest()
    return BookId(f"{plan.mode}/{venue}/{digest}")


def open_session(settings: Settings, strategies: Sequence[str] | None, mode: Mode) -> Session:
    """Everything a pipeline needs; ``BadSettings`` or ``BadData`` in one sentence per fault."""
    pace = Pace.parse(str(settings.sim.speed))
    venue, source = open_source(settings, pace)
    wanted = settings.venue.timeframe
    if "timeframe" in settings.venue.model_fields_set and wanted != source.timeframe:
        raise BadSettings(f"The candles are {source.timeframe}, not {wanted}. Leave --timeframe away.")
    return Session(plan=new_plan(settings, source, venue, strategies, mode=mode), source=source, pace=pace)


def home_ready(home: Path) -> None:
    """Make the home folder; one sentence when that is not possible."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(
            f"The home folder {home} cannot be made: {error.strerror}. Choose another with --home."
        ) from error

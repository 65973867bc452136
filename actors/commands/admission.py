"""Whether a run may start at all: venue, mode and, for real money, everything that must hold; main thread."""

from __future__ import annotations

import argparse
import hmac
from collections.abc import Iterable, Iterator

from actors.commands.context import Context
from core.errors import Refused
from core.modes import Mode
from core.money import text
from core.settings_given import is_live_allowed

LIVE_PHRASE = "trade with real money"
"""What a person types at a terminal where no LIVE_CONFIRM_TOKEN is set."""
SAID_ELSEWHERE = frozenset({"latch", "keyring"})
"""Checks of this computer that do not speak here: a halt ends the run with its own exit code, and what is wrong
with the keyring is said of the keys."""


def chosen_mode(args: argparse.Namespace) -> Mode:
    """Paper unless asked otherwise; ``--dry-run`` wins over everything."""
    return Mode.DRY_RUN if args.dry_run else Mode(args.mode)


def admit(args: argparse.Namespace, context: Context) -> None:
    """``BadSettings`` for a venue that is none, ``Refused`` with all that live trading lacks, one sentence each."""
    from actors.venues.venue_ids import checked_venue, is_real

    venue = context.settings.venue.name
    if is_real(venue):
        checked_venue(venue)
    if chosen_mode(args) is not Mode.LIVE:
        return
    from actors.commands.spoken_log import spoken_log

    with spoken_log(context):
        missing = [*_missing(args, context)]
    if missing:
        raise Refused("\n".join(missing))
    _confirmed(args, context)


def _missing(args: argparse.Namespace, context: Context) -> Iterator[str]:
    """What live trading still needs (B4, B8)."""
    from actors.venues.venue_ids import is_real

    venue = context.settings.venue.name
    if not is_real(venue):
        what = "the simulated market" if venue == "sim" else "a replay"
        yield (
            f"Live trading needs an exchange, and this is {what}; name one with --venue, for example kraken, or run "
            "with --mode paper."
        )
    if not is_live_allowed(context.environment):
        yield "Live trading needs ALLOW_LIVE=1 in the environment."
    yield from _unconfirmed(args, context)
    yield from _preflight(context, is_exchange=is_real(venue))


def _unconfirmed(args: argparse.Namespace, context: Context) -> Iterator[str]:
    """At a terminal the confirmation is asked for at the very end, else it must be there already (B6)."""
    token = context.environment.get("LIVE_CONFIRM_TOKEN", "").strip()
    if args.confirm is None and context.stdin.isatty():
        return
    if not token:
        yield "Live trading needs LIVE_CONFIRM_TOKEN in the environment, or a terminal to confirm it at."
    elif not _is_same(args.confirm or "", token):
        yield "Live trading needs --confirm equal to LIVE_CONFIRM_TOKEN."


def _preflight(context: Context, *, is_exchange: bool) -> Iterator[str]:
    """The sentences of every red light; amber ones are told and pass."""
    from actors.commands.preflight import Light
    from actors.commands.preflight_local import local_findings
    from actors.commands.preflight_venue import venue_findings
    from actors.commands.venue_check import find_keys

    findings = [local_findings(context, SAID_ELSEWHERE)]
    if is_exchange:
        found = find_keys(context.settings.venue.name, context.settings, context.environment)
        if found.keys is None:
            yield f"Live trading needs keys. {found.fault}"
        findings.append(venue_findings(context, found=found, is_start=True))
    for finding in (one for several in findings for one in several):
        if finding.light is Light.RED:
            yield f"Preflight is red, {finding.sentence}"
        elif finding.light is Light.AMBER and finding.id not in ("keys", "live"):
            context.warn(f"amber  {finding.sentence}")


def _confirmed(args: argparse.Namespace, context: Context) -> None:
    """Every limit is shown; then the token of the command line counts, or what is typed now."""
    for line in _limits(context):
        context.warn(line)
    if args.confirm is not None:
        return  # compared already
    token = context.environment.get("LIVE_CONFIRM_TOKEN", "").strip()
    asked = "the text of LIVE_CONFIRM_TOKEN" if token else f'the sentence "{LIVE_PHRASE}"'
    context.warn(f"This is real money. Type {asked} to start:")
    typed = context.stdin.readline().strip()
    if not _is_same(typed, token or LIVE_PHRASE):
        raise Refused(f"Live trading is not confirmed: type {asked} exactly. Nothing has started.")


def _limits(context: Context) -> Iterable[str]:
    """What this run may do at most, as the judge takes it."""
    from actors.session import limits_of

    settings = context.settings
    limits = limits_of(settings, settings.venue.symbols)
    chosen = [name for name, one in settings.strategies.items() if one.enabled]
    return (
        f"LIVE on {settings.venue.name}: {', '.join(settings.venue.symbols)}, candles of {settings.venue.timeframe}"
        + (f", {', '.join(chosen)}" if chosen else ""),
        f"  one order           {text(limits.min_order_usd)} to {text(limits.max_order_usd)} USD",
        f"  loss at the stop    {_percent(limits.risk_per_trade)} of equity",
        f"  entries a day       {limits.daily_entries}",
        f"  loss a day          {text(limits.daily_loss_usd)} USD or {_percent(limits.daily_loss_pct)} of the day's "
        "start, whichever is less",
        f"  price of an order   within {_percent(limits.price_band)} of the last",
        f"  one market holds    {text(limits.max_position_usd)} USD, {_percent(limits.symbol_share)} of equity",
        f"  all markets hold    {text(limits.max_exposure_usd)} USD, {_percent(limits.total_share)} of equity",
        f"  rest after a loss   {limits.cooldown_minutes} minutes in that market",
        f"  markets allowed     {', '.join(limits.allowed_symbols)}",
    )


def _percent(share: object) -> str:
    return f"{float(str(share)) * 100:g} %"


def _is_same(given: str, wanted: str) -> bool:
    """Compared in constant time: the token is a secret."""
    return hmac.compare_digest(given.strip().encode(), wanted.encode())

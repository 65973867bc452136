"""Whether a run may start at all: the mode, and the venues that this version can trade; main thread."""

from __future__ import annotations

import argparse

from actors.commands.context import Context
from core.errors import BadSettings, Refused
from core.modes import Mode
from core.settings_given import is_live_allowed


def chosen_mode(args: argparse.Namespace) -> Mode:
    """Paper unless asked otherwise; ``--dry-run`` wins over everything."""
    return Mode.DRY_RUN if args.dry_run else Mode(args.mode)


def admit(args: argparse.Namespace, context: Context) -> None:
    """``Refused`` for live trading, ``BadSettings`` for a venue that this version lacks."""
    if chosen_mode(args) is Mode.LIVE:
        raise Refused("\n".join(_missing_for_live(args, context)))
    venue = context.settings.venue.name
    if venue != "sim" and not venue.startswith("replay:"):
        raise BadSettings(
            f"{venue} cannot be traded: this version trades on the simulated market (sim) and on recorded "
            "candles (replay:PATH)."
        )


def _missing_for_live(args: argparse.Namespace, context: Context) -> list[str]:
    """What live trading still needs (B4, B8)."""
    missing = [
        "Live trading needs a real venue connection, which this version does not have; run with "
        "--mode paper or --dry-run."
    ]
    if not is_live_allowed(context.environment):
        missing.append("Live trading needs ALLOW_LIVE=1 in the environment.")
    token = context.environment.get("LIVE_CONFIRM_TOKEN", "").strip()
    if not token:
        missing.append("Without a terminal, live trading needs LIVE_CONFIRM_TOKEN in the environment.")
    elif args.confirm != token:
        missing.append("Live trading needs --confirm equal to LIVE_CONFIRM_TOKEN.")
    return missing

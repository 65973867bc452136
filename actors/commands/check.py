"""``check``: the preflight, one line per check; main thread."""

from __future__ import annotations

import argparse
from collections.abc import Iterator

from actors.commands.context import Context
from actors.commands.preflight import Finding, Light, preflight
from actors.commands.spoken_log import spoken_log
from actors.commands.venue_check import choose_venue


def check(args: argparse.Namespace, context: Context) -> int:
    """Exit 0 without a red light, else 1."""
    choose_venue(args, context)
    lights: list[Light] = []
    for found in _found(context):
        lights.append(found.light)
        line = {
            "id": found.id,
            "result": found.light.value,
            "evidence": found.evidence,
            "advice": found.advice,
        }
        context.emit({"event": "check", **line})
        advice = f"  -> {found.advice}" if found.advice else ""
        context.say(f"{found.light.value:<6} {found.id:<11} {found.evidence}{advice}")
    return 1 if Light.RED in lights else 0


def _found(context: Context) -> Iterator[Finding]:
    with spoken_log(context):
        yield from preflight(context)

"""``check``: the preflight, one line per check; main thread."""

from __future__ import annotations

import argparse

from actors.commands.context import Context
from actors.commands.preflight import Light, preflight


def check(args: argparse.Namespace, context: Context) -> int:
    """Exit 0 without a red light, else 1."""
    lights: list[Light] = []
    for found in preflight(context):
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

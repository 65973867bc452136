"""The preflight of one home: first this computer, then the venue, where the settings name a real one; any thread."""

from __future__ import annotations

from collections.abc import Iterator

from actors.commands.context import Context
from actors.commands.preflight_finding import Finding, Light
from actors.commands.preflight_local import local_findings
from actors.commands.preflight_venue import Doors, venue_findings
from actors.venues.venue_ids import is_real
from core.errors import BadSettings

__all__ = ["Finding", "Light", "preflight"]


def preflight(context: Context, doors: Doors | None = None) -> Iterator[Finding]:
    """Every check in order.  ``doors`` leads to the venue; None: the one that the settings name."""
    yield from local_findings(context)
    try:
        name = context.settings.venue.name
    except BadSettings:
        return  # said already
    if is_real(name):
        yield from venue_findings(context, doors)

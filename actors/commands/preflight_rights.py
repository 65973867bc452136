"""What the keys may do, as lights: a right to withdraw blocks live trading (H5); any thread."""

from __future__ import annotations

from collections.abc import Iterator

from actors.commands.preflight_finding import Finding, Light
from actors.commands.venue_check import READ_S, bounded
from core.errors import BelayError
from core.venue import Exchange

COULD_NOT = "could not verify"


def rights_findings(exchange: Exchange, *, is_urgent: bool = False) -> Iterator[Finding]:
    """Withdrawing is red, and so is not trading; what the venue does not tell is amber."""
    try:
        rights = bounded(READ_S, lambda: exchange.key_rights(is_urgent=is_urgent))
    except BelayError as error:
        yield Finding(
            "rights", Light.AMBER, f"{COULD_NOT}: {' '.join(str(error).split())}",
            "Look at the venue's page that the keys may trade and may not withdraw.",
        )  # fmt: skip
        return
    detail = f" ({rights.detail})" if rights.detail else ""
    if rights.may_withdraw:
        yield Finding(
            "rights", Light.RED, f"the keys may withdraw{detail}",
            "Make keys that may not withdraw: who steals these takes the money.",
        )  # fmt: skip
    elif rights.may_trade is False:
        yield Finding("rights", Light.RED, f"the keys may not trade{detail}", "Allow spot trading for them.")
    elif rights.may_withdraw is None or rights.may_trade is None:
        unknown = "withdraw" if rights.may_withdraw is None else "trade"
        yield Finding(
            "rights", Light.AMBER, f"{COULD_NOT} whether the keys may {unknown}{detail}",
            "Look at the venue's page that the keys may trade and may not withdraw.",
        )  # fmt: skip
    else:
        yield Finding("rights", Light.GREEN, "the keys may trade and may not withdraw")
    if rights.is_ip_bound:
        yield Finding("address", Light.GREEN, "the keys work from listed addresses only")
    else:
        evidence = (
            f"{COULD_NOT} whether the keys are bound to an address"
            if rights.is_ip_bound is None
            else "the keys work from any address"
        )
        yield Finding("address", Light.AMBER, evidence, "Bind them to your IP address at the venue.")

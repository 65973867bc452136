"""The checks of this computer, its records and its settings: no network, any thread."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from actors.commands.context import Context
from actors.commands.preflight_finding import Finding, Light
from actors.keys import KeyStore
from actors.venue_keys import keys_from_environment
from core.errors import BadSettings, BelayError
from core.halt import Latch

ENOUGH_BYTES = 1_000_000_000
FEW_BYTES = 200_000_000
BUILT = datetime(2025, 1, 1, tzinfo=UTC)
"""No computer that runs this can be earlier."""
AHEAD = timedelta(minutes=2)
SYNCHRONISED = Path("/run/systemd/timesync/synchronized")


def local_findings(context: Context, skip: frozenset[str] = frozenset()) -> Iterator[Finding]:
    """Every check but those named in ``skip``, in order; one that cannot be made is red with its reason."""
    yield from (_guarded(name, made, context) for name, made in _CHECKS if name not in skip)


def _guarded(name: str, made: Callable[[Context], Finding], context: Context) -> Finding:
    try:
        return made(context)
    except (BelayError, OSError) as error:
        return Finding(
            name, Light.RED, str(error).replace("\n", " "), "Correct what is named here and check again."
        )


def _settings(context: Context) -> Finding:
    settings, source = context.settings, str(context.settings_file or "defaults")
    outside = [symbol for symbol in settings.venue.symbols if symbol not in settings.limits.allowed_symbols]
    if outside and "allowed_symbols" not in settings.risk.model_fields_set:
        evidence = (
            f"{source}: {', '.join(outside)} may be traded because you name it and no list stands against it"
        )
        advice = "Set risk.allowed_symbols before you trade with real money."
        return Finding("settings", Light.AMBER, evidence, advice)
    if outside:
        evidence = f"{source}: {', '.join(outside)} "
        if len(outside) == 1:
            evidence, them = f"{evidence}is not in risk.allowed_symbols, so its orders are denied", "it"
        else:
            evidence, them = f"{evidence}are not in risk.allowed_symbols, so their orders are denied", "them"
        advice = f"Add {them} there, or take {them} out of venue.symbols."
        return Finding("settings", Light.AMBER, evidence, advice)
    return Finding("settings", Light.GREEN, source)


def _home(context: Context) -> Finding:
    context.home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=context.home) as probe:
        probe.write(b"belay")
        os.fsync(probe.fileno())
    return Finding("home", Light.GREEN, f"{context.home} takes files")


def _disk(context: Context) -> Finding:
    free = shutil.disk_usage(context.home).free
    evidence = f"{free / 1e9:.1f} GB free"
    if free >= ENOUGH_BYTES:
        return Finding("disk", Light.GREEN, evidence)
    light = Light.RED if free < FEW_BYTES else Light.AMBER
    return Finding("disk", light, evidence, "Free some space: with a full disk nothing can be traded.")


def _database(context: Context) -> Finding:
    from actors.persistence.failures import sentence
    from actors.persistence.opening import DATABASE_FILE

    path = context.home / DATABASE_FILE
    if not path.exists():
        return Finding("database", Light.GREEN, "no records yet; the first run makes them")
    try:
        connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True, timeout=2)
        try:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        finally:
            connection.close()
    except sqlite3.Error as error:
        return Finding(
            "database", Light.RED, sentence(error, path), "Start Belay: it recovers the newest good backup."
        )
    if found != "ok":
        return Finding(
            "database", Light.RED, f"{path.name}: {found}", "Start Belay: it recovers the newest backup."
        )
    return Finding("database", Light.GREEN, f"{path.name} is whole ({path.stat().st_size / 1e6:.1f} MB)")


def _keyring(context: Context) -> Finding:
    try:
        source = context.settings.keys.source
    except BadSettings:
        source = "keyring"
    if source == "environment":
        return Finding("keyring", Light.AMBER, "keys come from the environment (keys.source)",
                       "Use the system's keyring wherever there is one.")  # fmt: skip
    if keys_from_environment(context.environment) is not None:
        return Finding("keyring", Light.AMBER, "EXCHANGE_API_KEY and _SECRET are in the environment",
                       "Store them with `python main.py keys set VENUE` and unset them.")  # fmt: skip
    try:
        store = KeyStore()
        stored = store.venues()
        return Finding(
            "keyring", Light.GREEN, f"{store.backend()}, keys of {', '.join(stored) or 'no venue'}"
        )
    except BelayError as error:
        return Finding("keyring", Light.AMBER, str(error), "Paper trading needs no keys.")


def _clock(context: Context) -> Finding:
    now = datetime.now(UTC)
    if now < BUILT:
        return Finding("clock", Light.RED, f"the clock says {now:%Y-%m-%d}", "Set the computer's clock.")
    newest = max((path.stat().st_mtime for path in context.home.glob("*") if path.is_file()), default=0.0)
    ahead = datetime.fromtimestamp(newest, UTC) - now
    if ahead > AHEAD:
        evidence = f"files in the home folder are {ahead // timedelta(minutes=1)} min ahead of the clock"
        return Finding("clock", Light.RED, evidence, "Set the computer's clock: it has gone back.")
    how = ", synchronised" if SYNCHRONISED.exists() else ""
    return Finding("clock", Light.GREEN, f"{now:%Y-%m-%d %H:%M:%S} UTC{how}")


def _latch(context: Context) -> Finding:
    record = Latch(context.home).read()
    if record is None:
        return Finding("latch", Light.GREEN, "not halted")
    evidence = f"halted by {record.cause} {record.at}: {record.reason}"
    return Finding(
        "latch", Light.RED, evidence, "Re-arm with `python main.py rearm` once the cause is known."
    )


def _strategies(context: Context) -> Finding:
    from core.strategies.library import NAMES, load, parameters

    wanted = {name: one.params for name, one in context.settings.strategies.items() if one.enabled}
    chosen = wanted or {name: {} for name in NAMES}
    for name, params in chosen.items():
        parameters(load(name), params)
    return Finding("strategies", Light.GREEN, f"{', '.join(chosen)} load{'s' * (len(chosen) == 1)}")


_CHECKS: tuple[tuple[str, Callable[[Context], Finding]], ...] = (
    ("settings", _settings),
    ("home", _home),
    ("disk", _disk),
    ("database", _database),
    ("keyring", _keyring),
    ("clock", _clock),
    ("latch", _latch),
    ("strategies", _strategies),
)

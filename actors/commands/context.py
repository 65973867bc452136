"""What every command is given: the home folder, the settings, and ways to speak; main thread."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from core.errors import BadSettings

if TYPE_CHECKING:
    from core.settings import Settings
    from core.settings_given import Given

SETTINGS_FILE = "settings.toml"


@dataclass(kw_only=True)
class Context:
    """``settings`` are read when first used: a broken file must not keep ``kill`` from working."""

    home: Path
    config: Path | None
    json: bool = False
    verbose: bool = False
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)
    stdin: TextIO = field(default_factory=lambda: sys.stdin)
    stdout: TextIO = field(default_factory=lambda: sys.stdout)
    stderr: TextIO = field(default_factory=lambda: sys.stderr)
    given: tuple[Given, ...] = ()

    @cached_property
    def settings(self) -> Settings:
        """``BadSettings`` with every fault."""
        from core.settings_file import load_settings

        return load_settings(self.settings_file, self.environment, self.given)

    @property
    def settings_file(self) -> Path | None:
        """The file in force: the one that was named, or the one in the home folder if it is there."""
        if self.config is not None:
            return self.config
        own = self.home / SETTINGS_FILE
        return own if own.exists() else None

    def say(self, text: str) -> None:
        """A line for people: on stdout, with ``--json`` on stderr."""
        print(text, file=self.stderr if self.json else self.stdout, flush=True)

    def warn(self, text: str) -> None:
        """A line for people that is not the answer: always on stderr."""
        print(text, file=self.stderr, flush=True)

    def emit(self, event: Mapping[str, Any]) -> None:
        """One JSON object on stdout, with ``--json`` only; amounts are decimal texts."""
        if self.json:
            print(json.dumps(event, default=_plain), file=self.stdout, flush=True)


def make_context(args: argparse.Namespace) -> Context:
    """The context of one command line; ``BadSettings`` for a home that cannot be one."""
    config = Path(args.config).expanduser().absolute() if args.config else None
    context = Context(home=_home(args.home), config=config, json=args.json, verbose=args.verbose)
    context.given = given_by(args)
    return context


def _home(given: str | None) -> Path:
    if given is not None and not given.strip():
        raise BadSettings("--home is empty; name a folder.")
    named = given or os.environ.get("BELAY_HOME", "").strip()
    if named:
        home = Path(named).expanduser().absolute()
    else:
        from platformdirs import user_data_path

        home = user_data_path("Belay", appauthor=False)
    if home.exists() and not home.is_dir():
        raise BadSettings(f"{home} is no folder; name another one with --home.")
    return home


def given_by(args: argparse.Namespace) -> tuple[Given, ...]:
    """The settings that the command line gives; they go before all others."""
    from core.settings_given import Given

    places = {
        "run": {
            "venue": ("venue", "name"),
            "symbols": ("venue", "symbols"),
            "timeframe": ("venue", "timeframe"),
            "speed": ("sim", "speed"),
            "cash": ("paper", "cash"),
        },
        "backtest": {"cash": ("paper", "cash")},
    }
    found = [
        Given(path, value, f"--{name}")
        for name, path in places.get(args.command or "", {}).items()
        if (value := getattr(args, name, None)) is not None
    ]
    if args.command == "backtest" and args.fees is not None:
        found += [Given(("paper", name), args.fees, "--fees") for name in ("maker_fee", "taker_fee")]
    return tuple(found)


def _plain(value: object) -> str:
    from decimal import Decimal

    from core.money import text

    return text(value) if isinstance(value, Decimal) else str(value)

"""``config init|show|check``: the settings file, written, shown and checked; main thread."""

from __future__ import annotations

import argparse

from actors.commands.context import SETTINGS_FILE, Context
from core.errors import BadData, BadSettings


def config(args: argparse.Namespace, context: Context) -> int:
    if args.action == "init":
        return _init(args, context)
    if args.action == "show":
        return _show(args, context)
    return _check(context)


def _init(args: argparse.Namespace, context: Context) -> int:
    """The commented template, in which every default stands; an existing file is kept unless forced."""
    from core.settings_reference import template

    path = context.config or context.home / SETTINGS_FILE
    if path.exists() and not args.force:
        raise BadSettings(f"{path} exists already; --force writes the template in its place.")
    fresh = path.with_name(f"{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh.write_text(template(), encoding="utf-8")
        fresh.replace(path)
    except OSError as error:
        raise BadData(
            f"{path} cannot be written ({error.strerror}); choose another place with --config."
        ) from None
    context.emit({"event": "config", "path": str(path)})
    context.say(
        f"The template is in {path}; every line is a default, those under a # [section] an example: "
        "uncomment its header too."
    )
    return 0


def _show(args: argparse.Namespace, context: Context) -> int:
    from core.settings_reference import describe, in_force

    if args.reference:
        context.emit({"event": "reference", "text": describe()})
        context.say(describe())
        return 0
    settings = context.settings
    context.emit({"event": "settings", "file": _file(context), "settings": _plain(settings.model_dump())})
    context.say(f"# from {_file(context) or 'the defaults'}\n{in_force(settings)}")
    return 0


def _check(context: Context) -> int:
    """Exit 0 when all settings hold; every fault is a sentence and exit 2."""
    names = list(context.settings.strategies)
    from core.strategies.library import load

    for name in names:
        load(name)
    context.emit({"event": "config", "file": _file(context), "valid": True})
    context.say(f"The settings hold ({_file(context) or 'the defaults'}).")
    return 0


def _file(context: Context) -> str | None:
    return str(context.settings_file) if context.settings_file is not None else None


def _plain(value: object) -> object:
    """Decimals stay for the context, which writes them as text; tuples become lists by themselves."""
    if isinstance(value, dict):
        return {str(key): _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list | tuple) else value

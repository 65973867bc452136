"""``keys set|list|test|delete``: the keyring from the command line, never showing a secret; main thread."""

from __future__ import annotations

import argparse
import getpass

from actors.commands.context import Context
from actors.keys import KeyStore
from actors.venue_keys import VenueKeys, checked_keys, keys_from_environment, keys_from_json, venue_name
from core.errors import BadData, BadSettings, Refused

LONGEST = 65_536
"""Characters of standard input that can be keys."""


def keys(args: argparse.Namespace, context: Context) -> int:
    store = KeyStore()
    if args.action == "list":
        return _list(store, context)
    venue = venue_name(args.venue)
    if args.action == "set":
        return _set(store, venue, context)
    if args.action == "delete":
        return _delete(store, venue, context)
    raise Refused("Keys cannot be tested: this version has no connection to an exchange.")


def _set(store: KeyStore, venue: str, context: Context) -> int:
    backend = store.backend()  # before anything is typed
    given = _asked(venue, context) if context.stdin.isatty() else _piped(context)
    store.put(venue, given)
    context.emit({"event": "keys", "action": "set", "venue": venue, "backend": backend})
    context.say(f"The keys of {venue} are in the system's keyring.")
    return 0


def _piped(context: Context) -> VenueKeys:
    text = context.stdin.read(LONGEST + 1)
    if len(text) > LONGEST:
        raise BadSettings("Standard input is too long to be keys; nothing is stored.")
    return keys_from_json(text)


def _asked(venue: str, context: Context) -> VenueKeys:
    """Typed without echo; keys in the environment are offered first."""
    offered = keys_from_environment(context.environment)
    if offered is not None:
        context.warn(
            f"EXCHANGE_API_KEY and EXCHANGE_API_SECRET are set. Store them as the keys of {venue}? [y/N]"
        )
        if context.stdin.readline().strip().lower() in ("y", "yes"):
            return offered
    try:
        return checked_keys(
            getpass.getpass(f"API key of {venue} (not shown): ", context.stderr),
            getpass.getpass("Secret (not shown): ", context.stderr),
            getpass.getpass("Password or passphrase, empty if there is none: ", context.stderr) or None,
        )
    except EOFError:
        raise BadSettings("Nothing was typed; nothing is stored.") from None


def _list(store: KeyStore, context: Context) -> int:
    venues, backend = store.venues(), store.backend()
    context.emit({"event": "keys", "action": "list", "venues": list(venues), "backend": backend})
    for venue in venues:
        context.say(venue)
    if not venues:
        context.say("No keys are stored; store some with: python main.py keys set VENUE")
    return 0


def _delete(store: KeyStore, venue: str, context: Context) -> int:
    if not store.delete(venue):
        raise BadData(f"There are no keys of {venue}; `python main.py keys list` shows which there are.")
    context.emit({"event": "keys", "action": "delete", "venue": venue})
    context.say(f"The keys of {venue} are deleted from the keyring; delete them at the exchange too.")
    return 0

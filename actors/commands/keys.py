"""``keys set|list|test|delete``: the keyring from the command line, never showing a secret; main thread."""

from __future__ import annotations

import argparse
import getpass
from collections.abc import Callable

from actors.commands.context import Context
from actors.commands.spoken_log import spoken_log
from actors.commands.venue_check import READ_S, VenueDoors, bounded, opened
from actors.keys import KeyStore
from actors.venue_keys import VenueKeys, checked_keys, keys_from_environment, keys_from_json, venue_name
from actors.venues.opening import needed_keys
from actors.venues.venue_ids import FIRI, checked_venue
from core.errors import BadData, BadSettings, BelayError, KeysRefused
from core.money import text
from core.venue import KeyRights

LONGEST = 65_536
"""Characters of standard input that can be keys."""


def keys(args: argparse.Namespace, context: Context) -> int:
    store = KeyStore()
    if args.action == "list":
        return _list(store, context)
    venue = venue_name(args.venue)
    if args.action != "delete":  # keys of a venue that is no more must still go
        venue = checked_venue(venue)
    if args.action == "set":
        return _set(store, venue, context)
    if args.action == "delete":
        return _delete(store, venue, context)
    return _test(venue, context)


def _set(store: KeyStore, venue: str, context: Context) -> int:
    backend = store.backend()  # before anything is typed
    given = _asked(venue, context) if context.stdin.isatty() else _piped(context)
    store.put(venue, given)
    context.emit({"event": "keys", "action": "set", "venue": venue, "backend": backend})
    context.say(f"The keys of {venue} are in the system's keyring.")
    if not context.stdin.isatty():
        context.warn(f"To see what they may do: python main.py keys test {venue}")
        return 0
    context.warn("Sign in with them now to see what they may do? [Y/n]")
    if context.stdin.readline().strip().lower() in ("n", "no"):
        return 0
    try:
        _test(venue, context)
    except BelayError as error:  # they are stored, whatever the venue says of them now
        context.warn(f"They are stored, and not tested: {error}")
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
    if venue == FIRI:
        from actors.venues.firi.access import KEY_WORDS

        context.warn(KEY_WORDS)
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


def _test(venue: str, context: Context) -> int:
    """Sign in and look: 0 good, 1 refused by the venue (or not reached), 3 where a safety rule forbids live trading."""
    keys = needed_keys(venue, context.settings, context.environment)
    doors = VenueDoors(venue, context.settings, context.home)
    with spoken_log(context, *keys.secrets()), opened(doors.exchange(keys)) as exchange:
        held = bounded(READ_S, exchange.balances)
        rights = _rights(lambda: bounded(READ_S, exchange.key_rights), context)
    balances = {name: text(one.total) for name, one in sorted(held.items()) if one.total}
    context.emit(
        {
            "event": "keys", "action": "test", "venue": venue, "valid": True, "may_trade": rights.may_trade,
            "may_withdraw": rights.may_withdraw, "is_ip_bound": rights.is_ip_bound, "balances": balances,
        }
    )  # fmt: skip
    context.say(f"{exchange.caps.title} takes the keys.")
    for name, answer, advice in _lines(rights):
        context.say(f"  {name:<22}{answer}{f'  -> {advice}' if advice else ''}")
    amounts = ", ".join(f"{amount} {name}" for name, amount in balances.items())
    context.say(f"  {'it holds':<22}{amounts or 'nothing'}")
    return 3 if rights.may_withdraw or rights.may_trade is False else 0


def _rights(ask: Callable[[], KeyRights], context: Context) -> KeyRights:
    """What the keys may do; not knowing it is an answer too."""
    try:
        return ask()
    except KeysRefused:
        raise
    except BelayError as error:
        context.warn(f"What the keys may do could not be read: {error}")
        return KeyRights()


def _lines(rights: KeyRights) -> tuple[tuple[str, str, str], ...]:
    """Each right in plain words, with what to do where it is not as it should be."""
    look = "look at the venue's page of keys"
    withdraw = "make keys without this right; live trading is refused with these"
    return (
        _line("may trade", rights.may_trade, wants=True, advice="allow spot trading for them", look=look),
        _line("may withdraw", rights.may_withdraw, wants=False, advice=withdraw, look=look),
        _line(
            "bound to an address",
            rights.is_ip_bound,
            wants=True,
            advice="bind them to your IP address",
            look=look,
        ),
    )


def _line(name: str, is_so: bool | None, *, wants: bool, advice: str, look: str) -> tuple[str, str, str]:
    if is_so is None:
        return name, "could not verify", look
    return name, "yes" if is_so else "no", "" if is_so is wants else advice

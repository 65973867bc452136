"""What the keys page says: the keyring's name and faults, what keys may do, what deleting them means; pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import BelayError, Refused
from core.settings_types import ALIASES, VENUE_FORM
from core.venue import KeyRights

SUGGESTED = ("binance", "bybit", "coinbase", "firi", "kraken", "kucoin", "okx")
"""Offered while a venue is typed; any other exchange can be typed, too."""
TITLES = {"okx": "OKX", "kucoin": "KuCoin", "htx": "HTX", "mexc": "MEXC", "bitget": "Bitget", "gate": "Gate"}
BACKENDS = {
    "keyring.backends.SecretService.Keyring": "Secret Service (GNOME Keyring or KWallet)",
    "keyring.backends.libsecret.Keyring": "Secret Service (libsecret)",
    "keyring.backends.kwallet.DBusKeyring": "KWallet",
    "keyring.backends.macOS.Keyring": "macOS Keychain",
    "keyring.backends.Windows.WinVaultKeyring": "Windows Credential Manager",
}
NOT_VERIFIED = "could not verify"
EMPTY = "No keys are stored. Paper trading needs none; live trading needs the keys of its venue."
UNSEEN = "Which keys are stored is not known while the keyring cannot be read."
ADVICE = (
    "Make keys at the venue that may trade on spot markets and nothing else.",
    "Switch withdrawals off: Belay refuses live with keys that may withdraw.",
    "Bind them to the IP address of this computer where the venue offers it.",
)
HOME = "Keys live in the operating system's keyring and nowhere else. A stored secret is never shown, not even here."
NO_RING = (
    "This window has no way to the keyring. Store keys on the command line: python main.py keys set kraken."
)
HANGS = (
    "The keyring does not answer. Another window may ask for its password: unlock it, then look again. "
    "If none does, log out of the desktop and in again."
)
STILL_HANGS = (
    "The keyring still owes an answer to the last question. Unlock it; this page goes on by itself then."
)


@dataclass(frozen=True, slots=True)
class Line:
    """One right of the keys: a sign, its colour, and the words."""

    icon: str
    tone: str
    words: str


def venue_id(typed: str) -> str:
    """The id of what a person typed: ``Coinbase Pro`` is ``coinbase``."""
    plain = "".join(typed.lower().split())
    return ALIASES.get(plain, plain)


def venue_title(venue: str) -> str:
    """``Kraken`` of ``kraken``."""
    return TITLES.get(venue, venue[:1].upper() + venue[1:])


def backend_name(backend: str) -> str:
    """The keyring as a person knows it; one that we do not know keeps its own name."""
    return BACKENDS.get(backend, backend)


def missing(venue: str, api_key: str, secret: str) -> str:
    """What the form still lacks, empty when it can be stored; the values are never quoted."""
    plain = venue_id(venue)
    if not plain:
        return "the venue is missing"
    if plain in ("sim", "replay"):
        return f"{plain} needs no keys"
    if ":" in plain or not VENUE_FORM.fullmatch(plain):
        return "this is not the id of an exchange; write it like kraken"
    if not api_key.strip():
        return "the API key is missing"
    return "" if secret.strip() else "the secret is missing"


def fault_title(fault: BelayError) -> str:
    """One line above the fault's own sentence."""
    return "No safe keyring here" if isinstance(fault, Refused) else "The keyring cannot be read now"


def fault_follows(fault: BelayError) -> str:
    """What it means for trading."""
    if isinstance(fault, Refused):
        return "Without a keyring no keys are stored and live is refused; paper trading goes on."
    return "Until then no keys can be stored, tested or deleted here; what trades now goes on."


def rights_lines(rights: KeyRights, venue: str) -> tuple[Line, Line, Line]:
    """Trading, withdrawing, and the IP address, each with what to do."""
    return _trade(rights.may_trade, venue), _withdraw(rights.may_withdraw, venue), _bound(rights.is_ip_bound)


def _trade(may: bool | None, venue: str) -> Line:
    if may is None:
        return Line("unknown", "warn", f"May trade: {NOT_VERIFIED}. The first order would show it.")
    if may:
        return Line("check", "paper", "May trade")
    return Line(
        "cross", "bad", f"May not trade: {venue} would refuse every order. Allow spot trading for this key."
    )


def _withdraw(may: bool | None, venue: str) -> Line:
    if may is None:
        return Line(
            "unknown", "warn", f"May withdraw: {NOT_VERIFIED}. Look at {venue} that withdrawals are off."
        )
    if not may:
        return Line("check", "paper", "May not withdraw, as it should be")
    return Line(
        "cross", "bad", f"May withdraw: live is refused. Switch withdrawals off at {venue}, or make new keys."
    )


def _bound(is_bound: bool | None) -> Line:
    if is_bound is None:
        return Line("unknown", "warn", f"Bound to an IP address: {NOT_VERIFIED}")
    if is_bound:
        return Line("check", "paper", "Bound to an IP address")
    return Line(
        "warning",
        "warn",
        "Not bound to an IP address: who steals this key can use it from anywhere. Bind it.",
    )


def test_late(venue: str, seconds: float) -> str:
    """The venue did not answer."""
    return (
        f"{venue} did not answer within {seconds:g} s, so nothing is known about these keys. "
        "Look at the connection and test again."
    )


def delete_question(venue: str, *, is_in_use: bool) -> str:
    """What follows when the keys go."""
    now = (
        "Belay trades there with them now and goes on until it stops; the next live start is refused. "
        if is_in_use
        else "Live trading there is refused until keys are stored again. "
    )
    return (
        f"Delete the keys of {venue} from this computer? {now}Orders that are open at {venue} stay open, and Belay can "
        f"no longer cancel them after a restart. The keys stay valid at {venue}: delete them there, too."
    )


def deleted(venue: str) -> str:
    """What was done, and what is left to do."""
    return f"The keys of {venue} are gone from this computer. They are still valid at {venue}: delete them there, too."


def stored(venue: str) -> str:
    """What was done, and what comes next."""
    return f"The keys of {venue} are in the keyring. Test them to see what they may do."

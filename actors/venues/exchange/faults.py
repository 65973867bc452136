"""ccxt's errors as ours; for orders exact about what is certain: refused, not taken, or unknown.  Any thread."""

from __future__ import annotations

import binascii
import re
import socket

import aiohttp

from actors.venues.exchange.fault_words import code, status, title, words
from core.errors import MISREAD, BadData, BelayError, GiveUpOrder, KeysRefused, OutcomeUnknown, TryAgain

_KEY_CODES = {"-1002", "-1022", "-1099", "-2008", "-2014", "-2015"}
_KEY_WORDS = ("EAPI:Invalid key", "EAPI:Invalid signature", "EGeneral:Permission denied", "ETrade:User Locked",
              "ESession:Invalid session", "EAPI:Feature disabled")  # fmt: skip
_NOT_TAKEN_CODES = {"-1003", "-1008", "-1015", "-1016", "-1021"}
_NOT_TAKEN_WORDS = (
    "EAPI:Invalid nonce", "EAPI:Rate limit", "EOrder:Rate limit", "EGeneral:Temporary lockout",
    "EGeneral:Too many requests", "EService:Unavailable", "EService:Busy", "EService:Throttled",
    "EService:Deadline elapsed", "EService:Market in", "under maintenance",
)  # fmt: skip
_UNKNOWN_CODES = {"-1000", "-1001", "-1004", "-1006", "-1007"}
_UNKNOWN_WORDS = ("EGeneral:Internal error", "EDatabase:Internal error", "EGeneral:Unknown error",
                  "EService:Timeout")  # fmt: skip
_TWICE_WORDS = ("Duplicate order", "Invalid arguments:cl_ord_id", "duplicate clOrdId", "OrderLinkID")
_UNSURE = re.compile(
    r"internal|time[d -]*out|unknown (?:error|status)|system (?:is )?busy|server error", re.I
)
NOT_SENT = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, socket.gaierror)
"""The connection was never made, so no byte of the request has left."""
_MISSING = {404, 405, 410, 501}


def is_about_keys(text: str) -> bool:
    """Whether a venue's words are about the keys, whatever ccxt makes of them (a revoked key reads as a flood)."""
    number = re.search(r'"code"\s*:\s*(-\d+)', text)
    return (number is not None and number[1] in _KEY_CODES) or any(word in text for word in _KEY_WORDS)


def is_flood(error: BaseException) -> bool:
    """Whether the venue counts this as one request too many: a matter of time only."""
    return is_kind(error, "DDoSProtection", "RateLimitExceeded") and not is_about_keys(str(error))


def is_order_flood(error: BaseException) -> bool:
    """Whether it is one order too many, which says nothing of other requests."""
    text = str(error)
    return code(error) == "-1015" or "EOrder:Rate limit" in text or "Too many new orders" in text


def banned_until(error: BaseException) -> int | None:
    """The venue's time in milliseconds, as Binance names it in words."""
    found = re.search(r"banned until (\d{13})\b", str(error))
    return int(found[1]) if found else None


def order_fault(error: BaseException, venue: str) -> BelayError:
    """What an error means for an order or a cancel that was being sent."""
    if isinstance(error, BelayError):
        return error
    name, said = title(venue), words(error, venue)
    if isinstance(error.__cause__, NOT_SENT) or isinstance(error, NOT_SENT):
        return TryAgain(f"{name} cannot be reached, so nothing was sent; check the network.")
    if _is_keys(error):
        return _keys(name, said)
    number, text = code(error), str(error)
    if any(word in text for word in _TWICE_WORDS) or is_kind(error, "DuplicateOrderId"):
        return OutcomeUnknown(f"{name} has an order with this id already ({said}); Belay looks for it.")
    if number in _NOT_TAKEN_CODES or any(word in text for word in _NOT_TAKEN_WORDS):
        return _not_taken(name, said)
    if number in _UNKNOWN_CODES or any(word in text for word in _UNKNOWN_WORDS) or status(error) >= 500:
        return _unknown(name, said)
    if is_kind(
        error, "DDoSProtection", "RateLimitExceeded", "OnMaintenance", "InvalidNonce", "ExchangeClosedByUser"
    ):
        return _not_taken(name, said)
    if is_kind(error, "RequestTimeout") or status(error) in (408, 409):
        return _unknown(name, said)
    if is_kind(error, "ExchangeNotAvailable", "NetworkError") and 400 <= status(error) < 500:
        return _not_taken(name, said)
    if not is_kind(error, "ExchangeError") or (_is_vague(error) and _UNSURE.search(said)):
        return _unknown(name, said)
    if is_kind(error, "InsufficientFunds"):
        return GiveUpOrder(f"{name} says the funds do not suffice for this order ({said}).")
    return GiveUpOrder(f"{name} refuses this: {said or type(error).__name__}.")


def unsent_fault(error: BaseException, venue: str) -> BelayError:
    """The same for a request that never left this computer: certain in every case."""
    fault = order_fault(error, venue)
    if not isinstance(fault, OutcomeUnknown):
        return fault
    if is_kind(error, "OperationFailed"):
        return _not_taken(title(venue), words(error, venue))
    return GiveUpOrder(
        f"This order cannot be put in {title(venue)}'s words ({type(error).__name__}: {error})."
    )


def read_fault(error: BaseException, venue: str) -> BelayError:
    """What an error means for a question: ``TryAgain``, ``KeysRefused`` or ``BadData``."""
    if isinstance(error, BelayError):
        return error
    name, said = title(venue), words(error, venue)
    if _is_keys(error):
        return _keys(name, said)
    if isinstance(error, MISREAD):
        return BadData(f"{name} gave an answer that cannot be read ({type(error).__name__}: {error}).")
    if not is_passing(error):
        return BadData(f"{name} has no answer to this: {said or type(error).__name__}.")
    if isinstance(error.__cause__, NOT_SENT) or isinstance(error, NOT_SENT):
        return TryAgain(f"{name} cannot be reached; check the network. Belay tries again.")
    if is_kind(error, "RequestTimeout") or isinstance(error, TimeoutError):
        return TryAgain(f"{name} does not answer in time; Belay tries again.")
    if is_kind(error, "DDoSProtection", "RateLimitExceeded"):
        return TryAgain(f"{name} asks for fewer requests ({said}); Belay waits.")
    return TryAgain(f"{name} is not available now ({said or 'no answer'}); Belay tries again.")


def is_passing(error: BaseException) -> bool:
    """Whether the same question may find an answer a moment later."""
    if isinstance(error, BelayError):
        return isinstance(error, TryAgain)
    if _is_keys(error) or status(error) in _MISSING or status(error) == 451:
        return False
    if status(error) >= 500 or isinstance(error, (TimeoutError, aiohttp.ClientError, OSError)):
        return True
    return is_kind(error, "OperationFailed") or isinstance(error, MISREAD)


def _is_keys(error: BaseException) -> bool:
    if isinstance(error, binascii.Error):  # a secret that is no base64, as Kraken's is
        return True
    return is_kind(error, "AuthenticationError", "RestrictedLocation") or is_about_keys(str(error))


def _is_vague(error: BaseException) -> bool:
    """ccxt knows no more than that it is an error."""
    return type(error).__name__ in ("ExchangeError", "BadRequest", "OperationRejected")


def is_kind(error: BaseException, *names: str) -> bool:
    """Whether it is one of ccxt's errors, by name: this module runs without ccxt being loaded."""
    return any(kind.__name__ in names and kind.__module__.startswith("ccxt") for kind in type(error).__mro__)


def _keys(name: str, said: str) -> KeysRefused:
    return KeysRefused(
        f"{name} does not take these keys ({said or 'no reason given'}): check the key, its secret, its rights and "
        "its list of IP addresses there, then store it again."
    )


def _not_taken(name: str, said: str) -> TryAgain:
    return TryAgain(f"{name} did not take it now ({said or 'busy'}); it may be sent again later.")


def _unknown(name: str, said: str) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"Nobody knows whether {name} took it ({said or 'the answer was lost'}); Belay looks for it."
    )

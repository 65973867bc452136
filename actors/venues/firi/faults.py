"""What an answer of Firi that is no success means: for a read, and for an order, where certainty counts; pure."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any, NoReturn

from actors.venues.firi.wire import Reply
from core.errors import BelayError, GiveUpOrder, KeysRefused, OutcomeUnknown, TryAgain

_KEYS = {"apikeynotfound", "invalidsignature", "securityleveltoolow", "unauthorized", "forbidden"}
_EXPIRED = "expiredsignature"
_CLOSED = re.compile(r"maintenance|toomanyrequests|ratelimit", re.IGNORECASE)
BANNED = 418
LIMITED = frozenset({BANNED, 429})
MISSING = 404


class ClockWrong(TryAgain):
    """Firi says that the signature's time is over: our idea of its clock is wrong."""


class Unreadable(TryAgain):
    """An answer that is no JSON."""


def content(reply: Reply) -> Any:
    """The JSON of an answer, numbers exact; ``Unreadable``."""
    try:
        return json.loads(reply.text, parse_float=Decimal, parse_constant=_refuse)
    except ValueError:
        raise Unreadable(
            f"Firi's answer (HTTP {reply.status}) cannot be read; Belay tries again. If it goes on, see firi.com."
        ) from None


def _refuse(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def is_success(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def is_passing(reply: Reply) -> bool:
    """Whether the same read may succeed in a moment."""
    return (
        reply.status in (408, *LIMITED) or reply.status >= 500 or (reply.status == 403 and not _name(reply))
    )


def read_fault(reply: Reply) -> BelayError:
    """The error for a read that was answered so."""
    return _known(reply) or TryAgain(f"Firi did not answer the question: {_said(reply)}.")


def order_fault(reply: Reply) -> BelayError:
    """The error for an order request: refused for sure, certainly not taken, or nobody can say."""
    known = _known(reply)
    if known is not None:
        return known
    if reply.status >= 500 or reply.status == 408 or is_success(reply):
        return OutcomeUnknown(f"Firi did not say what became of the request: {_said(reply)}.")
    if reply.status in LIMITED or reply.status < 400 or not _is_json(reply):
        return TryAgain(f"Firi did not take the request now: {_said(reply)}.")
    return GiveUpOrder(f"Firi refused it: {_said(reply)}.")


def retry_after(reply: Reply) -> float | None:
    """How long the venue wants to be left alone, if it says so."""
    text = reply.headers.get("retry-after", "")
    return float(text) if re.fullmatch(r"\d{1,6}", text) else None


def _known(reply: Reply) -> BelayError | None:
    """What Firi's own name of the fault decides, whatever was asked."""
    name = re.sub(r"[^a-z]", "", _name(reply).lower())
    if name == _EXPIRED:
        return ClockWrong(
            f"Firi found the signature's time over ({_said(reply)}); the clock is compared again."
        )
    if name in _KEYS or reply.status == 401 or (reply.status == 403 and name):
        return KeysRefused(
            f"Firi does not take the keys: {_said(reply)}. Check the key, its secret and client ID, and its security "
            "level on Firi's pages."
        )
    if reply.status >= 400 and _CLOSED.search(name):
        return TryAgain(f"Firi takes no requests now: {_said(reply)}.")
    return None


def _body(reply: Reply) -> dict[str, Any]:
    try:
        found = json.loads(reply.text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _is_json(reply: Reply) -> bool:
    try:
        json.loads(reply.text)
    except ValueError:
        return False
    return True


def _name(reply: Reply) -> str:
    body = _body(reply)
    found = body.get("name") or body.get("error") or body.get("code") or ""
    return found if isinstance(found, str) else ""


def _said(reply: Reply) -> str:
    body = _body(reply)
    words = [str(body[part]) for part in ("name", "message", "error") if isinstance(body.get(part), str)]
    said = ": ".join(dict.fromkeys(words))[:200].rstrip(". ")
    return f"{said} (HTTP {reply.status})" if said else f"HTTP {reply.status}"

"""What a venue itself said in an error of ccxt, short and without secrets; any thread."""

from __future__ import annotations

import json
import re
from typing import Any

from actors.redaction import Redactor

LONGEST = 200
_ADDRESS = re.compile(r"\b(?:GET|POST|PUT|DELETE|PATCH)?\s*(?:https?|wss?)://\S+")
_MARKUP = re.compile(r"<[^>]*>")
_SAID_IN = ("msg", "message", "retMsg", "sMsg", "error_message", "reason", "detail", "error", "errors")
TITLES = {"binance": "Binance", "kraken": "Kraken", "coinbase": "Coinbase", "okx": "OKX", "bybit": "Bybit"}


def title(venue: str) -> str:
    """A venue's name at the head of a sentence."""
    return TITLES.get(venue) or venue.capitalize()


def words(error: BaseException, venue: str) -> str:
    """The venue's own words; empty where it said nothing."""
    text = str(error).removeprefix(venue).strip()
    start = min((place for place in (text.find("{"), text.find("[")) if place >= 0), default=-1)
    said = _said(_parsed(text[start:])) if start >= 0 else ""
    if not said:
        said = _MARKUP.sub(" ", _ADDRESS.sub("", text))
    said = " ".join(Redactor().text(said).split()).strip(" .")
    return said if len(said) <= LONGEST else said[: LONGEST - 3] + "..."


def code(error: BaseException) -> str:
    """The ``code`` of a JSON answer in the error's text, as Binance gives one; empty without."""
    found = re.search(r'"code"\s*:\s*"?(-?\w+)', str(error))
    return found[1] if found else ""


def status(error: BaseException) -> int:
    """The HTTP status that came with the error; 0 where there was no answer."""
    found = getattr(error, "http_status", 0)
    return found if isinstance(found, int) else 0


def _parsed(text: str) -> Any:
    try:
        return json.JSONDecoder().raw_decode(text)[0]
    except ValueError:
        return None


def _said(answer: Any) -> str:
    """The human part of an answer: the first text under a usual name."""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return "; ".join(said for said in map(_said, answer) if said)
    if isinstance(answer, dict):
        for name in _SAID_IN:
            said = _said(answer.get(name))
            if said:
                number = answer.get("code")
                return f"{said} ({number})" if isinstance(number, int) and number != 0 else said
        return next((said for said in map(_said, answer.values()) if said and " " in said), "")
    return ""

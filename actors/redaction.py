"""Takes secrets out of everything on its way to a log, an alert or a screen; any thread."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any
from urllib.parse import quote, quote_plus

from core.money import text as plain

HIDDEN = "[hidden]"
SHORTEST = 4
"""Secrets of fewer characters are hidden by the name of their key only: they would hide half the text."""

_NAMED = re.compile(
    r"(^|[_.\-\s])key$|api_?-?key|secret|token|passw|passphrase|private_?-?key|signature|mnemonic|two_?fa"
    r"|authorization|credential",
    re.IGNORECASE,
)
_IN_TEXT = re.compile(
    r"""((?:api[_-]?key|secret|token|passphrase|password|private[_-]?key|signature|x-mbx-apikey|api-sign)
        \\?["']?\s*[:=]\s*\\?["']?)(?:[^\s"'&,;}\\]+)"""
    r"|(authorization\\?[\"']?\s*[:=]\s*\\?[\"']?(?:bearer|basic)\s+)[^\s\"'\\]+"
    r"|(://)[^/\s@:]+:[^/\s@]+(?=@)",
    re.IGNORECASE | re.VERBOSE,
)
_PERCENT = re.compile(r"%[0-9A-F]{2}")
_PEM = re.compile(r"-----BEGIN [^-]*PRIVATE KEY-----.*?(?:-----END [^-]*PRIVATE KEY-----|\Z)", re.DOTALL)


class Redactor:
    """Knows the secrets of this process; adding one is a single assignment, so readers need no lock."""

    def __init__(self, *secrets: str) -> None:
        self._known: tuple[str, ...] = ()
        self.hide(*secrets)

    def hide(self, *secrets: str) -> None:
        """From now on none of these is shown, in whatever form a text may hold it."""
        forms = {form for secret in secrets for form in _forms(secret) if len(form) >= SHORTEST}
        self._known = tuple(sorted({*self._known, *forms}, key=len, reverse=True))

    def text(self, text: str) -> str:
        """``text`` without secrets, the known ones and whatever follows a name such as ``apiKey=``."""
        for secret in self._known:
            if secret in text:
                text = text.replace(secret, HIDDEN)
        if ":" not in text and "=" not in text and "-" not in text:
            return text  # nothing is named in it
        if "-----BEGIN" in text:
            text = _PEM.sub(HIDDEN, text)
        return _IN_TEXT.sub(lambda found: f"{found[1] or found[2] or found[3]}{HIDDEN}", text)

    def clean(self, value: Any, name: str = "") -> Any:
        """``value`` for JSON without secrets; ``name`` is the key it stands under."""
        if name and _is_secret(name):
            return HIDDEN
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Decimal):
            return plain(value) if value.is_finite() else str(value)
        if isinstance(value, Mapping):
            return {self.text(str(key)): self.clean(inner, str(key)) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self.clean(inner) for inner in value]
        if value is None or isinstance(value, bool | int) or (isinstance(value, float) and isfinite(value)):
            return value
        return self.text(str(value))


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return _NAMED.search(name) is not None


def _forms(secret: str) -> set[str]:
    """A secret as written, as in a URL, as in a repr, the lines of a key file, and each in base64 and hex."""
    lines = [line for line in secret.splitlines() if len(line) >= 16] if "\n" in secret else []
    plain = {secret.strip(), *lines}
    coded = {form for part in plain if len(part) >= SHORTEST for form in _coded(part.encode())}
    urls = {form for part in (*plain, secret) for form in _in_urls(part)}
    return {*plain, *coded, *urls, repr(secret)[1:-1]}


def _in_urls(text: str) -> Iterator[str]:
    """Percent-encoded, with and without the slash, with large and small digits; aiohttp, urllib and curl differ."""
    for form in (quote(text, safe=""), quote(text), quote_plus(text)):
        yield from (form, _PERCENT.sub(lambda found: found[0].lower(), form))


def _coded(raw: bytes) -> Iterator[str]:
    """Bytes as base64 (also that of URLs, with and without its padding) and as hex, small and large."""
    for text in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        yield from (text, text.rstrip("="))
    yield from (raw.hex(), raw.hex().upper())

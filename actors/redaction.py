"""Takes secrets out of everything on its way to a log, an alert or a screen; any thread."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from math import isfinite
from typing import Any
from urllib.parse import quote

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


def _forms(secret: str) -> list[str]:
    """A secret as written, as in a URL, as in a repr, and the lines of a key file."""
    lines = [line for line in secret.splitlines() if len(line) >= 16] if "\n" in secret else []
    return [secret.strip(), quote(secret, safe=""), repr(secret)[1:-1], *lines]

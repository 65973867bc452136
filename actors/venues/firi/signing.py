"""What makes a request private: the API key as it is, or a client id and a signature over time and body; pure."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass

from actors.venue_keys import VenueKeys

VALIDITY_MS = 5000
"""How long Firi may take a signed request after its timestamp, which has whole seconds only."""
_PREFIXES = ("firi", "miraiex")
"""Today's header names and yesterday's."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What goes with one private request."""

    headers: Mapping[str, str]
    query: Mapping[str, str]


def credentials(keys: VenueKeys, seconds: int, body: Mapping[str, str] | None = None) -> Credentials:
    """Headers and query of a private request at Firi's time ``seconds`` (since 1970)."""
    if not keys.password:
        return Credentials({f"{prefix}-access-key": keys.api_key for prefix in _PREFIXES}, {})
    stamp = {"timestamp": str(seconds), "validity": str(VALIDITY_MS)}
    signature = signed(keys.secret, {**stamp, **(body or {})})
    headers = {f"{prefix}-user-clientid": keys.password for prefix in _PREFIXES}
    headers |= {f"{prefix}-user-signature": signature for prefix in _PREFIXES}
    return Credentials(headers, stamp)


def signed(secret: str, content: Mapping[str, str]) -> str:
    """HMAC-SHA256 of the content as compact JSON, in hexadecimal digits."""
    text = json.dumps(content, separators=(",", ":"))
    return hmac.new(secret.encode(), text.encode(), hashlib.sha256).hexdigest()

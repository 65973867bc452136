"""The keys of one venue as a value that never shows itself, and the ways in which a person gives them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from core.errors import BadSettings
from core.settings_types import ALIASES

_VENUE = re.compile(r"[a-z][a-z0-9_]{1,30}")


@dataclass(frozen=True, slots=True)
class VenueKeys:
    """The keys of one venue; neither ``repr`` nor ``str`` shows them."""

    api_key: str = field(repr=False)
    secret: str = field(repr=False)
    password: str | None = field(default=None, repr=False)

    def secrets(self) -> tuple[str, ...]:
        """What a redactor must hide."""
        return tuple(part for part in (self.api_key, self.secret, self.password) if part)


def venue_name(name: str) -> str:
    """The id under which a venue's keys are kept; ``BadSettings`` for what is no exchange."""
    plain = ALIASES.get(name.lower(), name.lower())
    if plain in ("sim", "replay"):
        raise BadSettings(f"{plain} needs no keys; name an exchange such as kraken.")
    if not _VENUE.fullmatch(plain):
        raise BadSettings(
            f"{name!r} is not the id of an exchange; write it in small letters, for example kraken."
        )
    return plain


def keys_from_json(text: str) -> VenueKeys:
    """Keys from one object ``{"apiKey", "secret", "password"?}``; faults never quote a value."""
    try:
        given = json.loads(text)
    except ValueError:
        raise BadSettings('Standard input holds no JSON; write {"apiKey": "...", "secret": "..."}.') from None
    if not isinstance(given, dict) or not {"apiKey", "secret"} <= given.keys() <= {
        "apiKey",
        "secret",
        "password",
    }:
        raise BadSettings(
            'Standard input must hold one JSON object with "apiKey", "secret" and maybe "password".'
        )
    return checked_keys(given["apiKey"], given["secret"], given.get("password"))


def checked_keys(api_key: object, secret: object, password: object = None) -> VenueKeys:
    """Keys without stray blanks; a key file pasted on one line gets its line ends back."""
    clean: list[str | None] = []
    for name, value in (("apiKey", api_key), ("secret", secret), ("password", password)):
        if value is None and name == "password":
            clean.append(None)
            continue
        if not isinstance(value, str) or not value.strip():
            raise BadSettings(f"{name} is empty; nothing is stored.")
        plain = value.strip()
        if plain.startswith("-----BEGIN"):
            plain = plain.replace("\\n", "\n")
        elif re.search(r"\s", plain) and name != "password":
            raise BadSettings(f"{name} contains a blank or a line end; copy it again. Nothing is stored.")
        clean.append(plain)
    return VenueKeys(clean[0] or "", clean[1] or "", clean[2] or None)


def keys_from_environment(environment: Mapping[str, str]) -> VenueKeys | None:
    """The keys in EXCHANGE_API_KEY and EXCHANGE_API_SECRET, None where one is missing.

    EXCHANGE_API_PASSWORD is the third part where a venue has one (OKX, KuCoin, Firi).
    """
    api_key, secret, password = (
        environment.get(f"EXCHANGE_API_{part}", "") for part in ("KEY", "SECRET", "PASSWORD")
    )
    if not api_key.strip() or not secret.strip():
        return None
    try:
        return checked_keys(api_key, secret, password.strip() or None)
    except BadSettings as fault:
        raise BadSettings(f"EXCHANGE_API_KEY and EXCHANGE_API_SECRET cannot be keys: {fault}") from None

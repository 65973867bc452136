"""Secrets in every form in which a venue's library, a log or a crash may quote them."""

from __future__ import annotations

import base64
from urllib.parse import quote

import pytest

from actors.redaction import HIDDEN, Redactor

KEY = "invented/key+of=a-test&1234"
PEM = "-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIinventedinvented\nAwEHoUQDinvented\n-----END EC PRIVATE KEY-----"
KRAKEN = base64.b64encode(b"invented secret bytes of a test!" * 2).decode()


def forms(secret: str) -> list[str]:
    raw = secret.encode()
    coded = [
        base64.b64encode(raw).decode(),
        base64.urlsafe_b64encode(raw).decode(),
        raw.hex(),
        raw.hex().upper(),
    ]
    return [secret, quote(secret), quote(secret, safe=""), *coded, coded[0].rstrip("=")]


@pytest.mark.parametrize("secret", [KEY, PEM, KRAKEN])
def test_a_known_secret_is_hidden_however_it_is_coded(secret: str) -> None:
    redactor = Redactor(secret)
    for form in forms(secret):
        for text in (form, f"it says <{form}>", f"https://x/?a=1&b={form}"):
            assert form not in redactor.text(text)
            assert "invented" not in redactor.text(text)


@pytest.mark.parametrize(
    "said",
    [
        "binance GET https://api.binance.com/api/v3/account?timestamp=1&recvWindow=10000&signature={} 400 Bad",
        "kraken POST https://api.kraken.com/0/private/AddOrder {{'API-Key': '{}', 'API-Sign': 'x'}}",
        "headers: {{'X-MBX-APIKEY': '{}', 'Content-Type': 'x'}}",
        "Authorization: Bearer {}",
        '{{"apiKey":"{}","params":{{"timestamp":1}}}}',
        "ConnectionError('wss://user:{}@host/ws')",
    ],
)
def test_what_ccxt_quotes_is_hidden_though_nobody_knows_it(said: str) -> None:
    value = "f00dfacef00dfacef00dface"
    hidden = Redactor().text(said.format(value))
    assert (value in hidden, HIDDEN in hidden) == (False, True)


def test_an_error_that_is_logged_whole_is_cleaned() -> None:
    redactor = Redactor(KEY, KRAKEN)
    error = RuntimeError(f"GET /x?key={quote(KEY, safe='')}&signature=abc", {"secret": KRAKEN})
    cleaned = str(redactor.clean({"error": error, "args": error.args, "trace": [f"raise {error!r}"]}))
    for secret in (KEY, KRAKEN):
        for form in forms(secret):
            assert form not in cleaned
    assert "abc" not in cleaned

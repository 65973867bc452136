"""One HTTP request, sent exactly once, and how far it got when it failed; any thread.

Each request has a connection of its own: what failed before the first byte certainly did nothing, and nobody repeats
a request behind our back.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from urllib.parse import urlencode, urlsplit

from core.errors import OutcomeUnknown, TryAgain

LARGEST = 64 << 20
"""Bytes of an answer that are read at most."""
PIECE = 1 << 16


class NotSent(TryAgain):
    """Nothing reached the venue."""


class AnswerLost(OutcomeUnknown):
    """The request went out, at least in part, and no whole answer came back."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; header names in small letters."""

    status: int
    headers: Mapping[str, str]
    text: str


class Wire:
    """Connections to one address, each for one request, ``timeout`` seconds in all."""

    def __init__(self, base: str, timeout: float, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        parts = urlsplit(base)
        self._secure, self._host = parts.scheme == "https", parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._prefix = parts.path.rstrip("/")
        self._timeout, self._monotonic = timeout, monotonic
        self._lock = Lock()
        self._live: set[socket.socket] = set()
        self._is_closed = False

    def ask(
        self,
        method: str,
        path: str,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: str | None = None,
    ) -> Reply:
        """Send it and read the whole answer; ``NotSent`` or ``AnswerLost``."""
        until = self._monotonic() + self._timeout
        connection = self._connect()
        sock = connection.sock
        try:
            target = f"{self._prefix}{path}" + (f"?{urlencode(query)}" if query else "")
            connection.request(method, target, body, {"Connection": "close", **(headers or {})})
            self._limit(sock, until)
            answer = connection.getresponse()
            return Reply(
                answer.status,
                {name.lower(): value for name, value in answer.getheaders()},
                self._read(answer, sock, until).decode("utf-8", "replace"),
            )
        except (OSError, http.client.HTTPException) as error:
            raise AnswerLost(f"Firi's answer was lost ({_words(error)}).") from error
        finally:
            with self._lock:
                self._live.discard(sock)
            connection.close()

    def close(self) -> None:
        """Cut what is under way; later requests are not sent."""
        with self._lock:
            self._is_closed = True
            live, self._live = self._live, set()
        for sock in live:
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass  # it is closed already, which is what was wanted

    def _connect(self) -> http.client.HTTPConnection:
        if self._is_closed:
            raise NotSent("The connection to Firi is closed.")
        connection: http.client.HTTPConnection
        if self._secure:
            connection = http.client.HTTPSConnection(
                self._host, self._port, timeout=self._timeout, context=_trust()
            )
        else:
            connection = http.client.HTTPConnection(self._host, self._port, timeout=self._timeout)
        try:
            connection.connect()
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise NotSent(
                f"Firi cannot be reached ({_words(error)}); check the network connection."
            ) from error
        with self._lock:
            if not self._is_closed:
                self._live.add(connection.sock)
                return connection
        connection.close()
        raise NotSent("The connection to Firi is closed.")

    def _limit(self, sock: socket.socket, until: float) -> None:
        left = until - self._monotonic()
        if left <= 0:
            raise TimeoutError("no whole answer in time")
        sock.settimeout(left)

    def _read(self, answer: http.client.HTTPResponse, sock: socket.socket, until: float) -> bytes:
        pieces, size = [], 0
        while piece := answer.read(PIECE):
            size += len(piece)
            if size > LARGEST:
                raise OSError(f"an answer of more than {LARGEST >> 20} MB")
            pieces.append(piece)
            if not answer.isclosed():
                self._limit(sock, until)
        return b"".join(pieces)


@lru_cache(maxsize=1)
def _trust() -> ssl.SSLContext:
    """The authorities that certifi names: a frozen program finds the system's own only by luck."""
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__

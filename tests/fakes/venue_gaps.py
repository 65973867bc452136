"""A wire-level venue that lacks something: requests that it does not know, or answers in its own odd way."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from typing import Any

from tests.venue.server import VenueServer
from tests.venue.wire import Answer, Call

PAGE = "<html><body>404</body></html>"


@contextmanager
def answering(venue: VenueServer, name: str, made: Callable[[Call, Answer], Answer]) -> Iterator[None]:
    """These requests (a glob) are answered by ``made``, which gets what the venue would have said."""
    api: Any = venue.api
    plain = api.handle

    def handle(call: Call) -> Answer:
        answer: Answer = plain(call)
        return made(call, answer) if fnmatchcase(call.name, name) else answer

    api.handle = handle
    try:
        yield
    finally:
        api.handle = plain


@contextmanager
def lacking(venue: VenueServer, name: str, status: int = 404) -> Iterator[None]:
    """These requests are not known there."""
    with answering(venue, name, lambda _call, _answer: Answer(status=status, raw=PAGE)):
        yield


def half_table(venue: VenueServer, *more: str) -> dict[str, Any]:
    """A settings table that leads ``public`` and ``private`` alone (and ``more``) to this venue."""
    from tests.venue.server import ccxt_config

    config = ccxt_config(venue, keys=False)
    urls = config["urls"]["api"]
    return config | {"urls": {"api": {name: urls[name] for name in ("public", "private", *more)}}}

"""The log of a command that only asks: nowhere, or with ``--verbose`` on stderr, never on stdout; any thread."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from actors.commands.context import Context
from actors.redaction import Redactor
from core.settings_given import secrets_in


@contextmanager
def spoken_log(context: Context, *secrets: str) -> Iterator[None]:
    """Until the end of the block, what parts of Belay log is cleaned and spoken, or dropped; no file is made."""
    redactor = Redactor(*secrets_in(context.environment), *secrets)

    def line(logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        cleaned: Mapping[str, Any] = redactor.clean(event)
        rest = " ".join(f"{key}={value}" for key, value in cleaned.items() if key != "event")
        return f"{method} {cleaned.get('event', '')} {rest}".rstrip()

    before = structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.format_exc_info, line],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.DEBUG if context.verbose else logging.CRITICAL
        ),
        logger_factory=structlog.PrintLoggerFactory(context.stderr),
        cache_logger_on_first_use=False,
    )
    try:
        yield
    finally:
        structlog.configure(**before)

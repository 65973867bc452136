"""ccxt's class of one venue with our limiter, nonce, clock and turn in every request it makes; on the loop."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from actors.venues.exchange.call import CURRENT, Call
from actors.venues.exchange.faults import NOT_SENT
from actors.venues.exchange.outgoing import Outgoing
from core.errors import BelayError

if TYPE_CHECKING:
    from actors.venues.exchange.link import Link

    Plain = Any
else:
    Plain = object


SLOW_MS = 10_000
"""How late a question or a cancel may reach a venue that is slow."""


def metered(plain: Any, link: Link) -> Any:
    """A subclass of ccxt's ``plain`` whose requests all pass the link."""
    # The venue's own digits, also in the class's own tables: hence `number` here and not in the constructor only.
    return type(plain.__name__, (_Metered, plain), {"link": link, "number": str})


class _Metered(Plain):  # type: ignore[misc]  # in front of a ccxt class, which is known at run time only
    link: Link
    is_signing = False

    async def fetch2(
        self, path: str, api: Any = "public", method: str = "GET", params: Any = None, config: Any = None
    ) -> Any:
        """Every request by name passes here: room first, then the turn, then the signature."""
        from ccxt.base.errors import BaseError

        link, params, config = self.link, params or {}, config or {}
        call = CURRENT.get() or Call()
        token = CURRENT.set(call)
        claim = None
        try:
            costs = link.tariff.costs(self, api, method, path, params, config)
            claim = await link.claim(costs, call)
            is_counted = link.needs_turn and _is_private(api)
            async with AsyncExitStack() as stack:
                if is_counted:
                    is_first = call.is_urgent or call.is_order
                    await stack.enter_async_context(link.turn.mine(is_urgent=is_first))
                answer = await super().fetch2(path, api, method, params, config)
            if is_counted:
                link.nonce.taken()
            return answer
        except BaseError as error:
            error.http_status = call.status
            link.note_fault(error, call, claim)
            raise
        finally:
            if claim is not None:  # what never left has used nothing
                link.keeper.settle(claim) if call.sent else link.keeper.release(claim)
            CURRENT.reset(token)

    async def fetch(self, url: str, method: str = "GET", headers: Any = None, body: Any = None) -> Any:
        """The request itself; an answer that is no JSON is a fault and never an empty list."""
        from ccxt.base.errors import BadResponse, NetworkError

        call = CURRENT.get() or Call()
        had_sent, call.status = call.sent, 0
        call.leave()
        try:
            answer = await super().fetch(url, method, headers, body)
        except BelayError:  # stopped at the last moment (``Outgoing``)
            call.sent = had_sent
            raise
        except NetworkError as error:
            if isinstance(error.__cause__, NOT_SENT):
                call.sent = had_sent
            raise
        if not _is_json(answer):
            raise BadResponse(f"{self.id} answered with something that is no JSON")
        if "exchangeInfo" in url:
            self.link.keeper.note_markets(answer)
        return answer

    def on_rest_response(
        self, code: int, reason: str, url: str, method: str, response_headers: Mapping[str, str], *more: Any
    ) -> Any:
        self.link.keeper.note_headers(response_headers)
        call = CURRENT.get()
        if call is not None:
            call.status, call.headers = code, response_headers
        return super().on_rest_response(code, reason, url, method, response_headers, *more)

    def open(self, lazy: bool = False) -> None:
        super().open(lazy)
        # aiohttp repeats GET and DELETE by itself after a reset: that would pass the limiter unseen, and a cancel
        # whose answer was lost would come back as "no such order".
        if getattr(self.session, "_retry_connection", False):
            self.session._retry_connection = False
        if hasattr(self.session, "_request_class"):
            self.session._request_class = Outgoing

    def sign(self, path: str, api: Any = "public", method: str = "GET", *given: Any, **named: Any) -> Any:
        self.is_signing = True
        try:
            with self._patience(method):
                return super().sign(path, api, method, *given, **named)
        finally:
            self.is_signing = False

    @contextmanager
    def _patience(self, method: str) -> Iterator[None]:
        """A longer time to arrive, once timestamps were refused that are right; never for what places an order: how
        long a lost one may still land is promised."""
        usual = self.options.get("recvWindow")
        is_wide = self.link.offset.is_slow and isinstance(usual, int) and method != "POST"
        if is_wide:
            self.options["recvWindow"] = max(usual, SLOW_MS)
        try:
            yield
        finally:
            if is_wide:
                self.options["recvWindow"] = usual

    def nonce(self) -> Any:
        if "timeDifference" in self.options:  # ccxt's own means, in streams too
            self.options["timeDifference"] = -self.link.shift
        return super().nonce()

    def milliseconds(self) -> int:
        """Our time; the venue's while a request is signed, where ccxt has no option for that.  Nothing else may be
        moved: ccxt compares it with other clocks."""
        is_venues = self.is_signing and "timeDifference" not in self.options
        return time.time_ns() // 1_000_000 + (self.link.shift if is_venues else 0)

    def seconds(self) -> int:
        return self.milliseconds() // 1000

    def incrementing_nonce(self) -> int:
        return self.link.nonce.next(int(self.nonce()))


def _is_private(api: Any) -> bool:
    names = api if isinstance(api, list | tuple) else [api]
    return any("private" in str(name).lower() for name in names)


def _is_json(answer: Any) -> bool:
    """Whether a good answer has a body that can be read (an empty one says all it has to say)."""
    if answer is None or isinstance(answer, dict | list | bool | int | float):
        return True
    if not isinstance(answer, str):
        return False  # a stream of bytes: ccxt could make nothing of it
    if not answer.strip():
        return True
    try:
        json.loads(answer)
    except ValueError:
        return answer.lstrip()[:1] not in ("{", "[", "<")
    return True

"""One market's candles on their way out: each once, in order, without a hole; pure, the connection's thread.

News comes by two ways, the venue's stream and REST, and may be late, doubled, lost or wrong.  A candle is closed by
order: when the venue says so or when a later one exists, never by this computer's clock.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from core.clock import instant
from core.ids import Symbol
from core.market import Bar, bar_fault
from core.messages import CandleDropped

PATIENCE = 30.0
"""Seconds for which a missing candle may hold back those behind it."""
FAR = 3
"""A stream that jumps ahead by more candles than this is not believed before REST says the same."""
MOST_BEHIND = 1_500
"""The longest hole that is filled; of a longer one the newest candles."""
TRUNCATED = 60
"""A long answer that begins so many candles too late: the venue keeps no older ones."""
TWICE = 2
"""Answers that have to agree where one could be early: a candle that is left out, or the last of an answer."""
LAST_MS = 253_402_300_800_000  # the year 10000, where Python's dates end


@dataclass(slots=True)
class Seen:
    """What is known of a candle that was not released yet; ``epoch`` numbers the connection that told it."""

    bar: Bar
    epoch: int
    is_final: bool


@dataclass(slots=True)
class Released:
    """Candles to hand on, oldest first; the market has gone on behind all but the last."""

    bars: list[Bar] = field(default_factory=list)
    dropped: list[CandleDropped] = field(default_factory=list)


class CandleLine:
    """``trusts_stream``: a streamed candle is final when the same connection tells its successor; else only when the
    venue or REST says so.  ``patience`` and ``doubt`` are the seconds for which a missing and an unconfirmed candle
    hold back those behind.
    """

    def __init__(
        self,
        symbol: Symbol,
        span_ms: int,
        *,
        trusts_stream: bool,
        patience: float = PATIENCE,
        doubt: float = PATIENCE,
    ) -> None:
        self.symbol = symbol
        self.trusts_stream = trusts_stream
        self.last: int | None = None
        """Open time of the newest candle that was released; None before the warm-up is known."""
        self.newest: int | None = None
        """Open time of the newest candle known by any way: the one that forms."""
        self.is_suspect = False
        """The stream told something that REST should judge."""
        self.bad = 0
        """Bad candles so far."""
        self.span_ms = self._span = span_ms
        self._patience, self._doubt = patience, doubt
        self._close: float | None = None  # of the last released candle
        self._seen: dict[int, Seen] = {}
        self._over: dict[int, float] = {}  # candles that are over and not released, and since when (arrival)
        self._absent: dict[int, int] = {}  # answers in which they were left out
        self._once: Bar | None = None  # the last candle of an answer, over only by what other markets tell
        self._bad: dict[int, int] = {}  # final candles that cannot be used, and how often REST said so
        self._told: set[int] = set()
        self._far_since: float | None = None
        self._dropped: list[CandleDropped] = []

    @property
    def first(self) -> Bar | None:
        """The oldest candle that was told and not released."""
        return self._seen[min(self._seen)].bar if self._seen else None

    # ---------------------------------------------------------------- what comes in

    def begin(self, last: int, close: float | None, now: float) -> None:
        """Go on behind the candle of this open time and close: what was heard of it and of older ones is forgotten."""
        known = self.newest
        self.last = self.newest = last
        self._close = close
        for ts in [ts for ts in self._seen if ts <= last]:
            del self._seen[ts]
        if known is not None:
            self._advance(known, now)

    def streamed(self, bar: Bar, now: float, epoch: int, *, is_closed: bool = False) -> bool:
        """News of the stream; False when there is nothing new in it."""
        if self.last is not None and bar.ts <= self.last:
            return False
        fault = self._fault(bar)
        if fault is not None:
            self._count_bad(bar, fault)
            self.is_suspect = True
            return False
        if self._is_far(bar.ts, now):
            self.is_suspect = True
            return False
        known = self._seen.get(bar.ts)
        if known is not None and (known.is_final or bar.volume < known.bar.volume):
            return False  # late news: the volume has grown since
        self._seen[bar.ts] = Seen(bar, epoch, is_closed)
        if self.last is None and len(self._seen) > MOST_BEHIND:
            del self._seen[min(self._seen)]
        self._advance(bar.ts + self._span if is_closed else bar.ts, now)
        return known is None or known.bar != bar or is_closed

    def _is_far(self, ts: int, now: float) -> bool:
        if self.newest is None or ts <= self.newest + FAR * self._span:
            self._far_since = None
            return False
        if self._far_since is None:
            self._far_since = now
        return now - self._far_since < self._patience

    def told(self, bars: Sequence[Bar], now: float, reached: int | None) -> bool:
        """An answer of REST, asked from ``last`` on, oldest first; True when it brought news.

        ``reached`` is the newest open time that the venue had in any market when the question went out.
        """
        self.is_suspect, self._far_since = False, None
        if self.last is None:
            return False
        rows = [bar for bar in bars if bar.ts > self.last]
        top = max((bar.ts for bar in rows if self._fault(bar) is None), default=self.last)
        end = max(top, reached if reached is not None else top)
        if len(rows) >= MOST_BEHIND // 3 and rows[0].ts > self.last + TRUNCATED * self._span:
            self._leave_out(rows[0].ts, "the venue keeps no older ones")
        news = [self._told_one(bar, is_last=bar.ts == top, end=end) for bar in rows]
        news.append(self._fill_quiet(end))
        news.append(self.newest is None or top > self.newest)
        self._advance(end, now)
        return any(news)

    def _told_one(self, bar: Bar, *, is_last: bool, end: int) -> bool:
        is_final = bar.ts < end
        fault = self._fault(bar)
        if fault is not None:
            self._count_bad(bar, fault, is_final=is_final)
            return False
        if is_last and is_final:  # its successor is known from elsewhere only: REST may lag behind
            is_final, self._once = bar == self._once, bar
        known = self._seen.get(bar.ts)
        if known is not None and (known.is_final or (not is_final and bar.volume < known.bar.volume)):
            return False
        self._seen[bar.ts] = Seen(bar, known.epoch if known is not None else -1, is_final)
        return known is None or known.bar != bar or is_final

    def _fill_quiet(self, end: int) -> bool:
        """Candles that the venue leaves out again and again had no trades: flat at the close in front of them."""
        assert self.last is not None
        close, news = self._close, False
        for ts in range(self.last + self._span, min(end, self.last + MOST_BEHIND * self._span), self._span):
            known = self._seen.get(ts)
            if known is not None:
                close = known.bar.close if known.is_final else None
                continue
            self._absent[ts] = self._absent.get(ts, 0) + 1
            if self._absent[ts] >= TWICE and close is not None and ts not in self._bad:
                self._seen[ts] = Seen(Bar(ts, close, close, close, close, 0.0), -1, True)
                news = True
        return news

    # ---------------------------------------------------------------- what goes out

    @property
    def forming(self) -> Bar | None:
        """The candle that forms, None while older ones are missing."""
        if self.last is None or self.newest != self.last + self._span:
            return None
        known = self._seen.get(self.newest)
        return known.bar if known is not None else None

    @property
    def over_since(self) -> float | None:
        """Since when (arrival) the next candle has been over without being released; None when it is not over."""
        return None if self.last is None else self._over.get(self.last + self._span)

    def release(self, now: float) -> Released:
        """Everything that can go on now."""
        out = Released()
        if self.last is not None:
            if self.newest is not None and self.newest - self.last > (MOST_BEHIND + 1) * self._span:
                self._leave_out(
                    self.newest - MOST_BEHIND * self._span, "the hole is longer than what is filled"
                )
            while (ts := self.last + self._span) in self._over:
                if self._can_go(ts, now):
                    known = self._seen.get(ts)
                    if known is not None:
                        out.bars.append(known.bar)
                        self._close = known.bar.close
                    self._forget(ts)
                elif ts == self.last + self._span:
                    break
        out.dropped, self._dropped = self._dropped, []
        return out

    def _can_go(self, ts: int, now: float) -> bool:
        known, waited = self._seen.get(ts), now - self._over[ts]
        if known is not None:
            return self._is_final(known) or waited > self._doubt
        if self._bad.get(ts, 0) >= TWICE:
            return True  # its sentence went out when it came
        if waited > self._patience:
            later = [seen for seen in self._seen if seen > ts]
            self._leave_out(min([*later, self.newest or ts]), "the venue did not give it in time")
        return False

    def _is_final(self, known: Seen) -> bool:
        if known.is_final or not self.trusts_stream:
            return known.is_final
        after = self._seen.get(known.bar.ts + self._span)
        return after is not None and after.epoch == known.epoch >= 0

    # ---------------------------------------------------------------- within

    def _advance(self, newest: int, now: float) -> None:
        """Candles in front of ``newest`` are over."""
        if self.newest is None:
            self.newest = newest
        if newest <= self.newest:
            return
        if self.last is not None:
            first = max(self.newest, self.last + self._span, newest - (MOST_BEHIND + 1) * self._span)
            for ts in range(first, newest, self._span):
                self._over.setdefault(ts, now)
        self.newest = newest

    def _forget(self, ts: int) -> None:
        self.last = ts
        for known in (self._seen, self._over, self._absent, self._bad):
            known.pop(ts, None)
        self._told.discard(ts)

    def _leave_out(self, until: int, why: str) -> None:
        """Give up the candles in front of ``until``: one sentence, and the rest goes on."""
        assert self.last is not None
        first, many = self.last + self._span, (until - self.last) // self._span - 1
        if many <= 0:
            return
        for known in (self._seen, self._over, self._absent, self._bad):
            for ts in [ts for ts in known if ts < until]:
                del known[ts]
        self.last = until - self._span
        what = "1 candle is" if many == 1 else f"{many:,} candles are"
        self._dropped.append(CandleDropped(self.symbol, instant(first), f"{what} left out: {why}"))

    def _fault(self, bar: Bar) -> str | None:
        if not 0 <= bar.ts < LAST_MS or bar.ts % self._span:
            return "its time is not the beginning of a candle"
        return bar_fault(bar)

    def _count_bad(self, bar: Bar, fault: str, *, is_final: bool = False) -> None:
        self.bad += 1
        if is_final:
            self._bad[bar.ts] = self._bad.get(bar.ts, 0) + 1
        if bar.ts in self._told:
            return
        if len(self._told) >= MOST_BEHIND:  # times that make no sense would pile up
            self._told.clear()
        self._told.add(bar.ts)
        at = bar.ts if 0 <= bar.ts < LAST_MS else self.last or 0
        self._dropped.append(CandleDropped(self.symbol, instant(at), fault))

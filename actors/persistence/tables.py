"""The tables as peewee models, one class each; unbound, so that every query names its database; any thread.

Every row carries its book and mode.  Amounts are plain decimal text, times are milliseconds since 1970
(UTC): ``time`` is the market's, ``written_at`` the computer's own.
"""

from __future__ import annotations

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    IntegerField,
    Model,
    TextField,
)


class BookRow(Model):
    """One set of books; ``number`` is the event of its checkpoints, ``drained`` the last one finished."""

    book = TextField(primary_key=True)
    mode = TextField()
    number = BigIntegerField(default=0)
    drained = BigIntegerField(default=0)
    written_at = BigIntegerField()

    class Meta:
        table_name = "books"


class OrderRow(Model):
    """``written_at`` is the computer's time of the first writing; what followed is in ``order_events``."""

    id = AutoField()
    time = BigIntegerField()
    client_order_id = TextField()
    symbol = TextField()
    side = TextField()
    kind = TextField()
    price = TextField(null=True)
    quantity = TextField()
    status = TextField()
    strategy = TextField()
    slot = IntegerField()
    sequence = BigIntegerField()
    mode = TextField()
    stop = TextField(null=True)
    role = TextField()
    filled = TextField()
    cost = TextField()
    fee = TextField()
    reason = TextField()
    venue_id = TextField(default="")
    book = TextField()
    written_at = BigIntegerField()

    class Meta:
        table_name = "orders"
        indexes = (
            (("book", "client_order_id"), True),
            (("book", "strategy", "symbol", "slot", "sequence"), True),  # one order per identity, ever
            (("book", "status"), False),
        )


class OrderEventRow(Model):
    """``reason`` is the typed reason of a denial, empty for everything else."""

    id = AutoField()
    client_order_id = TextField()
    time = BigIntegerField()
    happening = TextField()
    reason = TextField()
    detail = TextField()
    book = TextField()
    mode = TextField()
    written_at = BigIntegerField()

    class Meta:
        table_name = "order_events"
        indexes = ((("book", "client_order_id"), False), (("book", "happening", "reason"), False))


class FillRow(Model):
    id = AutoField()
    time = BigIntegerField()
    symbol = TextField()
    side = TextField()
    price = TextField()
    quantity = TextField()
    fee = TextField()
    fee_currency = TextField()
    strategy = TextField()
    slot = IntegerField()
    sequence = BigIntegerField()
    cost = TextField()
    client_order_id = TextField()
    execution_id = TextField()
    is_maker = BooleanField()
    book = TextField()
    mode = TextField()
    written_at = BigIntegerField()

    class Meta:
        table_name = "fills"
        indexes = (  # some venues number executions per symbol
            (("book", "symbol", "execution_id"), True),
            (("book", "client_order_id"), False),
        )


class TradeRow(Model):
    """A round trip."""

    id = AutoField()
    opened = BigIntegerField()
    closed = BigIntegerField()
    symbol = TextField()
    strategy = TextField()
    quantity = TextField()
    bought = TextField()
    sold = TextField()
    fees = TextField()
    net = TextField()
    risked = TextField(null=True)
    ended_by = TextField()
    mode = TextField()
    book = TextField()

    class Meta:
        table_name = "trades"
        indexes = ((("book", "closed"), False),)


class PositionRow(Model):
    """A position and, while it is not flat, the round trip that is open (``trip`` as JSON)."""

    book = TextField()
    strategy = TextField()
    symbol = TextField()
    quantity = TextField()
    cost = TextField()
    realised = TextField()
    fees = TextField()
    trip = TextField(null=True)
    time = BigIntegerField()
    mode = TextField()

    class Meta:
        table_name = "positions"
        primary_key = CompositeKey("book", "strategy", "symbol")


class MetricRow(Model):
    """The account at a full hour of the market's time; ``profit`` is realised, net of fees."""

    book = TextField()
    time = BigIntegerField()
    equity = TextField()
    trades = IntegerField()
    wins = IntegerField()
    profit = TextField()
    mode = TextField()

    class Meta:
        table_name = "metrics"
        primary_key = CompositeKey("book", "time")


class PostingRow(Model):
    id = AutoField()
    time = BigIntegerField()
    entry = BigIntegerField()
    account = TextField()
    currency = TextField()
    amount = TextField()
    note = TextField()
    book = TextField()
    mode = TextField()

    class Meta:
        table_name = "ledger"
        indexes = ((("book", "entry"), False),)


class CheckpointRow(Model):
    """One piece of the state; all pieces of a book belong to the event ``BookRow.number``."""

    book = TextField()
    key = TextField()
    number = BigIntegerField()
    value = BlobField()
    mode = TextField()

    class Meta:
        table_name = "checkpoints"
        primary_key = CompositeKey("book", "key")


class AlertRow(Model):
    id = AutoField()
    time = BigIntegerField()
    severity = TextField()
    kind = TextField()
    text = TextField()
    book = TextField()
    mode = TextField()

    class Meta:
        table_name = "alerts"
        indexes = ((("book", "time"), False),)


class EventRow(Model):
    """Something that befell a part of Belay; ``detail`` is JSON or empty."""

    id = AutoField()
    kind = TextField()
    text = TextField()
    detail = TextField()
    book = TextField()
    mode = TextField()
    written_at = BigIntegerField()

    class Meta:
        table_name = "events"
        indexes = ((("book", "kind"), False),)


class SessionRow(Model):
    """From start to stop; ``ended_at`` stays empty when Belay did not get to say goodbye."""

    id = AutoField()
    started_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    first_number = BigIntegerField()
    last_number = BigIntegerField()
    note = TextField()
    book = TextField()
    mode = TextField()

    class Meta:
        table_name = "sessions"


class AuditRow(Model):
    """What changed the right to trade: who, when and why."""

    id = AutoField()
    time = BigIntegerField()
    who = TextField()
    what = TextField()
    detail = TextField()
    book = TextField()
    mode = TextField()

    class Meta:
        table_name = "audit"


TABLES = (
    BookRow, OrderRow, OrderEventRow, FillRow, TradeRow, PositionRow, MetricRow, PostingRow, CheckpointRow,
    AlertRow, EventRow, SessionRow, AuditRow,
)  # fmt: skip

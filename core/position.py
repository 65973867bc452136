"""Positions, the portfolio and round trips as folds over fills, exact to the last digit; pure, any thread."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Context, Decimal, localcontext

from core.errors import BadValue
from core.ids import InstanceId, Symbol
from core.instrument import split_symbol
from core.intent import Side
from core.money import Price, Quantity, text, to_amount
from core.order import Fill, Order, Role
from core.records import RoundTrip

EXACT_DIGITS = 80
"""Digits that sums and products of amounts may take before anything is rounded."""
AVERAGE_DIGITS = 16
"""Significant digits of an average price: a quotient, so the one number here that may be rounded."""
NOTHING = Quantity(0)
DUST_SHARE = Decimal("0.01")
"""Where fees are taken in coins, a trip is over with so much of its coins, at most, left unsold."""


def _average(notional: Decimal, quantity: Decimal) -> Decimal:
    return Context(prec=AVERAGE_DIGITS).divide(notional, quantity)


@dataclass(frozen=True, slots=True)
class _Moved:
    """What one fill moves: base units in (+) or out, quote currency in (+) or out, and its fee in quote."""

    base: Decimal
    quote: Decimal
    fee: Decimal


def _moved(fill: Fill) -> _Moved:
    """A fee in base currency lessens the units, one in quote the money; any other is the ledger's alone."""
    base, quote = split_symbol(fill.identity.symbol)
    amount, currency = fill.fee.amount, fill.fee.currency
    in_base = amount if currency == base else Decimal(0)
    in_quote = amount if currency == quote else Decimal(0)
    value = in_quote or to_amount(in_base * fill.price)
    return _Moved(fill.side * fill.quantity - in_base, -fill.side * fill.cost - in_quote, value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """What one instance holds of one symbol; money in quote currency.

    ``cost`` is what the held units cost, buy fees included; ``realised`` is net of all fees; ``fees`` are
    those paid so far (in base currency: at the fill's price).  ``realised - cost`` is the money that came in,
    to the last digit: a partial sale takes its share of ``cost`` rounded to 1e-8, the last one all the rest.
    """

    instance: InstanceId
    symbol: Symbol
    quantity: Quantity = NOTHING
    cost: Decimal = Decimal(0)
    realised: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)

    @property
    def average(self) -> Decimal | None:
        """Price of one held unit with its buy fees, None when flat."""
        return _average(self.cost, self.quantity) if self.quantity else None

    def after(self, fill: Fill) -> Position:
        """The position with one more fill; ``BadValue`` when it sells more than is held or is another's."""
        if (fill.identity.instance, fill.identity.symbol) != (self.instance, self.symbol):
            raise BadValue(f"{fill.identity}: not a fill of {self.instance} {self.symbol}")
        with localcontext(prec=EXACT_DIGITS):
            moved = _moved(fill)
            quantity = self.quantity + moved.base
            if quantity < 0:
                raise BadValue(f"{fill.identity}: sells {text(-moved.base)} of {text(self.quantity)} held")
            fees = self.fees + moved.fee
            if fill.side is Side.BUY:
                cost, realised = self.cost - moved.quote, self.realised
            else:
                share = self._share(-moved.base)
                cost, realised = self.cost - share, self.realised + moved.quote - share
            return replace(self, quantity=Quantity(quantity), cost=cost, realised=realised, fees=fees)

    def _share(self, leaving: Decimal) -> Decimal:
        if leaving == self.quantity:
            return self.cost
        return to_amount(self.cost * leaving / self.quantity)


@dataclass(frozen=True, slots=True)
class Portfolio:
    """All positions of one book, by instance and symbol."""

    positions: Mapping[tuple[InstanceId, Symbol], Position] = field(default_factory=dict)

    def of(self, instance: InstanceId, symbol: Symbol) -> Position:
        """The position of one instance, flat when it never traded."""
        return self.positions.get((instance, symbol)) or Position(instance=instance, symbol=symbol)

    def after(self, fill: Fill) -> Portfolio:
        """The portfolio with one more fill; ``BadValue`` as in ``Position.after``."""
        key = (fill.identity.instance, fill.identity.symbol)
        return Portfolio({**self.positions, key: self.of(*key).after(fill)})

    def held(self, symbol: Symbol) -> Decimal:
        """Base units of ``symbol`` over all instances."""
        with localcontext(prec=EXACT_DIGITS):
            return sum((p.quantity for p in self.positions.values() if p.symbol == symbol), Decimal(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTrip:
    """A round trip not over yet; ``bought`` and ``sold`` are price times units, ``money`` is what came in."""

    opened: datetime
    held: Decimal = Decimal(0)
    units_bought: Decimal = Decimal(0)
    bought: Decimal = Decimal(0)
    units_sold: Decimal = Decimal(0)
    sold: Decimal = Decimal(0)
    money: Decimal = Decimal(0)
    fees: Decimal = Decimal(0)
    risked: Decimal | None = Decimal(0)
    kept: Decimal = Decimal(0)
    """Coins that the venue kept as fees: they leave rests too small to sell."""


def trip_after(trip: OpenTrip | None, fill: Fill, order: Order) -> OpenTrip | RoundTrip:
    """The trip with one more fill of ``order``, and a ``RoundTrip`` once it is flat; ``None`` starts one."""
    if trip is None:
        trip = OpenTrip(opened=fill.at)
    with localcontext(prec=EXACT_DIGITS):
        moved = _moved(fill)
        held = trip.held + moved.base
        if held < 0:
            raise BadValue(f"{fill.identity}: sells {text(-moved.base)} of {text(trip.held)} held")
        notional = fill.price * fill.quantity
        trip = replace(
            trip, held=held, money=trip.money + moved.quote, fees=trip.fees + moved.fee,
            kept=trip.kept + fill.fee_in_base, opened=trip.opened if trip.units_bought else fill.at,
        )  # fmt: skip
        if fill.side is Side.BUY:
            units, bought = trip.units_bought + fill.quantity, trip.bought + notional
            risked = _risked(trip.risked, fill, order, moved.fee)
            return replace(trip, units_bought=units, bought=bought, risked=risked)
        if not trip.units_bought:
            return trip  # a rest of the trip before; what it brought counts to the next
        trip = replace(trip, units_sold=trip.units_sold + fill.quantity, sold=trip.sold + notional)
        is_over = not held or (trip.kept > 0 and held <= trip.units_bought * DUST_SHARE)
        return _round_trip(trip, fill, order) if is_over else trip


def carried(trip: RoundTrip) -> OpenTrip | None:
    """What is left of a round trip that ended with coins too few to sell (E13); None when it ended flat."""
    return OpenTrip(opened=trip.closed, held=trip.left) if trip.left else None


def _risked(before: Decimal | None, fill: Fill, order: Order, fee: Decimal) -> Decimal | None:
    """Loss at the entry's stop, the buy fee and a sell fee at the same rate included; None without a stop."""
    if before is None or order.stop is None:
        return None
    at_stop = order.stop * fill.quantity
    sell_fee = fee * order.stop / fill.price
    return before + to_amount(fill.cost + fee - at_stop + sell_fee)


def _round_trip(trip: OpenTrip, fill: Fill, order: Order) -> RoundTrip:
    return RoundTrip(
        instance=fill.identity.instance,
        symbol=fill.identity.symbol,
        opened=trip.opened,
        closed=fill.at,
        quantity=Quantity(trip.units_bought),
        bought=Price(_average(trip.bought, trip.units_bought)),
        sold=Price(_average(trip.sold, trip.units_sold)),
        fees=trip.fees,
        net=trip.money,
        risked=trip.risked,
        ended_by="stop" if order.role is Role.PROTECTIVE else "exit",
        mode=order.mode,
        left=trip.held,
    )

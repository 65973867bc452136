"""What a fill does to the wallet: cost, fee (in base, quote or a third asset), and what orders lock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_UP, Decimal

from tests.venue.orders import ZERO, Fill, Order
from tests.venue.rules import Market
from tests.venue.wallet import BrokenInvariant, Wallet


@dataclass(frozen=True, slots=True)
class Fees:
    """Rates, and where the fee is taken: ``received`` (Binance), ``quote`` (Kraken) or an asset's name.

    A fee in a third asset falls back to ``received`` when there is not enough of it, as on Binance.
    """

    maker: Decimal = Decimal("0.001")
    taker: Decimal = Decimal("0.001")
    taken_in: str = "received"
    grid: Decimal = Decimal("0.00000001")


class Settlement:
    """Books fills on one wallet; ``price_of`` gives the last price of a symbol (for third-asset fees)."""

    def __init__(self, wallet: Wallet, fees: Fees, price_of: Callable[[str], Decimal | None]) -> None:
        self.wallet = wallet
        self.fees = fees
        self._price_of = price_of
        self.fills: list[Fill] = []

    def needs(self, order: Order, market: Market, price: Decimal | None) -> tuple[str, Decimal]:
        """Asset and amount that the rest of an order must hold; the price is for orders without a limit."""
        if not order.is_buy:
            return market.base, order.remaining
        at = order.price or price or order.stop or ZERO
        cost = at * order.remaining
        if self.fees.taken_in == "quote":
            cost *= 1 + max(self.fees.taker, self.fees.maker)
        return market.quote, cost.quantize(self.fees.grid, ROUND_UP)

    def hold(self, order: Order, market: Market, price: Decimal | None) -> None:
        """Locks what the order needs anew; ``Refused`` when the wallet has not enough (then as before)."""
        asset, amount = self.needs(order, market, price)
        if amount > order.locked:
            self.wallet.lock(asset, amount - order.locked)
        else:
            self.wallet.unlock(asset, order.locked - amount)
        order.locked = amount

    def release(self, order: Order, market: Market) -> None:
        """Gives back what an order that is over still holds."""
        self.wallet.unlock(market.quote if order.is_buy else market.base, order.locked)
        order.locked = ZERO

    def book(
        self, order: Order, market: Market, price: Decimal, amount: Decimal, *, maker: bool, at: int
    ) -> Fill:
        """One execution: order, wallet and fee in one step."""
        cost = (price * amount).quantize(self.fees.grid, ROUND_DOWN)
        fee, fee_asset = self._fee(order, market, amount, cost, maker)
        asset, paid, received, gain = (
            (market.quote, cost, market.base, amount)
            if order.is_buy
            else (market.base, amount, market.quote, cost)
        )
        if order.is_buy and self.fees.taken_in == "quote":
            self._pay(order, asset, paid + fee)
            self.wallet.credit(received, gain)
        else:
            self._pay(order, asset, paid)
            self.wallet.credit(received, gain - fee if fee_asset == received else gain)
            if fee_asset != received:
                self.wallet.credit(fee_asset, -fee)
        order.filled += amount
        order.cost += cost
        number = 9000 + len(self.fills) + 1
        fill = Fill(
            number,
            order.number,
            market.symbol,
            order.wish.side,
            price,
            amount,
            cost,
            fee,
            fee_asset,
            maker,
            at,
        )
        self.fills.append(fill)
        order.fills.append(fill)
        self._keep(order, market)
        return fill

    def _pay(self, order: Order, asset: str, amount: Decimal) -> None:
        """Takes the payment out of the order's lock, and only what the lock lacks from the free balance."""
        held = min(order.locked, amount)
        self.wallet.unlock(asset, held)
        order.locked -= held
        self.wallet.credit(asset, -amount)

    def _keep(self, order: Order, market: Market) -> None:
        """Holds for the rest what the order needs, never more than it already held."""
        asset, need = self.needs(order, market, order.average)
        keep = min(order.locked, need)
        self.wallet.unlock(asset, order.locked - keep)
        order.locked = keep

    def _fee(
        self, order: Order, market: Market, amount: Decimal, cost: Decimal, maker: bool
    ) -> tuple[Decimal, str]:
        rate = self.fees.maker if maker else self.fees.taker
        if self.fees.taken_in == "quote":
            return (cost * rate).quantize(self.fees.grid, ROUND_DOWN), market.quote
        if self.fees.taken_in != "received":
            asset = self.fees.taken_in
            price = self._price_of(f"{asset}/{market.quote}")
            if price:
                fee = (cost * rate * Decimal("0.75") / price).quantize(self.fees.grid, ROUND_DOWN)
                if self.wallet.free(asset) >= fee:
                    return fee, asset
        received, gained = (market.base, amount) if order.is_buy else (market.quote, cost)
        return (gained * rate).quantize(self.fees.grid, ROUND_DOWN), received

    def check(self, markets: Iterable[Market], orders: Iterable[Order]) -> None:
        """``BrokenInvariant`` unless the balances are the deposits plus the fills, and the locks the orders'."""
        of = {market.symbol: market for market in markets}
        sums = dict(self.wallet.deposited)
        for fill in self.fills:
            market, sign = of[fill.symbol], 1 if fill.side == "buy" else -1
            sums[market.base] = sums.get(market.base, ZERO) + sign * fill.amount
            sums[market.quote] = sums.get(market.quote, ZERO) - sign * fill.cost
            sums[fill.fee_asset] = sums.get(fill.fee_asset, ZERO) - fill.fee
        locks: dict[str, Decimal] = {}
        for order in orders:
            market = of[order.symbol]
            if order.locked and not order.status.is_open:
                raise BrokenInvariant(f"order {order.number} is over and holds {order.locked}")
            asset = market.quote if order.is_buy else market.base
            locks[asset] = locks.get(asset, ZERO) + order.locked
        for asset in {*sums, *self.wallet.holdings, *locks}:
            held = self.wallet.holdings[asset]
            if held.free < 0 or held.locked < 0:
                raise BrokenInvariant(f"{asset} is below zero: {held}")
            if held.free + held.locked != sums.get(asset, ZERO):
                raise BrokenInvariant(f"{asset}: {held} is not {sums.get(asset, ZERO)}")
            if held.locked != locks.get(asset, ZERO):
                raise BrokenInvariant(f"{asset}: locked {held.locked}, orders hold {locks.get(asset, ZERO)}")

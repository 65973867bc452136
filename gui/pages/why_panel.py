"""Why there is no new order now, in the strategies' own sentences, and what is held; window's thread."""

from __future__ import annotations

from decimal import Decimal

from core.ids import InstanceId
from core.instrument import split_symbol
from core.market import Freshness
from core.messages import Holding, StrategyNoted, SymbolAged
from core.modes import TradingState
from gui.order_words import strategy_name
from gui.pages.symbol_state import SymbolState
from gui.panels import Change, Pair, Panel, sentence
from gui.text import NOT_KNOWN, clock, direction, money, number, quantity

WAITING = (
    "No strategy has looked at this market yet. Each says here what it waits for after its first candle."
)
HALTED = "Belay is halted: nothing is sent until it is re-armed."


def sentences(state: SymbolState, trading: TradingState, why: str) -> list[str]:
    """The reasons in order: the trading state first, then each strategy, then the last denial."""
    found = []
    if trading is TradingState.HALTED:
        found.append(HALTED)
    elif trading is TradingState.REDUCING:
        found.append(f"{f'Entries are paused {why}'.rstrip()}; positions may only shrink.")
    if state.is_stale and state.aged is not None:
        found.append(stale_sentence(state.aged))
    found += [_said(note, len(state.notes) > 1) for note in state.notes.values()]
    if state.denial is not None and state.denial.reason:
        found.append(f"Last denied at {clock(state.denial.time)}: {state.denial.reason}")
    return found or [WAITING]


def stale_sentence(aged: SymbolAged) -> str:
    """What it means that the price of a market is old."""
    if aged.freshness is Freshness.UNKNOWN:
        return f"The age of the price of {aged.symbol} is not known: no new entries here until it is."
    return f"The price of {aged.symbol} is stale: no new entries here until a fresh one comes. Exits and stops go on."


def _said(note: StrategyNoted, several: bool) -> str:
    words = note.note if note.is_running else f"Paused. {note.note}"
    return f"{strategy_name(note.instance)}: {words}" if several else words


class WhyPanel(Panel):
    """Sentences, then position, profit, loss at the stop and the strategies' own numbers."""

    def __init__(self) -> None:
        super().__init__("Why no new order now", gap=6)
        self.words = sentence(WAITING, "text")
        self.profit = Change(13, 500)
        self.position, self.average = Pair("Position"), Pair("Average paid")
        self.open = Pair("Open profit", self.profit)
        self.loss = Pair("Loss at the stop")
        self._values: dict[tuple[InstanceId, str], Pair] = {}
        self.add(self.words, 2, self.position, self.average, self.open, self.loss)
        self.body.addStretch(1)

    def show_state(self, state: SymbolState, trading: TradingState, why: str) -> None:
        """Show one symbol."""
        words = "\n".join(sentences(state, trading, why))
        if words != self.words.text():
            self.words.setText(words)
        self._show_holdings(state, [held for held in state.holdings if held.quantity])
        self._show_values(state)

    def _show_holdings(self, state: SymbolState, held: list[Holding]) -> None:
        for pair in (self.average, self.open, self.loss):
            pair.setVisible(bool(held))
        if not held:
            self.position.set_value("none", "soft")
            return
        base, quote = split_symbol(held[0].symbol)
        total = sum((each.quantity for each in held), Decimal(0))
        paid = sum((each.quantity * each.average for each in held), Decimal(0))
        self.position.set_value(f"{quantity(total, state.instrument)} {base}")
        self.average.set_value(number(paid / total, state.market.places))
        profit = sum((each.open_profit for each in held), Decimal(0))
        self.profit.show_change(profit, money(profit, quote, signed=True))
        losses = [each.loss_at_stop for each in held if each.loss_at_stop is not None]
        if len(losses) < len(held):
            self.loss.set_value("no stop" if all(each.stop is None for each in held) else NOT_KNOWN, "warn")
        else:
            loss = sum(losses, Decimal(0))
            self.loss.set_value(money(loss, quote), "text" if direction(loss) != "soft" else "soft")

    def _show_values(self, state: SymbolState) -> None:
        wanted = {(note.instance, name): value for note in state.notes.values() for name, value in note.lines}
        for key in [key for key in self._values if key not in wanted]:
            self._values.pop(key).deleteLater()
        several = len(state.notes) > 1
        for (instance, name), value in wanted.items():
            pair = self._values.get((instance, name))
            if pair is None:
                pair = Pair(f"{strategy_name(instance)} {name}" if several else name)
                self._values[instance, name] = pair
                self.body.insertWidget(self.body.count() - 1, pair)
            places = state.market.places
            pair.set_value(
                number(Decimal(format(value, f".{places}f")), places) if value == value else NOT_KNOWN
            )

"""The judge: every order is weighed here, by the same compiled code in backtest, paper and live."""

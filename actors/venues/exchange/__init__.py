"""Real venues through ccxt: one connection per thread, own orders, public prices."""

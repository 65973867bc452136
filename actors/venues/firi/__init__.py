"""Firi (Norway, until 2021 MiraiEx), which ccxt does not know: an adapter of our own on its REST API, version 2.

Nothing here was ever tried against the real venue.  Where each fact comes from:

* Firi's own pages at developers.firi.com ("Trading API 1.0.0"): the endpoints, the names of the refusals
  (``ApiKeyNotFound``, ``Invalid Signature``, ``Expired Signature``, ``SecurityLevelTooLow``), that a private request
  carries either the API key in a header or the client id with an HMAC-SHA256 signature, and that timestamp and validity
  are signed as texts.  The headers were called ``miraiex-...`` and are called ``firi-...`` now: both are sent.
* Public client programs, which agree on it: the signed text is compact JSON, timestamp (seconds) and validity
  (milliseconds) first, then the fields of the body; the fields of markets, tickers, books, orders, balances and
  transactions; ``/v2/history/trades``, which Firi's pages no longer name and which is therefore optional here.
* Assumed, because nobody says it: price tick, quantity step and smallest order (``shapes.py``; the settings'
  ``[instruments]`` override them), the request rate (``access.py``), how long an order takes to take effect
  (``capabilities.py``), and that an execution's fee is booked in the transactions as ``MatchFee``.
"""

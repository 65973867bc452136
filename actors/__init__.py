"""Stages on pykka: each owns its state and its thread, calls the pure core and forwards."""

"""The executor: from a verdict to an order at the venue, one durable row at a time."""

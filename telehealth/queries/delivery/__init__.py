"""The outbox: what waits, what was said, and what it did."""

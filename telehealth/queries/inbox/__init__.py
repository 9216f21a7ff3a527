"""Texts to us, and what waits for somebody."""

"""Waiting, and offers of what became free."""

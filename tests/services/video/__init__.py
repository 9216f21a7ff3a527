"""Calls in our own room."""

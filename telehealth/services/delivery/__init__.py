"""Sending what is due, once, and what follows."""

"""Waiting, and offers."""

"""Calls in our own virtual room: coming and going, letting in, and what browsers tell each other."""

"""Clients, and how they are reached."""

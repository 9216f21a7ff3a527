"""Texts to the practice, and tasks."""

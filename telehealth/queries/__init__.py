"""The questions: read-only."""

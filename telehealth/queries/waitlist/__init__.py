"""Who waits, and who would take a time."""

"""Hours, other hours, time off."""

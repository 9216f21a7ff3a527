"""Whether and where somebody may be written to."""

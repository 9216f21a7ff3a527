"""Standing slots."""

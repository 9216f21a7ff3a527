"""Standing slots and their dates."""

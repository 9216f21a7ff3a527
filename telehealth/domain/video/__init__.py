"""Rules of the virtual room."""

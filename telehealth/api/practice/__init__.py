"""People, places, services, settings."""

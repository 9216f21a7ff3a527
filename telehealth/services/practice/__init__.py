"""People, places, services, settings, accounts."""

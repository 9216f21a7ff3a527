"""People, places, services, clients, logins."""

"""Services, licences, settings, own account."""

"""The calendar feed."""

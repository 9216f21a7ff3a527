"""The calendar, an appointment, and what is done to it."""

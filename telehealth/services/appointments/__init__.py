"""Booking, moving, cancelling, seats, holds."""

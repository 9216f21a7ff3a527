"""Booking by clients: the practice's public page, one question at a time, details, review, done."""

from __future__ import annotations

from telehealth.web.booking.views import blueprint

__all__ = ["blueprint"]

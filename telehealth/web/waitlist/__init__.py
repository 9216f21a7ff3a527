"""Waiting for a time: the wish, the place in line, and the offer of something that became free."""

from telehealth.web.waitlist import joining, offers, place
from telehealth.web.waitlist.frame import blueprint

PAGES = (joining, place, offers)

__all__ = ["PAGES", "blueprint"]

"""The therapist's desk: what staff see and do after signing in. One file a noun; all share one blueprint."""

from telehealth.web.desk import account, agenda, appointments, calendar, hours, overrides, settings, time_off
from telehealth.web.desk.frame import blueprint

PAGES = (agenda, appointments, hours, overrides, time_off, calendar, settings, account)

__all__ = ["PAGES", "blueprint"]

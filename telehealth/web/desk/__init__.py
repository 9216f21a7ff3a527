"""The therapist's desk: what staff see and do after signing in. One file a noun; all share one blueprint."""

from telehealth.web.desk import (
    account,
    agenda,
    appointments,
    attendance,
    booking,
    calendar,
    clients,
    hours,
    licences,
    moving,
    overrides,
    reassigning,
    requests,
    series,
    series_change,
    series_new,
    services,
    settings,
    time_off,
    waitlist,
    why_not,
)
from telehealth.web.desk.frame import blueprint

PAGES = (
    agenda,
    appointments,
    clients,
    requests,
    why_not,
    booking,
    moving,
    attendance,
    series,
    series_new,
    series_change,
    waitlist,
    hours,
    overrides,
    time_off,
    calendar,
    licences,
    reassigning,
    services,
    settings,
    account,
)

__all__ = ["PAGES", "blueprint"]

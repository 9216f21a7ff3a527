"""The therapist's desk: what staff see and do after signing in. One file a noun; all share one blueprint."""

from telehealth.web.desk.appointments import (
    agenda,
    appointment,
    asking,
    attendance,
    booking,
    exporting,
    moving,
    quick_search,
    reassigning,
    requests,
    schedule,
    why_not,
)
from telehealth.web.desk.calendars import feed
from telehealth.web.desk.clients import adding, client, client_list, contact, copying, details, importing, merging
from telehealth.web.desk.frame import blueprint
from telehealth.web.desk.hours import closures, overrides, time_off, weekly_hours
from telehealth.web.desk.inbox import alerts, tasks
from telehealth.web.desk.messages import log, rehearsal, rules, templates
from telehealth.web.desk.practice import (
    account,
    changes,
    first_steps,
    inviting,
    leaving,
    licences,
    new_therapists,
    people,
    pictures,
    places,
    practice,
    profiles,
    report,
    services,
    settings,
    therapists,
)
from telehealth.web.desk.series import changing, clock_changes, new, standing_slots
from telehealth.web.desk.waitlist import entries

PAGES = (
    agenda,
    appointment,
    adding,
    client,
    client_list,
    contact,
    copying,
    quick_search,
    details,
    importing,
    merging,
    requests,
    schedule,
    tasks,
    alerts,
    log,
    rehearsal,
    why_not,
    booking,
    moving,
    asking,
    attendance,
    standing_slots,
    new,
    changing,
    clock_changes,
    entries,
    weekly_hours,
    overrides,
    time_off,
    closures,
    feed,
    licences,
    people,
    inviting,
    profiles,
    pictures,
    therapists,
    reassigning,
    services,
    rules,
    templates,
    settings,
    changes,
    report,
    exporting,
    practice,
    first_steps,
    new_therapists,
    places,
    leaving,
    account,
)

__all__ = ["PAGES", "blueprint"]

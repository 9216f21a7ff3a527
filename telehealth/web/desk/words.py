"""What stands in the rows, in the words of the desk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time

from flask import g, has_request_context

from telehealth.domain import walltime
from telehealth.domain.audit_words import Actor
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.colours import ServiceColour
from telehealth.domain.companions import MessagesTo, Relationship
from telehealth.domain.first_steps import Mismatch
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.message_words import Channel, MessageKind, TaskKind
from telehealth.domain.messages.rules import BEFORE
from telehealth.domain.times import counts_to_24, say_clock
from telehealth.domain.words import AppointmentStatus, Mode, Role
from telehealth.models import Appointment, Companion, HoursOverride, Location, Message, Service, TimeOff, WeeklyHours

MODES = {Mode.VIRTUAL: "Video", Mode.PHONE: "Phone", Mode.IN_PERSON: "In person"}
CHANNELS = {Channel.EMAIL: "E-mail", Channel.TEXT: "Text"}
KINDS = {
    MessageKind.CONFIRMATION: "Confirmation",
    MessageKind.REMINDER: "Reminder",
    MessageKind.JOIN_LINK: "Link to join",
    MessageKind.MOVED: "New time",
    MessageKind.CANCELLATION: "Cancellation",
    MessageKind.REQUEST: "Request",
    MessageKind.DECLINED: "Answer: no",
    MessageKind.CHOOSE_AGAIN: "Please choose another time",
    MessageKind.INVITE_DECLINED: "Cancel or move? (their calendar said no)",
    MessageKind.INVITE_COUNTERED: "We have your other time (from their calendar)",
    MessageKind.OFFER: "Offer of a free time",
    MessageKind.FOLLOW_UP: "After a missed session",
    MessageKind.AGENDA: "Agenda of the day",
    MessageKind.CATCH_UP: "Several things in one",
    MessageKind.SEVERAL: "Several at once",
    MessageKind.REPLY: "Answer to a text, by itself",
    MessageKind.NOTE: "Answer to a text, by staff",
    MessageKind.ALERT: "To staff: something waits",
    MessageKind.LOGIN: "To staff: about their login",
    MessageKind.CODE: "A code that proves a number",
}
TO_DO = {
    (TaskKind.CRISIS, TaskKind.TEXT): ("text", "texts"),
    (TaskKind.MAIL,): ("e-mail", "e-mails"),
    (TaskKind.UNDELIVERED, TaskKind.ADDRESS): ("message that did not arrive", "messages that did not arrive"),
    (TaskKind.CALL, TaskKind.CALL_BACK): ("call to make", "calls to make"),
    (TaskKind.INVITE,): ("answer from a calendar", "answers from calendars"),
    (TaskKind.CALENDAR, TaskKind.EMPTIED): ("question about an own calendar", "questions about own calendars"),
    (TaskKind.BOOKER,): ("booker who waits for “I know them”", "bookers who wait for “I know them”"),
    (TaskKind.VIDEO_ROOM,): ("video room that was not made", "video rooms that were not made"),
    (TaskKind.ACCOUNT, TaskKind.CLOCKS, TaskKind.RESTORED): ("other", "others"),
}
"""What there is to do, one and several of it."""
CALENDAR_ANSWERS = {
    CalendarAnswer.ACCEPTED: "Accepted in their calendar",
    CalendarAnswer.TENTATIVE: "Maybe, says their calendar",
    CalendarAnswer.DECLINED: "Declined in their calendar",
    CalendarAnswer.COUNTERED: "Their calendar proposes another time",
}
"""What a calendar answered to an invite. Some do that by themselves."""
STATUSES = {
    AppointmentStatus.PENDING: "Waiting for approval",
    AppointmentStatus.BOOKED: "Booked",
    AppointmentStatus.ARRIVED: "Here now",
    AppointmentStatus.FULFILLED: "Done",
    AppointmentStatus.CANCELLED: "Cancelled",
    AppointmentStatus.NOSHOW: "Did not come",
}
ASKED = "Asked to choose another time"
STEPS = {
    AppointmentStatus.ARRIVED: "Is here",
    AppointmentStatus.FULFILLED: "Took place",
    AppointmentStatus.NOSHOW: "Did not come",
}
"""The next steps as buttons."""
ABSENCES = {
    AbsenceKind.TIME_OFF: "Time off",
    AbsenceKind.PARENTAL: "Parental leave",
    AbsenceKind.SICK: "Sick leave",
    AbsenceKind.SABBATICAL: "Sabbatical",
}
ACTORS = {Actor.CLIENT: "the client", Actor.STAFF: "staff", Actor.SYSTEM: "the system"}
RELATIONSHIPS = {
    Relationship.PARENT: "parent",
    Relationship.GUARDIAN: "guardian",
    Relationship.PARTNER: "partner",
    Relationship.CHILD: "daughter or son",
    Relationship.CASE_MANAGER: "case manager",
    Relationship.OTHER: "somebody else",
}
MESSAGES_TO = {
    MessagesTo.CLIENT: "The client alone",
    MessagesTo.COMPANION: "This person, and not the client",
    MessagesTo.BOTH: "Both",
}
ROLES = {
    Role.OWNER: ("Owner", "Decides for the practice: everything, and who else may do what."),
    Role.THERAPIST: ("Therapist", "Sees clients, and has a desk of their own."),
    Role.FRONT_DESK: ("Front desk", "Books, moves and answers for everybody."),
    Role.SUPERVISOR: ("Supervisor", "Follows the work of everybody and has no clients. Reads, and changes nothing."),
    Role.BILLER: ("Biller", "Reads what took place, with whom. Changes nothing."),
}
"""A name, and what it means."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
WEEKDAY_CHOICES = tuple((str(day), name) for day, name in enumerate(WEEKDAYS))
EVERY = {
    1: "Every week",
    2: "Every other week",
    3: "Every third week",
    4: "Every fourth week",
    5: "Every fifth week",
    6: "Every sixth week",
    7: "Every seventh week",
    8: "Every eighth week",
}
HOUR, DAY = 60, 24 * 60
_AMERICAN = walltime.zone("America/New_York")
DAYS_FROM = 4 * DAY  # "72 hours" is how practices say three days; "168 hours" is not how they say a week.


def clock_time(at: time | datetime) -> str:
    """ "9:00 AM" of a wall time, or "09:00" at a desk where clocks count to 24."""
    zone = g.desk.zone if has_request_context() and "desk" in g else _AMERICAN
    return say_clock(at if isinstance(at, time) else at.time(), zone)


def clock_has_halves() -> bool:
    """Whether such times say AM and PM."""
    return not counts_to_24(g.desk.zone)


def short_day(day: date) -> str:
    """ "Mon, Nov 23, 2026"."""
    return f"{day:%a, %b} {day.day}, {day.year}"


def birthday(day: date) -> str:
    """ "March 3, 2015": which weekday it was tells nobody anything."""
    return f"{day:%B} {day.day}, {day.year}"


def full_day(day: date) -> str:
    """ "Tuesday, November 24, 2026": a date that may lie far ahead."""
    return f"{long_day(day)}, {day.year}"


def long_day(day: date) -> str:
    """ "Monday, November 23"."""
    return f"{day:%A, %B} {day.day}"


def span(starts: time, ends: time) -> str:
    """ "9:00 AM to 5:00 PM", and into the next day when the end is not after the start."""
    if ends == time(0):
        return f"{clock_time(starts)} to midnight"
    return f"{clock_time(starts)} to {clock_time(ends)}{' the next day' if ends <= starts else ''}"


def ways(modes: Iterable[str], location: Location | None = None) -> str:
    """ "Video, phone, in person at Main Street office"."""
    names = [MODES[Mode(mode)].lower() for mode in Mode if mode in set(modes)]
    where = f" at {location.name}" if location is not None and Mode.IN_PERSON in set(modes) else ""
    sentence = listed([f"in person{where}" if name == "in person" else name for name in names])
    return sentence[:1].upper() + sentence[1:]


def listed(words: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"."""
    if len(words) < 2:  # noqa: PLR2004
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def say_meeting(appointment: Appointment) -> str:
    """ "Individual, video", "Individual, in person, Main Street office, Room 1"."""
    place = [appointment.location.name] if appointment.location is not None else []
    room = [appointment.room.name] if appointment.room is not None else []
    return ", ".join([appointment.service.name, MODES[appointment.mode].lower(), *place, *room])


def briefly(appointment: Appointment) -> str:
    """ "Video", "In person, Room 1": how and where, for narrow columns."""
    return ", ".join([MODES[appointment.mode], *([appointment.room.name] if appointment.room is not None else [])])


def say_clients(appointment: Appointment) -> str:
    """The clients' names, of those who still come; a group by how many of its seats are taken."""
    seats = appointment.seats or appointment.attendees
    if appointment.service.is_group:
        return f"{appointment.service.name}, {len(appointment.seats)} of {appointment.service.capacity} seats"
    return listed([attendee.name for attendee in seats]) or "Nobody yet"


def say_booker(booked_by: Companion) -> str:
    """ "Maria Doe (parent)": who booked for somebody."""
    return f"{booked_by.name} ({RELATIONSHIPS[booked_by.relationship]})"


def say_bookers(appointment: Appointment) -> str:
    """ "Booked by Maria Doe (parent)": whoever booked for its clients; nothing where they did themselves."""
    found = name_bookers(appointment)
    return f"Booked by {found}" if found else ""


def name_bookers(appointment: Appointment) -> str:
    """The same without the words before it, each once."""
    found = (say_booker(each.booked_by) for each in appointment.seats if each.booked_by is not None)
    return listed(list(dict.fromkeys(found)))


def lead(minutes: int) -> str:
    """ "72 hours before", "15 minutes before", "7 days before"."""
    return f"{length(minutes)} before"


def length(minutes: int) -> str:
    """ "72 hours", "15 minutes", "7 days"."""
    if minutes % DAY == 0 and minutes >= DAYS_FROM:
        return counted(minutes // DAY, "day")
    if minutes % HOUR == 0:
        return counted(minutes // HOUR, "hour")
    return counted(minutes, "minute")


def say_mismatch(found: Mismatch) -> str:
    """ "Dana Rivera's hours are for video only, and “Couple session” is given in person only: it is not offered." """
    hours, service = (
        listed([text.lower() for mode, text in MODES.items() if mode in ways])
        for ways in (found.hours, found.service.modes)
    )
    given = f"“{found.service.name}” is given {'' if service.startswith('in person') else 'by '}{service} only"
    return f"{found.therapist}'s hours are for {hours} only, and {given}: it is not offered."


def counted(number: int, word: str) -> str:
    """ "1 day", "2 days"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def say_to_do(by_kind: Mapping[TaskKind, int], overlaid: int, absent: int = 0) -> str:
    """ "2 texts, 1 question about an own calendar and 1 session at the same time as ...": what there is to do."""
    counts = [(kinds, sum(by_kind.get(each, 0) for each in kinds)) for kinds in TO_DO]
    said = [f"{count} {TO_DO[kinds][count != 1]}" for kinds, count in counts if count]
    at_once = (
        [f"{counted(overlaid, 'session')} at the same time as something in a therapist's own calendar"]
        if overlaid
        else []
    )
    never_came = [f"{counted(absent, 'client')} who never came"] if absent else []
    return listed([*said, *never_came, *at_once])


def message(row: Message) -> str:
    """ "Reminder, 72 hours before"."""
    is_before = row.minutes and row.kind in BEFORE
    return f"{KINDS[row.kind]}, {lead(row.minutes)}" if is_before else KINDS[row.kind]


def rhythm(hours: WeeklyHours) -> str:
    """How often weekly hours hold and between which dates; empty for every week without end."""
    parts = []
    if hours.every_weeks > 1 and hours.anchor is not None:
        parts.append(f"{EVERY[hours.every_weeks].lower()}, counted from the week of {short_day(hours.anchor)}")
    if hours.valid_from is not None:
        parts.append(f"from {short_day(hours.valid_from)}")
    if hours.valid_until is not None:
        parts.append(f"until {short_day(hours.valid_until)}")
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:]


def open_hours(entry: WeeklyHours | HoursOverride) -> str:
    """The span of hours; "Closed" for an override that closes its date."""
    if entry.starts is None or entry.ends is None:
        return "Closed"
    return span(entry.starts, entry.ends)


def away(time_off: TimeOff) -> str:
    """ "Mon, Dec 21, 2026, 9:00 AM to 1:00 PM"; whole days without times."""
    starts, ends = time_off.starts_local, time_off.ends_local
    if is_whole_days(time_off):
        last = date.fromordinal(ends.toordinal() - 1)
        one_day = starts.date() == last
        return f"{short_day(starts.date())}, all day" if one_day else f"{short_day(starts.date())} to {short_day(last)}"
    if starts.date() == ends.date():
        return f"{short_day(starts.date())}, {clock_time(starts)} to {clock_time(ends)}"
    return f"{short_day(starts.date())}, {clock_time(starts)} to {_until(ends)}"


def _until(ends: datetime) -> str:
    """Midnight is the end of a day, not the start of the next one."""
    if ends.time() == time(0):
        return f"the end of {short_day(date.fromordinal(ends.toordinal() - 1))}"
    return f"{short_day(ends.date())}, {clock_time(ends)}"


def kept(number: int) -> str:
    """ "1 appointment stays as booked", "2 appointments stay as booked"."""
    return f"{counted(number, 'appointment')} {'stays' if number == 1 else 'stay'} as booked"


def is_whole_days(time_off: TimeOff) -> bool:
    """Whether time off goes from midnight to midnight."""
    return time_off.starts_local.time() == time_off.ends_local.time() == time(0)


def told(starts_at: datetime, minutes: int, *, now: datetime) -> str:
    """Who hears of what was just booked or moved to a start (aware): of what has begun nobody is told."""
    if starts_at < now:
        return "It has begun already, so nobody is told."
    return f"Everybody who takes part is told {soon(minutes)}."


def soon(minutes: int) -> str:
    """When people hear of a change: "in 3 minutes", "right away"."""
    return f"in {counted(minutes, 'minute')}" if minutes else "right away"


def say_unlicensed(therapist: str, jurisdiction: str) -> str:
    """ "Dana Rivera has no licence in Utah on that day."."""
    return f"{therapist} has no licence in {JURISDICTIONS.get(jurisdiction, jurisdiction)} on that day."


def say_unlicensed_in(therapists: Sequence[str], jurisdiction: str | None) -> str:
    """The same of where a client turns out to be: None stands for outside every state."""
    has = "has" if len(therapists) == 1 else "have"
    return f"{listed(list(therapists))} {has} no licence {_inside(jurisdiction)} on that day."


def say_client_is(name: str, jurisdiction: str | None) -> str:
    """ "Jane Doe is in Utah"; None: outside every state."""
    return f"{name} is {_inside(jurisdiction)}"


def _inside(jurisdiction: str | None) -> str:
    if jurisdiction is None:
        return "outside the United States"
    return f"in {JURISDICTIONS.get(jurisdiction, jurisdiction)}"


def iso(value: date | time | None) -> str:
    """A date or a wall time as `<input type=date>` and `<input type=time>` want it; empty for none."""
    if isinstance(value, time):
        return value.isoformat("minutes")
    return value.isoformat() if value is not None else ""


def tone_of_service(service: Service) -> str:
    """The colour of a service, by its place in tokens.css: its own, or else one of the same, alike on every page."""
    colours = list(ServiceColour)
    return f"tone-{(service.id % len(colours) if service.colour is None else colours.index(service.colour)) + 1}"

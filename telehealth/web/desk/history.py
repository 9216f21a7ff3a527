"""The audit of an appointment or a standing slot in words: who did what, when, by which way, and what it changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from telehealth.domain import times
from telehealth.domain.appointments import explaining
from telehealth.domain.audit_words import AuditAction, Via
from telehealth.domain.video.calls import CallerRole
from telehealth.domain.words import AppointmentStatus, Mode, VideoKind
from telehealth.late import Library
from telehealth.models import Appointment, AppointmentEvent, PracticeEvent, Series, SeriesEvent
from telehealth.queries.practice.practices import list_former_locations_too
from telehealth.queries.practice.staff import login_names
from telehealth.queries.practice.therapists import therapist_names
from telehealth.web.desk import series_words, video_words, words
from telehealth.web.desk.video_words import GUEST_KINDS

if TYPE_CHECKING:
    from telehealth.queries.video import guests as invited
else:
    invited = Library("telehealth.queries.video.guests")

ACTIONS = {
    AuditAction.REQUESTED: "Asked for",
    AuditAction.JOINED: "Somebody added",
    AuditAction.ARRIVED: "Marked as here",
    AuditAction.ENTERED: "Video room entered",
    AuditAction.VIDEO_CHANGED: "Where you meet by video changed",
    AuditAction.LET_IN: "Let in from the waiting room",
    AuditAction.PUT_OUT: "Put out of the video room",
    AuditAction.LOCKED: "Video room locked",
    AuditAction.UNLOCKED: "Video room unlocked",
    AuditAction.GUEST_INVITED: "Guest invited",
    AuditAction.GUEST_ENDED: "Invitation of a guest ended",
    AuditAction.CALL_ENDED: "Video ended for everybody",
    AuditAction.WHERE_SAID: "Said where they are",
    AuditAction.LICENCE_DECIDED: "Decided without a licence where the client is",
    AuditAction.CALL_ASKED: "Call asked for instead of video",
    AuditAction.ABSENCE_PROPOSED: "Proposed as did not come",
    AuditAction.ABSENCE_PUT_AWAY: "Proposal put away",
    AuditAction.MET_SAID: "Face-to-face time put right",
    AuditAction.FULFILLED: "Marked as done",
    AuditAction.NOSHOW: "Marked as did not come",
    AuditAction.EXPIRED: "Let go, because nobody answered in time,",
    AuditAction.UNCONFIRMED: "No longer confirmed",
    AuditAction.ANSWERED_INVITE: "Invite answered in a calendar",
    AuditAction.ASKED_TO_MOVE: "Asked to choose another time",
    AuditAction.KEPT_AFTER_ALL: "Kept at its time after all",
    AuditAction.MOVED_TO_OFFER: "Moved to an offered time",
    AuditAction.INSTANT_KEPT: "Left at its moment, which the clock shows differently now,",
    AuditAction.MESSAGE_RESENT: "Message sent again",
    AuditAction.LINKS_ENDED: "Links ended",
    AuditAction.CREATED: "Set up",
    AuditAction.CONTINUED: "Goes on from an earlier slot, which was changed",
    AuditAction.SKIPPED: "One date left out",
    AuditAction.RESTORED: "One date put back",
    AuditAction.SETTLED: "One date given another time",
    AuditAction.LEFT: "Somebody taken off",
}
"""The others are said as the code reads."""
WAYS = {
    Via.PAGE: "on a page",
    Via.LINK: "through a signed link",
    Via.TEXT: "by text",
    Via.MAIL: "by e-mail",
    Via.API: "through the API",
    Via.JOBS: "on schedule",
    Via.COMMAND: "by a command on the server",
}
ROLES = {
    CallerRole.THERAPIST: "A therapist.",
    CallerRole.CLIENT: "A client.",
    CallerRole.COMPANION: "Whoever acts for them.",
    CallerRole.GUEST: "Somebody who was invited to this session.",
}
"""As what somebody came to the video room."""
PEOPLE = ("therapist_id", "co_therapist_id")


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the audit: what happened, by which way, and what it changed."""

    what: str
    way: str
    changes: list[str]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names behind the numbers that the audit keeps."""

    users: Mapping[int, str]
    therapists: Mapping[int, str]
    places: Mapping[int, str]
    rooms: Mapping[int, str]
    people: Mapping[str, str]
    guests: Mapping[str, str]


def lines(
    found: Appointment | Series, zone: ZoneInfo, companions: Mapping[str, str] | None = None
) -> Iterator[HistoryLine]:
    """The audit, the oldest line first; times in ``zone``. ``companions`` are the names of who acts for its clients, by
    public id.
    """
    names = _names(found)
    for event in found.events:
        by = names.users.get(event.user_id or 0) or words.ACTORS[event.actor]
        by = (companions or {}).get(event.details.get("companion", ""), by)
        yield HistoryLine(
            what=f"{_action(event)} by {by}, {times.say_briefly(event.at, zone)}",
            way=say_way(event),
            changes=list(_changes(event.details, names, zone)),
        )


def _names(found: Appointment | Series) -> _Names:
    people = found.attendees if isinstance(found, Appointment) else found.members
    states = [event.details.get(when) for event in found.events for when in ("before", "after")]
    ids = {state[key] for state in states if isinstance(state, dict) for key in PEOPLE if state.get(key)}
    places = list_former_locations_too(found.practice_id, with_rooms=bool(ids))
    return _Names(
        users=login_names(found.practice_id, {event.user_id for event in found.events if event.user_id is not None}),
        therapists=therapist_names(ids) if ids else {},
        places={place.id: place.name for place in places},
        rooms={room.id: room.name for place in places for room in place.rooms} if ids else {},
        people={each.public_id: each.name for each in people},
        guests=_name_guests(found),
    )


def _name_guests(found: Appointment | Series) -> dict[str, str]:
    """Who was ever invited to an appointment, with as what; asked for only where somebody was."""
    if not isinstance(found, Appointment) or not any("guest" in event.details for event in found.events):
        return {}
    return {each.public_id: f"{each.name}, {GUEST_KINDS[each.kind]}." for each in invited.list_guests(found)}


def _action(event: AppointmentEvent | SeriesEvent) -> str:
    if event.action == AuditAction.CORRECTED:
        return f"Corrected to “{words.STATUSES[AppointmentStatus(event.details['to'])].lower()}”"
    return ACTIONS.get(event.action, event.action.replace("_", " ").capitalize())


def say_way(event: AppointmentEvent | SeriesEvent | PracticeEvent) -> str:
    """By which way, and from which network address: "On a page, from 10.0.0.1"."""
    parts = [WAYS[event.via] if event.via is not None else "", event.remote_address and f"from {event.remote_address}"]
    said = ", ".join(filter(None, parts))
    return said[:1].upper() + said[1:]


def _changes(details: Mapping[str, Any], names: _Names, zone: ZoneInfo) -> Iterator[str]:
    yield from _about_whom(details, names)
    yield from _dates(details, zone)
    before, after = details.get("before"), details.get("after")
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _differences(before, after, names, zone)
    elif before and after:
        yield f"From {before} to {after}."
    if details.get("late"):
        yield "Counted as a late cancellation."
    if overrides := details.get("overrides"):
        yield f"On purpose {explaining.say_overridden(overrides)}."
    if reason := details.get("reason"):
        yield f"Reason: {reason}"


def _about_whom(details: Mapping[str, Any], names: _Names) -> Iterator[str]:
    if name := names.people.get(details.get("attendee", details.get("member", ""))):
        yield f"For {name}."
    if guest := names.guests.get(details.get("guest", "")):
        yield guest
    elif role := details.get("role"):
        yield ROLES[CallerRole(role)]


def _dates(details: Mapping[str, Any], zone: ZoneInfo) -> Iterator[str]:
    """Which dates of a standing slot it was about."""
    day, first, last = (_day(details.get(key)) for key in ("day", "first", "last"))
    if day:
        starts_at = details.get("starts_at")
        instead = f" → {times.say_briefly(datetime.fromisoformat(starts_at), zone)}" if starts_at else ""
        yield f"{day}{instead}"
    elif first:
        yield f"From {first} to {last}." if last else f"From {first} on."
    elif last:
        yield f"Until {last}."


def _day(kept: str | None) -> str:
    return words.short_day(date.fromisoformat(kept)) if kept else ""


def _differences(before: Mapping[str, Any], after: Mapping[str, Any], names: _Names, zone: ZoneInfo) -> Iterator[str]:
    for key, say in _says(names, zone):
        old, new = before.get(key), after.get(key)
        if old != new:
            yield f"{say(old)} → {say(new)}"


def _says(names: _Names, zone: ZoneInfo) -> Iterable[tuple[str, Any]]:
    def named(known: Mapping[int, str], nobody: str) -> Any:
        return lambda number: known.get(number or 0, nobody)

    def moment(at: str) -> str:
        return times.say_briefly(datetime.fromisoformat(at), zone)

    return (
        ("weekday", lambda number: words.WEEKDAYS[number]),
        ("local_time", lambda at: words.clock_time(time.fromisoformat(at))),
        ("every_weeks", series_words.every),
        ("week_of_month", series_words.once_a_month),
        ("until", lambda day: f"until {_day(day)}" if day else "until further notice"),
        ("starts_at", lambda at: moment(at) if at else ""),
        ("minutes", lambda minutes: words.length(minutes) if minutes else ""),
        ("met_from", lambda at: f"From {moment(at)}" if at else "As counted"),
        ("met_until", lambda at: f"Until {moment(at)}" if at else "As counted"),
        ("mode", lambda mode: words.MODES[Mode(mode)] if mode else ""),
        ("video_kind", lambda kind: video_words.KINDS[VideoKind(kind)] if kind else "as usual"),
        ("therapist_id", named(names.therapists, "a therapist")),
        ("co_therapist_id", named(names.therapists, "no second therapist")),
        ("location_id", named(names.places, "no place")),
        ("room_id", named(names.rooms, "no room")),
    )

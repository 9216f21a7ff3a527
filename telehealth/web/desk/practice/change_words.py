"""The audit of what a practice sets, in the words of the desk: what was changed, by whom, from where, and to what.

The audit keeps codes and facts as they were then; of a field that is not known here, the name and the value are said
as well as can be.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from telehealth.domain import times
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.rules import Rule, usual_rules
from telehealth.late import Library
from telehealth.models import PracticeEvent
from telehealth.models.client_keys import CLIENT_KEYS, ClientKey
from telehealth.queries.practice.changes import Change
from telehealth.web.desk import history, rule_words, video_words, words
from telehealth.web.desk.calendars.feed import DETAILS
from telehealth.web.desk.practice.licences import BASES, NO_LIMIT
from telehealth.web.desk.practice.profiles import NEW_CLIENTS
from telehealth.web.desk.practice.services import APPROVALS, LATE, ONE_CANCELS, OPEN_TO, SERVICE_KINDS

if TYPE_CHECKING:
    from telehealth.web.desk.practice import change_labels
else:
    change_labels = Library("telehealth.web.desk.practice.change_labels")

SUBJECTS = {
    AuditSubject.PRACTICE: "Settings of the practice",
    AuditSubject.SERVICE: "Service",
    AuditSubject.TERMS: "Terms of a service",
    AuditSubject.LOCATION: "Place",
    AuditSubject.ROOM: "Room",
    AuditSubject.THERAPIST: "Therapist",
    AuditSubject.LICENCE: "Licence",
    AuditSubject.LIMITS: "Limits of a therapist",
    AuditSubject.WEEKLY_HOURS: "Weekly hours",
    AuditSubject.OVERRIDE: "Hours on a date",
    AuditSubject.TIME_OFF: "Time off",
    AuditSubject.CLOSURE: "Closure of the practice",
    AuditSubject.BUSY_TIME: "Busy time",
    AuditSubject.FEED: "Private address",
    AuditSubject.CALENDAR_CONNECTION: "Connected calendar",
    AuditSubject.VIDEO_CONNECTION: "Video service",
    AuditSubject.MESSAGE_RULES: "Message schedule",
    AuditSubject.TEXTING_HOURS: "Hours of texts",
    AuditSubject.MESSAGE_TEMPLATE: "Words of a message",
    AuditSubject.LOGIN: "Login",
    AuditSubject.PASSWORD: "Password",
    AuditSubject.SIGN_INS: "Sign-ins",
    AuditSubject.SECOND_STEP: "Second step of signing in",
    AuditSubject.RECOVERY_CODES: "Recovery codes",
    AuditSubject.PASSKEY: "Passkey",
    AuditSubject.API_TOKEN: "Token of a program",
    AuditSubject.ALERTS: "Who is told",
    AuditSubject.CLIENT: "How a client is reached",
    AuditSubject.COMPANION: "Who acts for a client",
    AuditSubject.CLIENT_IMPORT: "Import of clients",
    AuditSubject.EXPORT: "Taken along as a file",
}
ACTIONS = {
    AuditAction.ADDED: ("Added", "good"),
    AuditAction.CHANGED: ("Changed", "active"),
    AuditAction.REMOVED: ("Removed", "off"),
    AuditAction.ENDED: ("Ended", "off"),
    AuditAction.REOPENED: ("Opened again", "good"),
    AuditAction.CREATED: ("Made", "active"),
    AuditAction.USED: ("Used", "active"),
    AuditAction.LINK_SENT: ("Link sent", "active"),
    AuditAction.LINKS_ENDED: ("Links ended", "off"),
    AuditAction.MERGED: ("Merged with another record", "active"),
    AuditAction.PARTED: ("Merge undone", "active"),
    AuditAction.REQUESTED: ("Erasing asked for", "wait"),
    AuditAction.ERASED: ("Erased", "off"),
    AuditAction.JOINED: ("Accepted the invitation", "good"),
    AuditAction.COPIED: ("Copied into a file", "active"),
}
"""A word and a tone."""
ALERTS = {"off": "none", "urgent": "urgent ones", "near": "urgent ones, and what needs a person near an appointment"}
EMPTY = {
    **dict.fromkeys(("daily_cap", "weekly_cap", "longest_run"), NO_LIMIT.lower()),
    "valid_until": "no end",
    "accent": "the usual one",
    "text_sender": "the number of this service",
    "text_countries": "the practice's own",
    "room_kind": "any",
    "video_kind": "as usual",
    "colour": "chosen for you",
    "rules": "what holds otherwise",
    "location": "no place",
    "first_steps_put_away_at": "no",
    "starts": "closed",
    "ends": "closed",
}
"""What it means that a field is empty, where it is not just "nothing"."""
ABOUT_MESSAGES = (AuditSubject.MESSAGE_RULES, AuditSubject.MESSAGE_TEMPLATE)
SHOWN_ELSEWHERE = frozenset({"before", "after", "kind", "channel", "locale", "of", "renewed", "other_record"})
CLOSED = "Closed on that date."
NEW_ADDRESS = "A new address; the one before it stopped working."
_DATE, _TIME = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d(:\d\d)?"
_WRITTEN: tuple[tuple[re.Pattern[str], Callable[[str], str]], ...] = (
    (re.compile(_DATE), lambda typed: words.short_day(date.fromisoformat(typed))),
    (re.compile(_TIME), lambda typed: words.clock_time(time.fromisoformat(typed))),
    (re.compile(f"{_DATE}T{_TIME}"), lambda typed: _wall_time(datetime.fromisoformat(typed))),
    (re.compile(rf"{_DATE}T{_TIME}(\.\d+)?\+00:00"), lambda typed: f"{_wall_time(datetime.fromisoformat(typed))} UTC"),
)


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line of the page. ``changes`` are (field, before, after), of which one is empty for what came or went."""

    title: str
    action: str
    tone: str
    who: str
    at: str
    way: str
    notes: Sequence[str]
    changes: Sequence[tuple[str, str, str]]
    is_change: bool


def change_in_words(change: Change, zone: ZoneInfo, places: Mapping[str, str]) -> ChangeLine:
    """A line of the audit for people; times in ``zone``. ``places`` are names by public id."""
    event = change.event
    action, tone = ACTIONS.get(event.action, (event.action.capitalize(), "off"))
    return ChangeLine(
        title=_title(event),
        action=action,
        tone=tone,
        who=change.user_name or words.ACTORS[event.actor].capitalize(),
        at=f"{words.short_day(event.at.astimezone(zone).date())}, {times.say_time(event.at, zone)}",
        way=history.say_way(event),
        notes=list(_notes(event)),
        changes=list(_changes(_with_names(event.details, places))),
        is_change=event.action == AuditAction.CHANGED,
    )


def _title(event: PracticeEvent) -> str:
    """ "Service: Individual session", "Message schedule: Reminder, Jane Doe"."""
    parts = [_kind(event), event.name] if event.subject in ABOUT_MESSAGES else [event.name]
    name = ", ".join(filter(None, parts))
    return f"{SUBJECTS[event.subject]}: {name}" if name else SUBJECTS[event.subject]


def _kind(event: PracticeEvent) -> str:
    """ "Reminder", "Reminder, text, Spanish"."""
    kept = event.details
    said = [words.KINDS[MessageKind(kept["kind"])]]
    if event.subject == AuditSubject.MESSAGE_TEMPLATE:
        said += [words.CHANNELS[Channel(kept["channel"])].lower(), LANGUAGES.get(kept["locale"], kept["locale"])]
    return ", ".join(said)


def _notes(event: PracticeEvent) -> Iterator[str]:
    details = event.details
    if details.get("renewed"):
        yield NEW_ADDRESS
    if event.subject == AuditSubject.OVERRIDE and event.action != AuditAction.CHANGED and _is_closed(details):
        yield CLOSED
    for field, value in details.items():
        if field not in SHOWN_ELSEWHERE:
            yield f"{_label(field)}: {_say(field, value, details)}"


def _changes(details: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    before, after = details.get("before"), details.get("after")
    for field in before or after or {}:
        if before is not None and after is not None:
            old, new = (_say(field, each.get(field), details) for each in (before, after))
            yield _label(field), old, new
        elif not _is_empty(value := (before or after or {})[field]):
            said = _say(field, value, details)
            yield (_label(field), said, "") if after is None else (_label(field), "", said)


def _with_names(details: Mapping[str, Any], places: Mapping[str, str]) -> dict[str, Any]:
    """Hours keep the id of their place; people want its name."""
    named = dict(details)
    for when in ("before", "after"):
        if location := (details.get(when) or {}).get("location"):
            named[when] = {**details[when], "location": places.get(location, "another place")}
    return named


def _is_closed(details: Mapping[str, Any]) -> bool:
    kept = details.get("after") or details.get("before") or {}
    return kept.get("starts") is None


def _label(field: str) -> str:
    return change_labels.LABELS.get(field) or field.replace("_", " ").capitalize()


def _is_empty(value: Any) -> bool:
    return value is None or value in ("", [])


def _say(field: str, value: Any, details: Mapping[str, Any]) -> str:
    if field == "rules" and value is None and "of" not in details:  # For the whole practice nothing wider decides.
        return f"the usual: {'; '.join(rule_words.said(usual_rules(MessageKind(details['kind']))))}"
    if _is_empty(value):
        return EMPTY.get(field, "nothing")
    if field == "rules":
        return _rules(value, details["kind"])
    return _SAYS.get(field, _plainly)(value)


def _rules(kept: Sequence[Mapping[str, Any]], kind: str) -> str:
    which = MessageKind(kind)
    said = [
        Rule(which, Channel(each["channel"]), each["minutes"], tuple(each["modes"]), template=each["template"])
        for each in kept
        if each["is_on"]
    ]
    return "; ".join(rule_words.said(said)) or "nothing is sent"


def _plainly(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return words.listed([_plainly(each) for each in value])
    if isinstance(value, str):
        return next((say(value) for pattern, say in _WRITTEN if pattern.fullmatch(value)), value)
    return str(value)


def _wall_time(at: datetime) -> str:
    return f"{words.short_day(at.date())}, {words.clock_time(at)}"


def _one_of(known: Mapping[Any, Any]) -> Callable[[str], str]:
    """The words of a code; those of a choice without its explanation."""

    def say(code: str) -> str:
        found = known.get(code, code)
        return str(found[0] if isinstance(found, tuple) else found)

    return say


def _moved(key: ClientKey, number: int) -> str:
    return f"{number} {key.one if number == 1 else key.several}"


_MINUTES = ("duration_minutes", "buffer_before_minutes", "buffer_after_minutes", "step_minutes", "notice_minutes",
            "approval_minutes", "window_minutes", "break_minutes", "note_minutes", "grace_minutes", "hold_minutes",
            "offer_minutes", "quiet_minutes", "idle_minutes", "room_opens_minutes", "room_stays_minutes",
            "no_show_minutes")  # fmt: skip
_SAYS: Mapping[str, Callable[[Any], str]] = {
    "video_kind": _one_of(video_words.KINDS),
    **dict.fromkeys(_MINUTES, lambda minutes: words.length(minutes) if minutes else "none"),
    **dict.fromkeys(("texts_from", "texts_until"), rule_words.clock),
    "other_lengths": lambda lengths: words.listed([words.length(each) for each in lengths]) or "none",
    "kind": _one_of({**SERVICE_KINDS, **words.ABSENCES}),
    "approval": _one_of(APPROVALS),
    "open_to": _one_of(OPEN_TO),
    "when_one_cancels": _one_of(ONE_CANCELS),
    "when_late": _one_of(LATE),
    "basis": _one_of(BASES),
    "new_clients": _one_of(NEW_CLIENTS),
    "jurisdiction": _one_of(JURISDICTIONS),
    "detail": _one_of(DETAILS),
    "alerts": _one_of(ALERTS),
    "discretion": _one_of(rule_words.DISCRETION),
    "locale": _one_of(LANGUAGES),
    "modes": words.ways,
    "every_weeks": _one_of(words.EVERY),
    "weekday": lambda day: words.WEEKDAYS[day],
    "role": lambda role: role.replace("_", " "),
    "relationship": _one_of(words.RELATIONSHIPS),
    "messages_to": _one_of(words.MESSAGES_TO),
    "moved": lambda moved: words.listed([_moved(each, moved[each.name]) for each in CLIENT_KEYS if each.name in moved]),
    "roles": lambda roles: words.listed([each.replace("_", " ") for each in roles]),
    **dict.fromkeys(("logo", "photo"), lambda digest: f"picture {digest[:8]}"),
    "first_steps_put_away_at": lambda _: "yes",
    "licences": lambda states: words.listed([JURISDICTIONS.get(each, each) for each in states]),
}

"""Why a time cannot be booked, in words. Pages and programs say the same, because they say it from here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from telehealth.domain.appointments.overriding import NEVER_WAIVED
from telehealth.domain.words import Obstacle

_UNITS = ((timedelta(days=1), "day"), (timedelta(hours=1), "hour"), (timedelta(minutes=1), "minute"))
_SENTENCES = {
    Obstacle.OUTSIDE_HOURS: "It is outside {therapist}'s hours.",
    Obstacle.OFF_GRID: "It is within {therapist}'s hours, but between the starts that are offered.",
    Obstacle.TIME_OFF: "{therapist} is away then.",
    Obstacle.CLOSED: "The practice is closed on that date.",
    Obstacle.LEFT: "{therapist} is not with the practice any more by then.",
    Obstacle.NEW_CLIENT: "{therapist} takes no new clients then.",
    Obstacle.BUSY: "{therapist}'s own calendar is busy then{source}.",
    Obstacle.UNREAD: "{therapist}'s own calendar was not read for a while, and nothing is offered until it is.",
    Obstacle.TAKEN: "It overlaps another appointment of {therapist}{during}.",
    Obstacle.BUFFER: "It comes too close to another appointment of {therapist}{during}: a buffer is kept free there.",
    Obstacle.HELD: "Somebody is choosing this time right now, so it is kept for them for some minutes.",
    Obstacle.STANDING: "{therapist} keeps this time for a standing slot.",
    Obstacle.PAST: "This time has passed.",
    Obstacle.NOTICE: "It is too soon: this service is booked with more notice.",
    Obstacle.HORIZON: "It is further ahead than this service is booked.",
    Obstacle.DAILY_CAP: "{therapist} has as many appointments as they take on one day.",
    Obstacle.WEEKLY_CAP: "{therapist} has as many appointments as they take in one week.",
    Obstacle.LONGEST_RUN: "{therapist} would have too many appointments in a row without a break.",
    Obstacle.LICENCE: "{therapist} has no authority to practise {where} on that date.",
    Obstacle.ROOM: "No fitting room is free then.",
    Obstacle.NOT_GIVEN: "{therapist} does not give this service, or not in this way.",
    Obstacle.CLIENT_BUSY: "The client has another appointment then.",
    Obstacle.FULL: "The group has no free seat.",
    Obstacle.NO_GUARDIAN: "The client is a minor, and nobody acts for them on file: a parent or guardian should.",
}

_BRIEFLY = {
    Obstacle.OUTSIDE_HOURS: "Outside their hours",
    Obstacle.OFF_GRID: "Not at their starts",
    Obstacle.TIME_OFF: "Away",
    Obstacle.CLOSED: "Closed",
    Obstacle.LEFT: "Has left by then",
    Obstacle.BUSY: "Busy in their calendar",
    Obstacle.UNREAD: "Calendar not read",
    Obstacle.TAKEN: "Not free",
    Obstacle.BUFFER: "Too close to another",
    Obstacle.HELD: "Being booked",
    Obstacle.STANDING: "Standing slot",
    Obstacle.DAILY_CAP: "Day is full",
    Obstacle.WEEKLY_CAP: "Week is full",
    Obstacle.LONGEST_RUN: "Too many in a row",
    Obstacle.LICENCE: "No licence",
    Obstacle.ROOM: "No room",
    Obstacle.NOT_GIVEN: "Not their service",
    Obstacle.CLIENT_BUSY: "Client is busy",
    Obstacle.NO_GUARDIAN: "No guardian",
}


def say_obstacle_briefly(obstacle: Obstacle) -> str:
    """The same in two or three words, for a table."""
    return _BRIEFLY.get(obstacle, "Not possible")


def say_source(name: str, age: timedelta) -> str:
    """In which calendar somebody is busy, and how long ago it was read: "Fastmail, 12 minutes ago"."""
    for unit, word in _UNITS:
        if age >= unit:
            count = age // unit
            return f"{name}, {count} {word}{'' if count == 1 else 's'} ago"
    return f"{name}, just now"


def say_obstacle(
    obstacle: Obstacle, therapist_name: str, *, during: str = "", state: str = "", source: str = ""
) -> str:
    """One obstacle as a sentence for staff.

    ``during`` is when the other appointment is ("10:00 AM to 10:50 AM"), where that is known; ``state`` is the name of
    the state where care would happen, and ``source`` what ``say_source`` says of the therapist's own calendar.
    """
    return _SENTENCES[obstacle].format(
        therapist=therapist_name,
        during=f", {during}" if during else "",
        source=f" ({source})" if source else "",
        where=f"in {state}" if state else "where the client will be",
    )


def may_be_set_aside(obstacle: Obstacle) -> bool:
    """Whether staff may book in spite of it, with a reason."""
    return obstacle not in NEVER_WAIVED


def in_order(obstacles: Iterable[Obstacle]) -> list[Obstacle]:
    """Each obstacle once: first those that nobody can set aside, then in the order of the vocabulary."""
    found = set(obstacles)
    return [*(each for each in Obstacle if each in found & NEVER_WAIVED),
            *(each for each in Obstacle if each in found - NEVER_WAIVED)]  # fmt: skip


_OVERRIDES = {
    Obstacle.OUTSIDE_HOURS: "outside the therapist's hours",
    Obstacle.OFF_GRID: "between the starts that are offered",
    Obstacle.TIME_OFF: "in the therapist's time off",
    Obstacle.CLOSED: "on a date on which the practice is closed",
    Obstacle.LEFT: "after the therapist had left",
    Obstacle.NEW_CLIENT: "although the therapist takes no new clients",
    Obstacle.BUSY: "while the therapist's own calendar was busy",
    Obstacle.UNREAD: "while the therapist's own calendar was not read",
    Obstacle.TAKEN: "over another appointment",
    Obstacle.BUFFER: "within a buffer",
    Obstacle.HELD: "over a time that was kept for somebody",
    Obstacle.STANDING: "over a standing slot",
    Obstacle.PAST: "when the time had passed",
    Obstacle.NOTICE: "at shorter notice than usual",
    Obstacle.HORIZON: "further ahead than usual",
    Obstacle.DAILY_CAP: "above the therapist's daily limit",
    Obstacle.WEEKLY_CAP: "above the therapist's weekly limit",
    Obstacle.LONGEST_RUN: "without the usual break",
    Obstacle.LICENCE: "without a licence on file for the client's state",
    Obstacle.ROOM: "without a free room",
    Obstacle.NOT_GIVEN: "although the therapist does not give the service",
    Obstacle.CLIENT_BUSY: "over another appointment of the client",
    Obstacle.FULL: "although the group was full",
    Obstacle.NO_GUARDIAN: "for a minor for whom nobody acts on file",
}


def say_overridden(obstacles: Iterable[str]) -> str:
    """What was booked in spite of, as the end of a sentence: "over another appointment and within a buffer".

    Takes the words as rows keep them; a word that no longer exists is said as it stands.
    """
    known = {each.value for each in Obstacle}
    said = [_OVERRIDES[Obstacle(each)] if each in known else each for each in obstacles]
    return ", ".join(said[:-1]) + " and " + said[-1] if len(said) > 1 else "".join(said)

"""What is known of a next session before anybody asks: service, therapist, way and place are those of the last time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from flask import url_for

from telehealth.domain import walltime
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee
from telehealth.queries.appointments.appointments import list_seats_of_client
from telehealth.queries.practice.clients import find_client
from telehealth.web.desk.appointments.slot_search import ANYBODY
from telehealth.web.desk.frame import PUBLIC_ID, Desk
from telehealth.web.free_times import say_start

ONE_WEEK = timedelta(weeks=1)
LOOKED_AT = 10
NOT_AGAIN = (AppointmentStatus.PENDING, AppointmentStatus.CANCELLED)


def fill_in_last_time(desk: Desk, given: Mapping[str, str]) -> dict[str, str]:
    """The answers in an address, and where a client is named and no service, those of their last session. What the
    address says counts. Raises NotFound for a client who may not be seen here.
    """
    answers = dict(given.items())
    client = answers.get("client", "")
    if not PUBLIC_ID.fullmatch(client) or answers.get("service") or "ask" in answers:
        return answers
    known = find_client(desk.practice.id, client, therapist_id=desk.only_therapist)
    seats = list_seats_of_client(desk.practice.id, known.id, therapist_id=desk.only_therapist, limit=LOOKED_AT)
    last = next((each for each in seats if _may_come_again(each)), None)
    if last is None:
        return answers
    said = {name: value for name, value in answers.items() if value and (name, value) != ("who", ANYBODY)}
    return {**answers, **_answers_of(last.appointment, last), **said}


def _may_come_again(seat: Attendee) -> bool:
    is_kept = seat.status not in NOT_AGAIN and not seat.appointment.service.is_group
    return is_kept and seat.appointment.service.ended_at is None


def _answers_of(appointment: Appointment, seat: Attendee) -> dict[str, str]:
    therapist, place = appointment.therapist, appointment.location
    return {
        "service": appointment.service.public_id,
        "who": therapist.public_id if therapist.ended_at is None else "",
        "co": appointment.co_therapist.public_id if appointment.co_therapist is not None else "",
        "mode": appointment.mode.value,
        "place": place.public_id if place is not None else "",
        "state": seat.jurisdiction or "",
        "minutes": str(appointment.minutes) if appointment.minutes != appointment.service.duration_minutes else "",
    }


def list_next_links(appointment: Appointment, *, now: datetime) -> list[tuple[str, str]]:
    """From a session to the one after it, as links; none from a group, nor from what nobody holds a seat in."""
    if appointment.service.is_group or appointment.status in NOT_AGAIN or not appointment.seats:
        return []
    seat = appointment.seats[0]
    answers: dict[str, Any] = {"client": seat.client.public_id, **_answers_of(appointment, seat)}
    answers = {name: value for name, value in answers.items() if value}
    start = _a_week_on(appointment, now=now)
    return [
        ("Same time next week", url_for("desk.booking", **answers, start=say_start(start))),
        ("Another time", url_for("desk.booking", **answers, week=start.date().isoformat(), _anchor="times")),
        ("Same time every week", url_for("desk.series_new", after=appointment.public_id)),
    ]


def _a_week_on(appointment: Appointment, *, now: datetime) -> datetime:
    """The same wall time a week later; for what is long over, in the first week that is still to come."""
    weeks = max((now - appointment.starts_at) // ONE_WEEK, 0) + 1
    zone = walltime.zone(appointment.timezone)
    return walltime.resolve(appointment.local_start + weeks * ONE_WEEK, zone)

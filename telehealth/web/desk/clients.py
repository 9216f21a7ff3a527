"""The practice's clients, for staff only: finding one, and what there is to know before they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, languages, times, walltime
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Attendee, Client
from telehealth.queries import appointments, attendance, reach, series, waitlist
from telehealth.queries import clients as known
from telehealth.web.desk import client_contact, reaching, words
from telehealth.web.desk import series_words as saying
from telehealth.web.desk.frame import blueprint, current, zone_of
from telehealth.web.desk.typed import Typed

GONE = (AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)


@blueprint.get("/clients")
@access.staff()
def clients() -> ResponseReturnValue:
    """All clients by name, or those with ``?q=`` in their name or address. A therapist finds their own."""
    desk = current()
    text = Typed(request.args).text("q")[:200]
    found = known.search(desk.practice.id, text, therapist_id=desk.only_therapist, limit=known.MOST_SHOWN + 1)
    shown = found[: known.MOST_SHOWN]
    return render_template(
        "desk/clients.html",
        found=shown,
        marks=reaching.of_clients(desk.practice.id, shown),
        has_more=len(found) > known.MOST_SHOWN,
        q=text,
    )


@blueprint.get("/clients/<public_id>")
@access.staff()
def clients_one(public_id: str) -> ResponseReturnValue:
    """One client's appointments, ahead and past. Raises NotFound."""
    desk, now = current(), clock.now()
    client = known.by_public_id(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    seats = appointments.of_client(desk.practice.id, client.id, therapist_id=desk.only_therapist)
    zone = zone_of(desk.therapist) if desk.therapist is not None else walltime.zone(desk.practice.timezone)
    record = attendance.of_client(desk.practice.id, client.id, therapist_id=desk.only_therapist)
    return render_template(
        "desk/client.html",
        client=client,
        marks=reaching.of_clients(desk.practice.id, [client]).get(client.id, []),
        states=client_contact.states(client, reach.said(client.practice_id, client.id), zone),
        language=languages.LANGUAGES.get(client.locale, client.locale),
        contact=known.latest_contact(desk.practice.id, client.id) or client,
        own_therapist=known.own_therapist(desk.practice.id, client.id) if desk.only_therapist is None else None,
        ahead=[_row(each, zone) for each in reversed(seats) if each.appointment.ends_at > now],
        past=[_row(each, zone) for each in seats if each.appointment.ends_at <= now],
        late=[times.say_briefly(at, zone) for at in record.late_cancellations],
        missed=[times.say_briefly(at, zone) for at in record.no_shows],
        standing=_standing(client, now=now),
        waiting=_waiting(client),
        book=url_for("desk.booking", client=client.public_id),
        words=words,
    )


def _row(seat: Attendee, zone: Any) -> dict[str, Any]:
    found = seat.appointment
    # A seat may be given up while the others go on; whatever else happened, happened to the appointment.
    return {
        "at": found.starts_at.astimezone(zone),
        "mark": times.zone_mark(found.starts_at, zone),
        "href": url_for("desk.appointment", public_id=found.public_id),
        "what": words.how(found),
        "with": words.listed([each.name for each in found.therapists]),
        "status": seat.status,
        "is_late": seat.late_cancel,
    }


def _standing(client: Client, *, now: datetime) -> Sequence[dict[str, str]]:
    only = current().only_therapist
    found = series.of_client(client.practice_id, client.id, now=now)
    return [
        {
            "text": f"{saying.title(each)}, {saying.rhythm(each)}",
            "href": url_for("desk.series_one", public_id=each.public_id),
        }
        for each in found
        if only is None or only in (each.therapist_id, each.co_therapist_id)
    ]


def _waiting(client: Client) -> list[str]:
    """What the client waits for, with their place in the queue: a matter of the whole practice."""
    if current().only_therapist is not None:
        return []
    entries = [each for each in waitlist.waiting(client.practice_id) if each.client_id == client.id]
    return [
        f"{each.service.name}, until {words.short_day(each.until)}: place {waitlist.place_of(each)} in the queue"
        for each in entries
    ]

"""The practice's clients, for staff only: what there is to know before they come."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, languages, times, walltime
from telehealth.domain.keeping import say_date
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Attendee, Client
from telehealth.queries.appointments.appointments import list_seats_of_client
from telehealth.queries.appointments.attendance import attendance_of_client
from telehealth.queries.consent.opt_outs import list_consents
from telehealth.queries.practice.clients import (
    find_client,
    find_latest_contact,
    find_own_therapist,
)
from telehealth.queries.series.standing_slots import list_series_of_client
from telehealth.queries.waitlist.waitlist_entries import list_waiting, places_in_line
from telehealth.web.desk import series_words, words
from telehealth.web.desk.clients import contact, contact_marks, merging
from telehealth.web.desk.frame import blueprint, current

GONE = (AppointmentStatus.CANCELLED, AppointmentStatus.NOSHOW)


@blueprint.get("/clients/<public_id>")
@access.staff()
def clients_one(public_id: str) -> ResponseReturnValue:
    """One client's appointments, ahead and past. Raises NotFound."""
    desk, now = current(), clock.now()
    client = find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)
    if client.public_id != public_id:  # It was made part of another record.
        return redirect(url_for("desk.clients_one", public_id=client.public_id))
    if client.erased_at is not None:
        erased_on = say_date(client.erased_at.astimezone(desk.zone).date())
        return render_template("desk/client_erased.html", client=client, erased_on=erased_on)
    seats = list_seats_of_client(desk.practice.id, client.id, therapist_id=desk.only_therapist)
    zone = desk.zone
    latest = find_latest_contact(desk.practice.id, client.id) or client
    strangers = [each for each in client.companions if each.ended_at is None and not each.is_known]
    record = attendance_of_client(desk.practice.id, client.id, therapist_id=desk.only_therapist)
    return render_template(
        "desk/client.html",
        client=client,
        marks=contact_marks.list_marks_of_clients(desk.practice.id, [client]).get(client.id, []),
        states=contact.list_contact_states(client, list_consents(client.practice_id, client.id), zone),
        language=languages.LANGUAGES.get(client.locale, client.locale),
        contact=latest,
        zone=times.zone_name(walltime.zone(latest.timezone)),
        own_therapist=find_own_therapist(desk.practice.id, client.id) if desk.only_therapist is None else None,
        ahead=[_row(each, zone) for each in reversed(seats) if each.appointment.ends_at > now],
        past=[_row(each, zone) for each in seats if each.appointment.ends_at <= now],
        late=[times.say_briefly(at, zone) for at in record.late_cancellations],
        missed=[times.say_briefly(at, zone) for at in record.no_shows],
        standing=_standing(client, now=now),
        waiting=_waiting(client),
        born=words.birthday(client.born_on) if client.born_on else "",
        age=contact_marks.say_age(
            client, latest.jurisdiction if isinstance(latest, Attendee) else None, now.astimezone(zone).date()
        ),
        companions=[each for each in client.companions if each.ended_at is None and each.is_known],
        strangers=strangers,
        turned_away={each.id: _say_day(each.turned_away_at, zone) for each in strangers},
        doubles=merging.list_doubles_of(client),
        merges=merging.list_merges_of(client),
        book=url_for("desk.booking", client=client.public_id),
        words=words,
    )


def _say_day(at: datetime | None, zone: ZoneInfo) -> str:
    return words.short_day(at.astimezone(zone).date()) if at is not None else ""


def _row(seat: Attendee, zone: Any) -> dict[str, Any]:
    found = seat.appointment
    # A seat may be given up while the others go on; whatever else happened, happened to the appointment.
    return {
        "at": found.starts_at.astimezone(zone),
        "mark": times.zone_mark(found.starts_at, zone),
        "href": url_for("desk.appointment", public_id=found.public_id),
        "what": words.say_meeting(found),
        "with": words.listed([each.name for each in found.therapists]),
        "status": seat.status,
        "is_late": seat.late_cancel,
    }


def _standing(client: Client, *, now: datetime) -> Sequence[dict[str, str]]:
    only = current().only_therapist
    found = list_series_of_client(client.practice_id, client.id, now=now)
    return [
        {
            "text": f"{series_words.title(each)}, {series_words.rhythm(each)}",
            "href": url_for("desk.series_one", public_id=each.public_id),
        }
        for each in found
        if only is None or only in (each.therapist_id, each.co_therapist_id)
    ]


def _waiting(client: Client) -> list[str]:
    """What the client waits for, with their place in the queue: a matter of the whole practice."""
    if current().only_therapist is not None:
        return []
    waiting = list_waiting(client.practice_id)
    places = places_in_line(waiting)
    return [
        f"{each.service.name}, until {words.short_day(each.until)}: place {places[each.id]} in the queue"
        for each in waiting
        if each.client_id == client.id
    ]

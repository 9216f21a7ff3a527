"""Who waits for a time, as staff see it: their wishes, the offers they were made, somebody new, somebody who stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode
from telehealth.models import Offer, Service, Therapist, WaitlistEntry
from telehealth.queries.practice.clients import find_left_alone
from telehealth.queries.practice.practices import find_service, list_locations, list_services, list_therapists
from telehealth.queries.waitlist.waitlist_entries import find_entry, list_waiting, places_in_line
from telehealth.services.waitlist.waiting import join_waitlist, leave_waitlist
from telehealth.services.waitlist.wishes import WaitWish
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.appointments import attendee_forms
from telehealth.web.desk.clients import finding
from telehealth.web.desk.frame import blueprint, current, require_id
from telehealth.web.form_reader import FormReader
from telehealth.web.waitlist import wishes

ANY_TIME = "At any time"
FIELDS = {"name": "name-1", "email": "email-1", "phone": "phone-1", "jurisdiction": "jurisdiction-1",
          "timezone": "timezone-1", "windows": "weekdays"}  # fmt: skip
"""Names of the service's fields where the form calls them otherwise."""


@blueprint.get("/waitlist")
@access.staff()
def waitlist() -> ResponseReturnValue:
    """Everybody who waits, who has waited longest first."""
    desk, now = current(), clock.now()
    waiting = list_waiting(desk.practice.id)
    places = places_in_line(waiting)
    names = {each.id: each.name for each in desk.team}
    alone = find_left_alone(desk.practice, {each.client_id: each.state_there for each in waiting}, on=now.date())
    rows = [
        {**_row(each, names, now), "place": places[each.id], "is_left_alone": each.client_id in alone}
        for each in waiting
        if _concerns(each)
    ]
    return render_template("desk/waitlist.html", rows=rows, words=words)


@blueprint.get("/waitlist/new")
@access.staff()
def waitlist_new() -> ResponseReturnValue:
    """Choose a service, then say who waits and when they could come."""
    wanted = request.args.get("service", "")
    desk = current()
    if not wanted:
        return render_template("desk/waitlist_service.html", services=list_services(desk.practice.id), words=words)
    service = _service(wanted)
    until = walltime.wall(clock.now(), walltime.zone(desk.practice.timezone)).date() + wishes.WAITS_FOR
    values: MultiDict[str, str] = MultiDict(
        [("until", until.isoformat()), *(("modes", mode) for mode in service.modes)]
    )
    return _form(service, values, {})


@blueprint.post("/waitlist/new")
@access.staff()
def waitlist_add() -> ResponseReturnValue:
    """Put somebody on the waitlist, or change the wish of somebody who waits already."""
    form = request.form
    service = _service(form.get("service", ""))
    if finding.was_asked(form):
        return _form(service, form, {})
    try:
        entry = join_waitlist(
            practice_id=service.practice_id, wish=_wish(form, service), by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(service, form, problem.fields), problem.status
    flash(f"{entry.name} waits for {service.name}. When a time gets free that suits them, it is offered.", "success")
    return redirect(url_for("desk.waitlist"))


@blueprint.post("/waitlist/<public_id>/leave")
@access.staff()
def waitlist_leave(public_id: str) -> ResponseReturnValue:
    """Take somebody off; an offer that is still open goes to the next one. Raises NotFound."""
    found = find_entry(current().practice.id, public_id)
    if not _concerns(found):
        raise NotFound
    leave_waitlist(practice_id=found.practice_id, entry_public_id=public_id, now=clock.now())
    flash(f"{found.name} is off the waitlist.", "success")
    return redirect(url_for("desk.waitlist"))


def _concerns(entry: WaitlistEntry) -> bool:
    """A therapist sees who would come to them: who named them, and who would take anybody for what they give."""
    desk = current()
    if desk.only_therapist is None:
        return True
    if entry.therapist_ids:
        return desk.only_therapist in entry.therapist_ids
    return desk.therapist is not None and entry.service in desk.therapist.services


def _row(entry: WaitlistEntry, names: Mapping[int, str], now: datetime) -> dict[str, Any]:
    zone = walltime.zone(current().practice.timezone)
    theirs = walltime.zone(entry.timezone)
    with_whom = words.listed([names[each] for each in entry.therapist_ids if each in names])
    return {
        "row": entry,
        "service": entry.service.name,
        "since": times.say_briefly(entry.created_at, zone),
        "wish": f"{words.ways(entry.modes, entry.location)}, with {with_whom or 'anybody'}",
        "windows": wishes.describe_windows(entry.windows, theirs) or [ANY_TIME],
        "zone": times.zone_name(theirs),
        "until": words.short_day(entry.until),
        "instead": times.say_briefly(entry.replaces.appointment.starts_at, zone) if entry.replaces is not None else "",
        "offers": [_offer(each, zone) for each in entry.offers if each.is_open(now=now)],
    }


def _offer(offer: Offer, zone: Any) -> str:
    at, until = times.say_briefly(offer.starts_at, zone), times.say_briefly(offer.expires_at, zone)
    return f"Offered {at} with {words.listed([each.name for each in offer.therapists])}, until {until}"


def _service(public_id: str) -> Service:
    return find_service(current().practice.id, require_id(public_id))


def _possible(service: Service) -> Sequence[Therapist]:
    return list_therapists(service.practice_id, service_id=service.id)


def _wish(form: MultiDict[str, str], service: Service) -> WaitWish:
    """What was typed. Raises InvalidInput with everything that is wrong."""
    typed, desk = FormReader(form), current()
    modes = wishes.read_modes(typed, [Mode(mode) for mode in service.modes])
    location = wishes.read_location(typed, modes, list_locations(service.practice_id))
    windows = wishes.read_windows(typed)
    contact = None
    with typed.noting():
        contact = attendee_forms.read_contacts(form, desk, number=1, mode=_strictest(modes))[0]
    zone = walltime.zone(contact.timezone if contact is not None else desk.practice.timezone)
    until = wishes.read_until(typed, today=walltime.wall(clock.now(), zone).date())
    typed.refuse()
    assert contact is not None and until is not None  # noqa: S101, PT018 -- refused above
    return WaitWish(
        service=service.public_id,
        modes=modes,
        therapists=wishes.read_therapists(typed, _possible(service)),
        location=location,
        windows=windows,
        until=until,
        contact=contact,
    )


def _strictest(modes: Sequence[Mode]) -> Mode:
    """The way to meet for which most has to be known: by phone a number and a state, by video a state."""
    return next((mode for mode in (Mode.PHONE, Mode.VIRTUAL) if mode in modes), Mode.IN_PERSON)


def _form(service: Service, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    desk = current()
    places = list_locations(desk.practice.id)
    return render_template(
        "desk/waitlist_form.html",
        service=service,
        values=values,
        problems={FIELDS.get(name, name): sentence for name, sentence in problems.items()},
        modes=[(mode, words.MODES[Mode(mode)]) for mode in service.modes],
        places=[(each.public_id, each.name) for each in places] if Mode.IN_PERSON in service.modes else [],
        therapists=[(each.public_id, each.name) for each in _possible(service)],
        weekdays=words.WEEKDAY_CHOICES,
        parts=[(name, label) for name, (label, *_) in wishes.PARTS.items()],
        offer=attendee_forms.list_choices(desk, desk.practice.timezone, values, number=1),
        words=words,
    )

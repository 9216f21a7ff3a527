"""A new appointment, booked by staff: somebody is on the phone. First the time, then whose it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import (
    GroupFull,
    IdempotencyMismatch,
    InvalidInput,
    NeedsReason,
    NotFound,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TelehealthError,
)
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.times import zone_in_full, zone_name
from telehealth.domain.words import Mode, ServiceKind
from telehealth.models import Client, Therapist
from telehealth.queries.appointments.slots import free_at
from telehealth.queries.consent.opt_outs import find_standing_yes
from telehealth.queries.practice.clients import search_clients
from telehealth.queries.practice.practices import list_services, list_therapists
from telehealth.services.appointments.booking import BookingWish, book_appointment
from telehealth.web.acting import by_staff
from telehealth.web.booking import matches, zones
from telehealth.web.desk import words
from telehealth.web.desk.appointments import attendee_forms, next_time, obstacles
from telehealth.web.desk.appointments.attendee_forms import STATES, TypedPeople
from telehealth.web.desk.appointments.free_week import find_desk_week, list_desk_days
from telehealth.web.desk.appointments.obstacles import ShownObstacle
from telehealth.web.desk.appointments.slot_search import (
    ANYBODY,
    BEST,
    STATE_CHOICES,
    SlotSearch,
    find_asked_start,
    read_search,
    read_typed_start,
)
from telehealth.web.desk.clients.contact_marks import say_age
from telehealth.web.desk.clients.finding import LONGEST_SEARCH, MOST_FOUND
from telehealth.web.desk.frame import blueprint, current, with_therapist
from telehealth.web.desk.video_words import warn_of_too_many
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import say_start

USED_BEFORE = "An appointment was booked with this form before. Book once more only if you want another one."
NOT_LIKE_THIS = "It could not be booked like this. What stands in the way is listed below; nothing you typed is lost."
SENTENCES = {
    GroupFull: "The last seat has just been taken. Nothing was booked.",
    ServiceEnded: "This service can no longer be booked.",
}
REFUSALS = (InvalidInput, NeedsReason, IdempotencyMismatch, ServiceEnded, SlotTaken, SlotNotOffered, GroupFull)


@blueprint.get("/book")
@access.staff()
@with_therapist
def booking(_therapist: Therapist) -> ResponseReturnValue:
    """What is looked for, and when it is free. ``?q=`` looks for a client, ``?week=`` for another week, and with
    ``?start=``, a time that was chosen in the schedule, it goes on as soon as everything else is answered.
    """
    question, start = _question(), find_asked_start(request.args)
    if start is not None and not question.missing and "q" not in request.args:
        return _on(question, start)
    return _ask(question, FormReader(request.args), start)


@blueprint.get("/book/at")
@access.staff()
@with_therapist
def booking_at(_therapist: Therapist) -> ResponseReturnValue:
    """A date and a time that were typed: on to whose appointment it is, or to why nobody can take it."""
    question, typed = _question(), FormReader(request.args)
    start = read_typed_start(typed, question.zone)
    if question.missing or start is None:
        return _ask(question, typed), HTTPStatus.UNPROCESSABLE_ENTITY
    return _on(question, start)


@blueprint.get("/book/details")
@access.staff()
@with_therapist
def booking_details(_therapist: Therapist) -> ResponseReturnValue:
    """Whose appointment it is, and what stands in the way."""
    question, start = _question(), find_asked_start(request.args)
    if question.missing or start is None:
        return redirect(url_for("desk.booking", **question.address()))
    if question.therapist is None:
        return _on(question, start)
    return _details(question, start, attendee_forms.suggest_people(question))


@blueprint.post("/book/details")
@access.staff()
@with_therapist
def booking_make(_therapist: Therapist) -> ResponseReturnValue:
    """Book it, and set aside what was ticked."""
    question, start = _question(), find_asked_start(request.args)
    typed = attendee_forms.read_people(request.form)
    if question.missing or start is None or question.therapist is None:
        raise NotFound
    if "more" in request.form:
        return _details(question, start, typed.with_one_more(question))
    shown = obstacles.find_obstacles(question, start, coming=typed.match_keys(question), now=clock.now())
    try:
        made = book_appointment(
            practice=question.practice.id,
            wish=_wish(question, start, typed, shown),
            by=by_staff(),
            now=clock.now(),
        )
    except REFUSALS as refusal:
        return _again(question, start, typed, refusal), refusal.status
    told = words.told(start, question.practice.grace_minutes, now=clock.now())
    flash(f"Booked. {told}", "success")
    if made.mode == Mode.VIRTUAL:
        warn_of_too_many(made.service)
    return redirect(url_for("desk.appointment", public_id=made.public_id))


def _again(question: SlotSearch, start: datetime, typed: TypedPeople, refusal: TelehealthError) -> str:
    """The form as it was, with what was wrong."""
    if isinstance(refusal, InvalidInput):
        return _details(question, start, typed, problems=refusal.fields)
    if isinstance(refusal, NeedsReason):
        return _details(question, start, typed, problems={"reason": str(refusal)})
    if isinstance(refusal, IdempotencyMismatch):
        return _details(question, start, typed.renewed(), sentence=USED_BEFORE)
    return _details(question, start, typed, sentence=SENTENCES.get(type(refusal), NOT_LIKE_THIS))


def _question() -> SlotSearch:
    return read_search(current(), next_time.fill_in_last_time(current(), request.args))


def _on(question: SlotSearch, start: datetime) -> ResponseReturnValue:
    """On with a start, once it is clear with whom; where nobody can take it, to the reasons."""
    if question.therapist is None:
        found = free_at(question.query(start), now=clock.now())
        ids = [each.therapist_id for each in found]
        able = sorted((each for each in question.therapists if each.id in ids), key=lambda each: ids.index(each.id))
        if not able:
            return redirect(url_for("desk.why_not", **question.address(start=say_start(start))))
        question = question.with_therapist(able[0])
    return redirect(url_for("desk.booking_details", **question.address(start=say_start(start))))


def _ask(question: SlotSearch, typed: FormReader, start: datetime | None = None) -> str:
    now = clock.now()
    asked = "ask" in request.args or "week" in request.args
    chosen = {"start": say_start(start)} if start is not None else {}
    week = None
    if not question.missing and start is None:
        week = find_desk_week(question, typed.text("week"), now=now)
    looked_for = typed.text("q")
    found = _search(question, looked_for) if looked_for else []
    return render_template(
        "desk/booking.html",
        question=question,
        age=say_age(question.client, question.state, now.astimezone(question.zone).date()) if question.client else "",
        asked=asked,
        problems={**(question.missing if asked else {}), **typed.problems},
        fields=list_question_choices(question),
        week=week,
        days=list_desk_days(question, week, _details_link) if week is not None else [],
        keep=question.address(**chosen),
        is_filled_in=question.client is not None and question.service is not None and not request.args.get("service"),
        chosen=chosen,
        chosen_start=start.astimezone(question.zone) if start is not None else None,
        other_time=url_for("desk.booking", **question.address()),
        looked_for=looked_for,
        found=[(each, url_for("desk.booking", **question.address(client=each.public_id, **chosen))) for each in found],
        somebody_else=url_for("desk.booking", **question.address(client="", **chosen)),
        pager_url=lambda day: url_for("desk.booking", **question.address(week=day.isoformat()), _anchor="times"),
        typed=request.args,
        zone_of_times=zone_name(question.zone),
        words=words,
    )


def _search(question: SlotSearch, text: str) -> Sequence[Client]:
    only = current().only_therapist
    return search_clients(question.practice.id, text[:LONGEST_SEARCH], therapist_id=only, limit=MOST_FOUND)


def list_question_choices(question: SlotSearch) -> dict[str, Any]:
    """The choices of the form that asks the question."""
    everybody = list_therapists(question.practice.id)
    named = [(each.public_id, each.name) for each in question.therapists]
    anybody = [(ANYBODY, "Whoever is free first"), (BEST, "Whoever fits best")] if len(named) > 1 else []
    services = list_services(question.practice.id)
    return {
        "services": [("", "Choose a service"), *((each.public_id, each.name) for each in services)],
        "therapists": [*anybody, *named],
        "colleagues": [("", "Whoever is free"), *((each.public_id, each.name) for each in everybody)],
        "pairs": any(each.therapists_needed > 1 for each in services),
        "modes": [("", "Choose how to meet"), *((mode.value, text) for mode, text in words.MODES.items())],
        "places": [("", "Choose a place"), *((each.public_id, each.name) for each in question.places)],
        "states": STATE_CHOICES,
        "aspects": _aspects(question),
    }


def _aspects(question: SlotSearch) -> list[tuple[str, str, list[tuple[str, str]], str]]:
    """Name, label, choices and answer of what may matter for the best fit."""
    labels = {"language": "Language", "approach": "Approach", "focus": "Focus"}
    chosen = question.address()
    return [
        (
            name,
            labels[name],
            [("", "Anything"), *((matches.make_key(each), each) for each in listed)],
            chosen.get(name, ""),
        )
        for name, listed in matches.list_words(question.therapists).items()
    ]


def _details_link(**given: Any) -> str:
    return url_for("desk.booking_details", **given)


def _details(
    question: SlotSearch,
    start: datetime,
    typed: TypedPeople,
    *,
    problems: Mapping[str, str] | None = None,
    sentence: str = "",
) -> str:
    zone, home = question.zone, walltime.zone(question.practice.timezone)
    shown = obstacles.find_obstacles(question, start, coming=typed.match_keys(question), now=clock.now())
    return render_template(
        "desk/booking_details.html",
        question=question,
        starts=start.astimezone(zone),
        zone_of_times=zone_in_full(start, zone),
        typed=typed,
        state_name=JURISDICTIONS.get(question.state or "", ""),
        zones=zones.list_zones(walltime.zone(typed.timezone or home.key), home),
        rooms=_rooms(question),
        consent=TEXT_CONSENT.format(sender=question.practice.sender_name),
        states=STATES,
        standing_yes=_say_standing_yes(question, zone),
        in_the_way=shown,
        ticked={each.value for each in obstacles.read_waived(request.form, shown)},
        form=request.form,
        problems=problems or {},
        sentence=sentence,
        back=url_for("desk.booking", **question.address(), week=start.astimezone(zone).date().isoformat()),
        words=words,
    )


def _rooms(question: SlotSearch) -> list[tuple[str, str]]:
    if question.mode != Mode.IN_PERSON or question.place is None:
        return []
    return [("", "Chosen automatically"), *((each.public_id, each.name) for each in question.place.open_rooms)]


def _say_standing_yes(question: SlotSearch, zone: ZoneInfo) -> str:
    """That a known client agreed to texts, when, and for which number; empty without a yes."""
    said = find_standing_yes(question.client.id) if question.client is not None else None
    if said is None:
        return ""
    day = words.short_day(said.at.astimezone(zone).date())
    return f"They agreed to texts on {day}, at the number ending in {said.address[-4:]}. That goes on, box or no box."


def _wish(question: SlotSearch, start: datetime, typed: TypedPeople, shown: list[ShownObstacle]) -> BookingWish:
    """Raises InvalidInput with everything that cannot be used."""
    query = question.query(start)
    first, *others = typed.contacts(question)
    if query.service.kind == ServiceKind.COUPLE and not others and attendee_forms.ALONE not in request.form:
        raise InvalidInput({"name-1": attendee_forms.WHO_ELSE})
    co_therapist = question.co_therapist if query.co_therapist_id is not None else None
    room = request.form.get("room", "") if _rooms(question) else ""
    return BookingWish(
        service=query.service.public_id,
        starts_at=start,
        mode=query.mode,
        therapist=question.therapist.public_id if question.therapist is not None else None,
        location=question.place.public_id if query.location_id is not None and question.place is not None else None,
        contact=first,
        others=tuple(others),
        co_therapist=co_therapist.public_id if co_therapist is not None else None,
        room=room.replace("\0", "") or None,
        minutes=question.length,
        waived=obstacles.read_waived(request.form, shown),
        reason=FormReader(request.form).text("reason"),
        idempotency_key=typed.key,
    )

"""What the practice offers, as the owner sets it: services with all their rules and terms."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.appointments.openness import ASKED_FIRST, OpenTo
from telehealth.domain.colours import ServiceColour
from telehealth.domain.consent.texting import own_country
from telehealth.domain.errors import InvalidInput
from telehealth.domain.money import parse_price, usual_currency
from telehealth.domain.words import Approval, LateChange, Mode, Role, ServiceKind, WhenOneCancels
from telehealth.models import Service, Therapist
from telehealth.queries.practice.practices import (
    find_service,
    list_ended_services,
    list_locations,
    list_services,
    list_therapists,
)
from telehealth.services.practice.catalogue import (
    LIMITS,
    ServiceFacts,
    add_service,
    change_service,
    end_service,
    move_service,
    renew_service_link,
    reopen_service,
)
from telehealth.web import terms
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.spans import filled_span, typed_span
from telehealth.web.desk.video_words import show_video_choices, warn_of_too_many
from telehealth.web.form_reader import FormReader
from telehealth.web.link_pages import find_addresses

SERVICE_KINDS = {
    ServiceKind.INTAKE: "First conversation",
    ServiceKind.INDIVIDUAL: "Individual",
    ServiceKind.COUPLE: "Couple",
    ServiceKind.FAMILY: "Family",
    ServiceKind.GROUP: "Group",
    ServiceKind.CRISIS: "Crisis",
    ServiceKind.SUPERVISION: "Supervision",
}
APPROVALS = {
    Approval.NEVER: "Nobody's: a free time is booked at once",
    Approval.NEW_CLIENTS: "Those of new clients, and of whoever does not come by their own link",
    Approval.ALWAYS: "Everybody's",
}
ONE_CANCELS = {
    WhenOneCancels.ALL_OFF: "The appointment is off for all",
    WhenOneCancels.GOES_ON: "The others still come",
}
OPEN_TO = {
    OpenTo.EVERYBODY: "Everybody",
    OpenTo.NEW_CLIENTS: "New clients: you look at each request first",
    OpenTo.KNOWN_CLIENTS: "Clients you know: you look at each request first",
    OpenTo.LINK: "Whoever has its link: it is on no list",
    OpenTo.STAFF: "Nobody for now: only you book it",
}
FOR_WHOM = {
    OpenTo.NEW_CLIENTS: "For new clients: you look at each request.",
    OpenTo.KNOWN_CLIENTS: "For clients you know: you look at each request.",
    OpenTo.LINK: "On no list: booked by its link.",
    OpenTo.STAFF: "Not open to clients now: only you book it.",
}
LATE = {
    LateChange.MARK: "They can still cancel, and it is marked as late",
    LateChange.CALL: "They are asked to call us",
}
HALF_HOUR = 30
"""Of a service that somebody sets up on the page: starts on the hour and the half hour."""
WHOLE = "Please enter a whole number."
NUMBERS = ("duration_minutes", "step_minutes", "buffer_before_minutes", "buffer_after_minutes", "horizon_days",
           "capacity", "load_percent", "therapists_needed")  # fmt: skip
SPANS = ("notice_minutes", "approval_minutes")
NOT_LENGTHS = "Please write whole minutes with commas between them: 45, 60, 80."


@blueprint.get("/services")
@access.staff(Role.OWNER)
def services() -> ResponseReturnValue:
    """Every service in words."""
    practice = current().practice
    therapists = list_therapists(practice.id)
    return render_template(
        "desk/services.html",
        open_services=[_described(each, therapists) for each in list_services(practice.id)],
        ended=list_ended_services(practice.id),
    )


@blueprint.get("/services/new")
@access.staff(Role.OWNER)
def services_new() -> ResponseReturnValue:
    """The form for another service, with what most practices want filled in."""
    return _form(_fresh(), {})


@blueprint.post("/services/new")
@access.staff(Role.OWNER)
def services_add() -> ResponseReturnValue:
    """Offer another service."""
    practice = current().practice
    try:
        position = max((each.position for each in list_services(practice.id)), default=0) + 1
        added = add_service(
            practice_id=practice.id, facts=_facts(request.form, position=position), by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    warn_of_too_many(added)
    flash(f"Added: {added.name}. Now look at its terms for cancelling.", "success")
    return redirect(url_for("desk.services_terms", public_id=added.public_id))


@blueprint.get("/services/<public_id>/change")
@access.staff(Role.OWNER)
def services_edit(public_id: str) -> ResponseReturnValue:
    """The form for a service that is there, filled in. Raises NotFound."""
    found = find_service(current().practice.id, public_id)
    return _form(_filled(found), {}, changing=found)


@blueprint.post("/services/<public_id>/change")
@access.staff(Role.OWNER)
def services_change(public_id: str) -> ResponseReturnValue:
    """Offer a service otherwise from now on. Raises NotFound."""
    found = find_service(current().practice.id, public_id)
    try:
        facts = _facts(request.form, position=found.position)
        change_service(
            practice_id=found.practice_id, service_public_id=public_id, facts=facts, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _form(request.form, problem.fields, changing=found), problem.status
    warn_of_too_many(found)
    flash(f"Saved: {facts.name}. Appointments that are booked already stay as they are.", "success")
    return redirect(url_for("desk.services"))


@blueprint.post("/services/<public_id>/up", defaults={"way": "up"})
@blueprint.post("/services/<public_id>/down", defaults={"way": "down"})
@access.staff(Role.OWNER)
def services_move(public_id: str, way: str) -> ResponseReturnValue:
    """Let a service stand further up or down in the list, here and on the practice's page. Raises NotFound."""
    moved = move_service(
        practice_id=current().practice.id,
        service_public_id=public_id,
        is_up=way == "up",
        by=by_staff(),
        now=clock.now(),
    )
    flash(f"{moved.name} stands in place {moved.position} now.", "success")
    return redirect(url_for("desk.services"))


@blueprint.post("/services/<public_id>/link")
@access.staff(Role.OWNER)
def services_renew_link(public_id: str) -> ResponseReturnValue:
    """Another link for what is on no list. Raises NotFound."""
    try:
        found = renew_service_link(
            practice_id=current().practice.id, service_public_id=public_id, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        flash(problem.fields["open_to"], "error")
    else:
        flash(f"{found.name} has a new link. The one before does not work any more.", "success")
    return redirect(url_for("desk.services"))


@blueprint.post("/services/<public_id>/end")
@access.staff(Role.OWNER)
def services_end(public_id: str) -> ResponseReturnValue:
    """Close a service to new bookings. Raises NotFound."""
    ended = end_service(practice_id=current().practice.id, service_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"{ended.name} is closed. What is booked stays; nothing new can be booked.", "success")
    return redirect(url_for("desk.services"))


@blueprint.post("/services/<public_id>/reopen")
@access.staff(Role.OWNER)
def services_reopen(public_id: str) -> ResponseReturnValue:
    """Let a service be booked again. Raises NotFound."""
    opened = reopen_service(
        practice_id=current().practice.id, service_public_id=public_id, by=by_staff(), now=clock.now()
    )
    flash(f"{opened.name} can be booked again.", "success")
    return redirect(url_for("desk.services"))


def _described(service: Service, therapists: Sequence[Therapist]) -> dict[str, Any]:
    return {
        "row": service,
        "facts": _in_words(service),
        "givers": words.listed([each.name for each in therapists if service in each.services]),
        "terms": terms.say_terms(service.policy),
        "tone": words.tone_of_service(service),
        "colour": (service.colour or "Chosen for you").capitalize(),
        "fee": terms.say_fee_to_staff(service),
        "link": find_addresses().booking(current().practice.slug, service.link_word) if service.link_word else "",
    }


def _in_words(service: Service) -> str:
    """ "Couple, 80 minutes, video and in person. 2 people. Needs a yes." """
    usual, others = words.counted(service.duration_minutes, "minute"), map(str, service.other_lengths)
    length = " or ".join([usual, *filter(None, [words.listed(list(others))])])
    said = [f"{SERVICE_KINDS[service.kind]}, {length}, {words.ways(service.modes).lower()}."]
    if service.capacity > 1:
        said.append(f"{service.capacity} {'seats' if service.is_group else 'people at most'}.")
    if service.opened_by_staff:
        said.append("Staff open the groups.")
    if service.therapists_needed > 1:
        said.append("Two therapists together.")
    if service.open_to in FOR_WHOM:
        said.append(FOR_WHOM[service.open_to])
    if service.approval != Approval.NEVER and service.open_to not in ASKED_FIRST:
        said.append("Needs a yes." if service.approval == Approval.ALWAYS else "Needs a yes for new clients.")
    if service.room_kind:
        said.append(f"In person it needs a room of the kind “{service.room_kind}”.")
    return " ".join(said)


def _fresh() -> MultiDict[str, str]:
    usual = ServiceFacts(
        kind=ServiceKind.INDIVIDUAL, name="", duration_minutes=50, modes=(Mode.VIRTUAL,), step_minutes=HALF_HOUR
    )
    givers = [each.public_id for each in current().team]
    return _values_of(usual, [mode.value for mode in usual.modes], givers)


def _filled(service: Service) -> MultiDict[str, str]:
    givers = [each.public_id for each in list_therapists(service.practice_id, service_id=service.id)]
    return _values_of(service, service.modes, givers)


def _values_of(facts: ServiceFacts | Service, modes: Sequence[str], givers: Sequence[str]) -> MultiDict[str, str]:
    """The form as somebody would have filled it in."""
    return MultiDict(
        [
            *((name, str(getattr(facts, name))) for name in NUMBERS),
            *(pair for name in SPANS for pair in filled_span(name, getattr(facts, name))),
            ("other_lengths", ", ".join(map(str, facts.other_lengths))),
            *((name, getattr(facts, name) or "") for name in ("name", "description", "room_kind", "fee_note")),
            ("colour", facts.colour or ""),
            ("price", facts.price.amount if facts.price is not None else ""),
            ("price_currency", facts.price.currency if facts.price is not None else _usual_currency()),
            *((("price_shown", "y"),) if facts.price_shown else ()),
            *((name, getattr(facts, name).value) for name in ("kind", "approval", "when_one_cancels", "open_to")),
            *((("opened_by_staff", "y"),) if facts.opened_by_staff else ()),
            *(("modes", mode) for mode in modes),
            *(("therapists", giver) for giver in givers),
        ]
    )


def _usual_currency() -> str:
    """That of the practice's other services, or of its country."""
    practice = current().practice
    others = (each.price_currency for each in list_services(practice.id))
    return next(filter(None, others), None) or usual_currency(own_country(practice.phone))


def _form(values: MultiDict[str, str], problems: Mapping[str, str], *, changing: Service | None = None) -> str:
    practice = current().practice
    rooms = [room for place in list_locations(practice.id, with_rooms=True) for room in place.open_rooms]
    return render_template(
        "desk/services_form.html",
        values=values,
        problems=problems,
        changing=changing,
        kinds=SERVICE_KINDS,
        approvals=APPROVALS,
        open_to=OPEN_TO,
        colours=[("", "Choose one for me"), *((each.value, each.capitalize()) for each in ServiceColour)],
        one_cancels=ONE_CANCELS,
        room_kinds=sorted({room.kind for room in rooms if room.kind}),
        givers=[(each.public_id, each.name) for each in list_therapists(practice.id)],
        words=words,
        **(_video_choices(changing) if changing is not None else {}),
    )


def _video_choices(service: Service) -> dict[str, Any]:
    givers = list_therapists(service.practice_id, service_id=service.id)
    has_link = any(each.video_url for each in givers)
    return show_video_choices(
        service.practice_id, usual="As the therapist", has_own_link=has_link, now=service.video_kind
    )


def _facts(form: MultiDict[str, str], *, position: int) -> ServiceFacts:
    """What was typed. Raises InvalidInput."""
    typed = FormReader(form)
    numbers: dict[str, Any] = {**typed.numbers(LIMITS, fields=NUMBERS)}
    lengths: dict[str, Any] = {name: typed_span(typed, name) for name in SPANS}
    other_lengths = _typed_lengths(typed)
    kind = typed.word("kind", ServiceKind, "Please choose what it is.")
    approval = typed.word("approval", Approval)
    open_to = typed.word("open_to", OpenTo)
    one_cancels = typed.word("when_one_cancels", WhenOneCancels)
    modes = typed.words("modes", Mode, "Please choose at least one way to meet.")
    colour = typed.word("colour", ServiceColour) if typed.text("colour") else None
    price = None
    if typed.text("price"):
        with typed.noting():
            price = parse_price(typed.text("price"), typed.text("price_currency"))
    typed.refuse()
    assert kind is not None and approval is not None and one_cancels is not None  # noqa: S101, PT018 -- refused above
    assert open_to is not None  # noqa: S101 -- refused above
    known = {each.public_id for each in current().team}
    return ServiceFacts(
        kind=kind,
        price=price,
        price_shown=typed.is_ticked("price_shown"),
        fee_note=typed.text("fee_note"),
        colour=colour,
        name=typed.text("name"),
        description=typed.text("description"),
        modes=modes,
        other_lengths=other_lengths,
        position=position,
        approval=approval,
        open_to=open_to,
        when_one_cancels=one_cancels,
        opened_by_staff=typed.is_ticked("opened_by_staff") and kind == ServiceKind.GROUP,
        room_kind=typed.text("room_kind"),
        therapists=[each for each in typed.several("therapists") if each in known],
        **numbers,
        **lengths,
    )


def _typed_lengths(typed: FormReader) -> list[int]:
    """ "45, 60 and 80" as numbers."""
    parts = re.split(r"[\s,;]+|and", typed.text("other_lengths").casefold())
    try:
        return [int(each) for each in parts if each]
    except ValueError:
        typed.problems["other_lengths"] = NOT_LENGTHS
        return []

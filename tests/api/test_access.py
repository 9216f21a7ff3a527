"""Who may ask for what, and that one practice never sees another's rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pytest
from flask import Flask

from telehealth.api.openapi import Blueprint
from telehealth.api.series.shapes import PLAN_EXAMPLE
from telehealth.database import db, transaction
from telehealth.domain import access
from telehealth.domain.access import Audience
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.domain.message_words import Channel, ReplyMeaning, SuppressionReason, TaskKind
from telehealth.domain.video.calls import GuestKind
from telehealth.domain.words import Mode, Role
from telehealth.models import (
    Alert,
    ApiToken,
    Appointment,
    CallGuest,
    ClientErasure,
    ClientImport,
    ClientMerge,
    Closure,
    DutyTurn,
    InboundText,
    MessageTemplate,
    Suppression,
    Task,
    User,
)
from telehealth.queries.appointments.appointments import list_messages
from telehealth.services.practice.token_issuing import end_token
from tests import factories
from tests.api.caller import V1, Caller, booking_of, document, path_of
from tests.api.conftest import token_of
from tests.factories import BY_STAFF, Office
from tests.factories.connections import connect_calendars, make_asked
from tests.factories.feeds import make_feed
from tests.factories.rows import change, keep
from tests.moments import NOW


@dataclass(frozen=True)
class Request:
    """One operation for staff, with ids of an office, and whatever else it needs to be understood."""

    name: str
    method: str
    path: str
    roles: frozenset[Role]
    given: dict[str, Any]
    names_something: bool
    """Whether it is about one thing and not about the whole practice."""


BODIES: dict[str, Any] = {
    "changeRoomOfAppointment": {"room": "some-room"},
    "changeRoom": {"kind": "playroom"},
    "addRoom": {"name": "Room 2"},
    "changeRoles": {"roles": ["front_desk"]},
    "setLeaving": {"leaves_on": "2027-02-01"},
    "decideAboutLicence": {"whereabouts": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70", "decision": "next_steps"},
    "putAwayNoShowProposal": {"attendee": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70"},
    "sayFaceToFace": {"start": None, "end": None},
    "mergeClients": {"other": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70"},
}
QUERIES = {
    "reportOnMessages": {"since": "2026-11-01", "until": "2026-11-24"},
    "previewClientMerge": {"other": "7b1ce6a8-22c5-4d3a-9a1f-0c2b4d5e6f70"},
    "listCalendarFeeds": {"of": "practice"},
    "whyNot": {"therapist": "x", "service": "x", "mode": "virtual", "start": "2026-11-24T17:00:00Z"},
    "proposeReassignments": {"since": "2026-11-24T00:00:00Z", "until": "2026-11-25T00:00:00Z"},
}


def things(office: Office) -> dict[str, str]:
    """The parts of paths, as they are called there."""
    booked = factories.book(office, mode=Mode.IN_PERSON)
    slot = factories.make_series(office)
    licence = factories.add_licence(office.therapist, "NM")
    day = date(2027, 3, 1)
    closure = keep(Closure(practice_id=office.practice.id, first_day=day, last_day=day))
    person = factories.make_user(office.practice, Role.FRONT_DESK)  # Invited, so to speak: no password.
    names = {"practice_id": office.practice.id, "user_id": person.id, "name": "Screen"}
    token = keep(ApiToken(**names, scopes=["read"], secret_digest=person.public_id, created_at=NOW))
    return {
        "api_token": token.public_id,
        "therapist": office.therapist.public_id,
        "service": office.service.public_id,
        "appointment": booked.public_id,
        "client": booked.attendees[0].client.public_id,
        "location": office.location.public_id,
        "closure": closure.public_id,
        "feed": make_feed(office.practice, office.therapist)[0].public_id,
        "connection": connect_calendars(office.therapist, CalendarKind.ICS, username=office.practice.slug).public_id,
        "room": office.room.public_id,
        "person": person.public_id,
        "series": slot.public_id,
        "day": slot.starts_on.isoformat(),
        "member": slot.members[0].public_id,
        "entry": factories.wait(office).public_id,
        "licence": str(licence.id),
        "kind": "reminder",
        "reason": "request",
        **calendar_things(office, booked),
        **record_things(office, booked),
        **messaging_things(office, booked),
    }


def calendar_things(office: Office, booked: Appointment) -> dict[str, str]:
    """The same, of an appointment that was moved in a calendar elsewhere."""
    calendar = connect_calendars(office.therapist, username=f"{office.practice.slug}@example.org").calendars[0]
    return {
        "calendar_change": make_asked(calendar, booked).public_id,
        "connected_calendar": change(calendar, missing_since=NOW).public_id,
    }


def record_things(office: Office, booked: Appointment) -> dict[str, str]:
    """The same, of records that are one or to be erased, of a file of clients, and of who is told of what waits."""
    row = {"practice_id": office.practice.id}
    kept, other, third = (factories.make_client(office.practice) for _ in range(3))
    merged = {"kept_id": kept.id, "merged_id": other.id, "moved": {}, "refusals": [], "before": {}, "after": {}}
    person = factories.make_user(office.practice, Role.FRONT_DESK)
    waits = {"reason": AlertReason.REQUEST, "appointment_id": booked.id, "began_at": NOW}
    times = {"created_at": NOW, "ends_at": NOW}
    file = {"file_name": "a.csv", "titles": ["Name", "Mail"], "columns": ["name", "email"], **times}
    invited = {"appointment_id": booked.id, "name": "Ana Gómez", "kind": GuestKind.INTERPRETER, "created_at": NOW}
    turn = {"user_id": person.id, "weekday": 0, "starts": 0, "ends": 60}
    return {
        "companion": factories.make_companion(booked.attendees[0].client).public_id,
        "merge": keep(ClientMerge(**row, **merged, at=NOW)).public_id,
        "erasure": keep(ClientErasure(**row, client_id=third.id, asked_by_id=person.id, asked_at=NOW)).public_id,
        "alert": keep(Alert(**row, **waits)).public_id,
        "client_import": keep(ClientImport(**row, **file)).public_id,
        "guest": keep(CallGuest(**row, **invited)).public_id,
        "turn": keep(DutyTurn(**row, **turn)).public_id,
    }


def messaging_things(office: Office, booked: Appointment) -> dict[str, str]:
    """The same, of what is said and what comes back."""
    client, practice_id = booked.attendees[0].client, office.practice.id
    row = {"practice_id": practice_id, "provider_id": f"SM{practice_id}", "received_at": NOW, "client_id": client.id}
    text = keep(InboundText(**row, sender="+13035550123", recipient="", body="Hello", meaning=ReplyMeaning.OTHER))
    words = {"kind": "reminder", "channel": "text", "locale": "en", "body": "{{ sender }}"}
    template = keep(MessageTemplate(practice_id=practice_id, **words, changed_at=NOW))
    left_alone = {"channel": Channel.EMAIL, "address": client.email, "reason": SuppressionReason.STAFF, "since": NOW}
    return {
        "text": text.public_id,
        "task": keep(
            Task(practice_id=practice_id, kind=TaskKind.TEXT, client_id=client.id, inbound_id=text.id, opened_at=NOW)
        ).public_id,
        "message": list_messages(booked.id)[0].public_id,
        "template": template.public_id,
        "suppression": keep(Suppression(practice_id=practice_id, **left_alone)).public_id,
    }


def staff_operations(app: Flask, office: Office, practice: Office | None = None) -> Iterator[Request]:
    """Every operation for staff on the ids of an office, asked under a practice's word."""
    ids = {**things(office), "practice": (practice or office).practice.slug}
    for rule in app.url_map.iter_rules():
        decision = access.access_of(app.view_functions[rule.endpoint])
        if not rule.rule.startswith(V1) or decision is None or decision.audience != Audience.STAFF:
            continue
        template = re.sub(r"<[^:>]+:(\w+)>", r"{\1}", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            operation = document(app)["paths"][template][method.lower()]
            name = operation["operationId"]
            given = {
                key: value
                for key, value in {"json": body_of(operation), "query_string": QUERIES.get(name)}.items()
                if value
            }
            yield Request(
                name,
                method,
                template.format(**ids).removeprefix(V1),
                decision.roles,
                given,
                names_something=bool(set(re.findall(r"{(\w+)}", template)) - {"practice", "kind", "reason"}),
            )


def body_of(operation: dict[str, Any]) -> Any:
    """The body that the document gives as an example."""
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    return BODIES.get(operation["operationId"]) or content.get("example")


def test_staff_operations_need_a_token(app: Flask, api: Caller, office: Office) -> None:
    seen = 0
    for asked in staff_operations(app, office):
        response = api.ask(asked.method, asked.path, **asked.given)
        assert response.get_json()["code"] == "token_required"
        assert response.headers["WWW-Authenticate"] == 'Bearer realm="telehealth"'
        seen += 1
    assert seen > 60


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Basic dGVsZTp0ZWxl", "tele_0123456789", "Token tele_x", ""],
)
def test_headers_without_a_token(api: Caller, office: Office, header: str) -> None:
    api.refused("token_required", "GET", path_of(office, "/appointments"), headers={"Authorization": header})


@pytest.mark.parametrize("guess", ["tele_", "tele_x", "x", "tele_é", "tele_" + "A" * 32, "tele_" + "A" * 10_000])
def test_tokens_that_were_guessed(api: Caller, office: Office, guess: str) -> None:
    response = api.ask("GET", path_of(office, "/appointments"), token=guess)
    assert response.get_json()["code"] == "token_invalid"
    assert 'error="invalid_token"' in response.headers["WWW-Authenticate"]


def test_a_token_that_was_ended(api: Caller, office: Office, owner: str) -> None:
    api.get(path_of(office, "/appointments"), token=owner)
    token = db.session.query(ApiToken).one()
    end_token(practice_id=office.practice.id, public_id=token.public_id, by=BY_STAFF, now=NOW)
    api.refused("token_invalid", "GET", path_of(office, "/appointments"), token=owner)


def test_a_token_of_somebody_who_left(api: Caller, office: Office) -> None:
    user = factories.make_user(office.practice, Role.OWNER)
    token = token_of(user)
    with transaction() as session:
        session.get_one(User, user.id).active = False
    api.refused("token_invalid", "GET", path_of(office, "/appointments"), token=token)


def test_a_token_does_not_follow_its_user_to_another_practice(api: Caller, office: Office, elsewhere: Office) -> None:
    user = factories.make_user(office.practice, Role.OWNER)
    token = token_of(user)
    with transaction() as session:
        session.get_one(User, user.id).practice_id = elsewhere.practice.id
    for practice in (office, elsewhere):
        api.refused("token_invalid", "GET", path_of(practice, "/appointments"), token=token)


def test_clients_are_not_staff(app: Flask, api: Caller, office: Office) -> None:
    token = token_of(factories.make_user(office.practice, Role.CLIENT))
    for asked in staff_operations(app, office):
        api.refused("not_allowed", asked.method, asked.path, token=token, **asked.given)


@pytest.mark.parametrize("role", [Role.THERAPIST, Role.FRONT_DESK])
def test_some_things_are_for_some_roles_only(app: Flask, api: Caller, office: Office, role: Role) -> None:
    token = token_of(factories.make_user(office.practice, role))
    closed = [asked for asked in staff_operations(app, office) if role not in asked.roles]
    assert len(closed) >= 3
    for asked in closed:
        api.refused("not_allowed", asked.method, asked.path, token=token, **asked.given)


def test_a_therapist_meets_a_colleagues_things_nowhere(app: Flask, api: Caller, office: Office, therapist: str) -> None:
    colleague = factories.make_therapist(office.practice, office.service, location=office.location, name="Ari Bell")
    theirs = replace(office, therapist=colleague)
    for asked in staff_operations(app, theirs):
        is_theirs = asked.names_something and re.search("therapists|appointments|series|clients", asked.path)
        if Role.THERAPIST in asked.roles and is_theirs:
            response = api.ask(asked.method, asked.path, token=therapist, **asked.given)
            assert response.status_code >= 400, asked
            assert response.get_json()["code"] in {"not_found", "not_allowed"}, asked


def test_a_therapist_login_without_a_therapist_sees_nothing(api: Caller, office: Office) -> None:
    token = token_of(factories.make_user(office.practice, Role.THERAPIST))
    api.refused("not_allowed", "GET", path_of(office, "/appointments"), token=token)


def test_another_practice_is_not_there(app: Flask, api: Caller, office: Office, elsewhere: Office, owner: str) -> None:
    for asked in staff_operations(app, elsewhere):
        api.refused("not_found", asked.method, asked.path, token=owner, **asked.given)
    api.refused("not_found", "GET", "/practices/nowhere/appointments", token=owner)


def test_ids_of_another_practice_are_not_found_under_ones_own(
    app: Flask, api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    for asked in staff_operations(app, elsewhere, practice=office):
        if asked.names_something:
            api.refused("not_found", asked.method, asked.path, token=owner, **asked.given)


def test_lists_never_hold_what_is_another_practices(
    app: Flask, api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    foreign = set(things(elsewhere).values())
    for asked in staff_operations(app, office):
        if asked.method == "GET" and not asked.names_something and asked.name != "whyNot":
            assert not any(each in api.ask("GET", asked.path, token=owner).text for each in foreign if len(each) > 30)


def test_what_a_query_or_a_body_names_is_ones_own(api: Caller, office: Office, elsewhere: Office, owner: str) -> None:
    query = {"therapist": elsewhere.therapist.public_id}
    api.refused("not_found", "GET", path_of(office, "/appointments"), token=owner, query_string=query)
    query = {"service": elsewhere.service.public_id}
    api.refused("not_found", "GET", path_of(office, "/waitlist"), token=owner, query_string=query)
    own = {"therapist": office.therapist.public_id, "service": office.service.public_id, "mode": "virtual"}
    asked = {**own, "start": "2026-11-24T17:00:00Z"}
    for name, foreign in (("therapist", elsewhere.therapist), ("service", elsewhere.service)):
        query = {**asked, name: foreign.public_id}
        api.refused("not_found", "GET", path_of(office, "/why-not"), token=owner, query_string=query)
        body = {**PLAN_EXAMPLE, **own, name: foreign.public_id}
        api.refused("not_found", "POST", path_of(office, "/series/preview"), token=owner, json=body)
        body = {**booking_of(office), name: foreign.public_id}
        api.refused("not_found", "POST", path_of(office, "/desk/appointments"), token=owner, json=body)
        wish = {"start": asked["start"], "mode": "virtual", "jurisdiction": "CO", **own, name: foreign.public_id}
        api.refused("not_found", "POST", path_of(office, "/holds"), json=wish)


def test_hours_cannot_point_at_a_place_of_another_practice(
    api: Caller, office: Office, elsewhere: Office, owner: str
) -> None:
    body = {"weekday": 5, "starts": "10:00", "ends": "12:00", "modes": ["in_person"]}
    body["location"] = elsewhere.location.public_id
    path = path_of(office, f"/therapists/{office.therapist.public_id}/weekly-hours")
    assert "location" in api.refused("invalid_input", "POST", path, token=owner, json=body)["errors"]


def test_public_ids_of_another_practice_are_not_found(api: Caller, office: Office, elsewhere: Office) -> None:
    search = {"service": office.service.public_id, "mode": "virtual"}
    foreign = {
        "service": elsewhere.service.public_id,
        "therapist": elsewhere.therapist.public_id,
        "location": elsewhere.location.public_id,
    }
    api.refused("not_found", "GET", path_of(office, f"/services/{foreign['service']}"))
    api.refused("not_found", "GET", path_of(office, f"/therapists/{foreign['therapist']}"))
    api.refused("not_found", "GET", path_of(office, f"/therapists?service={foreign['service']}"))
    for field, value in foreign.items():
        in_person = {"mode": "in_person", "location": office.location.public_id}
        given = {**in_person, field: value}
        api.refused("not_found", "GET", path_of(office, "/slots"), query_string={**search, **given})
        body = {**booking_of(office), **given}
        api.refused("not_found", "POST", path_of(office, "/appointments"), json=body)


def test_lists_hold_ones_own_only(api: Caller, office: Office, elsewhere: Office) -> None:
    for name in ("services", "therapists", "locations"):
        listed = api.get(path_of(office, f"/{name}"))[name]
        assert len(listed) == 1


def test_every_view_says_who_it_is_for(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(V1):
            assert access.access_of(app.view_functions[rule.endpoint]) is not None, rule


def test_a_view_that_does_not_say_is_refused_when_it_is_written() -> None:
    def unmarked() -> None: ...

    with pytest.raises(TypeError, match="does not say who it is for"):
        Blueprint("Unmarked", "").get("/unmarked")(unmarked)


def test_a_view_that_does_not_say_is_refused_when_it_is_asked(app: Flask, api: Caller) -> None:
    endpoint = "Problems.get_problems"
    marked, app.view_functions[endpoint] = app.view_functions[endpoint], lambda: "open"
    try:
        with pytest.raises(RuntimeError, match="does not say who it is for"):
            api.client.get(f"{V1}/problems")
    finally:
        app.view_functions[endpoint] = marked

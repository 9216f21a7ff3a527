"""Confirming, tasks, and texts to us, for programs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_words import ConnectionState
from telehealth.domain.words import Role
from telehealth.models import Appointment
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.inbox.receiving import receive_text
from tests.api.caller import Caller, booking_of, path_of
from tests.api.conftest import token_of
from tests.factories import Office, add_busy, make_therapist, make_user
from tests.factories.connections import make_connection
from tests.factories.rows import change
from tests.fakes import FakeClock
from tests.moments import NOW

NUMBER, OURS = "+13035550123", "+13035550999"


@pytest.fixture
def booked(api: Caller, office: Office) -> Any:
    return api.post(path_of(office, "/appointments"), booking_of(office))


@pytest.fixture
def token(front_desk: str) -> str:
    return front_desk


@pytest.fixture
def text(booked: Any, database: Session, addresses: Addresses) -> Any:
    def send(body: str, sender: str = NUMBER) -> None:
        receive_text(provider_id=f"SM{body}", sender=sender, recipient=OURS, body=body, addresses=addresses, now=NOW)

    return send


def test_a_client_confirms_with_the_token(api: Caller, booked: Any) -> None:
    link = f"/appointments/{booked['manage_token']}"
    assert booked["confirmed"] is None
    first = api.post(f"{link}/confirm", status=200)
    assert first["confirmed"] is not None
    assert api.post(f"{link}/confirm", status=200) == first
    assert api.get(link)["confirmed"] == first["confirmed"]


def test_what_cannot_be_confirmed(api: Caller, booked: Any, clock: FakeClock) -> None:
    link = f"/appointments/{booked['manage_token']}"
    clock.advance(timedelta(days=2))
    api.refused("too_late", "POST", f"{link}/confirm")
    clock.advance(-timedelta(days=2))
    api.post(f"{link}/cancel", {}, status=200)
    api.refused("already_cancelled", "POST", f"{link}/confirm")
    api.refused("link_invalid", "POST", f"/appointments/{'x' * 12}.{'y' * 22}/confirm")


def test_staff_confirm_for_who_calls(api: Caller, office: Office, booked: Any, token: str) -> None:
    path = path_of(office, f"/appointments/{booked['id']}")
    found = api.post(f"{path}/confirm", {}, status=200, token=token)
    assert found["attendees"][0]["confirmed"] is not None
    assert found["events"][-1]["action"] == "confirmed"
    client = found["attendees"][0]["id"]
    assert api.post(f"{path}/confirm", {"attendee": client}, status=200, token=token) == found
    api.refused("not_found", "POST", f"{path}/confirm", json={"attendee": "nobody"}, token=token)


def test_tasks(api: Caller, office: Office, booked: Any, text: Any, token: str) -> None:
    path = path_of(office, "/tasks")
    assert api.get(path, token=token) == {"tasks": []}
    text("Is there parking?")
    text("I want to die")
    urgent, other = api.get(path, token=token)["tasks"]
    assert (urgent["kind"], urgent["urgent"], urgent["client"]["name"]) == ("crisis", True, "Ana Rivera")
    assert (other["kind"], other["appointment"], other["done"]) == ("text", booked["id"], None)
    done = api.put(f"{path}/{other['id']}/done", None, token=token)
    assert done["done"] is not None
    assert api.get(f"{path}?done=true", token=token)["tasks"] == [done]
    again = api.ask("DELETE", f"{path}/{other['id']}/done", token=token).get_json()
    assert again == other
    api.refused("not_found", "PUT", f"{path}/nothing/done", token=token)


def test_how_much_there_is_to_do(
    api: Caller, office: Office, booked: Any, text: Any, token: str, therapist: str
) -> None:
    """As the desk counts it, of what is theirs for a therapist."""
    path = path_of(office, "/task-counts")
    nothing = {"total": 0, "urgent": 0, "kinds": [], "conflicts": 0, "no_show_proposals": 0, "refused_calendars": 0}
    assert api.get(path, token=token) == nothing
    text("Is there parking?")
    text("I want to die")
    found = db.session.scalars(select(Appointment)).one()
    add_busy(office.therapist, found.starts_at, found.ends_at)
    make_connection(office.therapist, state=ConnectionState.REFUSED)
    everything = {
        "total": 3,
        "urgent": 1,
        "kinds": [{"kind": "text", "count": 1}, {"kind": "crisis", "count": 1}],
        "conflicts": 1,
        "no_show_proposals": 0,
        "refused_calendars": 1,
    }
    assert api.get(path, token=token) == api.get(path, token=therapist) == everything
    colleague = make_user(office.practice, Role.THERAPIST)
    change(make_therapist(office.practice, office.service), user_id=colleague.id)
    assert api.get(path, token=token_of(colleague)) == nothing


def test_a_therapist_sees_what_is_about_their_clients(api: Caller, office: Office, text: Any, therapist: str) -> None:
    text("Is there parking?")
    assert len(api.get(path_of(office, "/tasks"), token=therapist)["tasks"]) == 1
    colleague = make_user(office.practice, Role.THERAPIST)
    change(make_therapist(office.practice, office.service), user_id=colleague.id)
    assert api.get(path_of(office, "/tasks"), token=token_of(colleague)) == {"tasks": []}
    api.refused("not_allowed", "GET", path_of(office, "/texts"), token=therapist)


def test_reading_and_answering_texts(api: Caller, office: Office, text: Any, token: str) -> None:
    text("Is there parking?")
    path = path_of(office, "/texts")
    (found,) = api.get(path, token=token)["texts"]
    assert (found["sender"], found["meaning"], found["client"]["name"]) == (NUMBER, "other", "Ana Rivera")
    assert api.get(f"{path}?before={found['received']}", token=token) == {"texts": []}
    thread = api.post(f"{path}/{found['id']}/answers", {"body": "Yes, behind the house."}, token=token)["thread"]
    assert [(each["theirs"], each["kind"]) for each in thread] == [(True, None), (False, "reply"), (False, "note")]
    assert "/m/…" in thread[1]["body"]
    assert api.get(f"{path}/{found['id']}", token=token)["thread"] == thread
    stop_texts(phone=NUMBER, now=NOW)
    refused = api.refused("invalid_input", "POST", f"{path}/{found['id']}/answers", json={"body": "Yes"}, token=token)
    assert "START" in refused["errors"]["body"]
    api.refused("not_found", "GET", f"{path}/nothing", token=token)

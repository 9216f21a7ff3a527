"""Who is told, who is on duty, and what waits, for programs."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.addresses import Addresses
from telehealth.models import Alert, User
from telehealth.services.inbox.receiving import receive_text
from tests.api.caller import Caller, path_of
from tests.factories import Office, make_office
from tests.moments import NOW


@pytest.fixture
def token(owner: str) -> str:
    return owner


def test_steps_are_read_chosen_and_taken_back(api: Caller, token: str, office: Office) -> None:
    path = path_of(office, "/alert-rules")
    usual = {each["reason"]: each for each in api.get(path, token=token)["alert_rules"]}
    assert [step["to"] for step in usual["alone"]["steps"]] == ["therapist", "front_desk", "on_duty"]
    assert not any(each["own"] for each in usual.values())
    steps = [{"to": "owners", "way": "text", "minutes": 5, "days": [5, 6], "starts": 480, "ends": 1200, "person": None}]
    assert api.put(f"{path}/alone", {"steps": steps}, token=token) == {"reason": "alone", "own": True, "steps": steps}
    assert api.put(f"{path}/alone", {"steps": []}, token=token)["steps"] == usual["alone"]["steps"]
    nobody = {"steps": [{"to": "person", "person": "nobody"}]}
    assert "who_0" in str(api.refused("invalid_input", "PUT", f"{path}/alone", json=nobody, token=token))
    api.refused("not_found", "PUT", f"{path}/unanswered", json={"steps": []}, token=token)


def test_the_roster(api: Caller, token: str, office: Office, database: Session) -> None:
    person = database.scalars(select(User.public_id).where(User.practice_id == office.practice.id)).first()
    wish: dict[str, Any] = {"person": person, "weekday": 4, "starts": 1080, "ends": 480}
    made = api.post(path_of(office, "/duty"), wish, token=token)
    assert api.get(path_of(office, "/duty"), token=token)["duty"] == [{"id": made["id"], **wish}]
    api.delete(path_of(office, f"/duty/{made['id']}"), token=token)
    assert api.get(path_of(office, "/duty"), token=token)["duty"] == []
    api.refused("invalid_input", "POST", path_of(office, "/duty"), json={**wish, "person": "nobody"}, token=token)


def test_reading_is_no_look_and_taking_is(
    api: Caller, token: str, office: Office, database: Session, addresses: Addresses
) -> None:
    text = {"sender": "+13035550123", "recipient": "+13035550999", "body": "I want to die", "addresses": addresses}
    receive_text(provider_id="SM1", now=NOW, **text)
    (waits,) = api.get(path_of(office, "/waiting"), token=token)["waiting"]
    assert (waits["reason"], waits["seen"], waits["taken"]) == ("urgent", None, None)
    taken = api.post(path_of(office, f"/waiting/{waits['id']}/take"), status=200, token=token)
    assert taken["taken"] is not None
    assert database.scalars(select(Alert).execution_options(populate_existing=True)).one().taken_by_id is not None


def test_of_another_practice_nothing_is_found(api: Caller, token: str, office: Office, addresses: Addresses) -> None:
    other = make_office()
    text = {"sender": "+13035550123", "recipient": "+13035550999", "body": "I want to die", "addresses": addresses}
    receive_text(provider_id="SM1", now=NOW, **text)
    seen = {each["id"] for each in api.get(path_of(office, "/waiting"), token=token)["waiting"]}
    api.refused("not_found", "GET", path_of(other, "/waiting"), token=token)
    assert len(seen) == 1

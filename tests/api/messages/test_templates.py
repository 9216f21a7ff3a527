"""The words of messages, by programs."""

from __future__ import annotations

from typing import Any

import pytest

from telehealth.database import db
from telehealth.models import Client
from tests.api.caller import Caller, booking_of, path_of
from tests.factories import Office

REMINDER = {"kind": "reminder", "channel": "text", "locale": "en", "body": "see you on {{ when }}."}


def path(office: Office, rest: str = "") -> str:
    return path_of(office, f"/message-templates{rest}")


def reminders(api: Caller, office: Office, token: str) -> list[dict[str, Any]]:
    found = api.get(path(office), token=token)["message_templates"]
    wanted = {"kind": "reminder", "channel": "text", "locale": "en"}
    return [each for each in found if wanted.items() <= each.items()]


def test_the_usual_words_until_there_are_others(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    (usual,) = reminders(api, office, front_desk)
    assert (usual["id"], usual["changed"]) == (None, None)
    assert "reply" in usual["variables"]
    saved = api.put(path(office), REMINDER, token=owner)
    assert REMINDER.items() <= saved.items()
    assert reminders(api, office, front_desk) == [saved]
    named = api.put(path(office), {**REMINDER, "name": "Evaluation"}, token=owner)
    assert reminders(api, office, front_desk) == [saved, named]
    api.delete(path(office, f"/{saved['id']}"), token=owner)
    assert reminders(api, office, front_desk) == [usual, named]
    api.refused("not_found", "DELETE", path(office, f"/{saved['id']}"), token=owner)


def test_a_look(api: Caller, office: Office, owner: str) -> None:
    seen = api.ask("POST", path(office, "/preview"), json=REMINDER, token=owner).get_json()
    assert (seen["is_sample"], seen["encoding"], seen["segments"], seen["subject"]) == (True, "GSM-7", 1, "")
    assert seen["words"][0].endswith("Reply STOP to end texts.")
    letter = {**REMINDER, "channel": "email", "subject": "On {{ day }}", "body": "One.\n\nTwo."}
    seen = api.ask("POST", path(office, "/preview"), json=letter, token=owner).get_json()
    assert seen["words"][:2] == ["One.", "Two."]
    assert (seen["encoding"], seen["segments"]) == (None, 0)


def test_mistakes(api: Caller, office: Office, owner: str, front_desk: str) -> None:
    wrong = {**REMINDER, "body": "{{ gone }}"}
    problem = api.refused("invalid_input", "PUT", path(office), json=wrong, token=owner)
    assert "no variable “gone”" in str(problem)
    api.refused("invalid_input", "PUT", path(office), json={**REMINDER, "kind": "agenda"}, token=owner)
    api.refused("not_allowed", "PUT", path(office), json=REMINDER, token=front_desk)


@pytest.mark.parametrize(
    "body",
    ["{{ day" + "|trim" * 250 + " }}", "{{ " + "not " * 300 + "day }}", "{{ " + "(" * 900 + "day" + ")" * 900 + " }}"],
)
def test_what_would_be_dear_to_compile_is_refused(api: Caller, office: Office, owner: str, body: str) -> None:
    dear = {**REMINDER, "channel": "email", "body": body}
    for method, where in [("PUT", ""), ("POST", "/preview")]:
        problem = api.refused("invalid_input", method, path(office, where), json=dear, token=owner)
        assert "this cannot do more" in problem["errors"]["body"]


def test_the_language_of_a_client(api: Caller, office: Office) -> None:
    body = booking_of(office)
    api.post(path_of(office, "/appointments"), {**body, "client": {**body["client"], "locale": "es"}})
    assert [each.locale for each in db.session.query(Client).filter_by(practice_id=office.practice.id)] == ["es"]
    wrong = {**body, "client": {**body["client"], "locale": "fr"}}
    api.refused("invalid_input", "POST", path_of(office, "/appointments"), json=wrong)

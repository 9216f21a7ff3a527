"""Importing clients over the API."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select

from config import LARGEST_REQUEST, largest_body
from telehealth.api.practice.client_imports import FILE_EXAMPLE
from telehealth.database import db
from telehealth.domain.access import Scope
from telehealth.domain.audit_words import AuditAction, AuditSubject, Via
from telehealth.domain.importing.tables import LARGEST_FILE, NOTHING, TOO_LARGE
from telehealth.models import Client, ClientImport, PracticeEvent
from telehealth.queries.practice.clients import search_clients
from telehealth.services.practice import client_importing
from telehealth.services.practice.client_importing import NOBODY_NAMED, SAID_TWICE, import_portion
from telehealth.services.practice.token_issuing import issue_token
from tests import factories
from tests.api.caller import V1, Caller, path_of
from tests.factories import BY_STAFF, Office, make_client
from tests.factories.pictures import in_letters
from tests.moments import NOW

FILE = (
    "Client,Mail,Phone\n"
    "Ana Rivera,ana@example.com,303 555 0123\n"
    "Ben Ito,nowhere,\n"
    "Ana Rivera,ANA@example.com,\n"
    "Jose Pena,other@example.com,3035550199\n"
)
VCARD = "BEGIN:VCARD\nVERSION:3.0\nFN:Zoë Adams\nEMAIL:zoe@example.com\nEND:VCARD\n"


def give(api: Caller, office: Office, token: str, text: str = FILE, **given: Any) -> Any:
    body = {"name": "old.csv", "content": in_letters(text.encode())}
    return api.post(path_of(office, "/client-imports"), body, token=token, **given)


def names(office: Office) -> list[str]:
    return [each.name for each in search_clients(office.practice.id)]


def test_a_file_is_looked_at_and_then_imported(api: Caller, office: Office, front_desk: str) -> None:
    make_client(office.practice, name="José Peña", email="jose@example.com", phone="+13035550199")
    found = give(api, office, front_desk)
    here = path_of(office, f"/client-imports/{found['public_id']}")
    assert found["status"] == "ready"
    assert [each["holds"] for each in found["columns"]] == ["name", "email", "phone"]
    assert found["lines"] == {"new": 1, "known": 0, "twice": 1, "alike": 1, "refused": 1}
    assert names(office) == ["José Peña"]
    (line,) = api.get(f"{here}/lines", token=front_desk)["lines"]
    assert (line["number"], line["cells"]) == (3, ["Ben Ito", "nowhere", ""])
    assert "e-mail address" in line["problem"]
    done = api.post(f"{here}/begin", {"adds_alike": True}, status=200, token=front_desk)
    assert (done["status"], done["done"]) == ("done", 4)
    assert sorted(names(office)) == ["Ana Rivera", "Jose Pena", "José Peña"]
    assert api.get(path_of(office, "/client-imports"), token=front_desk)["imports"] == [done]


def test_importing_twice_does_nothing_twice(api: Caller, office: Office, front_desk: str) -> None:
    for found in (give(api, office, front_desk), give(api, office, front_desk)):
        for _ in range(2):
            path = path_of(office, f"/client-imports/{found['public_id']}/begin")
            done = api.post(path, status=200, token=front_desk)
    assert done["lines"] == {"new": 0, "known": 2, "twice": 1, "alike": 0, "refused": 1}
    assert names(office) == ["Ana Rivera", "Jose Pena"]


def test_a_file_that_comes_twice_is_kept_once(api: Caller, office: Office, front_desk: str) -> None:
    once = {"headers": {"Idempotency-Key": "monday"}}
    first = give(api, office, front_desk, **once)
    body = {"name": "again.csv", "content": in_letters(FILE.encode())}
    path = path_of(office, "/client-imports")
    again = api.ask("POST", path, json=body, token=front_desk, headers=dict(once["headers"]))
    assert again.get_json()["public_id"] == first["public_id"]
    assert db.session.scalar(select(func.count()).select_from(ClientImport)) == 1
    other = {"content": in_letters(VCARD.encode())}
    api.refused("idempotency_mismatch", "POST", path, json=other, token=front_desk, headers=dict(once["headers"]))


def test_columns_are_matched_and_contacts_are_read(api: Caller, office: Office, front_desk: str) -> None:
    found = give(api, office, front_desk, "a,b\nana@example.com,Ana Rivera\n")
    assert [each["holds"] for each in found["columns"]] == ["email", None]
    here = path_of(office, f"/client-imports/{found['public_id']}")
    for columns, sentence in ((["email", None], NOBODY_NAMED), (["name", "name"], SAID_TWICE), (["name"], SAID_TWICE)):
        problem = api.refused("invalid_input", "PUT", f"{here}/columns", json={"columns": columns}, token=front_desk)
        assert problem["errors"] == {"columns": sentence}
    assert NOBODY_NAMED in api.refused("invalid_input", "POST", f"{here}/begin", token=front_desk)["errors"].values()
    matched = api.put(f"{here}/columns", {"columns": ["email", "name"]}, token=front_desk)
    assert matched["lines"]["new"] == 1
    assert give(api, office, front_desk, VCARD)["lines"]["new"] == 1


def test_a_long_file_goes_on_by_itself(
    api: Caller, office: Office, front_desk: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client_importing, "PORTION", 2)
    here = path_of(office, f"/client-imports/{give(api, office, front_desk)['public_id']}")
    assert api.post(f"{here}/begin", status=200, token=front_desk)["status"] == "running"
    api.delete(here, token=front_desk)  # It stays while it runs.
    while import_portion(now=NOW):
        pass
    assert api.get(here, token=front_desk)["status"] == "done"
    api.delete(here, token=front_desk)
    api.refused("not_found", "GET", here, token=front_desk)
    assert names(office) == ["Ana Rivera", "Jose Pena"]


def test_what_cannot_be_taken_is_explained(api: Caller, office: Office, front_desk: str) -> None:
    path = path_of(office, "/client-imports")
    for content, sentence in (
        (in_letters(b"x" * (LARGEST_FILE + 1)), TOO_LARGE),
        (in_letters(b"\n"), NOTHING),
        ("not base64", "Please send the bytes of the file in base64."),
    ):
        problem = api.refused("invalid_input", "POST", path, json={"content": content}, token=front_desk)
        assert problem["errors"] == {"content": sentence}
    assert largest_body(V1 + path) > LARGEST_REQUEST
    assert largest_body(f"{V1}{path}/x/columns") == LARGEST_REQUEST


def test_who_may_import_and_what_is_written_down(api: Caller, office: Office, therapist: str) -> None:
    path, user = path_of(office, "/client-imports"), factories.make_user(office.practice)
    api.refused("not_allowed", "POST", path, json=FILE_EXAMPLE, token=therapist)
    about = {"practice_id": office.practice.id, "user_id": user.id, "name": "Program", "by": BY_STAFF, "now": NOW}
    looks, desk = (issue_token(**about, scopes=[scope]) for scope in (Scope.READ, Scope.DESK))
    problem = api.refused("scope_missing", "POST", path, json=FILE_EXAMPLE, token=looks)
    assert "desk" in problem["detail"]
    found = give(api, office, desk)
    api.post(f"{path}/{found['public_id']}/begin", status=200, token=desk)
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    of_file = [(each.action, each.via, each.user_id) for each in lines if each.subject == AuditSubject.CLIENT_IMPORT]
    assert of_file == [(AuditAction.ADDED, Via.API, user.id), (AuditAction.CHANGED, Via.API, user.id)]
    clients = set(db.session.scalars(select(Client.public_id)))
    assert {each.subject_public_id for each in lines if each.details.get("from_file")} == clients

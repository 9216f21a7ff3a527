"""Who acts for a client: written down, found, changed and ended."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from telehealth.database import db
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.companions import MOST_COMPANIONS, CompanionFacts, Relationship
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.models import Client, Companion, PracticeEvent
from telehealth.queries.practice.clients import search_clients
from telehealth.services.audit import ActedBy
from telehealth.services.consent.companions import add_companion, change_companion, end_companion
from telehealth.services.consent.merging import merge_clients, undo_merge
from tests.factories import BY_CLIENT, BY_STAFF, Office, make_client, make_companion, make_office
from tests.moments import NOW

MARIA = CompanionFacts("María Núñez-O’Hara", Relationship.PARENT, "Maria@Example.com", "(720) 555-0142", "es")


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_office()


@pytest.fixture
def leo(office: Office) -> Client:
    return make_client(office.practice, name="Leo Doe", email="leo@example.com")


def add(client: Client, facts: CompanionFacts = MARIA, *, by: ActedBy = BY_STAFF) -> Companion:
    about = {"practice_id": client.practice_id, "client_public_id": client.public_id}
    return add_companion(**about, facts=facts, by=by, now=NOW)


def which(companion: Companion) -> dict[str, Any]:
    return {
        "practice_id": companion.practice_id,
        "client_public_id": companion.client.public_id,
        "companion_public_id": companion.public_id,
        "by": BY_STAFF,
        "now": NOW,
    }


def found(office: Office, text: str) -> list[str]:
    return [each.name for each in search_clients(office.practice.id, text)]


@pytest.mark.parametrize("text", ["nunez", "ohara", "maria@example", "7205550142", "555-0142", "leo nunez"])
def test_a_client_is_found_by_who_acts_for_them(office: Office, leo: Client, text: str) -> None:
    assert found(office, text) == []
    made = add(leo)
    assert (made.name, made.phone, made.locale) == ("María Núñez-O’Hara", "+17205550142", "es")
    assert found(office, text) == ["Leo Doe"]
    end_companion(**which(made))
    assert found(office, text) == []
    assert found(office, "leo@example.com") == ["Leo Doe"]


def test_two_presses_are_one(leo: Client) -> None:
    assert add(leo).id == add(leo).id
    assert len(leo.companions) == 1


def test_what_cannot_be_is_said(leo: Client) -> None:
    with pytest.raises(InvalidInput) as refusal:
        add(leo, CompanionFacts(" ", Relationship.OTHER, "maria@", "12"))
    assert set(refusal.value.fields) == {"name", "email", "phone"}
    with pytest.raises(InvalidInput) as refusal:
        add(leo, CompanionFacts("Maria", Relationship.OTHER))
    assert "so that they can be reached" in refusal.value.fields["email"]


def test_only_so_many(leo: Client) -> None:
    for number in range(MOST_COMPANIONS):
        last = make_companion(leo, name=f"Maria {number}")
    with pytest.raises(InvalidInput):
        add(leo)
    end_companion(**which(last))
    assert add(leo).ended_at is None


def test_staff_change_and_end_them_and_it_is_written_down(office: Office, leo: Client) -> None:
    made = add(leo)
    with pytest.raises(NotAllowed):
        add(leo, by=BY_CLIENT)
    change_companion(**which(made), facts=CompanionFacts("Maria Doe", Relationship.GUARDIAN, "maria@example.com"))
    assert (made.relationship, made.phone) == (Relationship.GUARDIAN, None)
    assert found(office, "maria doe") == ["Leo Doe"]
    assert found(office, "7205550142") == []
    end_companion(**which(made))
    end_companion(**which(made))
    with pytest.raises(InvalidInput):
        change_companion(**which(made), facts=MARIA)
    lines = db.session.query(PracticeEvent).filter_by(subject=AuditSubject.COMPANION).order_by(PracticeEvent.id).all()
    assert [line.action for line in lines] == [AuditAction.ADDED, AuditAction.CHANGED, AuditAction.ENDED]
    assert {line.subject_public_id for line in lines} == {leo.public_id}
    assert lines[1].details["before"]["phone"] == "+17205550142"


def test_nobody_elses_is_found(leo: Client, office: Office) -> None:
    made = add(leo)
    other = make_client(office.practice, name="Ben Ito")
    with pytest.raises(NotFound):
        end_companion(**{**which(made), "client_public_id": other.public_id})
    stranger = make_office(practice={"slug": "other"}).practice
    with pytest.raises(NotFound):
        end_companion(**{**which(made), "practice_id": stranger.id})


def test_they_go_with_a_record_that_is_merged_and_back(office: Office, leo: Client) -> None:
    double = make_client(office.practice, name="Leo M. Doe")
    made = add(double)
    about = {"practice_id": leo.practice_id, "by": BY_STAFF, "now": NOW}
    done = merge_clients(**about, kept_public_id=leo.public_id, other_public_id=double.public_id, sides={})
    assert made.client_id == leo.id
    assert found(office, "nunez") == [leo.name]
    assert "nunez" in db.session.get_one(Client, leo.id).search_text
    undo_merge(**about, merge_public_id=done.public_id)
    assert made.client_id == double.id
    assert found(office, "nunez") == ["Leo M. Doe"]

"""Versions of the text about video, and what clients answer."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select

from telehealth.database import db
from telehealth.domain.audit_words import Actor
from telehealth.domain.consent.telehealth import READY, READY_TEXTS
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.message_words import TaskKind
from telehealth.domain.words import ServiceKind, TelehealthAnswer, TelehealthWay
from telehealth.models import Attendee, PracticeEvent, Task, TelehealthConsent, TelehealthText
from telehealth.queries.consent.telehealth import find_standings, find_text_version, needs_telehealth_consent
from telehealth.services.audit import ActedBy
from telehealth.services.consent.telehealth import (
    Noted,
    TextChanged,
    answer_telehealth,
    note_telehealth,
    set_telehealth_texts,
)
from tests.factories import BY_CLIENT, BY_STAFF, Office, book, make_companion, make_contact, make_office
from tests.factories.rows import change
from tests.moments import NOW, at

pytestmark = pytest.mark.usefixtures("database")

OTHER = {language: f"{text}\n\nMore." for language, text in READY_TEXTS.items()}


@pytest.fixture
def office() -> Office:
    return make_office(practice={"asks_telehealth_consent": True})


@pytest.fixture
def seat(office: Office) -> Attendee:
    return book(office, at(10), contact=make_contact(name="Jane Doe")).attendees[0]


def agree(seat: Attendee, answer: TelehealthAnswer = TelehealthAnswer.AGREED, **given: object) -> TelehealthConsent:
    usual = {
        "attendee_public_id": seat.public_id,
        "companion_id": None,
        "answer": answer,
        "signature": "Jane Doe",
        "mark": find_text_version(seat.practice_id).mark("en"),
        "language": "en",
        "by": BY_CLIENT,
        "now": NOW,
    }
    return answer_telehealth(**{**usual, **given})  # type: ignore[arg-type]


def write(office: Office, texts: dict[str, str]) -> int:
    return set_telehealth_texts(practice_id=office.practice.id, texts=texts, by=BY_STAFF, now=NOW)


def is_asked(office: Office, seat: Attendee) -> bool:
    db.session.expire_all()
    return needs_telehealth_consent(office.practice, seat.client_id)


def versions() -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(TelehealthText.version).order_by(TelehealthText.version)))


def test_the_ready_text_is_kept_with_the_first_answer_and_not_before(office: Office, seat: Attendee) -> None:
    assert (versions(), find_text_version(office.practice.id)) == ([], READY)
    assert is_asked(office, seat)
    kept = agree(seat)
    assert (kept.text.version, dict(kept.text.texts), kept.way) == (1, dict(READY_TEXTS), TelehealthWay.PAGE)
    assert (kept.signature, kept.attendee_id, kept.locale) == ("Jane Doe", seat.id, "en")
    assert not is_asked(office, seat)
    agree(seat)
    assert versions() == [1]


def test_other_words_are_a_new_version_only_once_somebody_has_answered(office: Office, seat: Attendee) -> None:
    assert write(office, OTHER) == 1
    assert write(office, {**OTHER, "es": OTHER["es"] + "."}) == 1
    agree(seat)
    assert write(office, dict(READY_TEXTS)) == 2
    assert write(office, dict(READY_TEXTS)) == 2
    assert versions() == [1, 2]
    assert is_asked(office, seat)
    first = db.session.scalars(select(TelehealthText).where(TelehealthText.version == 1)).one()
    assert first.texts["en"] == OTHER["en"]
    agree(seat)
    assert not is_asked(office, seat)


def test_words_that_changed_meanwhile_are_not_agreed_to(office: Office, seat: Attendee) -> None:
    mark = READY.mark("en")
    write(office, OTHER)  # Nobody had answered: it is still version 1.
    with pytest.raises(TextChanged):
        agree(seat, mark=mark)
    assert db.session.scalars(select(TelehealthConsent)).all() == []


def test_to_agree_a_name_is_needed(seat: Attendee) -> None:
    with pytest.raises(InvalidInput):
        agree(seat, signature=" ")


@pytest.mark.parametrize("answer", [TelehealthAnswer.DECLINED, TelehealthAnswer.WITHDRAWN])
def test_a_no_is_told_to_the_desk_once_and_cancels_nothing(
    office: Office, seat: Attendee, answer: TelehealthAnswer
) -> None:
    agree(seat)
    for _ in range(2):
        agree(seat, answer, signature="")
    assert is_asked(office, seat)
    (task,) = db.session.scalars(select(Task)).all()
    assert (task.kind, task.client_id, task.appointment_id) == (TaskKind.CALL, seat.client_id, seat.appointment_id)
    assert seat.appointment.status == "booked"


def test_each_of_a_couple_answers_for_themselves(office: Office) -> None:
    change(office.service, kind=ServiceKind.COUPLE, capacity=2)
    both = book(office, at(14), contact=make_contact(name="Jane Doe"), others=(make_contact(name="Ben Doe"),))
    jane, ben = both.attendees
    agree(jane)
    assert (is_asked(office, jane), is_asked(office, ben)) == (False, True)


def test_for_a_child_whoever_acts_for_them_agrees_and_for_nobody_of_age(office: Office, seat: Attendee) -> None:
    change(seat.client, born_on=date(2018, 1, 1))
    parent = make_companion(seat.client)
    with pytest.raises(NotAllowed):
        agree(seat)
    kept = agree(seat, companion_id=parent.id, signature="Maria Doe")
    assert (kept.companion_id, kept.client_id) == (parent.id, seat.client_id)
    change(seat.client, born_on=date(1990, 1, 1))
    with pytest.raises(NotAllowed):
        agree(seat, companion_id=parent.id)


def test_staff_note_what_was_said_on_paper_or_by_voice(office: Office, seat: Attendee) -> None:
    about = {"practice_id": office.practice.id, "client_public_id": seat.client.public_id, "now": NOW}
    said = Noted(TelehealthAnswer.AGREED, TelehealthWay.PAPER, "Jane Doe", NOW - timedelta(days=3))
    kept = note_telehealth(**about, noted=said, by=BY_STAFF)
    assert (kept.way, kept.answered_at, kept.attendee_id) == (TelehealthWay.PAPER, NOW - timedelta(days=3), None)
    assert not is_asked(office, seat)
    with pytest.raises(NotAllowed):
        note_telehealth(**about, noted=said, by=ActedBy(Actor.CLIENT))
    ahead = Noted(TelehealthAnswer.AGREED, TelehealthWay.PAPER, "Jane Doe", NOW + timedelta(days=1))
    with pytest.raises(InvalidInput):
        note_telehealth(**about, noted=ahead, by=BY_STAFF)


def test_every_answer_and_every_change_is_on_record(office: Office, seat: Attendee) -> None:
    write(office, OTHER)
    agree(seat)
    db.session.rollback()
    lines = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id)).all()
    said = [each.details["after"] for each in lines if "video_version" in (each.details.get("after") or {})]
    assert [each.get("video_consent") for each in said[-1:]] == ["agreed"]
    assert any("text_en" in (each.details.get("after") or {}) for each in lines)


def test_nobody_is_asked_where_the_practice_does_not_want_it(office: Office, seat: Attendee) -> None:
    change(office.practice, asks_telehealth_consent=False)
    assert not is_asked(office, seat)
    assert find_standings(office.practice, [seat.client_id]) == {}

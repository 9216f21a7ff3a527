"""The zone in which times are said to a client, changed for whatever lies ahead of them."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Attendee, Client, Message, PracticeEvent, SeriesMember, WaitlistEntry
from telehealth.services.consent.contact_preferences import set_timezone
from tests.factories import BY_CLIENT, BY_STAFF, book, make_contact, make_office, make_series, wait
from tests.moments import NOW, at

DENVER, TOKYO = "America/Denver", "Asia/Tokyo"


def zones(database: Session, model: type) -> list[str]:
    database.expire_all()
    return sorted(database.scalars(select(model.timezone)))  # type: ignore[attr-defined]


def due(database: Session) -> set[datetime]:
    database.expire_all()
    return set(database.scalars(select(Message.due_at).where(Message.attendee_id.is_not(None))))


def test_everything_ahead_of_them_follows_and_nothing_else(database: Session) -> None:
    office, contact = make_office(practice={"grace_minutes": 0}), make_contact()
    past, ahead = book(office, at(10), contact=contact), book(office, at(10, days=3), contact=contact)
    other = book(office, at(12, days=3))
    make_series(office, contacts=[contact], count=2)
    wait(office, contact=contact)
    client, planned = ahead.attendees[0].client, due(database)
    set_timezone(
        practice_id=office.practice.id,
        client_public_id=client.public_id,
        timezone=TOKYO,
        by=BY_STAFF,
        now=at(11),
    )
    database.expire_all()
    seats = {each.appointment_id: each.timezone for each in database.scalars(select(Attendee))}
    assert (seats[past.id], seats[ahead.id], seats[other.id]) == (DENVER, TOKYO, DENVER)
    assert ahead.starts_at == at(10, days=3)
    assert client.timezone == TOKYO
    assert zones(database, SeriesMember) == zones(database, WaitlistEntry) == [TOKYO]
    assert due(database) != planned  # Texts keep to the nights there.


@pytest.mark.parametrize("by", [BY_STAFF, BY_CLIENT])
def test_who_changed_it_is_kept(database: Session, by: object) -> None:
    made = book(make_office(), at(10))
    client = made.attendees[0].client
    for _ in range(2):
        set_timezone(
            practice_id=made.practice_id,
            client_public_id=client.public_id,
            timezone=TOKYO,
            by=by,  # type: ignore[arg-type]
            now=NOW,
        )
    (line,) = database.scalars(select(PracticeEvent).where(PracticeEvent.subject == AuditSubject.CLIENT))
    assert line.actor == by.actor  # type: ignore[attr-defined]
    assert (line.details["before"], line.details["after"]) == ({"timezone": DENVER}, {"timezone": TOKYO})


def test_what_cannot_be_one(database: Session) -> None:
    made = book(make_office(), at(10))
    asked = {"practice_id": made.practice_id, "by": BY_STAFF, "now": NOW}
    for wrong in ("", "Mars/Olympus", "../localtime"):
        with pytest.raises(InvalidInput):
            set_timezone(client_public_id=made.attendees[0].client.public_id, timezone=wrong, **asked)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        set_timezone(client_public_id="nobody", timezone=TOKYO, **asked)  # type: ignore[arg-type]
    assert zones(database, Client) == [DENVER]

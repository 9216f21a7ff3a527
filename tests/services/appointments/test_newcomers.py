"""Therapists who take no new clients: whom they are offered to, and that nobody learns who is a client."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.errors import InvalidInput, NeedsReason, NotAllowed, NotFound, SlotNotOffered
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle, ServiceKind
from telehealth.models import AppointmentEvent, FreedTime, PracticeEvent, Therapist
from telehealth.queries.appointments.groups import list_joinable_groups
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.appointments.slots import offered
from telehealth.services.practice.therapists import set_new_clients
from telehealth.services.waitlist.waiting import accept_offer, offer_freed_times
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    hold,
    make_contact,
    make_group_office,
    make_office,
    make_therapist,
    move,
    offers_to,
    wait,
)
from tests.factories.rows import change
from tests.moments import NOW, at
from tests.services.waitlist.test_answers import LATER, SOON
from tests.statements import listening

BOOKED, PENDING = AppointmentStatus.BOOKED, AppointmentStatus.PENDING
NOBODY: frozenset[int] = frozenset()
KNOWINGLY: dict[str, Any] = {"waived": frozenset({Obstacle.NEW_CLIENT}), "reason": "Dana agreed."}


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def close(office: Office, takes: NewClients = NewClients.NO, since: date | None = None) -> Therapist:
    return set_new_clients(
        practice_id=office.practice.id,
        therapist_public_id=office.therapist.public_id,
        takes=takes,
        since=since,
        by=BY_STAFF,
        now=NOW,
    )


def starts(office: Office, known_to: frozenset[int] | None, **given: Any) -> list[datetime]:
    asked = SlotQuery.about(
        office.service, Mode.VIRTUAL, at(0, days=0), at(0, days=12), jurisdiction="CO", known_to=known_to, **given
    )
    return list(offered(asked, now=NOW))


def test_a_stranger_is_offered_nothing_and_those_whom_they_know_are(office: Office) -> None:
    everything = starts(office, NOBODY)
    close(office)
    assert everything
    assert starts(office, NOBODY) == starts(office, NOBODY, therapist=office.therapist) == []
    assert starts(office, frozenset({office.therapist.id})) == starts(office, None) == everything


def test_from_a_date_on_a_stranger_is_offered_what_lies_after_it(office: Office) -> None:
    close(office, NewClients.LATER, date(2026, 11, 30))
    assert min(starts(office, NOBODY)) == at(9, days=7)
    assert min(starts(office, None)) < at(0, days=1)


def test_the_client_and_the_stranger_are_refused_alike(office: Office) -> None:
    known = make_contact()
    book(office, at(14), contact=known)
    close(office)
    for who in (known, make_contact()):
        for ask in (book, hold):
            with pytest.raises(SlotNotOffered):
                ask(office, **({"contact": who} if ask is book else {}))


def test_whoever_says_that_they_have_met_makes_a_request_whoever_they_are(office: Office) -> None:
    known = make_contact()
    book(office, at(14), contact=known)
    close(office)
    kept = hold(office, at(11), has_met=True)
    made = [
        book(office, at(10), contact=known, has_met=True),
        book(office, at(11), contact=make_contact(), has_met=True, hold=kept.public_id),
    ]
    assert [each.status for each in made] == [PENDING] * 2


def test_where_new_clients_are_taken_it_does_not_matter_what_they_say(office: Office) -> None:
    assert book(office, has_met=True).status == BOOKED
    close(office, NewClients.LATER, date(2026, 11, 25))
    assert book(office, at(10, days=2), has_met=True).status == BOOKED
    assert book(office, at(12, days=1), has_met=True).status == PENDING


def test_nobody_says_it_of_whoever_is_free(office: Office) -> None:
    close(office)
    with pytest.raises(SlotNotOffered):
        book(office, therapist=None, has_met=True)


def test_the_first_available_is_somebody_else(office: Office) -> None:
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    close(office)
    assert book(office, therapist=None).therapist_id == colleague.id


def test_staff_set_it_aside_with_a_reason(office: Office, database: Session) -> None:
    close(office)
    for given in ({}, {"waived": frozenset({Obstacle.NOTICE}), "reason": "They asked."}):
        with pytest.raises(SlotNotOffered):
            book(office, by=BY_STAFF, **given)
    with pytest.raises(NeedsReason):
        book(office, by=BY_STAFF, waived=KNOWINGLY["waived"])
    made = book(office, by=BY_STAFF, **KNOWINGLY)
    assert (made.status, made.overrides, made.override_reason) == (BOOKED, ["new_client"], KNOWINGLY["reason"])
    line = database.scalars(select(AppointmentEvent).where(AppointmentEvent.appointment_id == made.id)).one()
    assert (line.details["overrides"], line.details["reason"]) == (["new_client"], KNOWINGLY["reason"])
    clients_way = {"contact": make_contact(), "by": BY_CLIENT, **KNOWINGLY}
    with pytest.raises(NotAllowed):
        book(office, at(12), **clients_way)


def test_of_whom_they_have_met_staff_hear_nothing(office: Office) -> None:
    known, asking = make_contact(), make_contact()
    book(office, at(14), contact=known)
    close(office)
    assert book(office, at(14, days=2), contact=asking, has_met=True).status == PENDING
    with pytest.raises(SlotNotOffered):  # Anybody can say that they have met.
        book(office, contact=asking, by=BY_STAFF)
    assert book(office, contact=known, by=BY_STAFF).overrides == []
    assert book(office, at(12), contact=known, by=BY_STAFF, **KNOWINGLY).overrides == []


def test_somebody_new_comes_along_with_one_whom_they_have_met(database: Session) -> None:
    office = make_office(service={"kind": ServiceKind.COUPLE, "capacity": 2})
    known = make_contact()
    book(office, at(14), contact=known)
    close(office)
    assert book(office, contact=make_contact(), others=(known,), by=BY_STAFF).overrides == []


def test_staff_hear_it_of_the_time_before_the_first_date(office: Office) -> None:
    close(office, NewClients.LATER, date(2026, 11, 25))
    assert book(office, at(10, days=2), by=BY_STAFF).overrides == []
    with pytest.raises(SlotNotOffered):
        book(office, at(12, days=1), contact=make_contact(), by=BY_STAFF)


def test_of_two_therapists_each_may_take_nobody_new(database: Session) -> None:
    office = make_office(service={"therapists_needed": 2})
    second = make_therapist(office.practice, office.service, name="Sam Okafor", new_clients=NewClients.NO)
    known = make_contact()
    for given in ({}, {"co_therapist": second.public_id}):
        with pytest.raises(SlotNotOffered):
            book(office, contact=known, by=BY_STAFF, **given)
    assert book(office, contact=known, by=BY_STAFF, **KNOWINGLY).overrides == ["new_client"]
    assert book(office, at(12), contact=known, by=BY_STAFF).overrides == []


def test_whoever_is_free_first_is_somebody_who_takes_them(office: Office) -> None:
    close(office)
    with pytest.raises(SlotNotOffered):
        book(office, therapist=None, by=BY_STAFF)
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor")
    assert book(office, therapist=None, by=BY_STAFF).therapist_id == colleague.id


def test_it_costs_a_statement_only_where_it_matters(office: Office) -> None:
    contact, counted = make_contact(), []
    book(office, at(9), contact=contact, by=BY_STAFF)
    for takes, hour in ((NewClients.YES, 11), (NewClients.NO, 13)):
        close(office, takes)
        with listening() as counting:
            book(office, at(hour), contact=contact, by=BY_STAFF)
        counted.append(len(counting))
    assert counted[1] == counted[0] + 1


def test_what_is_booked_is_moved_with_them_and_not_to_a_colleague_who_takes_nobody(office: Office) -> None:
    made = book(office, at(10))
    close(office)
    kept = hold(office, at(14), appointment_id=made.id)
    assert move(made, at(14), hold=kept.public_id).status == BOOKED
    colleague = make_therapist(office.practice, office.service, name="Sam Okafor", new_clients=NewClients.NO)
    with pytest.raises(SlotNotOffered):
        move(made, at(15), therapist=colleague.public_id)
    assert move(made, at(15), therapist=colleague.public_id, by=BY_STAFF).therapist_id == colleague.id


def test_seats_in_their_groups_are_for_staff_to_give(database: Session) -> None:
    group = make_group_office()
    book(group, by=BY_STAFF)
    change(group.therapist, new_clients=NewClients.NO)
    asked = SlotQuery.about(group.service, Mode.VIRTUAL, at(0, days=0), at(0, days=12), jurisdiction="CO")
    assert list_joinable_groups(asked, now=NOW)
    for has_met in (False, True):
        with pytest.raises(SlotNotOffered):
            book(group, contact=make_contact(), has_met=has_met)
    assert book(group, contact=make_contact(), by=BY_STAFF).status == BOOKED


def test_of_those_who_wait_their_own_clients_are_asked(office: Office) -> None:
    """A client of theirs has shown by the link that the address is theirs, so nothing is told to anybody else."""
    known = make_contact()
    book(office, at(14, days=4), contact=known, by=BY_STAFF)
    stranger, client = wait(office, contact=make_contact()), wait(office, contact=known)
    taken = book(office, by=BY_STAFF, contact=make_contact())
    close(office)
    cancel(taken)
    assert offer_freed_times(now=SOON) == 1
    assert not offers_to(stranger)
    (offer,) = offers_to(client)
    assert accept_offer(offer_public_id=offer.public_id, by=BY_CLIENT, now=LATER).status == BOOKED


def test_a_request_makes_nobody_their_client(office: Office) -> None:
    """Anybody can say that they have met: a wait must not turn that into a booking without a look."""
    close(office)
    stranger = make_contact()
    assert book(office, at(14, days=4), contact=stranger, has_met=True).status == PENDING
    entry = wait(office, contact=stranger)
    cancel(book(office, by=BY_STAFF, contact=make_contact(), **KNOWINGLY))
    assert offer_freed_times(now=SOON) == 0
    assert not offers_to(entry)


def test_those_who_wait_hear_when_it_opens_and_the_audit_says_it(office: Office, database: Session) -> None:
    close(office)
    assert not database.scalars(select(FreedTime.id)).all()
    close(office, NewClients.LATER, date(2026, 12, 1))
    noted = database.scalars(select(FreedTime)).one()
    assert noted.starts_at == at(0, days=8)
    changed = close(office, NewClients.YES)
    assert (changed.new_clients, changed.new_clients_from) == (NewClients.YES, None)
    assert len(database.scalars(select(FreedTime.id)).all()) == 2
    lines = [each.details["after"] for each in database.scalars(select(PracticeEvent).order_by(PracticeEvent.id))]
    assert [line["new_clients"] for line in lines] == ["no", "later", "yes"]


def test_from_when_has_to_be_said(office: Office) -> None:
    with pytest.raises(InvalidInput) as refused:
        close(office, NewClients.LATER)
    assert set(refused.value.fields) == {"since"}


def test_another_practice_closes_nobody(office: Office) -> None:
    with pytest.raises(NotFound):
        set_new_clients(
            practice_id=make_office().practice.id,
            therapist_public_id=office.therapist.public_id,
            takes=NewClients.NO,
            by=BY_STAFF,
            now=NOW,
        )

"""A fortnight is rehearsed, and then it is lived: the same messages go to the same people at the same times."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses
from telehealth.domain.message_words import MessageStatus, Reason
from telehealth.domain.ports import Gateways
from telehealth.domain.words import AppointmentStatus, Approval, OccurrenceStatus
from telehealth.models import Appointment, Attendee, Message, Occurrence, Therapist
from telehealth.services.appointments.approving import expire_requests
from telehealth.services.delivery.claiming import claim_messages
from telehealth.services.messages.agendas import plan_agendas
from telehealth.services.messages.replanning import replan_stale
from telehealth.services.rehearsal.rehearsing import end_of_part, rehearse_practice
from telehealth.services.rehearsal.telling import RehearsedLine
from telehealth.services.series.materialising import materialise_series
from tests.delivering import deliver_one
from tests.factories import Office, book, make_contact, make_office, make_series, make_therapist
from tests.fakes import FakeClock
from tests.moments import NOW, at

FORTNIGHT = timedelta(days=14)
BEAT = timedelta(hours=1)
Said = tuple[str, str, str, datetime]
"""The kind, who reads it, the channel, and when."""


def a_practice_with_a_full_book(database: Session) -> Office:
    """Bookings near and far, somebody without texts, a request that nobody will answer, a standing slot that goes on,
    and a number that has more texts than it may have.
    """
    office = make_office(practice={"texts_a_day": 2}, service={"horizon_days": 60})
    book(office, at(10, days=4), contact=make_contact(name="Ana Ruiz", phone="+13035550111"))
    book(office, at(12, days=9), contact=make_contact(name="Ben Poe", wants_texts=False))
    family = {"phone": "+13035550122"}
    for hour, name in ((9, "Kim Doe"), (11, "Jo Doe"), (13, "Lee Doe"), (15, "Sam Doe")):
        book(
            office, at(hour, days=10), contact=make_contact(name=name, **family), now=NOW + hour * timedelta(minutes=5)
        )
    colleague = make_therapist(office.practice, office.service, name="Pat Kay")
    for therapist, name in ((office.therapist, "Amy Lee"), (colleague, "Abe Lee")):
        contact = make_contact(name=name, phone="+13035550155")
        book(office, at(14, days=7), therapist=therapist.public_id, contact=contact)
    office.service.approval = Approval.ALWAYS
    database.commit()
    book(office, at(16, days=8), contact=make_contact(name="Max Roe", phone="+13035550133"))
    make_series(office, contacts=[make_contact(name="Una Fox", phone="+13035550144")])
    return office


def lived(office: Office, addresses: Addresses, gateways: Gateways, clock: FakeClock, *, since: datetime) -> list[Said]:
    """What was sent while the clock went on for a fortnight, beat by beat and whenever something is due."""
    while clock() < since + FORTNIGHT:
        expire_requests(now=clock())
        materialise_series(now=clock())
        plan_agendas(now=clock())
        replan_stale(now=clock())
        while claimed := claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
            for each in claimed:
                deliver_one(each, gateways=gateways, now=clock())
        clock.advance(_next(clock()) - clock())
    return list(_sent(since))


def _next(now: datetime) -> datetime:
    """The next beat, or sooner when something becomes due."""
    ends = [now + BEAT]
    planned = (Message.status == MessageStatus.PLANNED, Message.due_at > now)
    pending = (Appointment.status == AppointmentStatus.PENDING, Appointment.expires_at > now)
    ends.extend(
        filter(
            None,
            [
                db.session.scalar(select(func.min(Message.due_at)).where(*planned)),
                db.session.scalar(select(func.min(Appointment.expires_at)).where(*pending)),
            ],
        )
    )
    kept = db.session.scalars(select(Occurrence.starts_at).where(Occurrence.status == OccurrenceStatus.PLANNED))
    ends.extend(made for each in kept if (made := each - timedelta(weeks=10)) > now)
    db.session.rollback()
    return min(ends)


def _sent(since: datetime) -> Iterator[Said]:
    names = {row.id: row.name for row in db.session.scalars(select(Attendee))}
    therapists = {row.id: row.name for row in db.session.scalars(select(Therapist))}
    for row in db.session.scalars(select(Message).where(Message.sent_at > since, Message.sent_at < since + FORTNIGHT)):
        who = names[row.attendee_id] if row.attendee_id is not None else therapists[row.therapist_id or 0]
        assert row.sent_at is not None
        yield (row.kind, who, row.channel, row.sent_at)


def rehearsed(office: Office, addresses: Addresses, *, since: datetime) -> list[Said]:
    lines = rehearse_practice(
        practice_id=office.practice.id, since=since, until=since + FORTNIGHT, addresses=addresses, now=since
    )
    return [(line.kind, line.to, line.channel, line.at) for line in lines if line.goes and line.at > since]


def test_the_lived_fortnight_is_the_rehearsed_one(
    database: Session, addresses: Addresses, gateways: Gateways, clock: FakeClock
) -> None:
    office = a_practice_with_a_full_book(database)
    since = NOW + timedelta(hours=2)
    clock.advance(since - clock())
    while claimed := claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
        for each in claimed:
            deliver_one(each, gateways=gateways, now=clock())
    foretold = Counter(rehearsed(office, addresses, since=since))
    happened = Counter(lived(office, addresses, gateways, clock, since=since))
    assert sorted((foretold - happened).elements()) == []
    assert sorted((happened - foretold).elements()) == []
    kinds = {kind for kind, _, _, _ in happened}
    assert kinds >= {"reminder", "join_link", "confirmation", "declined", "agenda", "several"}


def test_its_parts_are_the_whole_and_nothing_is_cut_in_two(database: Session, addresses: Addresses) -> None:
    """Also what several messages say in one, a day's most texts to a number, and a number's first text."""
    office = a_practice_with_a_full_book(database)
    until = NOW + FORTNIGHT
    about = {"practice_id": office.practice.id, "addresses": addresses, "now": NOW}
    whole = rehearse_practice(since=NOW, until=until, **about)
    parts, since = [], NOW
    while since < until:
        end = end_of_part(practice_id=office.practice.id, since=since, until=until, now=NOW, most=2)
        assert since < end <= until
        parts.append(rehearse_practice(since=since, until=end, **about))
        since = end
    assert len(parts) > 10
    told = sorted((line for part in parts for line in part), key=_in_order)
    assert told == sorted(whole, key=_in_order)
    reasons = {line.reason for line in told}
    assert {Reason.MANY_TEXTS, Reason.SAID_IN_ONE, Reason.DID_NOT_AGREE} <= reasons


def _in_order(line: RehearsedLine) -> tuple[object, ...]:
    return line.at, line.to, line.kind, line.channel, line.minutes, line.appointment, line.goes

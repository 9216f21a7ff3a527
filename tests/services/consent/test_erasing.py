"""Erasing a record: nothing in the whole database tells who it was, the report counts as before, and nobody does it
alone, too early, or by mistake.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import String, cast, func, select

from telehealth.database import Base, db
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import Actor, AuditAction, Via
from telehealth.domain.client_merging import Side
from telehealth.domain.errors import CannotErase, CannotMerge, InvalidInput, NotAllowed, NotFound
from telehealth.domain.keeping import Agreeing, ErasureStep, judge_agreement, kept_until
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.domain.video.calls import GuestKind
from telehealth.domain.words import AppointmentStatus, Role
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Caller,
    CallGuest,
    Client,
    ClientErasure,
    ClientImport,
    ImportLine,
    Message,
    NumberCode,
    PracticeEvent,
    TelehealthConsent,
    TelehealthText,
    User,
    VideoCall,
    Whereabouts,
)
from telehealth.models.messages import MessageEvent
from telehealth.queries.practice.clients import search_clients
from telehealth.queries.practice.keeping import find_keeping, list_past_keeping
from telehealth.services.audit import ActedBy
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.erasing import agree_to_erase, ask_erasure, withdraw_erasure
from telehealth.services.consent.merging import merge_clients, undo_merge
from telehealth.services.consent.number_proving import send_number_code
from telehealth.services.consent.suppressions import leave_address_alone
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.logins.passkeys import NewPasskey, add_passkey
from telehealth.services.practice.client_importing import begin_import, import_portion, take_client_file
from telehealth.services.practice.client_records import change_client_facts
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_companion,
    make_contact,
    make_couple_office,
    make_user,
    wait,
)
from tests.factories.rows import change, keep
from tests.moments import NOW, at

NAME, EMAIL, PHONE = "Zenobia Quartermaine", "zenobia@example.com", "+13035550177"
OTHER_NAME, OTHER_EMAIL, OTHER_PHONE = "Zenobia Q. Maine", "zq@elsewhere.example", "+13035550178"
LATER = NOW + timedelta(days=8 * 366)
SAFE = "zenobia.safe@example.com"


@pytest.fixture
def office(client: FlaskClient) -> Office:
    return make_couple_office()


@pytest.fixture
def owner(office: Office) -> ActedBy:
    return by(make_user(office.practice))


@pytest.fixture
def front_desk(office: Office) -> ActedBy:
    return by(make_user(office.practice, Role.FRONT_DESK))


def by(user: User) -> ActedBy:
    return ActedBy(Actor.STAFF, user_id=user.id, via=Via.PAGE)


@pytest.fixture
def zenobia(office: Office, addresses: Addresses) -> Client:
    """Somebody whose traces are everywhere."""
    contact = make_contact(name=NAME, email=EMAIL, phone=PHONE)
    partner = make_contact(name="Ben Ito", email="ben@example.com", phone="+13035550179")
    made = book(office, at(10), contact=contact, others=(partner,))
    text = {"recipient": "+13035550000", "addresses": addresses, "now": NOW}
    receive_text(provider_id="SM1", sender=PHONE, body=f"This is {NAME}, is there parking?", **text)
    change(made.attendees[0], call_phone=PHONE, call_asked_at=NOW)
    cancel(made, by=BY_STAFF, reason=f"{NAME} is ill")
    _tell_where(made)
    double = book(office, at(14), contact=make_contact(name=OTHER_NAME, email=OTHER_EMAIL, phone=OTHER_PHONE))
    cancel(double, by=BY_STAFF)
    entry = wait(office, contact=contact)
    change(entry, status="left")
    client = db.session.get_one(Client, entry.client_id)
    facts = {"born_on": date(1980, 5, 12), "desk_note": f"{NAME} owes us.", "emergency_contact": "Bo, 303 555 0180"}
    change(client, **facts, safe_email=SAFE, code_name="ZQ", contact_note="Zenobia prefers mornings")
    for message in db.session.scalars(select(Message).where(Message.appointment_id == made.id)).all():
        to = EMAIL if message.channel == Channel.EMAIL else PHONE
        sent = {"subject": f"For {NAME}", "body": f"Hello {NAME}, {PHONE}", "sent_to": to}
        change(message, status=MessageStatus.SENT, sent_at=NOW, **sent)
        keep(
            MessageEvent(
                practice_id=office.practice.id, message_id=message.id, provider_id="SM", provider_status="sent",
                received_at=NOW, raw={"To": to},
            )
        )  # fmt: skip
    make_companion(client, name="Ida Quill", email="ida@quill.example", phone="+13035550181")
    leave_address_alone(practice_id=office.practice.id, channel=Channel.TEXT, address=PHONE, by=BY_STAFF, now=NOW)
    right = RightContact(EMAIL, PHONE, NAME.upper())
    about = {"practice_id": office.practice.id, "by": BY_STAFF, "now": NOW}
    correct_contact(client_public_id=client.public_id, wish=right, **about)
    other = db.session.get_one(Client, double.attendees[0].client_id)
    merge_clients(kept_public_id=client.public_id, other_public_id=other.public_id, sides={}, **about)
    return client


def _tell_where(made: Appointment) -> None:
    """They said where they are before a video appointment, and came; an interpreter was invited, and came, too."""
    row = {"practice_id": made.practice_id, "attendee_id": made.attendees[0].id}
    about = {"jurisdiction": "UT", "place": "Villa Zenobia", "phone": PHONE, "said_at": NOW}
    keep(Whereabouts(**row, **about, decision="reason", decision_reason=f"{NAME} is in danger"))
    text = keep(TelehealthText(practice_id=made.practice_id, version=1, texts={"en": "Words"}, created_at=NOW))
    said = {"text_id": text.id, "locale": "en", "answer": "agreed", "way": "page", "signature": NAME}
    client = {"client_id": made.attendees[0].client_id, "answered_at": NOW, "created_at": NOW}
    keep(TelehealthConsent(**row, **client, **said))
    call = keep(VideoCall(practice_id=made.practice_id, appointment_id=made.id, created_at=NOW))
    seen = {"name": NAME, "state": "left", "came_at": NOW, "seen_at": NOW}
    keep(Caller(**row, call_id=call.id, whom=f"attendee:{made.attendees[0].public_id}", role="client", **seen))
    theirs = {"practice_id": made.practice_id, "name": "Yolanda Ruiz"}
    facts = {"email": "yolanda@ruiz.example", "kind": GuestKind.INTERPRETER, "created_at": NOW}
    guest = keep(CallGuest(**theirs, appointment_id=made.id, **facts))
    keep(Caller(**{**seen, **theirs}, call_id=call.id, whom=f"guest:{guest.public_id}", role="guest"))


def traces(*words: str) -> Iterator[str]:
    """Every place in the whole database where one of these words stands, however it is written."""
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            said = db.session.scalars(select(cast(column, String)).where(column.is_not(None))).all()
            yield from (
                f"{table.name}.{column.name}: {each}" for each in said if any(w in each.casefold() for w in words)
            )


WORDS = (
    "zenobia",
    "quartermaine",
    "zq@",
    EMAIL,
    OTHER_EMAIL,
    PHONE[2:],
    OTHER_PHONE[2:],
    "555 0180",
    "ida quill",
    "ida@quill",
    "3035550181",
    "yolanda",
    "owes us",
    "is ill",
)


def erase(client: Client, first: ActedBy, second: ActedBy, *, now: Any = LATER, reason: str = "") -> None:
    about = {"practice_id": client.practice_id, "now": now}
    asked = ask_erasure(client_public_id=client.public_id, reason=reason, by=first, **about)
    agree_to_erase(erasure_public_id=asked.public_id, by=second, **about)


def test_nothing_in_the_whole_database_tells_who_it_was(
    office: Office, zenobia: Client, owner: ActedBy, front_desk: ActedBy
) -> None:
    assert list(traces(*WORDS))
    statuses = select(Attendee.status, func.count()).group_by(Attendee.status).order_by(Attendee.status)
    before = db.session.execute(statuses).all()
    erase(zenobia, front_desk, owner)
    db.session.expire_all()
    assert list(traces(*WORDS)) == []
    assert db.session.execute(statuses).all() == before
    assert list(traces("ben ito", "ben@example.com"))
    assert search_clients(office.practice.id, NAME) == []
    assert [each.name for each in search_clients(office.practice.id)] == ["Ben Ito"]
    last = db.session.scalars(select(PracticeEvent).order_by(PracticeEvent.id.desc()).limit(1)).one()
    assert (last.action, last.subject_public_id) == (AuditAction.ERASED, zenobia.public_id)
    assert last.details == {"is_early": False}
    assert db.session.scalar(select(func.count()).select_from(AppointmentEvent))


def test_what_others_share_stays_theirs(office: Office, owner: ActedBy, front_desk: ActedBy) -> None:
    mine = make_client(office.practice, name=NAME, email="family@example.com", phone=PHONE)
    theirs = make_client(office.practice, name="Bo Quartermaine", email="family@example.com", phone=PHONE)
    leave_address_alone(practice_id=office.practice.id, channel=Channel.TEXT, address=PHONE, by=BY_STAFF, now=NOW)
    erase(mine, front_desk, owner)
    assert theirs.phone == PHONE
    assert list(traces("zenobia")) == []
    assert any(each.startswith("suppression") for each in traces(PHONE))


def test_what_was_done_to_others_of_the_same_name_stays_told(
    office: Office, owner: ActedBy, front_desk: ActedBy
) -> None:
    login = db.session.get_one(User, owner.user_id)
    add_passkey(login_id=login.login_id, name="Phone", made=NewPasskey("c", "k", 0), by=owner, now=NOW)
    [kept] = db.session.scalars(select(PracticeEvent)).all()
    before = kept.name, dict(kept.details)
    erase(make_client(office.practice, name=login.name), front_desk, owner)
    db.session.expire_all()
    assert (kept.name, kept.details) == before
    assert kept.name == login.name


def test_a_record_that_was_one_with_theirs_for_a_while_tells_nothing_of_them(
    office: Office, owner: ActedBy, front_desk: ActedBy
) -> None:
    ann = make_client(office.practice, name="Ann Mother", email="ann@example.com", phone="+13035550101")
    mine = make_client(office.practice, name=NAME, email=EMAIL, phone=PHONE)
    about = {"practice_id": office.practice.id, "by": owner, "now": LATER}
    sides = {"email": Side.OTHER, "phone": Side.OTHER}
    merge = merge_clients(kept_public_id=ann.public_id, other_public_id=mine.public_id, sides=sides, **about)
    right = RightContact("ann@example.com", "+13035550101", "Ann Mother")
    correct_contact(client_public_id=ann.public_id, wish=right, **about)
    undo_merge(merge_public_id=merge.public_id, **about)
    assert any(each.startswith("practice_event.details") for each in traces(EMAIL))
    erase(mine, front_desk, owner)
    db.session.expire_all()
    assert list(traces(*WORDS)) == []
    assert (ann.name, ann.email, ann.phone) == ("Ann Mother", "ann@example.com", "+13035550101")
    lines = db.session.scalars(select(PracticeEvent).filter_by(subject_public_id=ann.public_id)).all()
    assert {AuditAction.MERGED, AuditAction.PARTED} <= {each.action for each in lines}
    assert {each.name for each in lines} == {"Ann Mother"}


CARD = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{NAME}\r\nEMAIL:{EMAIL}\r\nTEL:{PHONE}\r\nEND:VCARD\r\n"
FILE = (
    "First name,Last name,E-mail,Phone\n"
    "Ben,Ito,ben@example.com,303 555 0179\n"
    f"Zenobia,Quartermaine,other@example.com,\nZ.,Q.,{EMAIL.upper()},\nSomebody,Else,else@example.com,(303) 555-0177\n"
)


def test_files_of_clients_tell_nothing_of_them(office: Office, owner: ActedBy, front_desk: ActedBy) -> None:
    about = {"practice_id": office.practice.id, "by": owner, "now": NOW}
    card = take_client_file(file_name=f"{NAME}.vcf", data=CARD.encode(), **about)
    begin_import(public_id=card.public_id, adds_alike=False, **about)
    assert import_portion(now=NOW) == 1
    waiting = take_client_file(file_name="all.csv", data=FILE.encode(), **about)
    erase(db.session.scalars(select(Client).filter_by(name=NAME)).one(), front_desk, owner)
    db.session.expire_all()
    assert list(traces(*WORDS, "555-0177")) == []
    assert db.session.scalars(select(ClientImport.file_name).order_by(ClientImport.id)).all() == ["a file", "all.csv"]
    begin_import(public_id=waiting.public_id, adds_alike=True, **about)
    assert import_portion(now=NOW) == 1
    assert [each.name for each in search_clients(office.practice.id)] == ["Ben Ito"]
    assert len(db.session.scalars(select(ImportLine)).all()) == 5


def test_what_was_asked_for_before_is_told_no_more(office: Office, owner: ActedBy, front_desk: ActedBy) -> None:
    mine = make_client(office.practice, name=NAME)
    asking = {"practice_id": office.practice.id, "client_public_id": mine.public_id, "by": owner}
    ask_erasure(reason=f"Letter of {NAME}", now=LATER, **asking)
    erase(mine, front_desk, owner, now=LATER + timedelta(days=60))
    assert db.session.scalars(select(ClientErasure.reason)).all() == ["", ""]
    assert list(traces(*WORDS)) == []


def test_the_same_person_comes_back_as_somebody_new(
    office: Office, zenobia: Client, owner: ActedBy, front_desk: ActedBy
) -> None:
    erase(zenobia, front_desk, owner)
    again = book(office, at(10), contact=make_contact(name=NAME, email=EMAIL, phone=PHONE))
    assert again.attendees[0].client_id != zenobia.id


def test_nobody_writes_to_an_erased_record_or_takes_anything_out_of_it(
    office: Office, zenobia: Client, owner: ActedBy, front_desk: ActedBy
) -> None:
    other = make_client(office.practice)
    merge = merge_clients(
        practice_id=office.practice.id, kept_public_id=zenobia.public_id, other_public_id=other.public_id,
        sides={}, by=BY_STAFF, now=LATER,
    )  # fmt: skip
    erase(zenobia, front_desk, owner)
    about = {"practice_id": office.practice.id, "by": BY_STAFF, "now": LATER}
    with pytest.raises(CannotMerge):
        undo_merge(merge_public_id=merge.public_id, **about)
    with pytest.raises(NotFound):
        correct_contact(client_public_id=zenobia.public_id, wish=RightContact(EMAIL, PHONE, NAME), **about)
    with pytest.raises(NotFound):
        change_client_facts(client_public_id=zenobia.public_id, facts=Any, **about)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        ask_erasure(client_public_id=zenobia.public_id, reason="", **{**about, "by": owner})


def test_two_people_agree_or_an_owner_twice(
    office: Office, zenobia: Client, owner: ActedBy, front_desk: ActedBy
) -> None:
    colleague = by(make_user(office.practice, Role.FRONT_DESK))
    about = {"practice_id": office.practice.id}
    asked = ask_erasure(client_public_id=zenobia.public_id, reason="", by=front_desk, now=LATER, **about)
    agreeing = {**about, "erasure_public_id": asked.public_id}
    for who, when in ((front_desk, LATER + timedelta(days=2)), (colleague, LATER)):
        with pytest.raises(CannotErase, match="one of them has to be an owner"):
            agree_to_erase(**agreeing, by=who, now=when)
    with pytest.raises(CannotErase, match="asked for already"):
        ask_erasure(client_public_id=zenobia.public_id, reason="", by=owner, now=LATER, **about)
    withdraw_erasure(**agreeing, by=colleague, now=LATER)
    with pytest.raises(CannotErase, match="settled"):
        agree_to_erase(**agreeing, by=owner, now=LATER)
    alone = ask_erasure(client_public_id=zenobia.public_id, reason="", by=owner, now=LATER, **about)
    agreeing["erasure_public_id"] = alone.public_id
    with pytest.raises(CannotErase, match="a day later"):
        agree_to_erase(**agreeing, by=owner, now=LATER + timedelta(hours=23))
    with pytest.raises(CannotErase, match="for a month"):
        agree_to_erase(**agreeing, by=owner, now=LATER + timedelta(days=30))
    agree_to_erase(**agreeing, by=owner, now=LATER + timedelta(days=1))
    assert db.session.get_one(Client, zenobia.id, populate_existing=True).erased_at is not None


def test_before_its_time_only_when_the_client_asks(
    office: Office, zenobia: Client, owner: ActedBy, front_desk: ActedBy
) -> None:
    soon = at(12, days=3)
    about = {"practice_id": office.practice.id, "client_public_id": zenobia.public_id, "now": soon}
    with pytest.raises(CannotErase, match="kept until November 24, 2033"):
        ask_erasure(**about, reason="They asked.", by=front_desk)
    with pytest.raises(InvalidInput):
        ask_erasure(**about, reason="", by=owner)
    with pytest.raises(NotAllowed):
        ask_erasure(**about, reason="They asked.", by=ActedBy(Actor.CLIENT))
    erase(zenobia, owner, front_desk, now=soon, reason=f"{NAME} asked by letter.")
    assert list(traces(*WORDS)) == []


def test_what_is_ahead_is_in_the_way(office: Office, owner: ActedBy) -> None:
    contact = make_contact(name=NAME)
    appointment = book(office, at(10), contact=contact)
    wait(office, contact=contact)
    client = db.session.get_one(Client, appointment.attendees[0].client_id)
    with pytest.raises(CannotErase, match=r"appointment ahead.*waitlist") as refusal:
        erase(client, owner, owner, now=NOW, reason="They asked.")
    assert "standing" not in str(refusal.value)
    assert db.session.get_one(Appointment, appointment.id).status == AppointmentStatus.BOOKED


def test_whose_time_is_over_is_listed(office: Office, zenobia: Client) -> None:
    child = make_client(office.practice, name="Cleo Abara")
    change(child, born_on=date(2020, 1, 1))
    practice = office.practice
    assert list_past_keeping(practice, now=NOW) == []
    assert [each.name for each in list_past_keeping(practice, now=LATER)] == ["Ben Ito", NAME.upper()]
    assert not find_keeping(child, now=LATER).is_over
    change(practice, kept_years=20)
    assert list_past_keeping(practice, now=LATER) == []


@pytest.mark.parametrize(
    ("last", "born", "until"),
    [
        (date(2026, 11, 24), None, date(2033, 11, 24)),
        (date(2026, 11, 24), date(1980, 1, 1), date(2033, 11, 24)),
        (date(2026, 11, 24), date(2020, 6, 1), date(2041, 6, 1)),
        (date(2028, 2, 29), None, date(2035, 3, 1)),
    ],
)
def test_how_long_a_record_is_kept(last: date, born: date | None, until: date) -> None:
    assert kept_until(last, born, years=7, years_of_minors=3) == until


def test_a_program_of_nobody_agrees_to_nothing() -> None:
    nobody = Agreeing(1, None, asker_is_owner=True, agreer_is_owner=False)
    assert judge_agreement(nobody, asked_at=NOW, now=NOW) == ErasureStep.NEEDS_ANOTHER


def test_numbers_that_were_texted_a_code_go_too(office: Office, owner: ActedBy, front_desk: ActedBy) -> None:
    """Theirs; a number that somebody else typed stays as long as it is counted."""
    change(office.practice, takes_phone_only=True, books_phone_only=True)
    theirs, other = "+13035550177", "+13035550188"
    client = make_client(office.practice, name="Vic Tim", email="", phone=theirs)
    for phone in (theirs, other):
        send_number_code(practice_id=office.practice.id, phone=phone, secret="s", locale="en", by=BY_CLIENT, now=NOW)
    erase(client, owner, front_desk, now=NOW + timedelta(hours=1), reason="asked by phone")
    db.session.expire_all()
    assert db.session.scalars(select(NumberCode.phone).order_by(NumberCode.id)).all() == ["", other]
    texts = db.session.scalars(select(Message.sent_to).order_by(Message.number_code_id)).all()
    assert texts == ["", other]

"""Who acts for a client gets messages in their own language, with links of their own, as long as they act for them."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.contact import Contact
from telehealth.domain.errors import NotAllowed
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.ports import Email, Gateways
from telehealth.models import Appointment, AppointmentEvent, Client, Companion, Message, Suppression, Task
from telehealth.services.appointments.attending import confirm_by_link
from telehealth.services.appointments.cancelling import cancel_by_link
from telehealth.services.consent.companions import change_companion, end_companion
from telehealth.services.consent.contact_correcting import RightContact, correct_contact
from telehealth.services.consent.suppressions import start_texts, stop_texts
from telehealth.services.delivery.gathering import gather_messages
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.rehearsal.rehearsing import rehearse_practice
from tests.delivering import Carrier
from tests.factories import (
    BY_CLIENT,
    BY_STAFF,
    Office,
    book,
    make_client,
    make_companion,
    make_contact,
    make_office,
    make_therapist,
    move,
)
from tests.factories.rows import change
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import NOW, at
from tests.texting import OURS

MARIAS, LEOS = "+17205550142", "+13035550111"
MARIA = {
    "name": "Maria Doe",
    "email": "maria@example.com",
    "phone": MARIAS,
    "locale": "es",
    "messages_to": MessagesTo.BOTH,
    "wants_texts": True,
}
LEO = make_contact(name="Leo Doe", email="leo@example.com", phone=LEOS)
LILY = make_contact(name="Lily Moss", email="lily@example.com", phone=None, wants_texts=False)


class Post(Carrier):
    """What came since the last look, by where it went."""

    def later(self, by: timedelta = timedelta(minutes=4)) -> tuple[dict[str, Email], dict[str, list[str]]]:
        emails, texts = self.carry(by)
        numbers = {each.to for each in texts}
        return {each.to: each for each in emails}, {
            to: [each.body for each in texts if each.to == to] for to in numbers
        }


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Post:
    return Post(addresses, gateways, clock, emails, texts)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


def client_for(office: Office, contact: Contact) -> Client:
    return make_client(office.practice, name=contact.name, email=contact.email)


def with_maria(office: Office, contact: Contact = LEO, **given: Any) -> Companion:
    return make_companion(client_for(office, contact), **{**MARIA, **given})


def which(companion: Companion) -> dict[str, Any]:
    about = {"practice_id": companion.practice_id, "client_public_id": companion.client.public_id}
    return {**about, "companion_public_id": companion.public_id, "by": BY_STAFF, "now": NOW}


def token_in(said: str, where: str = "m") -> str:
    found = re.search(rf"/{where}/([A-Za-z0-9_.-]+)", said)
    assert found is not None, said
    return found[1].rstrip(".")


def link_of(email: Email) -> str:
    return token_in(" ".join(url for _, url in email.letter.actions))


def write(office: Office, post: Post, body: str, *, sender: str = MARIAS) -> str:
    sid = f"SM{post.clock().timestamp()}{body}"
    given = {"recipient": OURS, "provider_id": sid, "addresses": post.addresses, "now": post.clock()}
    found = receive_text(sender=sender, body=body, **given)
    assert found is not None
    about = select(Message).where(Message.inbound_id == found.id, Message.kind == MessageKind.REPLY)
    answer = db.session.scalars(about).one_or_none()
    return answer.body if answer is not None else ""


def test_both_are_told_each_in_their_own_language_with_their_own_link(office: Office, post: Post) -> None:
    with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    emails, texts = post.later()
    assert {"leo@example.com", "maria@example.com"} <= emails.keys()
    assert texts.keys() == {LEOS, MARIAS}
    assert "su cita" in texts[MARIAS][0]
    assert "para LD" in texts[MARIAS][0]
    assert "Leo" not in texts[MARIAS][0]
    hers, his = emails["maria@example.com"], emails["leo@example.com"]
    assert ("Para", "L. D.") in hers.letter.facts
    assert hers.to_name == "Maria Doe"
    assert hers.invite is not None
    invited = Calendar.from_ical(hers.invite.content).walk("VEVENT")[0]["ATTENDEE"]
    assert str(invited) == "mailto:maria@example.com"
    assert link_of(hers) != link_of(his)
    assert hers.unsubscribe_url == ""


@pytest.mark.parametrize(
    ("messages_to", "told"),
    [
        (MessagesTo.CLIENT, {"leo@example.com"}),
        (MessagesTo.COMPANION, {"maria@example.com"}),
        (MessagesTo.BOTH, {"leo@example.com", "maria@example.com"}),
    ],
)
def test_who_is_told_is_chosen(office: Office, post: Post, messages_to: MessagesTo, told: set[str]) -> None:
    with_maria(office, messages_to=messages_to)
    made = book(office, at(10, days=3), contact=LEO)
    emails, texts = post.later()
    assert emails.keys() - {office.therapist.email} == told
    assert texts.keys() == {MARIAS if "maria" in each else LEOS for each in told}
    move(made, at(12, days=3))
    emails, _ = post.later()
    assert emails.keys() - {office.therapist.email} == told
    emails, _ = post.later(timedelta(days=2))
    assert emails.keys() - {office.therapist.email} <= told
    assert db.session.scalars(select(Task)).all() == []


def test_whoever_joins_later_is_told_of_what_is_ahead_once(office: Office, post: Post) -> None:
    book(office, at(10, days=3), contact=LEO)
    post.later()
    with_maria(office)
    emails, texts = post.later()
    assert (set(emails), set(texts)) == ({"maria@example.com"}, {MARIAS})


def test_one_phone_for_the_family_is_texted_once(office: Office, post: Post) -> None:
    """The client's own number may be the mother's."""
    with_maria(office, phone=LEOS)
    book(office, at(10, days=3), contact=LEO)
    emails, texts = post.later()
    assert [len(each) for each in texts.values()] == [1]
    assert "maria@example.com" in emails


def test_one_text_for_two_children_and_which_one_is_asked(office: Office, post: Post) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION)
    with_maria(office, LILY, messages_to=MessagesTo.COMPANION)
    first, second = book(office, at(10, days=3), contact=LEO), book(office, at(12, days=3), contact=LILY)
    _, texts = post.later()
    [said] = texts[MARIAS]
    assert ("para LD" in said, "para LM" in said) == (True, True)
    asked = write(office, post, "C")
    assert ("1" in asked, "2" in asked) == (True, True)
    assert {seat.confirmed_at for each in (first, second) for seat in each.attendees} == {None}
    answer = write(office, post, "2")
    assert second.attendees[0].confirmed_at is not None
    assert first.attendees[0].confirmed_at is None
    assert token_in(answer).count(".") == 2


def test_a_text_from_her_phone_acts_on_the_right_one(office: Office, post: Post) -> None:
    with_maria(office)
    made = book(office, at(10, days=3), contact=LEO)
    assert write(office, post, "C")
    assert made.attendees[0].confirmed_at is not None


def test_what_a_text_does_is_written_down_as_hers_or_as_the_clients(office: Office, post: Post) -> None:
    maria = with_maria(office)
    made = book(office, at(10, days=3), contact=LEO)
    write(office, post, "C")
    post.later()
    write(office, post, "I can't make it")
    post.later()
    write(office, post, "C", sender=LEOS)
    assert confirmations(made) == [
        (AuditAction.CONFIRMED, maria.public_id),
        (AuditAction.UNCONFIRMED, maria.public_id),
        (AuditAction.CONFIRMED, None),
    ]


def test_a_text_from_a_number_that_she_shares_with_the_client_is_the_clients(office: Office, post: Post) -> None:
    with_maria(office, phone=LEOS)
    made = book(office, at(10, days=3), contact=LEO)
    write(office, post, "C", sender=LEOS)
    assert confirmations(made) == [(AuditAction.CONFIRMED, None)]


def test_of_two_children_each_line_names_the_companion_of_that_one(office: Office, post: Post) -> None:
    mothers = [with_maria(office, contact, messages_to=MessagesTo.COMPANION) for contact in (LEO, LILY)]
    two = [book(office, at(hour, days=3), contact=contact) for hour, contact in ((10, LEO), (12, LILY))]
    post.later()
    write(office, post, "C")
    write(office, post, "all")
    for made, maria in zip(two, mothers, strict=True):
        assert confirmations(made) == [(AuditAction.CONFIRMED, maria.public_id)]


def confirmations(made: Appointment) -> list[tuple[AuditAction, str | None]]:
    """What was said about whether they come, with who said it for the client."""
    lines = select(AppointmentEvent).where(
        AppointmentEvent.appointment_id == made.id,
        AppointmentEvent.action.in_([AuditAction.CONFIRMED, AuditAction.UNCONFIRMED]),
    )
    found = db.session.scalars(lines.order_by(AppointmentEvent.id))
    return [(each.action, each.details.get("companion")) for each in found]


def test_who_may_change_nothing_confirms_nothing(office: Office, post: Post, client: FlaskClient) -> None:
    with_maria(office, may_change=False)
    made = book(office, at(10, days=3), contact=LEO)
    emails, texts = post.later()
    assert " C " not in texts[MARIAS][0]
    write(office, post, "C")
    assert made.attendees[0].confirmed_at is None
    page = client.get(f"/m/{link_of(emails['maria@example.com'])}")
    assert page.status_code == 200
    for gone in ("Cancel this appointment", "Move to another time", "I will come"):
        assert gone not in page.text
    link = post.addresses.read(LinkPurpose.MANAGE, link_of(emails["maria@example.com"]))
    for act in (cancel_by_link, confirm_by_link):
        with pytest.raises(NotAllowed):
            act(link=link, by=BY_CLIENT, now=post.clock())


def test_stop_from_her_phone_ends_her_texts_only(office: Office, post: Post) -> None:
    with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    stop_texts(phone=MARIAS, now=NOW)
    emails, texts = post.later()
    assert texts.keys() == {LEOS}
    assert "maria@example.com" in emails
    start_texts(phone=MARIAS, sender=OURS, now=post.clock())
    assert [each.address for each in db.session.scalars(select(Suppression))] == [MARIAS]


def test_stop_from_the_client_is_not_hers(office: Office, post: Post) -> None:
    with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    stop_texts(phone=LEOS, now=NOW)
    _, texts = post.later()
    assert texts.keys() == {MARIAS}


def test_without_her_yes_there_are_no_texts_and_at_night_neither(office: Office, post: Post) -> None:
    with_maria(office, wants_texts=False)
    book(office, at(10, days=3), contact=LEO)
    _, texts = post.later()
    assert texts.keys() == {LEOS}


def test_nothing_goes_to_whoever_has_ended_and_their_links_open_nothing(
    office: Office, post: Post, client: FlaskClient
) -> None:
    maria = with_maria(office)
    made = book(office, at(10, days=3), contact=LEO)
    emails, _ = post.later()
    token = link_of(emails["maria@example.com"])
    assert client.get(f"/m/{token}").status_code == 200
    waiting = select(Message).where(Message.companion_id == maria.id, Message.status == MessageStatus.PLANNED)
    assert db.session.scalars(waiting).all()
    end_companion(**which(maria))
    assert db.session.scalars(waiting).all() == []
    assert client.get(f"/m/{token}").status_code == 410
    move(made, at(12, days=3))
    emails, texts = post.later(timedelta(days=2))
    assert "maria@example.com" not in emails
    assert MARIAS not in texts
    assert write(office, post, "C") == "" or made.attendees[0].confirmed_at is None


def test_what_was_claimed_before_they_ended_is_not_sent(office: Office, post: Post) -> None:
    maria = with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    db.session.expire_all()
    change(maria, ended_at=NOW)  # Somewhere else, so that nothing was planned anew.
    emails, texts = post.later()
    assert "maria@example.com" not in emails
    assert texts.keys() == {LEOS}


@pytest.mark.parametrize("ends", [0, 1])
def test_a_text_about_two_children_that_waits_to_be_sent_is_not_lost_with_one(
    office: Office, post: Post, ends: int
) -> None:
    both = [with_maria(office, each, messages_to=MessagesTo.COMPANION) for each in (LEO, LILY)]
    book(office, at(10, days=3), contact=LEO)
    book(office, at(12, days=3), contact=LILY)
    post.clock.advance(timedelta(minutes=4))
    gather_messages(now=post.clock())
    waiting = select(Message).where(Message.kind == MessageKind.SEVERAL)
    assert db.session.scalars(waiting).one().status == MessageStatus.PLANNED
    end_companion(**{**which(both[ends]), "now": post.clock()})
    _, texts = post.later()
    [said] = texts[MARIAS]
    assert ("LD" in said, "LM" in said) == (ends == 1, ends == 0)


def test_new_links_go_to_whoever_acts_for_the_client_too(office: Office, post: Post, client: FlaskClient) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION)
    made = book(office, at(10, days=3), contact=LEO)
    emails, _ = post.later()
    first = link_of(emails["maria@example.com"])
    wish = RightContact("leo.doe@example.com", LEOS)
    leo = made.attendees[0].client
    correct_contact(practice_id=leo.practice_id, client_public_id=leo.public_id, wish=wish, by=BY_STAFF, now=NOW)
    assert client.get(f"/m/{first}").status_code == 410
    emails, _ = post.later()
    assert emails.keys() == {"maria@example.com"}, "and not to whoever gets none"
    assert client.get(f"/m/{link_of(emails['maria@example.com'])}").status_code == 200


def test_her_link_is_hers_through_every_page_and_what_she_did_is_written_down(
    office: Office, post: Post, client: FlaskClient
) -> None:
    maria = with_maria(office)
    made = book(office, at(10, days=3), contact=LEO)
    emails, _ = post.later()
    token, his = link_of(emails["maria@example.com"]), link_of(emails["leo@example.com"])
    for page in ("", "/cancel", "/move", "/appointment.ics"):
        answer = client.get(f"/m/{token}{page}")
        assert answer.status_code == 200
        assert his not in answer.text
    make_therapist(office.practice, office.service)  # So that there is something to choose.
    assert "Where will Leo Doe be?" in client.get(f"/m/{token}/move?how=1").text
    assert "Where will you be?" in client.get(f"/m/{his}/move?how=1").text
    for page in ("texts", "timezone", "earlier"):
        assert client.get(f"/m/{token}/{page}").status_code == 403
    seen = client.get(f"/api/v1/appointments/{token}")
    assert seen.json is not None
    assert seen.json["manage_token"] == token
    assert his not in seen.text
    assert client.put(f"/api/v1/appointments/{token}/texts", json={"text_consent": False}).status_code == 404
    assert client.post(f"/api/v1/appointments/{token}/again", json={}).status_code in {404, 422}
    form = client.get(f"/m/{token}/cancel").text
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert csrf is not None
    client.post(f"/m/{token}/cancel", data={"csrf_token": csrf[1], "reason": ""})
    db.session.expire_all()
    assert made.attendees[0].cancelled_at is not None
    lines = select(AppointmentEvent).where(AppointmentEvent.action == AuditAction.CANCELLED)
    assert db.session.scalars(lines).one().details["companion"] == maria.public_id
    emails, _ = post.later()
    assert {"leo@example.com", "maria@example.com"} <= emails.keys()


def test_another_address_ends_the_links_that_went_to_the_first(office: Office, post: Post, client: FlaskClient) -> None:
    maria = with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    emails, _ = post.later()
    token, his = link_of(emails["maria@example.com"]), link_of(emails["leo@example.com"])
    facts = CompanionFacts("Maria Doe", Relationship.PARENT, "new@example.com", messages_to=MessagesTo.BOTH)
    change_companion(**which(maria), facts=facts)
    assert client.get(f"/m/{token}").status_code == 410
    assert client.get(f"/m/{his}").status_code == 200


def test_where_nothing_is_named_neither_is_the_client(office: Office, post: Post) -> None:
    change(office.practice, discretion=Discretion.BARE)
    with_maria(office)
    book(office, at(10, days=3), contact=LEO)
    emails, texts = post.later()
    assert "LD" not in texts[MARIAS][0]
    assert "L. D." not in str(emails["maria@example.com"].letter)


def test_a_rehearsal_foresees_it(office: Office, post: Post, addresses: Addresses) -> None:
    with_maria(office)
    made: Appointment = book(office, at(10, days=3), contact=LEO)
    lines = rehearse_practice(
        practice_id=office.practice.id, since=NOW, until=NOW + timedelta(days=3), addresses=addresses, now=NOW
    )
    goes = {(each.to, each.kind, each.channel) for each in lines if each.goes}
    assert ("Maria Doe", MessageKind.REMINDER, Channel.EMAIL) in goes
    assert made.attendees[0].name == "Leo Doe"

"""A time that became free is offered to whoever reads a client's messages, each by their own link; it is taken once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import db
from telehealth.domain.addresses import Addresses, LinkPurpose
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.companions import CompanionFacts, MessagesTo, Relationship
from telehealth.domain.errors import LinkEnded
from telehealth.domain.message_words import Channel, ConsentSource, MessageKind, MessageStatus, Purpose
from telehealth.domain.ports import Email, Gateways, Text
from telehealth.domain.words import AppointmentStatus, OfferStatus
from telehealth.models import Appointment, AppointmentEvent, Client, Companion, Message, Offer
from telehealth.queries.waitlist.waitlist_entries import find_offer_and_reader
from telehealth.services.consent.companions import change_companion, end_companion
from telehealth.services.consent.consents import say_consent
from telehealth.services.consent.suppressions import stop_texts
from telehealth.services.inbox.receiving import receive_text
from telehealth.services.waitlist.waiting import decline_offer, offer_freed_times
from tests.delivering import Carrier
from tests.factories import (
    BY_STAFF,
    Office,
    book,
    cancel,
    make_client,
    make_companion,
    make_contact,
    make_office,
    offers_to,
    wait,
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
    "messages_to": MessagesTo.BOTH,
    "wants_texts": True,
}
LEO = make_contact(name="Leo Doe", email="leo@example.com", phone=LEOS)


@pytest.fixture
def office(database: Session) -> Office:
    return make_office()


@pytest.fixture
def post(addresses: Addresses, gateways: Gateways, clock: FakeClock, emails: FakeEmails, texts: FakeTexts) -> Carrier:
    return Carrier(addresses, gateways, clock, emails, texts)


def with_maria(office: Office, **given: Any) -> Companion:
    leo = make_client(office.practice, name=LEO.name, email=LEO.email)
    return make_companion(leo, **{**MARIA, **given})


def offered(
    office: Office, post: Carrier, *, is_refused: bool = False
) -> tuple[Offer | None, Sequence[Email], Sequence[Text]]:
    """Leo waits, an hour becomes free, and what is said of it."""
    entry = wait(office, contact=LEO)
    if is_refused:
        no_offers(entry.client)
    cancel(book(office, at(10), contact=make_contact(phone=None, wants_texts=False)))
    post.carry(timedelta(minutes=10))  # What that one is told.
    offer_freed_times(now=post.clock())
    emails, texts = post.carry(timedelta(minutes=1))
    made = offers_to(entry)
    return (made[0] if made else None), emails, texts


def everywhere(emails: Sequence[Email], texts: Sequence[Text]) -> set[str]:
    return {each.to for each in emails} | {each.to for each in texts}


def token_in(said: str, where: str = "o") -> str:
    found = re.search(rf"/{where}/([A-Za-z0-9_.-]+)", said)
    assert found is not None, said
    return found[1].rstrip(".")


def link_of(email: Email) -> str:
    return token_in(" ".join(url for _, url in email.letter.actions))


def write(post: Carrier, body: str, *, sender: str = MARIAS) -> str:
    given = {"recipient": OURS, "addresses": post.addresses, "now": post.clock()}
    found = receive_text(sender=sender, body=body, provider_id=f"SM{post.clock().timestamp()}{body}{sender}", **given)
    assert found is not None
    about = select(Message).where(Message.inbound_id == found.id, Message.kind == MessageKind.REPLY)
    answer = db.session.scalars(about).one_or_none()
    return answer.body if answer is not None else ""


def press(client: FlaskClient, token: str, do: str) -> Any:
    page = client.get(f"/o/{token}")
    csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert csrf is not None, page.text
    return client.post(f"/o/{token}", data={"csrf_token": csrf[1], "do": do})


def which(companion: Companion) -> dict[str, Any]:
    about = {"practice_id": companion.practice_id, "client_public_id": companion.client.public_id}
    return {**about, "companion_public_id": companion.public_id, "by": BY_STAFF, "now": NOW}


def booked() -> list[Appointment]:
    return list(db.session.scalars(select(Appointment).where(Appointment.status == AppointmentStatus.BOOKED)))


def test_both_are_offered_it_each_with_a_link_of_their_own(office: Office, post: Carrier) -> None:
    with_maria(office, locale="es")
    _, emails, texts = offered(office, post)
    links = {each.to: link_of(each) for each in emails}
    assert links.keys() == {"leo@example.com", "maria@example.com"}
    assert len(set(links.values())) == 2
    assert {each.to for each in texts} == {MARIAS, LEOS}
    said = {each.to: each.body for each in texts}
    assert "para LD" in said[MARIAS]
    assert "Leo" not in said[MARIAS]
    assert token_in(said[MARIAS]) == links["maria@example.com"]
    assert [bool(each.unsubscribe_url) for each in sorted(emails, key=lambda each: each.to)] == [True, False]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"messages_to": MessagesTo.CLIENT}, {"leo@example.com", LEOS}),
        ({"messages_to": MessagesTo.COMPANION}, {"maria@example.com", MARIAS}),
        ({"messages_to": MessagesTo.COMPANION, "wants_texts": False}, {"maria@example.com"}),
        # It asks for an answer, so it goes to whoever may give one.
        ({"messages_to": MessagesTo.COMPANION, "may_change": False}, {"leo@example.com", LEOS}),
        # What they share is written to once.
        ({"phone": LEOS}, {"leo@example.com", LEOS, "maria@example.com"}),
    ],
)
def test_it_goes_to_whoever_reads_the_clients_messages(
    office: Office, post: Carrier, given: dict[str, Any], told: set[str]
) -> None:
    with_maria(office, **given)
    _, emails, texts = offered(office, post)
    assert sorted([*(each.to for each in emails), *(each.to for each in texts)]) == sorted(told)


def test_a_stranger_who_once_booked_is_offered_nothing(office: Office, post: Carrier) -> None:
    change(with_maria(office, messages_to=MessagesTo.COMPANION), known_at=None)
    _, emails, texts = offered(office, post)
    assert everywhere(emails, texts) == {"leo@example.com", LEOS}


def test_who_said_stop_is_not_texted_and_if_that_was_the_only_way_the_client_is_told(
    office: Office, post: Carrier
) -> None:
    with_maria(office, messages_to=MessagesTo.COMPANION, email="")
    stop_texts(phone=MARIAS, now=NOW)
    _, emails, texts = offered(office, post)
    assert everywhere(emails, texts) == {"leo@example.com", LEOS}


def no_offers(leo: Client) -> None:
    about: dict[str, Any] = {"practice_id": leo.practice_id, "client_public_id": leo.public_id}
    about |= {"purpose": Purpose.OFFERS, "is_given": False, "source": ConsentSource.STAFF}
    for channel in Channel:
        say_consent(**about, channel=channel, by=BY_STAFF, now=NOW)


def test_what_the_client_wants_to_hear_nothing_of_is_still_hers_to_hear(office: Office, post: Carrier) -> None:
    with_maria(office)
    offer, emails, texts = offered(office, post, is_refused=True)
    assert offer is not None
    assert everywhere(emails, texts) == {"maria@example.com", MARIAS}


def test_nothing_is_kept_for_somebody_of_whom_nobody_hears(office: Office, post: Carrier) -> None:
    with_maria(office, email="")
    stop_texts(phone=MARIAS, now=NOW)
    offer, emails, texts = offered(office, post, is_refused=True)
    assert (offer, [*emails], [*texts]) == (None, [], [])


def test_what_is_taken_by_her_link_is_taken_once_and_written_down_as_hers(
    office: Office, post: Carrier, client: FlaskClient
) -> None:
    maria = with_maria(office)
    offer, emails, _ = offered(office, post)
    assert offer is not None
    hers, his = (link_of(next(each for each in emails if each.to.startswith(name))) for name in ("maria", "leo"))
    page = client.get(f"/o/{hers}").text
    assert "A time for Leo" in page
    assert "See your place" not in page
    assert "A time for you" in client.get(f"/o/{his}").text
    answer = press(client, hers, "accept")
    assert answer.status_code == 303
    assert token_in(answer.location, "m").split(".")[1] == maria.public_id
    assert client.get(answer.location).status_code == 200
    (made,) = booked()
    (line,) = db.session.scalars(
        select(AppointmentEvent).where(
            AppointmentEvent.appointment_id == made.id, AppointmentEvent.action == AuditAction.BOOKED
        )
    )
    assert line.details["companion"] == maria.public_id
    assert [seat.name for seat in made.seats] == ["Leo Doe"]
    assert "It is yours" in client.get(f"/o/{his}").text
    told, _ = post.carry(timedelta(minutes=10))
    assert {each.to for each in told} >= {"leo@example.com", "maria@example.com"}
    assert len(booked()) == 1


def test_over_the_api_too_with_tokens_of_hers(office: Office, post: Carrier, client: FlaskClient) -> None:
    maria = with_maria(office)
    _, emails, _ = offered(office, post)
    hers, his = (link_of(next(each for each in emails if each.to.startswith(name))) for name in ("maria", "leo"))
    assert client.get(f"/api/v1/offers/{hers}").status_code == 200
    taken = client.post(f"/api/v1/offers/{hers}/accept", json={})
    assert taken.status_code == 200, taken.text
    assert taken.json is not None
    assert taken.json["manage_token"].split(".")[1] == maria.public_id
    assert client.post(f"/api/v1/offers/{his}/accept", json={}).status_code == 410


def test_a_yes_by_text_from_either_phone_takes_it_once(office: Office, post: Carrier) -> None:
    maria = with_maria(office)
    offer, _, _ = offered(office, post)
    assert offer is not None
    answer = write(post, "yes")
    assert token_in(answer, "m").split(".")[1] == maria.public_id
    (made,) = booked()
    still_texted = select(Message.companion_id).where(
        Message.appointment_id == made.id,
        Message.kind == MessageKind.CONFIRMATION,
        Message.channel == Channel.TEXT,
        Message.status == MessageStatus.PLANNED,
    )
    assert db.session.scalars(still_texted).all() == [None], "he is told by text, she by our answer"
    assert "no longer free" in write(post, "yes", sender=LEOS)
    assert len(booked()) == 1


def test_a_no_longer_free_leads_her_to_her_own_page(office: Office, post: Carrier, client: FlaskClient) -> None:
    with_maria(office)
    offer, _, _ = offered(office, post)
    assert offer is not None
    decline_offer(offer_public_id=offer.public_id, now=post.clock())
    answer = write(post, "yes")
    assert "/w/" not in answer
    page = client.get(f"/o/{token_in(answer)}")
    assert page.status_code == 200
    assert "Leo keeps their place" in page.text


@pytest.mark.parametrize("how", ["ended", "may change nothing", "reads nothing"])
def test_who_does_not_act_any_more_takes_nothing(
    office: Office, post: Carrier, client: FlaskClient, addresses: Addresses, how: str
) -> None:
    maria = with_maria(office)
    offer, emails, _ = offered(office, post)
    assert offer is not None
    token = link_of(next(each for each in emails if each.to.startswith("maria")))
    facts = CompanionFacts("Maria Doe", Relationship.PARENT, "maria@example.com", MARIAS, wants_texts=True)
    if how == "ended":
        end_companion(**which(maria))
    elif how == "reads nothing":
        change_companion(**which(maria), facts=facts)
    else:
        change(maria, may_change=False)
    assert client.get(f"/o/{token}").status_code == 410
    with pytest.raises(LinkEnded):
        find_offer_and_reader(addresses.read(LinkPurpose.OFFER, token))
    write(post, "yes")
    assert booked() == []
    db.session.expire_all()
    assert db.session.get_one(Offer, offer.id).status == OfferStatus.OPEN


def test_what_waits_for_her_is_not_sent_once_she_has_ended(office: Office, post: Carrier) -> None:
    maria = with_maria(office)
    entry = wait(office, contact=LEO)
    cancel(book(office, at(10), contact=make_contact(phone=None, wants_texts=False)))
    post.carry(timedelta(minutes=10))
    assert offer_freed_times(now=post.clock()) == 1
    change(maria, ended_at=NOW)
    emails, texts = post.carry(timedelta(minutes=1))
    assert everywhere(emails, texts) == {"leo@example.com", LEOS}
    (offer,) = offers_to(entry)
    ended = select(Message.status).where(Message.offer_id == offer.id, Message.companion_id == maria.id)
    assert set(db.session.scalars(ended)) == {MessageStatus.VOID}


def test_each_readers_messages_are_their_own(office: Office, post: Carrier) -> None:
    """One's e-mail does not stand for the other's, nor count as a copy of it."""
    with_maria(office)
    offer, _, _ = offered(office, post)
    assert offer is not None
    rows = db.session.execute(
        select(Message.recipient, Message.channel, Message.copy).where(Message.offer_id == offer.id)
    ).all()
    assert len(rows) == 4
    assert len({row.recipient for row in rows}) == 2
    assert {row.copy for row in rows} == {0}

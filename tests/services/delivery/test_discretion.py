"""End to end: whatever a practice is called and whatever it offers, what is sent does not say so."""

from __future__ import annotations

import pytest
from icalendar import Calendar
from sqlalchemy.orm import Session

from telehealth.adapters.letters import html, plain_text
from telehealth.domain.addresses import Addresses
from telehealth.domain.ports import Gateways
from telehealth.domain.words import Mode, ServiceKind
from telehealth.services.delivery.claiming import claim_messages
from tests.delivering import deliver_one
from tests.discretion import outside_gsm, revealed
from tests.factories import book, cancel, make_contact, make_office
from tests.fakes import FakeClock, FakeEmails, FakeTexts
from tests.moments import at


@pytest.mark.parametrize("mode", list(Mode))
def test_nothing_that_is_sent_says_what_it_is_about(
    database: Session,
    gateways: Gateways,
    addresses: Addresses,
    clock: FakeClock,
    texts: FakeTexts,
    emails: FakeEmails,
    mode: Mode,
) -> None:
    office = make_office(
        practice={"name": "Anxiety & Depression Clinic", "about": "Trauma therapy", "grace_minutes": 0},
        service={"name": "Couples therapy session", "kind": ServiceKind.COUPLE, "description": "For couples in crisis"},
        therapist={
            "credential": "PsyD",
            "specialties": ["depression"],
            "modalities": ["EMDR"],
            "about": "Psychologist",
        },
    )
    contact = make_contact(jurisdiction=None if mode == Mode.IN_PERSON else "CO", timezone="Europe/Berlin")
    made = book(office, at(10, days=7), mode=mode, contact=contact)
    for moment in (clock(), at(10, days=4), at(10, days=6), at(9, 45, days=7)):
        clock.instant = moment
        tick(gateways, addresses, clock)
    cancel(made, now=clock())
    tick(gateways, addresses, clock)
    assert len(texts.sent) == (5 if mode == Mode.VIRTUAL else 4)
    assert len(emails.sent) == 6
    said = [each.body for each in texts.sent]
    for each in emails.sent:
        said += [
            each.letter.subject,
            each.sender_name,
            plain_text(each.letter),
            html(each.letter, sender_name=each.sender_name),
        ]
        if each.invite:
            events = Calendar.from_ical(each.invite.content).walk("VEVENT")
            said += [str(value) for event in events for _, value in event.property_items()]
    assert [found for each in said if (found := revealed(each))] == []
    assert {letter for each in texts.sent for letter in outside_gsm(each.body)} == set()


def tick(gateways: Gateways, addresses: Addresses, clock: FakeClock) -> None:
    for each in claim_messages(worker="w", addresses=addresses, limit=100, now=clock()):
        deliver_one(each, gateways=gateways, now=clock())

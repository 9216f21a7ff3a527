"""Where a client is reached, and what is left alone: the database and the rules in Python say the same."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from sqlalchemy import select

from telehealth.database import db, transaction
from telehealth.domain.consent.contactability import fold_address, reached_at
from telehealth.domain.message_words import Channel, SuppressionReason
from telehealth.models import Attendee, Client, Message, Suppression, WaitlistEntry
from telehealth.queries.consent.opt_outs import find_opt_outs
from telehealth.queries.consent.reaching import folded, is_left_alone, is_reached_at, reached_by
from tests.factories import Office, book, make_office, make_practice
from tests.factories.waitlist import wait
from tests.fakes import FakeClock
from tests.moments import NOW

NUMBERS = (None, "", "+13035550123", "+13035550199")
ADDRESSES = (None, "", "jane@example.com", "Safe@Example.org")
SENT_TO = {
    Channel.TEXT: NUMBERS[1:],
    Channel.EMAIL: (*ADDRESSES[1:], "JANE@EXAMPLE.COM", " jane@example.com "),
}


@pytest.fixture
def office(database: Any, clock: FakeClock) -> Office:
    return make_office()


@pytest.mark.parametrize("contacts", [Attendee, WaitlistEntry])
@pytest.mark.parametrize("channel", Channel)
def test_where_a_client_is_reached(
    office: Office, contacts: type[Attendee] | type[WaitlistEntry], channel: Channel
) -> None:
    booked, waits = book(office), wait(office)
    told = (Message.appointment_id == booked.id) & (Message.channel == channel)
    cases = product(NUMBERS, NUMBERS, ADDRESSES, ADDRESSES[1:])
    with transaction() as session:
        row = session.scalars(select(contacts)).first()
        assert row is not None
        client = session.get_one(Client, row.client_id)
        theirs = select(contacts.id).join(Client, Client.id == contacts.client_id).where(contacts.id == row.id)
        for client.safe_phone, row.phone, client.safe_email, email in cases:
            row.email = email or ""
            session.flush()
            wanted = reached_at(row, client, channel)
            found = theirs.join(Message, told).with_only_columns(reached_by(Message.channel, contacts))
            assert session.scalar(found.limit(1)) == wanted
            asked = fold_address(channel, wanted) if wanted is not None else "nobody"
            for address in {asked, "+13035550123", "jane@example.com"}:
                typed = contacts.phone if channel == Channel.TEXT else folded(contacts.email)
                is_there = session.scalar(theirs.where(is_reached_at(channel, address, typed == address)))
                assert (is_there is not None) == (wanted is not None and fold_address(channel, wanted) == address)
        session.rollback()
    assert waits.id


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("has_ended", [False, True])
@pytest.mark.parametrize("is_elsewhere", [False, True])
def test_what_is_left_alone(office: Office, channel: Channel, has_ended: bool, is_elsewhere: bool) -> None:
    booked, other = book(office), make_practice()
    reasons = list(SuppressionReason)
    with transaction() as session:
        for number, address in enumerate(("+13035550123", "jane@example.com")):
            session.add(
                Suppression(
                    practice_id=other.id if is_elsewhere else office.practice.id,
                    channel=channel,
                    address=address,
                    reason=reasons[number],
                    since=NOW,
                    ended_at=NOW if has_ended else None,
                )
            )
        messages = session.scalars(select(Message).where(Message.appointment_id == booked.id)).all()
        assert {each.channel for each in messages} == set(Channel)
        for message, sent_to in ((each, where) for each in messages for where in SENT_TO[each.channel]):
            message.sent_to = sent_to or ""
            session.flush()
            found = find_opt_outs(message.practice_id, client_ids=(), addresses=[message.sent_to])
            alone = is_left_alone(Message.practice_id, Message.channel, Message.sent_to)
            is_alone = session.scalar(select(alone).where(Message.id == message.id))
            assert bool(is_alone) == (found.why_suppressed(message.channel, message.sent_to) is not None)
    assert db.session.scalar(select(Suppression.id).limit(1))

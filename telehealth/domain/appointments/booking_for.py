"""Booking for somebody else: a parent for a child, a daughter for her father, a case manager for a client."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from telehealth.domain.client_facts import EARLIEST_BIRTH
from telehealth.domain.coming_of_age import AgeStanding, judge_age
from telehealth.domain.companions import CompanionFacts, MessagesTo
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput

MOST_SEATS_AHEAD = 8
"""Booked online for others by somebody whom the practice does not know."""
NEEDS_OWN_WAY = "Please enter their own e-mail address or number. For a child, enter the date of birth instead."
NEEDS_THEIR_EMAIL = "For messages to them, please enter their e-mail address."
CHECK_BIRTH = "Please check this date."


def settle_booking_for(
    booker: CompanionFacts, client: Contact, born_on: date | None, *, on: date
) -> tuple[CompanionFacts, Contact]:
    """Whoever books for somebody else, and the client, as both are written down. ``on`` is the date of the appointment.
    A minor without a contact of their own is known by whoever books, who gets the messages then. Raises InvalidInput
    (``client_email``, ``born_on``).
    """
    if born_on is not None and not EARLIEST_BIRTH <= born_on <= on:
        raise InvalidInput({"born_on": CHECK_BIRTH})
    if client.email or client.phone:
        if booker.messages_to != MessagesTo.COMPANION and not client.email:
            raise InvalidInput({"client_email": NEEDS_THEIR_EMAIL})
        return booker, client
    if born_on is None or judge_age(born_on, client.jurisdiction, on=on) == AgeStanding.OF_AGE:
        raise InvalidInput({"client_email": NEEDS_OWN_WAY})
    if booker.messages_to == MessagesTo.CLIENT:
        raise InvalidInput({"client_email": NEEDS_THEIR_EMAIL})
    known_by = booker.email or booker.phone or ""
    return replace(booker, messages_to=MessagesTo.COMPANION), replace(client, known_by=known_by)

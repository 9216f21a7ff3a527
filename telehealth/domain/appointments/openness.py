"""To whom services and therapists are open: who may ask without staff, and whose bookings staff look at first.

A page cannot know who somebody is: everybody can type a name and an address. And its answer must not tell who is a
client. So what is for new clients, or for those whom the practice knows, is a request of whoever asks for it: staff see
whether they know them, and say yes or no. In the same way everybody is a stranger to a therapist who takes no new
clients, and not offered their time; whoever says that they have met is, and asks. Staff are told where somebody new
comes to such a therapist, and book them with a reason.

Who comes by the link of an appointment that staff made or agreed to, or to which they came, has shown who they are: of
them we look whether it is for them. Any other link is given to whoever typed a name, and says no more than that name.

Who books for somebody else is a stranger to them as well, until staff say that they know them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo

from telehealth.domain.client_facts import EARLIEST_BIRTH
from telehealth.domain.coming_of_age import AgeStanding, judge_age
from telehealth.domain.companions import CompanionFacts, MessagesTo
from telehealth.domain.contact import Contact
from telehealth.domain.errors import GuardianBooks, InvalidInput
from telehealth.domain.hours.opening import FOREVER, Period
from telehealth.domain.walltime import midnight
from telehealth.domain.words import Approval


class OpenTo(StrEnum):
    """Who may ask for a service by themselves. What staff enter is never refused by it."""

    EVERYBODY = "everybody"
    NEW_CLIENTS = "new_clients"
    KNOWN_CLIENTS = "known_clients"
    LINK = "link"  # Whoever has its own address: it is on no list.
    STAFF = "staff"  # Nobody, for now.


LISTED = frozenset({OpenTo.EVERYBODY, OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS})
"""What stands where everybody can read it."""
ASKED_FIRST = frozenset({OpenTo.NEW_CLIENTS, OpenTo.KNOWN_CLIENTS})
"""Whose bookings are requests, whatever else the service says."""


def waits_for_yes(open_to: OpenTo, approval: Approval, *, is_known: bool, is_new: bool) -> bool:
    """Whether what somebody books waits for the practice, when it is certain who they are. ``is_known``: staff have
    looked at them once; ``is_new``: they never had an appointment that the practice agreed to.
    """
    if open_to == OpenTo.KNOWN_CLIENTS and not is_known:
        return True
    if open_to == OpenTo.NEW_CLIENTS and not is_new:
        return True
    return approval == Approval.ALWAYS or (approval == Approval.NEW_CLIENTS and is_new)


class NewClients(StrEnum):
    """Whether a therapist takes them."""

    YES = "yes"
    NO = "no"
    LATER = "later"  # From a date on.


def find_time_for_known(takes: NewClients, since: date | None, zone: ZoneInfo) -> Sequence[Period]:
    """When only clients whom they have met are offered a time of a therapist in that zone; epoch seconds. ``since`` is
    the first date for others.
    """
    if takes == NewClients.YES:
        return ()
    begins = int(midnight(since, zone).timestamp()) if takes == NewClients.LATER and since is not None else FOREVER
    return ((-FOREVER, begins),)


MOST_SEATS_AHEAD = 8
"""Booked online for others by somebody whom the practice does not know."""
NEEDS_OWN_WAY = "Please enter their own e-mail address or number. For a child, enter the date of birth instead."
NEEDS_THEIR_EMAIL = "For messages to them, please enter their e-mail address."
CHECK_BIRTH = "Please check this date."
ASK_BIRTH = "Please enter your date of birth."


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


def require_own_booking(born_on: date | None, state: str | None, *, on: date) -> None:
    """Whoever books for themselves, where minors are booked by whoever acts for them, says when they were born. On a
    date, in a state (its postal code). Raises InvalidInput (``born_on``), and GuardianBooks for a minor who may not
    agree to their own care there.
    """
    if born_on is None:
        raise InvalidInput({"born_on": ASK_BIRTH})
    if not EARLIEST_BIRTH <= born_on <= on:
        raise InvalidInput({"born_on": CHECK_BIRTH})
    if judge_age(born_on, state, on=on) == AgeStanding.NEEDS_SOMEBODY:
        raise GuardianBooks

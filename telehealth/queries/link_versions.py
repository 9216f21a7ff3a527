"""Whether a link that we made still opens what it names."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.companions import MessagesTo
from telehealth.domain.errors import LinkEnded
from telehealth.domain.links import Linked, companion_of, is_ended, link_of_companion
from telehealth.models import Attendee, Companion, Offer


class Sender(Protocol):
    """Who wrote the link, and whom to call."""

    @property
    def sender_name(self) -> str: ...
    @property
    def phone(self) -> str: ...


def find_companion_behind(session: Session, link: Linked, seat: Attendee, practice: Sender) -> Companion | None:
    """Who acts for the client of a seat with this link; None for the client's own. Raises LinkEnded: also when they do
    not act for them any more, or neither booked it nor get messages, which is how they had it.
    """
    if not companion_of(link):
        return None
    found = _find(session, link, seat.client_id)
    if found is None or not (gets_messages(found) or found.id == seat.booked_by_id):
        raise LinkEnded(practice.sender_name, practice.phone)
    require_live_link(link, link_of_companion(seat, found), practice)
    return found


def find_companion_offered(session: Session, link: Linked, offer: Offer, practice: Sender) -> Companion | None:
    """The same for an offer: it goes to whom the practice knows, and who may answer it. Raises LinkEnded."""
    if not companion_of(link):
        return None
    found = _find(session, link, offer.entry.client_id)
    if found is None or not may_answer_offers(found):
        raise LinkEnded(practice.sender_name, practice.phone)
    require_live_link(link, link_of_companion(offer, found), practice)
    return found


def may_answer_offers(companion: Companion) -> bool:
    """Whether they act for their client now, and get offers."""
    return companion.ended_at is None and gets_messages(companion) and companion.may_change


def gets_messages(companion: Companion) -> bool:
    """Whether they get what is about their client, whoever booked it."""
    return companion.is_known and companion.messages_to != MessagesTo.CLIENT


def _find(session: Session, link: Linked, client_id: int) -> Companion | None:
    """Who acts for the client now, of those whom the link names."""
    theirs = (Companion.client_id == client_id, Companion.public_id == companion_of(link))
    found = select(Companion).where(*theirs, Companion.ended_at.is_(None))
    return session.scalar(found.execution_options(populate_existing=True))


def require_live_link(link: Linked, row: Linked, practice: Sender) -> None:
    """Raises LinkEnded, with whom to call: whoever holds the link was written to by them."""
    if is_ended(link, row):
        raise LinkEnded(practice.sender_name, practice.phone)

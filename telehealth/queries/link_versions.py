"""Whether a link that we made still opens what it names."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.domain.companions import MessagesTo
from telehealth.domain.errors import LinkEnded
from telehealth.domain.links import Linked, companion_of, is_ended, link_of_companion
from telehealth.models import Attendee, Companion


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
    theirs = select(Companion).where(Companion.client_id == seat.client_id, Companion.public_id == companion_of(link))
    found = session.scalar(theirs.execution_options(populate_existing=True))
    if found is None or found.ended_at is not None or not _has_to_do_with(found, seat):
        raise LinkEnded(practice.sender_name, practice.phone)
    require_live_link(link, link_of_companion(seat, found), practice)
    return found


def _has_to_do_with(companion: Companion, seat: Attendee) -> bool:
    gets_messages = companion.is_known and companion.messages_to != MessagesTo.CLIENT
    return gets_messages or companion.id == seat.booked_by_id


def require_live_link(link: Linked, row: Linked, practice: Sender) -> None:
    """Raises LinkEnded, with whom to call: whoever holds the link was written to by them."""
    if is_ended(link, row):
        raise LinkEnded(practice.sender_name, practice.phone)

"""Whether what somebody books by themselves waits for a yes of the practice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy.orm import Session

from telehealth.domain.appointments.openness import ASKED_FIRST, OpenTo, waits_for_yes
from telehealth.domain.words import Approval
from telehealth.models import Service
from telehealth.queries.appointments.own_standing import OwnStanding
from telehealth.queries.appointments.slot_calendars import Candidate
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.consent.client_files import ClientFile
from telehealth.queries.hours.busy_intervals import is_unsure
from telehealth.services.appointments.choosing import FirmWish, SlotRequest
from telehealth.services.appointments.seating import is_new

Wish = TypeVar("Wish", bound=FirmWish)


def needs_a_yes(session: Session, asked: SlotRequest[Wish], own: OwnStanding | None, *, is_approved: bool) -> bool:
    """What is for some clients only is looked at by staff, and what everybody reads is the same for all. Whoever takes
    what they were offered has shown that their address is theirs: of them we know whether it is for them.
    """
    service, clients = asked.service, asked.clients
    if service.is_group:
        return False
    if is_approved:
        return service.open_to in ASKED_FIRST and not all(_is_meant(session, service, each) for each in clients)
    if _is_by_their_word(asked, own):
        return True
    if own is not None:
        return waits_for_yes(service.open_to, service.approval, is_known=own.is_known, is_new=own.is_new)
    # Everybody could type the name of somebody who has been here, and would learn it by not being asked to wait.
    return service.needs_yes_of != Approval.NEVER


def is_anyone_unsure(
    asked: SlotRequest[Wish], query: SlotQuery, candidates: Sequence[Candidate], *, now: datetime
) -> bool:
    """Whether the own calendar of whoever would give it was not read for long, and the practice asks first then."""
    givers = [each.therapist_id for each in candidates[: query.service.therapists_needed]]
    return not asked.service.is_group and is_unsure(asked.practice, givers, now=now)


def _is_meant(session: Session, service: Service, client: ClientFile) -> bool:
    return client.is_known if service.open_to == OpenTo.KNOWN_CLIENTS else is_new(session, client)


def _is_by_their_word(asked: SlotRequest[Wish], own: OwnStanding | None) -> bool:
    """Whether they were offered it because they say that they know a therapist who takes no new clients then."""
    named = asked.therapist
    is_said = named is not None and named.id not in met_by(asked, own) and bool(asked.said_known_to)
    return is_said and named is not None and not named.takes_newcomers_at(asked.wish.starts_at)


def met_by(asked: SlotRequest[Wish], own: OwnStanding | None) -> frozenset[int]:
    """The therapists who know whoever asks, where that is certain. In groups nobody is asked that."""
    return own.met if own is not None and not asked.service.is_group else frozenset()

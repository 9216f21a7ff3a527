"""From the public ids that people choose to the rows behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound, ServiceEnded
from telehealth.domain.words import Mode
from telehealth.models import Location, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.services.audit import ActedBy
from telehealth.services.practice.client_files import KnownClient

# Built once: building a statement takes longer than running it.
_CHOSEN = (
    select(Practice, Service, Therapist, Location)
    .join(Service, Service.practice_id == Practice.id)
    .outerjoin(Therapist, (Therapist.practice_id == Practice.id) & (Therapist.public_id == bindparam("therapist")))
    .outerjoin(Location, (Location.practice_id == Practice.id) & (Location.public_id == bindparam("location")))
    .where(Practice.id == bindparam("practice"), Service.public_id == bindparam("service"))
)


@dataclass(frozen=True, slots=True)
class ChosenRows:
    """What the public ids stand for; ``therapist`` None is whoever fits."""

    practice: Practice
    service: Service
    therapist: Therapist | None
    location: Location | None


@dataclass(frozen=True, slots=True)
class BookingRequest:
    """One booking on its way: what was chosen, the question that decides it, who will come, who asks, and why obstacles
    are set aside.
    """

    chosen: ChosenRows
    query: SlotQuery
    clients: Sequence[KnownClient]
    contacts: Sequence[Contact]
    by: ActedBy
    reason: str = ""


def choose_rows(
    session: Session, practice_id: int, service: str, mode: Mode, *, therapist: str | None, location: str | None
) -> ChosenRows:
    """Turn public ids into rows of this practice. Raises NotFound, ServiceEnded, InvalidInput."""
    where = location if mode == Mode.IN_PERSON else None
    given = {"practice": practice_id, "service": service, "therapist": therapist, "location": where}
    found = session.execute(_CHOSEN, given).one_or_none()
    if found is None:
        raise NotFound
    chosen = ChosenRows(*found)
    if chosen.service.ended_at is not None:
        raise ServiceEnded
    if mode not in chosen.service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    if mode == Mode.IN_PERSON and not where:
        raise InvalidInput({"location": "Please choose where you would like to meet."})
    if (therapist and chosen.therapist is None) or (where and chosen.location is None):
        raise NotFound
    return chosen


def therapist_id_of(session: Session, practice_id: int, public_id: str | None) -> int | None:
    """The row id of a therapist of this practice; None for None. Raises NotFound."""
    if public_id is None:
        return None
    found = session.scalar(
        select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found

"""How appointments are loaded: with all that is said about them, in as few statements as possible."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from telehealth.models import Appointment, Attendee, Client

STANDS_FOR = (
    joinedload(Appointment.practice),
    joinedload(Appointment.service),
    joinedload(Appointment.therapist),
    joinedload(Appointment.co_therapist),
    joinedload(Appointment.location),
)
"""The rows that an appointment points to, in the statement that reads it."""


def with_everything(statement: Select[Appointment]) -> Select[Appointment]:
    """Load an appointment with all that its facts need, in as few statements as possible."""
    return statement.options(*STANDS_FOR, joinedload(Appointment.attendees).joinedload(Attendee.client))


APPOINTMENTS = with_everything(select(Appointment))
"""All of them, to be narrowed."""


def is_given_by(therapist_id: int | InstrumentedAttribute[int]) -> ColumnElement[bool]:
    """Whether a therapist gives it, alone or together with a colleague."""
    return or_(Appointment.therapist_id == therapist_id, Appointment.co_therapist_id == therapist_id)


def leads_from(practice_id: int, client_public_id: str) -> ColumnElement[bool]:
    """The client of this practice whom a public id names: it may be that of a record that was made part of theirs."""
    named = aliased(Client)
    wanted = select(func.coalesce(named.merged_into_id, named.id)).where(
        named.practice_id == practice_id, named.public_id == client_public_id
    )
    return Client.id == wanted.scalar_subquery()


def is_part_of(client_id: int | None) -> ColumnElement[bool]:
    """The record of a client, and those that were made part of it."""
    return or_(Client.id == client_id, Client.merged_into_id == client_id)

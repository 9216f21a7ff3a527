"""Finding the client behind a contact, or making one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from telehealth.database import insert_unless_taken
from telehealth.domain.contact import Contact
from telehealth.domain.words import ResourceKind
from telehealth.models import Client, Resource
from telehealth.models.columns import new_uuid


def find_or_make(session: Session, practice_id: int, contact: Contact, *, now: datetime) -> Client:
    """The client with this name and address. Runs inside the caller's transaction.

    Nobody has proved who they are, so what is on file is not changed: contact data of a booking live on its attendee.
    """
    found = _find(session, practice_id, contact)
    if found is None:
        _make(session, practice_id, contact, now=now)
        found = _find(session, practice_id, contact)
    assert found is not None  # noqa: S101 -- this request made it, or another one did at the same moment.
    return found


def _find(session: Session, practice_id: int, contact: Contact) -> Client | None:
    return session.scalar(
        select(Client).where(Client.practice_id == practice_id, Client.match_key == contact.match_key)
    )


def _make(session: Session, practice_id: int, contact: Contact, *, now: datetime) -> None:
    resource_id = session.scalar(
        insert(Resource).values(practice_id=practice_id, kind=ResourceKind.CLIENT).returning(Resource.id)
    )
    values = {
        "public_id": new_uuid(),
        "practice_id": practice_id,
        "resource_id": resource_id,
        "match_key": contact.match_key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "timezone": contact.timezone,
        "created_at": now,
    }
    if insert_unless_taken(session, Client, values) is None:
        session.execute(delete(Resource).where(Resource.id == resource_id))

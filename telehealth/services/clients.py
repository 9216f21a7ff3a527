"""Finding the client behind a contact, or making one."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import bindparam, delete, insert, select
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


# Built once: building a statement takes longer than running it.
_FIND = select(Client).where(Client.practice_id == bindparam("practice"), Client.match_key == bindparam("match_key"))
_INSERT_RESOURCE = insert(Resource).returning(Resource.id)


def _find(session: Session, practice_id: int, contact: Contact) -> Client | None:
    return session.scalar(_FIND, {"practice": practice_id, "match_key": contact.match_key})


def _make(session: Session, practice_id: int, contact: Contact, *, now: datetime) -> None:
    resource = {"practice_id": practice_id, "kind": ResourceKind.CLIENT}
    resource_id = session.connection().scalar(_INSERT_RESOURCE, resource)
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

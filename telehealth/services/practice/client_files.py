"""Finding the client behind a contact, or making one; and the language they read."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.orm import Session

from telehealth.database import insert_unless_taken, transaction
from telehealth.domain import languages
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import AuditSubject, ResourceKind
from telehealth.models import Client, Resource
from telehealth.models.columns import new_uuid
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.locking import lock_own


class KnownClient(NamedTuple):
    """What others need of a client: the id, and the id of the resource that their appointments take."""

    id: int
    resource_id: int


# Built once: building a statement takes longer than running it.
_FIND = select(Client.id, Client.resource_id).where(
    Client.practice_id == bindparam("practice"), Client.match_key == bindparam("match_key")
)
_SPEAKS = (
    update(Client)
    .where(Client.id == bindparam("client"), Client.locale != bindparam("spoken"))
    .values(locale=bindparam("spoken"))
)
_INSERT_RESOURCE = insert(Resource).returning(Resource.id)


def find_or_make_client(
    session: Session, practice_id: int, contact: Contact, *, by: ActedBy, now: datetime
) -> KnownClient:
    """The client with this name and address. Runs inside the caller's transaction. Whom staff enter, they know.

    Nobody has proved who they are, so what is on file is not changed: contact data of a booking live on its attendee.
    Only the language follows what was chosen last: it tells nobody anything, and whoever cannot read a message is lost.
    """
    found = _find(session, practice_id, contact)
    if found is not None and contact.locale:
        session.connection().execute(_SPEAKS, {"client": found.id, "spoken": contact.locale})
    found = found or _make(session, practice_id, contact, now=now)
    # Another request may have made the client at the same moment; then it is there now.
    found = found or _find(session, practice_id, contact)
    assert found is not None  # noqa: S101 -- clients are never deleted.
    if by.is_staff:
        mark_known(session, [found.id], now=now)
    return found


def mark_known(session: Session, client_ids: Iterable[int], *, now: datetime) -> None:
    """The practice knows now that these names belong to their addresses, so messages may name them. Runs inside the
    caller's transaction.
    """
    session.execute(
        update(Client).where(Client.id.in_(list(client_ids)), Client.known_at.is_(None)).values(known_at=now)
    )


def set_language(*, practice_id: int, client_public_id: str, locale: str, by: ActedBy, now: datetime) -> None:
    """Write to a client (public id) in this language from now on. Raises NotFound, and InvalidInput for a language that
    we have no words in.
    """
    if locale not in languages.LANGUAGES:
        raise InvalidInput({"locale": f"Please choose one of: {', '.join(languages.LANGUAGES.values())}."})
    with transaction() as session:
        found = lock_own(session, Client, practice_id, public_id=client_public_id)
        about = Setting(AuditSubject.CLIENT, found.public_id, found.name)
        record_change(
            session, practice_id, about, by, before={"locale": found.locale}, after={"locale": locale}, now=now
        )
        found.locale = locale


def _find(session: Session, practice_id: int, contact: Contact) -> KnownClient | None:
    given = {"practice": practice_id, "match_key": contact.match_key}
    row = session.connection().execute(_FIND, given).one_or_none()
    return row and KnownClient(*row)


def _make(session: Session, practice_id: int, contact: Contact, *, now: datetime) -> KnownClient | None:
    resource = {"practice_id": practice_id, "kind": ResourceKind.CLIENT}
    resource_id = session.connection().execute(_INSERT_RESOURCE, resource).scalar_one()
    values = {
        "public_id": new_uuid(),
        "practice_id": practice_id,
        "resource_id": resource_id,
        "match_key": contact.match_key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "timezone": contact.timezone,
        "locale": contact.locale or languages.ENGLISH,
        "created_at": now,
    }
    made = insert_unless_taken(session, Client, values)
    if made is None:
        session.execute(delete(Resource).where(Resource.id == resource_id))
        return None
    return KnownClient(made, resource_id)

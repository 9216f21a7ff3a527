"""Finding the clients behind contacts, or making them; and the language they read."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, insert_those_free, transaction
from telehealth.domain import languages
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import AuditSubject, ResourceKind
from telehealth.models import Client, Resource
from telehealth.models.columns import new_uuid
from telehealth.queries.consent.client_files import ClientFile, ClientFiles, find_client_files
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.locking import lock_own

# Built once: building a statement takes longer than running it.
_INSERT_RESOURCE = insert(Resource).returning(Resource.id)


def find_or_make_clients(
    session: Session,
    practice_id: int,
    contacts: Sequence[Contact],
    *,
    service_id: int | None = None,
    by: ActedBy,
    now: datetime,
) -> ClientFiles:
    """The files of the clients with these names and addresses, with the rules for an appointment of a service. Runs
    inside the caller's transaction. Whom staff enter, they know.

    Nobody has proved who they are, so what is on file is not changed: contact data of a booking live on its attendee.
    Only the language follows what was chosen last: it tells nobody anything, and whoever cannot read a message is lost.
    """
    network = by.network if by.remote_address and not by.is_staff else None

    def find() -> ClientFiles:
        return find_client_files(session, practice_id, service_id, contacts=contacts, network=network, now=now)

    found = find()
    missing = {each.match_key: each for each in contacts if each.match_key not in found.by_key}
    if missing:
        made = _make(session, practice_id, list(missing.values()), found, by, now=now)
        # Another request may have made some of them at the same moment; then they are there now.
        found = found.with_files(made) if len(made) == len(missing) else find()
    _follow_language(session, found, contacts)
    if by.is_staff:
        mark_known(session, [each.id for each in found.by_key.values() if not each.is_known], now=now)
    return found


def mark_known(session: Session, client_ids: Iterable[int], *, now: datetime) -> None:
    """The practice knows now that these names belong to their addresses, so messages may name them. Runs inside the
    caller's transaction.
    """
    if ids := list(client_ids):
        session.execute(update(Client).where(Client.id.in_(ids), Client.known_at.is_(None)).values(known_at=now))


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


def _follow_language(session: Session, found: ClientFiles, contacts: Collection[Contact]) -> None:
    for each in contacts:
        theirs = found.by_key[each.match_key]
        if each.locale and each.locale != theirs.locale:
            session.execute(update(Client).where(Client.id == theirs.id).values(locale=each.locale))


def _make(
    session: Session, practice_id: int, contacts: Sequence[Contact], found: ClientFiles, by: ActedBy, *, now: datetime
) -> dict[str, ClientFile]:
    """Clients for those contacts, each with the resource that its appointments take, by match key."""
    resource = {"practice_id": practice_id, "kind": ResourceKind.CLIENT}
    resources = session.connection().scalars(_INSERT_RESOURCE, [resource] * len(contacts)).all()
    rows = [_row(practice_id, *each, by, now=now) for each in zip(contacts, resources, strict=True)]
    made = insert_those_free(session, Client, rows, "match_key")
    files = {
        each.match_key: replace(
            found.for_newcomer,
            id=made[each.match_key],
            resource_id=resource_id,
            locale=each.locale or languages.ENGLISH,
            is_known=by.is_staff,
        )
        for each, resource_id in zip(contacts, resources, strict=True)
        if each.match_key in made
    }
    if unused := set(resources) - {each.resource_id for each in files.values()}:
        session.execute(delete(Resource).where(Resource.id.in_(unused)))
    return files


def _row(practice_id: int, contact: Contact, resource_id: int, by: ActedBy, *, now: datetime) -> RowValues:
    return {
        "public_id": new_uuid(),
        "practice_id": practice_id,
        "resource_id": resource_id,
        "match_key": contact.match_key,
        "name": contact.name,
        "email": contact.email,
        "phone": contact.phone,
        "timezone": contact.timezone,
        "locale": contact.locale or languages.ENGLISH,
        "known_at": now if by.is_staff else None,
        "created_at": now,
    }

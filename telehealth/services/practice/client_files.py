"""Finding the clients behind contacts, or making them; and the language they read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, insert, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import languages
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.client_facts import Booking
from telehealth.domain.companions import CompanionFacts
from telehealth.domain.contact import Contact, say_phone
from telehealth.domain.errors import InvalidInput, PleaseCall
from telehealth.domain.searching import make_search_text
from telehealth.models import Client, Resource
from telehealth.models.columns import new_uuid
from telehealth.models.practices import ResourceKind
from telehealth.queries.consent.client_files import ClientFile, ClientFiles, find_client_files, read_client_files
from telehealth.services.audit import ActedBy, Setting, change_row
from telehealth.services.inserting import insert_those_free
from telehealth.services.locking import lock_client

NEEDS_EMAIL = "Please enter their e-mail address. (An owner may take clients by phone only: Settings.)"
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
    """
    found = find_clients(session, practice_id, contacts, service_id=service_id, by=by, now=now)
    return make_clients(session, practice_id, contacts, found, by=by, now=now)


def find_clients(  # noqa: PLR0913 -- who asks for whom
    session: Session,
    practice_id: int,
    contacts: Sequence[Contact],
    *,
    service_id: int | None = None,
    has_proved: bool = False,
    booker: CompanionFacts | None = None,
    by: ActedBy,
    now: datetime,
) -> ClientFiles:
    """The same of those whom the practice has already: nothing is written. Raises PleaseCall when a client asks for
    themselves, or for somebody, with whom the practice arranges everything itself; and InvalidInput (field ``email``)
    for somebody new without an address, unless they have proved their number (``has_proved``), or staff enter them and
    the practice takes clients by phone only. A ``booker`` who asks for somebody else must not learn who is on file:
    staff look at that.
    """
    network = by.network if by.remote_address and not by.is_staff else None
    besides = [booker] if booker is not None else []
    found = find_client_files(
        session, practice_id, service_id, contacts=contacts, besides=besides, network=network, now=now
    )
    if booker is not None:
        return found
    if not by.is_staff and any(each.may_book != Booking.ONLINE for each in found.by_key.values()):
        raise PleaseCall(say_phone(found.practice_phone))
    may_be_new = has_proved or (by.is_staff and found.takes_phone_only)
    if not may_be_new and any(not each.email and each.match_key not in found.by_key for each in contacts):
        raise InvalidInput({"email": NEEDS_EMAIL})
    return found


def find_own_file(
    session: Session, practice_id: int, client_id: int, contact: Contact, *, service_id: int | None = None
) -> ClientFiles:
    """The file of a client of whom it is certain that this is their contact, whatever they were called when it was
    made. Nothing is written. Raises PleaseCall.
    """
    found = read_client_files(session, practice_id, service_id, client_ids=[client_id], contacts=[contact])
    file = found.by_id[client_id]
    if file.may_book != Booking.ONLINE:
        raise PleaseCall(say_phone(found.practice_phone))
    return replace(found, by_key={contact.match_key: file})


def make_clients(
    session: Session, practice_id: int, contacts: Sequence[Contact], found: ClientFiles, *, by: ActedBy, now: datetime
) -> ClientFiles:
    """The rest of it: clients are made for contacts without a file.

    Nobody has proved who they are, so what is on file is not changed: contact data of a booking live on its attendee.
    Only the language follows what was chosen last: it tells nobody anything, and whoever cannot read a message is lost.
    """
    missing = {each.match_key: each for each in contacts if each.match_key not in found.by_key}
    if missing:
        new = list(missing.values())
        made = _make(session, practice_id, new, found, by, now=now)
        if len(made) < len(new):  # Another request has made some of them at the same moment: they are there now.
            made |= find_client_files(
                session, practice_id, found.service_id, contacts=new, network=None, now=now
            ).by_key
        found = found.with_files(made)
    spoken = {each.match_key: each.locale for each in contacts if each.locale}
    changed = {key: each for key, each in found.by_key.items() if spoken.get(key, each.locale) != each.locale}
    for key, each in changed.items():
        session.execute(update(Client).where(Client.id == each.id).values(locale=spoken[key]))
    found = found.with_files({key: replace(each, locale=spoken[key]) for key, each in changed.items()})
    if by.is_staff:
        strangers = {key: each for key, each in found.by_key.items() if not each.is_known}
        mark_known(session, [each.id for each in strangers.values()], now=now)
        found = found.with_files({key: replace(each, is_known=True) for key, each in strangers.items()})
    return found


def mark_known(session: Session, client_ids: Iterable[int], *, now: datetime) -> None:
    """The practice knows now that these names belong to their addresses, so messages may name them. Runs inside the
    caller's transaction.
    """
    if ids := list(client_ids):
        session.execute(update(Client).where(Client.id.in_(ids), Client.known_at.is_(None)).values(known_at=now))


def named_client(client: Client) -> Setting:
    """A client as the audit names what was set for them."""
    return Setting(AuditSubject.CLIENT, client.public_id, client.name)


def index_client(client: Client) -> None:
    """Let staff find a client by what is on file now, and by whoever acts for them."""
    companions = [each for each in client.companions if each.ended_at is None]
    client.search_text = make_search_text(
        name=client.name,
        emails=[client.email, client.safe_email, *(each.email for each in companions)],
        phones=[client.phone, client.safe_phone, *(each.phone for each in companions)],
        others=[each.name for each in companions],
    )


def set_language(*, practice_id: int, client_public_id: str, locale: str, by: ActedBy, now: datetime) -> None:
    """Write to a client (public id) in this language from now on. Raises NotFound, and InvalidInput for a language that
    we have no words in.
    """
    if locale not in languages.LANGUAGES:
        raise InvalidInput({"locale": f"Please choose one of: {', '.join(languages.LANGUAGES.values())}."})
    with transaction() as session:
        found = lock_client(session, practice_id, client_public_id)
        change_row(session, practice_id, found, {"locale": locale}, named_client, by, now=now)


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
            id=made[each.match_key,],
            resource_id=resource_id,
            locale=each.locale or languages.ENGLISH,
            is_known=by.is_staff,
        )
        for each, resource_id in zip(contacts, resources, strict=True)
        if (each.match_key,) in made
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
        "search_text": make_search_text(name=contact.name, emails=[contact.email], phones=[contact.phone]),
    }

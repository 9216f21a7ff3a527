"""Clients whom staff enter before anything is booked, and what is kept of them beside how they are reached."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.client_facts import ClientFacts, clean_facts
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput
from telehealth.models import Client, Practice
from telehealth.services.audit import ActedBy, change_row, record_setting
from telehealth.services.locking import lock_client
from telehealth.services.practice.client_files import find_clients, make_clients, named_client

KNOWN = "There is a client of this name and address already."


@retry_on_conflict
def add_client(*, practice_id: int, contact: Contact, by: ActedBy, now: datetime) -> Client:
    """Write down somebody who has booked nothing yet. No yes to texts is taken down here, whatever the contact says.
    Staff only. Raises NotAllowed, and InvalidInput for somebody whom the practice has already.
    """
    by.require_staff()
    with transaction() as session:
        found = find_clients(session, practice_id, [contact], by=by, now=now)
        if contact.match_key in found.by_key:
            raise InvalidInput({"name": KNOWN})
        made = make_clients(session, practice_id, [contact], found, by=by, now=now)
        client = session.get_one(Client, made.by_key[contact.match_key].id)
        about = named_client(client)
        record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now)
        return client


def change_client_facts(
    *, practice_id: int, client_public_id: str, facts: ClientFacts, by: ActedBy, now: datetime
) -> Client:
    """Keep what is known of a client (their public id), and how they may book from now on; what is booked stays. Staff
    only. Raises NotFound, NotAllowed, and InvalidInput by field.
    """
    by.require_staff()
    with transaction() as session:
        client = lock_client(session, practice_id, client_public_id)
        zone = walltime.zone(session.get_one(Practice, practice_id).timezone)
        after = asdict(clean_facts(facts, today=walltime.wall(now, zone).date()))
        after["tags"] = list(after["tags"])
        change_row(session, practice_id, client, after, named_client, by, now=now)
        return client


def record_copy(*, practice_id: int, client_public_id: str, with_notes: bool, by: ActedBy, now: datetime) -> Client:
    """Write down that everything about a client is copied into a file, before it is made; ``with_notes``: also what
    staff wrote for themselves. Staff only. Raises NotFound, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        client = lock_client(session, practice_id, client_public_id)
        about = named_client(client)
        record_setting(session, practice_id, about, AuditAction.COPIED, by, now=now, with_notes=with_notes)
        return client

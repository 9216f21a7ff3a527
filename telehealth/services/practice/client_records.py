"""What staff keep of a client beside how they are reached."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.client_facts import ClientFacts, clean_facts
from telehealth.domain.words import AuditSubject
from telehealth.models import Client, Practice
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.locking import lock_own


def change_client_facts(
    *, practice_id: int, client_public_id: str, facts: ClientFacts, by: ActedBy, now: datetime
) -> Client:
    """Keep what is known of a client (their public id), and how they may book from now on; what is booked stays. Staff
    only. Raises NotFound, NotAllowed, and InvalidInput by field.
    """
    by.require_staff()
    with transaction() as session:
        client = lock_own(session, Client, practice_id, public_id=client_public_id)
        zone = walltime.zone(session.get_one(Practice, practice_id).timezone)
        after = asdict(clean_facts(facts, today=walltime.wall(now, zone).date()))
        after["tags"] = list(after["tags"])
        before = {name: getattr(client, name) for name in after}
        for name, value in after.items():
            setattr(client, name, value)
        about = Setting(AuditSubject.CLIENT, client.public_id, client.name)
        record_change(session, practice_id, about, by, before=before, after=after, now=now)
        return client

from __future__ import annotations

from typing import Any

from telehealth.database import transaction
from telehealth.domain.audit_words import Actor
from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.domain.contact import Contact
from telehealth.models import Client, Companion, Practice
from telehealth.services.audit import ActedBy
from telehealth.services.consent.companions import add_companion
from telehealth.services.practice.client_files import find_or_make_clients
from tests.factories.rows import number
from tests.moments import NOW


def make_contact(**given: Any) -> Contact:
    """A new person each time, who takes texts."""
    usual = {
        "name": "Jane Doe",
        "email": f"jane-{number()}@example.com",
        "phone": "+13035550123",
        "timezone": "America/Denver",
        "wants_texts": True,
        "jurisdiction": "CO",
    }
    return Contact(**{**usual, **given})


def make_companion(client: Client, **given: Any) -> Companion:
    usual = {"name": "Maria Doe", "relationship": Relationship.PARENT, "email": f"maria-{number()}@example.com"}
    return add_companion(
        practice_id=client.practice_id,
        client_public_id=client.public_id,
        facts=CompanionFacts(**{**usual, **given}),
        by=ActedBy(Actor.STAFF),
        now=NOW,
    )


def make_client(practice: Practice, **given: Any) -> Client:
    with transaction() as session:
        contact = make_contact(**given)
        files = find_or_make_clients(session, practice.id, [contact], by=ActedBy(Actor.STAFF), now=NOW)
        return session.get_one(Client, files.by_key[contact.match_key].id)

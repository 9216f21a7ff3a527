"""Who acts for a client: written down, changed, and ended by staff."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.companions import MOST_COMPANIONS, CompanionFacts, clean_companion
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.models import Client, Companion
from telehealth.services.audit import ActedBy, Setting, change_row, end_row, record_setting
from telehealth.services.locking import lock_client
from telehealth.services.practice.client_files import index_client

ENOUGH = f"That are {MOST_COMPANIONS} already. Please end one first."
HAS_ENDED = "They do not act for this client any more."


@retry_on_conflict
def add_companion(
    *, practice_id: int, client_public_id: str, facts: CompanionFacts, by: ActedBy, now: datetime
) -> Companion:
    """Write down who acts for a client (their public id); twice is as good as once. Staff only. Raises NotFound,
    NotAllowed, InvalidInput by field.
    """
    by.require_staff()
    values = asdict(clean_companion(facts))
    with transaction() as session:
        client = lock_client(session, practice_id, client_public_id)
        there = [each for each in client.companions if each.ended_at is None]
        same = next((each for each in there if all(getattr(each, name) == values[name] for name in values)), None)
        if same is not None:
            return same
        if len(there) >= MOST_COMPANIONS:
            raise InvalidInput({"name": ENOUGH})
        made = Companion(practice_id=practice_id, client_id=client.id, created_at=now, **values)
        session.add(made)
        _keep(session, client)
        record_setting(session, practice_id, _about(client, made), AuditAction.ADDED, by, now=now, after=values)
        return made


@retry_on_conflict
def change_companion(
    *,
    practice_id: int,
    client_public_id: str,
    companion_public_id: str,
    facts: CompanionFacts,
    by: ActedBy,
    now: datetime,
) -> Companion:
    """Say otherwise who they are and where they are reached. Staff only. Raises NotFound, NotAllowed, and InvalidInput
    by field, also for somebody who has ended.
    """
    by.require_staff()
    values = asdict(clean_companion(facts))
    with transaction() as session:
        client, found = _lock(session, practice_id, client_public_id, companion_public_id)
        if found.ended_at is not None:
            raise InvalidInput({"name": HAS_ENDED})
        change_row(session, practice_id, found, values, partial(_about, client), by, now=now)
        _keep(session, client)
        return found


@retry_on_conflict
def end_companion(
    *, practice_id: int, client_public_id: str, companion_public_id: str, by: ActedBy, now: datetime
) -> Companion:
    """They do not act for the client any more. Twice is as good as once. Staff only. Raises NotFound, NotAllowed."""
    by.require_staff()
    with transaction() as session:
        client, found = _lock(session, practice_id, client_public_id, companion_public_id)
        if end_row(session, practice_id, found, partial(_about, client), by, now=now):
            _keep(session, client)
        return found


def _lock(
    session: Session, practice_id: int, client_public_id: str, companion_public_id: str
) -> tuple[Client, Companion]:
    """The client, whose row is what two changes wait for, and the companion. Raises NotFound."""
    client = lock_client(session, practice_id, client_public_id)
    theirs = select(Companion).where(Companion.client_id == client.id, Companion.public_id == companion_public_id)
    found = session.scalar(theirs.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    return client, found


def _keep(session: Session, client: Client) -> None:
    """Write it, and let the client be found by it."""
    session.flush()
    session.expire(client, ["companions"])
    index_client(client)
    session.flush()


def _about(client: Client, companion: Companion) -> Setting:
    return Setting(AuditSubject.COMPANION, client.public_id, companion.name)

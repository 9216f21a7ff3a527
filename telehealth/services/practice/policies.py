"""The terms for changing one's mind: a new version for every change, so that what a client agreed to stays true."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.audit_words import AuditSubject
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import LateChange
from telehealth.models import Policy, Practice, Service
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.locking import lock_own
from telehealth.services.practice.practice_settings import change_practice

HOUR = 60
LONGEST_WINDOW = 14 * 24 * HOUR
LONGEST_TERMS = 600


@dataclass(frozen=True, slots=True)
class NewTerms:
    """Minutes before the start inside which a change is late (0: free until the start), what a client who cancels then
    finds, and the practice's own sentence about it.
    """

    window_minutes: int = 24 * HOUR
    when_late: LateChange = LateChange.MARK
    terms: str = ""


USUAL_TERMS = NewTerms()
"""What a new practice starts with: the window that most practices have, and nobody is kept from cancelling."""


def change_practice_terms(*, practice_id: int, terms: NewTerms, by: ActedBy, now: datetime) -> NewTerms:
    """Let new appointments of every service without terms of its own, and of those to come, have other terms; those
    booked before keep theirs. Returns what is kept. Raises InvalidInput.
    """
    checked = _check(terms)
    with transaction() as session:
        change_practice(session, practice_id, asdict(checked), by, now=now)
        following = select(Service).filter_by(practice_id=practice_id, has_practice_terms=True)
        for each in session.scalars(following.order_by(Service.id).with_for_update(of=Service, key_share=True)):
            _set_terms(session, each, checked, by, is_practices=True, now=now)
    return checked


def change_terms(*, practice_id: int, service_public_id: str, terms: NewTerms, by: ActedBy, now: datetime) -> Policy:
    """Let new appointments of a service (its public id) come with terms of its own; those booked before keep theirs.

    Returns the version that holds now, which is the old one when nothing differs. Raises NotFound, InvalidInput.
    """
    checked = _check(terms)
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        return _set_terms(session, found, checked, by, is_practices=False, now=now)


def take_practice_terms(*, practice_id: int, service_public_id: str, by: ActedBy, now: datetime) -> Policy:
    """Let a service have the practice's terms, and follow them from now on. Raises NotFound."""
    with transaction() as session:
        terms = read_practice_terms(session, practice_id)
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        return _set_terms(session, found, terms, by, is_practices=True, now=now)


def read_practice_terms(session: Session, practice_id: int) -> NewTerms:
    """The practice's terms, which stay as they are until the caller's transaction is over."""
    practice = session.get_one(Practice, practice_id, with_for_update={"key_share": True}, populate_existing=True)
    return _of(practice)


def _set_terms(
    session: Session, service: Service, terms: NewTerms, by: ActedBy, *, is_practices: bool, now: datetime
) -> Policy:
    kept = asdict(_of(service.policy)) if service.policy is not None else {}
    before = {**kept, "has_practice_terms": service.has_practice_terms}
    after = {**asdict(terms), "has_practice_terms": is_practices}
    about = Setting(AuditSubject.TERMS, service.public_id, service.name)
    record_change(session, service.practice_id, about, by, before=before, after=after, now=now)
    service.has_practice_terms = is_practices
    return renew_terms(session, service, terms, now=now)


def renew_terms(session: Session, service: Service, terms: NewTerms, *, now: datetime) -> Policy:
    """The same inside the caller's transaction, for terms that are checked."""
    current = service.policy
    if current is not None and _of(current) == terms:
        return current
    service.policy = Policy(
        practice_id=service.practice_id,
        version=current.version + 1 if current is not None else 1,
        window_minutes=terms.window_minutes,
        when_late=terms.when_late,
        terms=terms.terms,
        created_at=now,
    )
    session.flush()
    return service.policy


def _of(terms: Policy | Practice) -> NewTerms:
    return NewTerms(terms.window_minutes, terms.when_late, terms.terms)


def _check(terms: NewTerms) -> NewTerms:
    problems = {}
    text = " ".join(terms.terms.replace("\0", "").split())
    if not 0 <= terms.window_minutes <= LONGEST_WINDOW:
        problems["window_minutes"] = "Please choose a time between none and 14 days (336 hours)."
    if len(text) > LONGEST_TERMS:
        problems["terms"] = f"That is {len(text)} characters long; please use at most {LONGEST_TERMS}."
    if problems:
        raise InvalidInput(problems)
    return NewTerms(terms.window_minutes, terms.when_late, text)

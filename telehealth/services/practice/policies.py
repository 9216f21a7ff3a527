"""The terms for changing one's mind: a new version for every change, so that what a client agreed to stays true."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from telehealth.database import transaction
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import AuditSubject, LateChange
from telehealth.models import Policy, Service
from telehealth.services.audit import ActedBy, Setting, record_change
from telehealth.services.locking import lock_own

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
"""What a new service starts with: the window that most practices have, and nobody is kept from cancelling."""


def change_terms(*, practice_id: int, service_public_id: str, terms: NewTerms, by: ActedBy, now: datetime) -> Policy:
    """Let new appointments of a service (its public id) come with other terms; those booked before keep theirs.

    Returns the version that holds now, which is the old one when nothing differs. Raises NotFound, InvalidInput.
    """
    checked = _check(terms)
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        before = asdict(_of(found.policy)) if found.policy is not None else {}
        about = Setting(AuditSubject.TERMS, found.public_id, found.name)
        record_change(session, practice_id, about, by, before=before, after=asdict(checked), now=now)
        return renew_terms(session, found, checked, now=now)


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


def _of(policy: Policy) -> NewTerms:
    return NewTerms(policy.window_minutes, policy.when_late, policy.terms)


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

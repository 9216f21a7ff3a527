"""Who set what of a practice: the lines of its audit, the latest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from telehealth.database import db
from telehealth.domain.audit_words import Actor, AuditSubject, Via
from telehealth.domain.errors import NotFound
from telehealth.models import PracticeEvent, User

PAGE = 20
MOST_DIGITS = 18
"""Of a number that PostgreSQL takes as an id."""


@dataclass(frozen=True, slots=True)
class ChangeFilters:
    """What to look for; None is "all". ``user_id`` is who did it while signed in, and the instants bound when it was
    done: [since, until).
    """

    subject: AuditSubject | None = None
    user_id: int | None = None
    actor: Actor | None = None
    via: Via | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One line, and the name of the login that did it; empty for somebody who was not signed in."""

    event: PracticeEvent
    user_name: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """Some lines, and where the next ones begin: pass ``following`` as ``after``; None at the end."""

    rows: Sequence[Change]
    following: str | None


def list_changes(
    practice_id: int, filters: ChangeFilters, *, after: str | None = None, limit: int = PAGE
) -> ChangePage:
    """What was set, the latest first. Raises NotFound for an ``after`` that is nobody's."""
    conditions = [PracticeEvent.practice_id == practice_id, *_conditions(filters)]
    if after is not None:
        conditions.append(_before(practice_id, after))
    found = db.session.execute(
        select(PracticeEvent, User.name)
        .outerjoin(User, and_(User.id == PracticeEvent.user_id, User.practice_id == practice_id))
        .where(*conditions)
        .order_by(PracticeEvent.at.desc(), PracticeEvent.id.desc())
        .limit(limit + 1)
    ).all()
    rows = [Change(event, name or "") for event, name in found[:limit]]
    return ChangePage(rows, str(rows[-1].event.id) if len(found) > limit else None)


def _before(practice_id: int, after: str) -> ColumnElement[bool]:
    """What stands behind a line, in an order that lines of one instant do not shake."""
    is_number = after.isascii() and after.isdigit() and len(after) <= MOST_DIGITS
    last = select(PracticeEvent.at, PracticeEvent.id).where(PracticeEvent.practice_id == practice_id)
    found = db.session.execute(last.where(PracticeEvent.id == int(after))).one_or_none() if is_number else None
    if found is None:
        raise NotFound
    return or_(PracticeEvent.at < found.at, and_(PracticeEvent.at == found.at, PracticeEvent.id < found.id))


def _conditions(filters: ChangeFilters) -> Iterator[ColumnElement[bool]]:
    for column, value in (
        (PracticeEvent.subject, filters.subject),
        (PracticeEvent.user_id, filters.user_id),
        (PracticeEvent.actor, filters.actor),
        (PracticeEvent.via, filters.via),
    ):
        if value is not None:
            yield column == value
    if filters.since is not None:
        yield PracticeEvent.at >= filters.since
    if filters.until is not None:
        yield PracticeEvent.at < filters.until

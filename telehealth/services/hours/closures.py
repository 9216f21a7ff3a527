"""Closing the whole practice on some dates, and opening it again. What is booked stays until a person moves it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import read_line
from telehealth.domain.errors import InvalidInput
from telehealth.models import Closure, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.services.audit import ActedBy, Setting, change_row, record_setting
from telehealth.services.hours.freed_times import note_possible
from telehealth.services.locking import lock_own

LONGEST_NOTE = 200
LONGEST_CLOSURE = 366


@dataclass(frozen=True, slots=True)
class ClosureWish:
    """From one date to another, both inclusive; see models.Closure."""

    first_day: date
    last_day: date
    note: str = ""
    yields_to_hours: bool = False


def add_closure(*, practice_id: int, wish: ClosureWish, by: ActedBy, now: datetime) -> Closure:
    """Offer nothing on these dates, with any therapist. Raises InvalidInput by field."""
    values = _closure_values(wish)
    with transaction() as session:
        closure = Closure(practice_id=practice_id, **values)
        session.add(closure)
        session.flush()
        record_setting(session, practice_id, _named(closure), AuditAction.ADDED, by, now=now, after=values)
        return closure


def change_closure(*, practice_id: int, public_id: str, wish: ClosureWish, by: ActedBy, now: datetime) -> Closure:
    """Be closed on other dates. Raises InvalidInput by field, NotFound."""
    values = _closure_values(wish)
    with transaction() as session:
        closure = lock_own(session, Closure, practice_id, public_id=public_id)
        _note_reopened_dates(session, closure, now=now)
        change_row(session, practice_id, closure, values, _named, by, now=now)
        return closure


def remove_closure(*, practice_id: int, public_id: str, by: ActedBy, now: datetime) -> None:
    """Be open on these dates after all. Raises NotFound."""
    with transaction() as session:
        closure = lock_own(session, Closure, practice_id, public_id=public_id)
        _note_reopened_dates(session, closure, now=now)
        before = {name: getattr(closure, name) for name in ClosureWish.__slots__}
        record_setting(session, practice_id, _named(closure), AuditAction.REMOVED, by, now=now, before=before)
        session.delete(closure)


def _closure_values(wish: ClosureWish) -> RowValues:
    problems: dict[str, str] = {}
    note = read_line(problems, "note", wish.note, longest=LONGEST_NOTE)
    if wish.last_day < wish.first_day:
        problems["last_day"] = "The last day is before the first one."
    elif (wish.last_day - wish.first_day).days >= LONGEST_CLOSURE:
        problems["last_day"] = "Please choose a year at most. To close for good, end the services."
    if problems:
        raise InvalidInput(problems)
    return {
        "first_day": wish.first_day,
        "last_day": wish.last_day,
        "note": note,
        "yields_to_hours": wish.yields_to_hours,
    }


def _note_reopened_dates(session: Session, closure: Closure, *, now: datetime) -> None:
    """Whoever waits hears of it. What is closed all the same is offered to nobody."""
    of_practice = select(Therapist.id).where(Therapist.practice_id == closure.practice_id, GIVES_CARE)
    givers = session.scalars(of_practice.order_by(Therapist.id)).all()
    note_possible(session, closure.practice_id, givers, first=closure.first_day, last=closure.last_day, now=now)


def _named(closure: Closure) -> Setting:
    return Setting(AuditSubject.CLOSURE, closure.public_id, closure.note)

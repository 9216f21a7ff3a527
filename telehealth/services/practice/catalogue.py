"""What can be booked at a practice: its services. Time that a changed one opens is written down for those who wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import contact
from telehealth.domain.appointments.openness import ASKED_FIRST, OpenTo
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.bounds import Bounds, out_of_bounds
from telehealth.domain.colours import ServiceColour
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.links import new_secret
from telehealth.domain.money import Price
from telehealth.domain.waitlist.loosening import opens_time
from telehealth.domain.words import Approval, Mode, ServiceKind, WhenOneCancels
from telehealth.models import Service, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.services.audit import ActedBy, Setting, end_row, record_change, record_setting, reopen_row
from telehealth.services.hours.freed_times import list_givers, note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.policies import read_practice_terms, renew_terms

LONGEST_FEE_NOTE = 200
LONGEST_KIND = 40
"""Of a room, in the practice's own words; a service may ask for it."""
HOUR, DAY = 60, 24 * 60
MOST_LENGTHS = 8
"""Beside the usual one: more are hard to choose from."""
SHARED = (ServiceKind.COUPLE, ServiceKind.FAMILY, ServiceKind.GROUP)
LIMITS: Bounds = {
    "duration_minutes": (1, DAY, "Please give a length of at least one minute, and at most a day."),
    "step_minutes": (1, DAY, "Please give at least one minute between two starts, and at most a day."),
    "buffer_before_minutes": (0, 12 * HOUR, "Please give a number of minutes from 0 to 720."),
    "buffer_after_minutes": (0, 12 * HOUR, "Please give a number of minutes from 0 to 720."),
    "notice_minutes": (0, 90 * DAY, "Please choose a time from none to 90 days ahead."),
    "horizon_days": (1, 366, "Please choose from 1 to 366 days."),
    "capacity": (1, 100, "Please choose from 1 to 100 people."),
    "load_percent": (0, 1000, "Please choose from 0 to 1,000 percent."),
    "approval_minutes": (15, 14 * DAY, "Please give yourselves from 15 minutes to 14 days."),
    "therapists_needed": (1, 2, "Please choose one therapist or two."),
}


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """A service, field by field as in models.Service: lengths in minutes, the horizon in days.

    ``therapists`` are the public ids of those who give it; None leaves that as it is.
    """

    kind: ServiceKind
    name: str
    duration_minutes: int
    modes: Sequence[Mode]
    other_lengths: Sequence[int] = ()
    description: str = ""
    buffer_before_minutes: int = 0
    buffer_after_minutes: int = 10
    step_minutes: int = 15
    notice_minutes: int = 12 * HOUR
    horizon_days: int = 60
    position: int = 0
    capacity: int = 1
    opened_by_staff: bool = False
    when_one_cancels: WhenOneCancels = WhenOneCancels.ALL_OFF
    load_percent: int = 100
    approval: Approval = Approval.NEVER
    approval_minutes: int = 2 * DAY
    room_kind: str = ""
    therapists_needed: int = 1
    open_to: OpenTo = OpenTo.EVERYBODY
    price: Price | None = None
    price_shown: bool = True
    fee_note: str = ""
    colour: ServiceColour | None = None
    therapists: Sequence[str] | None = None


COLUMNS = tuple(name for name in ServiceFacts.__slots__ if name not in {"therapists", "price"})


def add_service(*, practice_id: int, facts: ServiceFacts, by: ActedBy, now: datetime) -> Service:
    """Offer a service, with the practice's terms. Raises InvalidInput, NotFound."""
    values = _service_values(facts)
    with transaction() as session:
        terms = read_practice_terms(session, practice_id)
        service = Service(practice_id=practice_id, has_practice_terms=True, **values)
        _keep_link(service)
        session.add(service)
        session.flush()
        renew_terms(session, service, terms, now=now)
        _let_give(session, service, facts.therapists)
        session.flush()
        after = _as_set(session, service)
        record_setting(session, practice_id, _named(service), AuditAction.ADDED, by, now=now, after=after)
        return service


def change_service(
    *, practice_id: int, service_public_id: str, facts: ServiceFacts, by: ActedBy, now: datetime
) -> Service:
    """Offer a service (its public id) otherwise; what is booked stays as it is. Raises InvalidInput, NotFound."""
    values = _service_values(facts)
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        before, gave = _as_set(session, found), set(list_givers(session, [found.id]))
        is_opened = opens_time({name: getattr(found, name) for name in values}, values)
        for name, value in values.items():
            setattr(found, name, value)
        _keep_link(found)
        _let_give(session, found, facts.therapists)
        session.flush()
        record_change(session, practice_id, _named(found), by, before=before, after=_as_set(session, found), now=now)
        give = list_givers(session, [found.id])
        if found.ended_at is None:
            note_possible(session, practice_id, give if is_opened else sorted(set(give) - gave), now=now)
        return found


def move_service(*, practice_id: int, service_public_id: str, is_up: bool, by: ActedBy, now: datetime) -> Service:
    """Let a service stand one place further up, or down, among those that can be booked; at the end of the list it
    stays. Raises NotFound.
    """
    with transaction() as session:
        of_practice = select(Service).where(Service.practice_id == practice_id, Service.ended_at.is_(None))
        locked = session.scalars(of_practice.order_by(Service.id).with_for_update(of=Service)).all()
        ordered = sorted(locked, key=lambda each: (each.position, each.id))
        found = next((each for each in ordered if each.public_id == service_public_id), None)
        if found is None:
            raise NotFound
        before = ordered.index(found)
        after = min(max(before + (-1 if is_up else 1), 0), len(ordered) - 1)
        ordered.insert(after, ordered.pop(before))
        for place, each in enumerate(ordered, start=1):
            each.position = place
        places = {"before": {"position": before + 1}, "after": {"position": after + 1}}
        record_change(session, practice_id, _named(found), by, **places, now=now)
        return found


def renew_service_link(*, practice_id: int, service_public_id: str, by: ActedBy, now: datetime) -> Service:
    """Give a service that is on no list another address; the one before stops working. Raises NotFound, and
    InvalidInput where it has none.
    """
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        if found.open_to != OpenTo.LINK:
            raise InvalidInput({"open_to": "Only a service that is booked by its link has one."})
        found.link_word = new_secret()
        record_setting(session, practice_id, _named(found), AuditAction.CHANGED, by, now=now, renewed=True)
        return found


def end_service(*, practice_id: int, service_public_id: str, by: ActedBy, now: datetime) -> Service:
    """Close a service to new bookings; what is booked stays as it is. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        end_row(session, practice_id, found, _named, by, now=now)
        return found


def reopen_service(*, practice_id: int, service_public_id: str, by: ActedBy, now: datetime) -> Service:
    """Let a service be booked again. Raises NotFound."""
    with transaction() as session:
        found = lock_own(session, Service, practice_id, public_id=service_public_id)
        if reopen_row(session, practice_id, found, _named, by, now=now):
            note_possible(session, practice_id, list_givers(session, [found.id]), now=now)
        return found


def _service_values(facts: ServiceFacts) -> RowValues:
    """The columns of a service. Raises InvalidInput with everything that cannot be."""
    values = {name: getattr(facts, name) for name in COLUMNS}
    problems = out_of_bounds(values, LIMITS)
    values["name"] = contact.read_line(
        problems, "name", facts.name, longest=contact.LONGEST_NAME, needed="Please name the service."
    )
    values["room_kind"] = contact.read_line(problems, "room_kind", facts.room_kind, longest=LONGEST_KIND) or None
    values["fee_note"] = contact.read_line(problems, "fee_note", facts.fee_note, longest=LONGEST_FEE_NOTE)
    values["price_minor"] = facts.price.minor if facts.price is not None else None
    values["price_currency"] = facts.price.currency if facts.price is not None else None
    values["description"] = facts.description.replace("\0", "").strip()
    values["modes"] = [mode.value for mode in facts.modes]
    values["other_lengths"] = _clean_lengths(problems, facts)
    if not facts.modes:
        problems["modes"] = "Please choose at least one way to meet."
    if facts.kind in SHARED and facts.capacity == 1:
        problems["capacity"] = "Couples, families and groups need room for at least two people."
    if facts.kind == ServiceKind.GROUP and facts.approval != Approval.NEVER:
        problems["approval"] = "Seats in a group are booked at once, so this has to be never."
    if facts.kind == ServiceKind.GROUP and facts.open_to in ASKED_FIRST:
        problems["open_to"] = "Seats in a group are booked at once, so nobody can look first. Please choose another."
    if problems:
        raise InvalidInput(problems)
    return values


def _clean_lengths(problems: dict[str, str], facts: ServiceFacts) -> list[int]:
    """Each length once, the shortest first, without the usual one."""
    lengths = sorted(set(facts.other_lengths) - {facts.duration_minutes})
    least, most, _ = LIMITS["duration_minutes"]
    if len(lengths) > MOST_LENGTHS:
        problems["other_lengths"] = f"Please give {MOST_LENGTHS} other lengths at most."
    if any(not least <= each <= most for each in lengths):
        problems["other_lengths"] = "Please give lengths of at least one minute, and at most a day."
    return lengths


def _keep_link(service: Service) -> None:
    """What is on no list has an address of its own, for as long as it is on none."""
    if service.open_to != OpenTo.LINK:
        service.link_word = None
    elif service.link_word is None:
        service.link_word = new_secret()


def _let_give(session: Session, service: Service, therapists: Sequence[str] | None) -> None:
    """Exactly these therapists of the practice give the service. Raises NotFound."""
    if therapists is None:
        return
    session.flush()
    of_practice = session.scalars(select(Therapist).where(Therapist.practice_id == service.practice_id)).all()
    if not set(therapists) <= {each.public_id for each in of_practice}:
        raise NotFound
    for therapist in of_practice:
        gives = service in therapist.services
        if gives and therapist.public_id not in therapists and therapist.ended_at is None:
            therapist.services.remove(service)
        elif not gives and therapist.public_id in therapists:
            therapist.services.append(service)


def _named(service: Service) -> Setting:
    return Setting(AuditSubject.SERVICE, service.public_id, service.name)


def _as_set(session: Session, service: Service) -> RowValues:
    """All that a practice sets about a service, for the audit: therapists by name, as people will read it."""
    giving = select(Therapist.name).where(Therapist.services.any(Service.id == service.id), GIVES_CARE)
    return {
        **{name: getattr(service, name) for name in COLUMNS},
        "price": f"{service.price.amount} {service.price.currency}" if service.price is not None else None,
        "therapists": list(session.scalars(giving.order_by(Therapist.name, Therapist.id))),
    }

"""Who gives care at a practice: therapists, where they may practise, and how much they take on.

Time that a licence or a limit opens is written down for those who wait.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, transaction
from telehealth.domain import contact, walltime
from telehealth.domain.appointments.licences import Basis
from telehealth.domain.appointments.openness import NewClients
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.bounds import Bounds, out_of_bounds
from telehealth.domain.consent.texting import clean_staff_phone
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.waitlist.loosening import opens_time
from telehealth.domain.web_links import clean_web_link
from telehealth.domain.words import Role
from telehealth.models import Licence, Resource, Service, Therapist, User
from telehealth.models.practices import ResourceKind
from telehealth.services.audit import ActedBy, Setting, change_row, record_setting
from telehealth.services.hours.freed_times import ONE_DAY, note_possible
from telehealth.services.locking import lock_own
from telehealth.services.practice.accounts import NewLogin, ProvenLogin, let_give_care, set_roles
from telehealth.services.practice.sign_ins import sign_out_of_practice

LONGEST_CREDENTIAL = 40
LONGEST_NUMBER = 80
HOUR = 60
LIMITS: Bounds = {
    "daily_cap": (1, 50, "Please choose from 1 to 50, or leave it empty for no limit."),
    "weekly_cap": (1, 200, "Please choose from 1 to 200, or leave it empty for no limit."),
    "longest_run": (1, 20, "Please choose from 1 to 20, or leave it empty for no limit."),
    "break_minutes": (0, 4 * HOUR, "Please give a number of minutes from 0 to 240."),
    "note_minutes": (0, 4 * HOUR, "Please give a number of minutes from 0 to 240."),
}


@dataclass(frozen=True, slots=True)
class TherapistFacts:
    """A therapist, who gives all of ``services`` (public ids; all of the practice's when empty)."""

    name: str
    credential: str
    email: str
    timezone: str
    licences: Sequence[tuple[str, date, date | None]] = ()
    about: str = ""
    modalities: Sequence[str] = ()
    specialties: Sequence[str] = ()
    languages: Sequence[str] = ("English",)
    video_url: str | None = None
    daily_cap: int | None = None
    services: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class LicenceFacts:
    """An authority to practise in one state; both dates inclusive, without a last one it holds until it is ended."""

    jurisdiction: str
    valid_from: date
    valid_until: date | None = None
    basis: Basis = Basis.LICENCE
    number: str = ""


@dataclass(frozen=True, slots=True)
class TherapistLimits:
    """How much a therapist takes on; see models.Therapist. None is "no limit", lengths are minutes."""

    daily_cap: int | None
    weekly_cap: int | None
    longest_run: int | None
    break_minutes: int = 15
    note_minutes: int = 0


def add_therapist(
    *,
    practice_id: int,
    facts: TherapistFacts,
    by: ActedBy,
    now: datetime,
    login: NewLogin | ProvenLogin | int | None = None,
) -> Therapist:
    """Let a therapist be booked; with a login, let them sign in. The id or the address of a login that the practice has
    already, an owner's for example, lets this login give care as well, as it is. Raises InvalidInput, NotFound.
    """
    values = {
        **_checked(facts),
        "about": facts.about,
        "modalities": list(facts.modalities),
        "specialties": list(facts.specialties),
        "languages": list(facts.languages),
        "daily_cap": facts.daily_cap,
    }
    with transaction() as session:
        therapist = Therapist(
            practice_id=practice_id,
            resource=Resource(practice_id=practice_id, kind=ResourceKind.THERAPIST),
            services=_services(session, practice_id, facts.services),
            licences=[_licence(practice_id, LicenceFacts(*each)) for each in facts.licences],
            **values,
        )
        session.add(therapist)
        if login is not None:
            therapist.user_id = let_give_care(session, practice_id, login, by=by, now=now).id
        session.flush()
        after = {
            **values,
            "services": [each.name for each in therapist.services],
            "licences": [each.jurisdiction for each in therapist.licences],
        }
        about = named_therapist(therapist)
        record_setting(session, practice_id, about, AuditAction.ADDED, by, now=now, after=after)
        return therapist


def _checked(facts: TherapistFacts) -> RowValues:
    """What a therapist is called, written to and meets by. Raises InvalidInput with everything that cannot be used."""
    problems: dict[str, str] = {}
    checks: dict[str, Callable[[Any], object]] = {
        "name": contact.clean_name,
        "credential": partial(contact.clean_line, longest=LONGEST_CREDENTIAL),
        "email": contact.clean_email,
        "timezone": lambda typed: walltime.zone(typed).key,
        "video_url": lambda typed: clean_web_link(typed) if typed else None,
    }
    values: RowValues = {
        name: contact.read_field(problems, name, check, getattr(facts, name)) for name, check in checks.items()
    }
    if any(state not in JURISDICTIONS for state, *_ in facts.licences):
        problems["state"] = "Please choose a state."
    if problems:
        raise InvalidInput(problems)
    return values


def set_video_links(*, practice_id: int, links: Mapping[str, str], by: ActedBy, now: datetime) -> None:
    """Where therapists (by public id) meet by video; empty: in a room that the service makes. Raises InvalidInput by
    public id (``video-…``), NotFound.
    """
    kept: dict[str, str | None] = {}
    problems: dict[str, str] = {}
    for public_id, typed in links.items():
        read = clean_web_link if typed.strip() else lambda _: None
        kept[public_id] = contact.read_field(problems, f"video-{public_id}", read, typed)
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        for public_id, link in sorted(kept.items()):
            therapist = lock_own(session, Therapist, practice_id, public_id=public_id)
            change_row(session, practice_id, therapist, {"video_url": link}, named_therapist, by, now=now)


def end_therapist(*, practice_id: int, therapist_public_id: str, by: ActedBy, now: datetime) -> Therapist:
    """Take a therapist out of booking: nothing is offered any more, and what is booked stays to be handed over.

    A login that is nothing but the therapist's is switched off, and its sign-ins end. Raises NotFound.
    """
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        take_out_of_booking(session, therapist, by=by, now=now)
        return therapist


def take_out_of_booking(session: Session, therapist: Therapist, *, by: ActedBy, now: datetime) -> None:
    """The same within the caller's transaction, which has locked the row."""
    login = _own_login(session, therapist)
    if therapist.ended_at is None:
        therapist.ended_at = now
        about = named_therapist(therapist)
        record_setting(session, therapist.practice_id, about, AuditAction.ENDED, by, now=now)
    if login is not None and login.active:
        login.active = False
        sign_out_of_practice(session, login, now=now)


def reopen_therapist(*, practice_id: int, therapist_public_id: str, by: ActedBy, now: datetime) -> Therapist:
    """Let a therapist be booked again, and sign in again with the password they had. Raises NotFound."""
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        login = session.get(User, therapist.user_id) if therapist.user_id is not None else None
        if therapist.ended_at is not None or (login is not None and not login.active):
            if therapist.ended_at is not None:  # Whoever is back does not leave on the date that was said then.
                therapist.ended_at = therapist.leaves_on = None
            if login is not None:
                login.active = True
                set_roles(session, login, {*login.role_names, Role.THERAPIST}, by=by, now=now)
            about = named_therapist(therapist)
            record_setting(session, practice_id, about, AuditAction.REOPENED, by, now=now)
            note_possible(session, practice_id, [therapist.id], now=now)
        return therapist


def _own_login(session: Session, therapist: Therapist) -> User | None:
    """The login that is there for the therapist alone; an owner who also sees clients goes on being the owner."""
    login = session.get(User, therapist.user_id) if therapist.user_id is not None else None
    return None if login is None or set(login.role_names) - {Role.THERAPIST} else login


def add_licence(*, practice_id: int, therapist_id: int, facts: LicenceFacts, by: ActedBy, now: datetime) -> Licence:
    """Let a therapist treat people who are in a state, between two dates. Raises InvalidInput, NotFound."""
    problems: dict[str, str] = {}
    number = contact.read_line(problems, "number", facts.number, longest=LONGEST_NUMBER)
    if facts.jurisdiction not in JURISDICTIONS:
        problems["jurisdiction"] = "Please choose a state."
    if facts.valid_until is not None and facts.valid_until < facts.valid_from:
        problems["valid_until"] = "The last date is before the first one."
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        licence = _licence(practice_id, facts, number=number)
        licence.therapist = lock_own(session, Therapist, practice_id, id=therapist_id)
        session.add(licence)
        session.flush()
        after = {name: getattr(licence, name) for name in ("basis", "number", "valid_from", "valid_until")}
        record_setting(session, practice_id, _named_licence(licence), AuditAction.ADDED, by, now=now, after=after)
        last = facts.valid_until or date.max
        note_possible(session, practice_id, [therapist_id], first=facts.valid_from, last=last, now=now)
        return licence


def end_licence(
    *, practice_id: int, therapist_id: int, licence_id: int, last_day: date | None, by: ActedBy, now: datetime
) -> Licence:
    """Set the last date (inclusive) of an authority, earlier or later; None for one without an end.

    Nothing that is booked changes; ``queries.appointments.licences`` names what is uncovered. Raises InvalidInput,
    NotFound.
    """
    with transaction() as session:
        licence = lock_own(session, Licence, practice_id, therapist_id=therapist_id, id=licence_id)
        if last_day is not None and last_day < licence.valid_from:
            raise InvalidInput({"valid_until": "The last date is before the first one."})
        before, after = licence.valid_until or date.max, last_day or date.max
        if after > before:
            note_possible(session, practice_id, [therapist_id], first=before + ONE_DAY, last=after, now=now)
        change_row(session, practice_id, licence, {"valid_until": last_day}, _named_licence, by, now=now)
        return licence


def change_limits(
    *, practice_id: int, therapist_id: int, limits: TherapistLimits, by: ActedBy, now: datetime
) -> Therapist:
    """Offer no more than this from now on; what is booked stays. Raises InvalidInput, NotFound."""
    values = {name: getattr(limits, name) for name in limits.__slots__}
    problems = out_of_bounds(values, LIMITS)
    if limits.longest_run is not None and limits.break_minutes == 0:
        problems["break_minutes"] = "A longest run ends with a break: please give it at least one minute."
    if problems:
        raise InvalidInput(problems)
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, id=therapist_id)
        named = partial(named_therapist, subject=AuditSubject.LIMITS)
        before = change_row(session, practice_id, therapist, values, named, by, now=now)
        if opens_time(before, values):
            note_possible(session, practice_id, [therapist_id], now=now)
        return therapist


def set_new_clients(
    *,
    practice_id: int,
    therapist_public_id: str,
    takes: NewClients,
    since: date | None = None,
    by: ActedBy,
    now: datetime,
) -> Therapist:
    """Offer a therapist's time to people whom they have not met, or not, or ``since`` a date of their own calendar on.
    What is booked stays, and staff book whom they want. Raises InvalidInput (field ``since``), NotFound.
    """
    if takes == NewClients.LATER and since is None:
        raise InvalidInput({"since": "Please choose the first date for new clients."})
    after = {"new_clients": takes, "new_clients_from": since if takes == NewClients.LATER else None}
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, public_id=therapist_public_id)
        before = change_row(session, practice_id, therapist, after, named_therapist, by, now=now)
        if before != after and takes != NewClients.NO:
            note_possible(session, practice_id, [therapist.id], first=since or date.min, now=now)
        return therapist


def set_alert_phone(*, practice_id: int, therapist_id: int, phone: str, by: ActedBy, now: datetime) -> Therapist:
    """Text a therapist there when a text of a client's must not wait; empty: by e-mail alone. Clients never see it. It
    begins when they have proved that the number is theirs (``inbox.own_numbers``).

    Raises InvalidInput (field ``phone``), NotFound.
    """
    try:
        kept = clean_staff_phone(phone)
    except ValueError as problem:
        raise InvalidInput({"phone": str(problem)}) from problem
    with transaction() as session:
        therapist = lock_own(session, Therapist, practice_id, id=therapist_id)
        before = change_row(session, practice_id, therapist, {"phone": kept}, named_therapist, by, now=now)
        if before["phone"] != kept:
            therapist.phone_proved_at = None
        return therapist


def _licence(practice_id: int, facts: LicenceFacts, **cleaned: object) -> Licence:
    return Licence(
        practice_id=practice_id,
        jurisdiction=facts.jurisdiction,
        basis=facts.basis.value,
        valid_from=facts.valid_from,
        valid_until=facts.valid_until,
        **{"number": facts.number, **cleaned},
    )


def named_therapist(therapist: Therapist, subject: AuditSubject = AuditSubject.THERAPIST) -> Setting:
    """A therapist as the audit names what was set for them."""
    return Setting(subject, therapist.public_id, therapist.name)


def _named_licence(licence: Licence) -> Setting:
    """ "Colorado, Dana Rivera"; its number in the API is its id."""
    state = JURISDICTIONS.get(licence.jurisdiction, licence.jurisdiction)
    return Setting(AuditSubject.LICENCE, str(licence.id), f"{state}, {licence.therapist.name}")


def _services(session: Session, practice_id: int, public_ids: Sequence[str]) -> list[Service]:
    wanted = select(Service).where(Service.practice_id == practice_id)
    if public_ids:
        wanted = wanted.where(Service.public_id.in_(public_ids))
    found = list(session.scalars(wanted))
    if len(found) < len({*public_ids}):
        raise NotFound
    return found

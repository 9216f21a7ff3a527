"""Who reads messages, under which rules, on which channels and at which hours: what ``domain.messages.planning`` needs
to know of clients and therapists, read in few statements, because every booking asks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from telehealth.domain import walltime
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.consent.contactability import OptOuts, TypedContact, contactable_channels, reached_at
from telehealth.domain.delivery.verdicts import where_client_is
from telehealth.domain.messages.plans import Recipient
from telehealth.domain.messages.quiet_hours import HoursOf, hours_of
from telehealth.domain.messages.rules import Rule, resolve_rules
from telehealth.domain.messages.told import Standing, standing_of, tell
from telehealth.domain.words import Actor, AppointmentStatus, Channel, Purpose
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Client,
    MessageRule,
    Practice,
    Therapist,
    WaitlistEntry,
)
from telehealth.queries.consent.opt_outs import find_opt_outs

ATTENDEE, THERAPIST, ENTRY = "attendee:", "therapist:", "entry:"

# Built once: building a statement takes longer than running it. Rows and not objects: nobody changes them here. One
# statement for both: where clients may safely be reached, and the rules that may hold for them.
_CLIENTS = (
    select(
        Client.id.label("client"),
        Client.safe_email,
        Client.safe_phone,
        MessageRule.service_id,
        MessageRule.client_id,
        MessageRule.kind,
        MessageRule.channel,
        MessageRule.minutes,
        MessageRule.modes,
        MessageRule.is_on,
        MessageRule.template,
    )
    .outerjoin(
        MessageRule,
        and_(
            MessageRule.practice_id == Client.practice_id,
            or_(MessageRule.service_id.is_(None), MessageRule.service_id == bindparam("service")),
            or_(MessageRule.client_id.is_(None), MessageRule.client_id == Client.id),
        ),
    )
    .where(Client.id.in_(bindparam("clients", expanding=True)))
    .order_by(Client.id, MessageRule.id)
)
_ACTORS = (
    select(AppointmentEvent.actor)
    .where(AppointmentEvent.appointment_id == bindparam("appointment"))
    .order_by(AppointmentEvent.id)
)


class _Safe(NamedTuple):
    """Where a client is reached, whatever was typed for an appointment."""

    safe_email: str | None
    safe_phone: str | None


@dataclass(frozen=True, slots=True)
class Addressee:
    """A client as planning sees them: the rules in force, and where they may be reached."""

    safe: _Safe
    rules: tuple[Rule, ...]


@dataclass(slots=True)
class _Rows:
    """The rules that may hold for one client, by how narrowly they name somebody."""

    safe: _Safe
    practice: list[Any] = field(default_factory=list)
    service: list[Any] = field(default_factory=list)
    client: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Known:
    """What was read for some contacts."""

    addressees: Mapping[int, Addressee]
    withheld: OptOuts

    def channels(self, contact: TypedContact, *purposes: Purpose) -> dict[Purpose, frozenset[Channel]]:
        safe = self.addressees[contact.client_id].safe
        return {each: contactable_channels(contact, safe, each, self.withheld) for each in purposes}


def recipient_key(reader: Attendee | Therapist) -> str:
    """The key by which messages name a reader."""
    return (ATTENDEE if isinstance(reader, Attendee) else THERAPIST) + reader.public_id


def recipients_of_appointment(
    session: Session, appointment: Appointment, only: Collection[Attendee] | None, former: Iterable[str]
) -> list[Recipient]:
    """Clients (of ``only`` these seats, if given) and therapists of an appointment, and therapists who were told that
    it is theirs (``former``).
    """
    return [*_clients(session, appointment, only), *_therapists(appointment, former)]


def recipient_of_wait(session: Session, entry: WaitlistEntry, practice: Practice) -> Recipient:
    """Somebody on the waitlist."""
    known = _look_up(session, practice.id, entry.service_id, [entry])
    return Recipient(
        ENTRY + entry.public_id,
        Standing.PENDING,
        "",
        rules=known.addressees[entry.client_id].rules,
        channels=known.channels(entry, Purpose.OFFERS),
        zone=walltime.zone(entry.timezone),
        hours_of=_hours(practice, entry.jurisdiction),
    )


def _clients(session: Session, appointment: Appointment, only: Collection[Attendee] | None) -> list[Recipient]:
    seats = appointment.attendees if only is None else list(only)
    if not seats:
        return []
    doers = _doers(session, appointment) if appointment.sequence > 0 else []
    known = _look_up(session, appointment.practice_id, appointment.service_id, seats)
    return [_client(appointment, seat, known, doers) for seat in seats]


def _client(appointment: Appointment, seat: Attendee, known: _Known, doers: Sequence[Actor]) -> Recipient:
    is_off, is_by_practice = standing_of(seat.status) == Standing.OFF, bool(doers) and doers[-1] != Actor.CLIENT
    is_by_practice = is_by_practice and (not is_off or seat.cancelled_by == CancelledBy.PRACTICE)
    now_is = Standing.OFF if is_off else standing_of(appointment.status)
    has_missed = seat.status == AppointmentStatus.NOSHOW and not is_off
    purposes = (Purpose.APPOINTMENTS, Purpose.FOLLOW_UPS) if has_missed else (Purpose.APPOINTMENTS,)
    return Recipient(
        recipient_key(seat),
        now_is,
        _says(appointment, now_is),
        rules=known.addressees[seat.client_id].rules,
        channels=known.channels(seat, *purposes),
        zone=walltime.zone(seat.timezone),
        hours_of=_hours(appointment.practice, where_client_is(appointment, seat)),
        is_surprised=Actor.CLIENT in doers and doers[-1] != Actor.CLIENT,
        has_missed=has_missed,
        is_by_practice=is_by_practice,
    )


def _hours(practice: Practice, jurisdiction: str | None) -> HoursOf:
    return hours_of(practice.texts_from, practice.texts_until, jurisdiction)


def _look_up(session: Session, practice_id: int, service_id: int, contacts: Sequence[TypedContact]) -> _Known:
    ids = {each.client_id for each in contacts}
    addressees = _addressees(session, service_id, ids)
    found = (reached_at(each, addressees[each.client_id].safe, channel) for each in contacts for channel in Channel)
    addresses = {each for each in found if each is not None}
    return _Known(addressees, find_opt_outs(practice_id, client_ids=ids, addresses=addresses))


def _addressees(session: Session, service_id: int, client_ids: Collection[int]) -> dict[int, Addressee]:
    given = {"service": service_id, "clients": sorted(client_ids)}
    found: dict[int, _Rows] = {}
    for row in session.connection().execute(_CLIENTS, given):
        theirs = found.setdefault(row.client, _Rows(_Safe(row.safe_email, row.safe_phone)))
        if row.kind is None:
            continue
        if row.client_id is not None:
            theirs.client.append(row)
        elif row.service_id is not None:
            theirs.service.append(row)
        else:
            theirs.practice.append(row)
    return {
        client: Addressee(rows.safe, resolve_rules(rows.practice, rows.service, rows.client))
        for client, rows in found.items()
    }


def _therapists(appointment: Appointment, former: Iterable[str]) -> list[Recipient]:
    """Who gives it, and who was told that they would and does not any more."""
    now_is = standing_of(appointment.status)
    said = _says(appointment, now_is, *sorted(seat.public_id for seat in appointment.seats))
    readers = {recipient_key(each): Recipient(recipient_key(each), now_is, said) for each in appointment.therapists}
    gone = [Recipient(key, Standing.OFF, _says(appointment, Standing.OFF)) for key in former if key not in readers]
    return [*readers.values(), *gone]


def _says(appointment: Appointment, now_is: Standing, *seats: str) -> str:
    therapists = (appointment.therapist_id, appointment.co_therapist_id)
    where = (appointment.ends_at.timestamp(), appointment.location_id)
    return tell(now_is, appointment.starts_at, appointment.mode, where, therapists, seats)


def _doers(session: Session, appointment: Appointment) -> Sequence[Actor]:
    """Who has had a hand in it, in order. Whoever ended it without the clients who booked it surprises them."""
    return session.connection().scalars(_ACTORS, {"appointment": appointment.id}).all()

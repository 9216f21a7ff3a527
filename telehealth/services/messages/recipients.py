"""Who reads messages, under which rules, on which channels and at which hours: what ``domain.messages.planning`` needs
to know of clients and therapists, read in few statements, because every booking asks.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from telehealth.database import RowValues
from telehealth.domain import walltime
from telehealth.domain.appointments.ending import CancelledBy
from telehealth.domain.audit_words import Actor
from telehealth.domain.companions import CompanionContact, contact_for_seat, is_client_told
from telehealth.domain.consent.contactability import OptOuts, TypedContact, contactable_channels, reached_at
from telehealth.domain.delivery.verdicts import where_client_is
from telehealth.domain.message_words import Channel, Purpose
from telehealth.domain.messages.plans import Recipient
from telehealth.domain.messages.quiet_hours import HoursOf, hours_of
from telehealth.domain.messages.told import Standing, standing_of, tell
from telehealth.domain.words import AppointmentStatus
from telehealth.models import (
    Appointment,
    AppointmentEvent,
    Attendee,
    Practice,
    Therapist,
    WaitlistEntry,
)
from telehealth.queries.consent.client_files import ClientFile, ClientFiles, CompanionOnFile, read_client_files

ATTENDEE, COMPANION, THERAPIST, ENTRY = "attendee:", "companion:", "therapist:", "entry:"

# Built once: building a statement takes longer than running it.
_ACTORS = (
    select(AppointmentEvent.appointment_id, AppointmentEvent.actor)
    .where(AppointmentEvent.appointment_id.in_(bindparam("appointments", expanding=True)))
    .order_by(AppointmentEvent.id)
)


def recipient_key(reader: Attendee | Therapist) -> str:
    """The key by which messages name a reader."""
    return (ATTENDEE if isinstance(reader, Attendee) else THERAPIST) + reader.public_id


def ids_of_readers(
    appointment: Appointment, readers: Iterable[Recipient], former: Mapping[str, int]
) -> Mapping[str, RowValues]:
    """The columns by which a row names each of these readers, by their key. ``former`` are the ids of therapists who
    were told that it is theirs.
    """
    seats = {recipient_key(each): each.id for each in appointment.attendees}
    therapists = {**former, **{recipient_key(each): each.id for each in appointment.therapists}}
    return {
        each.recipient: {
            "attendee_id": seats.get(each.seat or each.recipient),
            "companion_id": each.companion_id,
            "therapist_id": therapists.get(each.recipient),
        }
        for each in readers
    }


def recipients_of_appointment(
    session: Session,
    appointment: Appointment,
    only: Collection[Attendee] | None,
    former: Iterable[str],
    files: ClientFiles | None = None,
    doers: Sequence[Actor] | None = None,
) -> list[Recipient]:
    """Clients (of ``only`` these seats, if given) and therapists of an appointment, and therapists who were told that
    it is theirs (``former``). Whoever has the clients' ``files`` in hand, or knows the ``doers``, spares us reading
    them.
    """
    return [*_clients(session, appointment, only, files, doers), *_therapists(appointment, former)]


def readers_of_wait(session: Session, entry: WaitlistEntry, practice: Practice) -> list[Recipient]:
    """Who hears of a time that became free: somebody on the waitlist, and those who act for them, as with an
    appointment. It asks for an answer, so it goes to whom the practice knows, and who may give one.
    """
    files = read_client_files(session, practice.id, entry.service_id, client_ids=[entry.client_id], contacts=[entry])
    theirs = files.by_id[entry.client_id]
    own = Recipient(
        ENTRY + entry.public_id,
        Standing.PENDING,
        "",
        rules=theirs.rules,
        channels=_channels(entry, theirs, files.opt_outs, Purpose.OFFERS),
        zone=walltime.zone(entry.timezone),
        hours_of=_hours(practice, entry.jurisdiction),
        has_email=reached_at(entry, theirs, Channel.EMAIL) is not None,
    )
    acting = [each for each in theirs.companions if each.is_known and each.may_change]
    return list(_with_companions(entry, own, theirs, acting, files.opt_outs, Purpose.OFFERS))


def _clients(
    session: Session,
    appointment: Appointment,
    only: Collection[Attendee] | None,
    files: ClientFiles | None,
    doers: Sequence[Actor] | None,
) -> list[Recipient]:
    seats = appointment.attendees if only is None else list(only)
    if not seats:
        return []
    doers = doers_of_appointments(session, [appointment])[appointment.id] if doers is None else doers
    files = files or files_of_seats(session, appointment, seats)
    by_id, withheld = files.by_id, files.opt_outs
    found: list[Recipient] = []
    for seat in seats:
        theirs = by_id[seat.client_id]
        own = _client(appointment, seat, theirs, withheld, doers)
        # Of strangers, whoever booked it.
        acting = [each for each in theirs.companions if each.reads_about(seat)]
        found += _with_companions(seat, own, theirs, acting, withheld, Purpose.APPOINTMENTS)
    return found


def _with_companions(
    seat: Attendee | WaitlistEntry,
    own: Recipient,
    theirs: ClientFile,
    acting: Sequence[CompanionOnFile],
    withheld: OptOuts,
    purpose: Purpose,
) -> Iterator[Recipient]:
    """The client, unless somebody reads it for them who may be written to on some channel now; and who acts for them
    and gets messages about this seat, or this wait.
    """
    reachable = [each for each in acting if _own_channels(contact_for_seat(each, seat), purpose, withheld)]
    is_told = is_client_told(reachable)
    yield own if is_told else _left_out(own)
    known: set[tuple[Channel, str | None]] = set()
    if is_told:
        known = {(channel, reached_at(seat, theirs, channel)) for channel in Channel}
    yield from _companions(seat, own, acting, withheld, purpose, known)


def _own_channels(contact: CompanionContact, purpose: Purpose, withheld: OptOuts) -> frozenset[Channel]:
    return contactable_channels(contact, contact.client, purpose, withheld)


def _left_out(reader: Recipient) -> Recipient:
    """The same, to whom nothing is said: somebody else reads it for them."""
    return replace(reader, rules=(), channels={}, is_left_out=True)


def _companions(
    seat: Attendee | WaitlistEntry,
    own: Recipient,
    acting: Iterable[CompanionOnFile],
    withheld: OptOuts,
    purpose: Purpose,
    known: set[tuple[Channel, str | None]],
) -> Iterator[Recipient]:
    """Who acts for the client and gets messages: how it stands is the same for them, and they are reached in their own
    way. A number or an address that several share is written to once: also one that is ``known``, the client's.
    """
    for each in acting:
        contact = contact_for_seat(each, seat)
        ways = {(channel, reached_at(contact, contact.client, channel)) for channel in Channel}
        not_shared = {channel for channel, where in ways - known if where}
        known = known | ways
        reader = replace(
            own,
            recipient=f"{COMPANION}{seat.public_id}:{each.public_id}",
            channels={purpose: _own_channels(contact, purpose, withheld) & not_shared},
            has_missed=False,
            has_email=bool(each.email),
            seat=own.recipient,
            companion_id=each.id,
        )
        yield reader if not_shared else _left_out(reader)


def files_of_seats(session: Session, appointment: Appointment, seats: Collection[Attendee]) -> ClientFiles:
    """What is on file of the clients on these seats, of an appointment or of several of its service."""
    return read_client_files(
        session,
        appointment.practice_id,
        appointment.service_id,
        client_ids=[each.client_id for each in seats],
        contacts=seats,
    )


def files_of_appointments(session: Session, appointments: Iterable[Appointment]) -> dict[int, ClientFiles]:
    """The same for appointments of one practice or several, by the service whose rules hold."""
    by_service: defaultdict[int, list[Appointment]] = defaultdict(list)
    for each in appointments:
        by_service[each.service_id].append(each)
    seats = {service: [seat for each in found for seat in each.attendees] for service, found in by_service.items()}
    return {
        service: files_of_seats(session, found[0], seats[service])
        for service, found in by_service.items()
        if seats[service]
    }


def doers_of_appointments(session: Session, appointments: Iterable[Appointment]) -> dict[int, list[Actor]]:
    """Who has had a hand in each, in order, by id. Whoever ended one without the clients who booked it surprises them.

    One that has not changed has only its maker.
    """
    doers: dict[int, list[Actor]] = {each.id: [] for each in appointments}
    changed = [each.id for each in appointments if each.sequence > 0]
    for row in session.connection().execute(_ACTORS, {"appointments": changed}) if changed else ():
        doers[row.appointment_id].append(row.actor)
    return doers


def _client(
    appointment: Appointment, seat: Attendee, theirs: ClientFile, withheld: OptOuts, doers: Sequence[Actor]
) -> Recipient:
    is_off, is_by_practice = standing_of(seat.status) == Standing.OFF, bool(doers) and doers[-1] != Actor.CLIENT
    is_by_practice = is_by_practice and (not is_off or seat.cancelled_by == CancelledBy.PRACTICE)
    now_is = Standing.OFF if is_off else _stands(appointment)
    has_missed = seat.status == AppointmentStatus.NOSHOW and not is_off
    purposes = (Purpose.APPOINTMENTS, Purpose.FOLLOW_UPS) if has_missed else (Purpose.APPOINTMENTS,)
    return Recipient(
        recipient_key(seat),
        now_is,
        _says(appointment, now_is),
        rules=theirs.rules,
        channels=_channels(seat, theirs, withheld, *purposes),
        zone=walltime.zone(seat.timezone),
        hours_of=_hours(appointment.practice, where_client_is(appointment, seat)),
        is_surprised=Actor.CLIENT in doers and doers[-1] != Actor.CLIENT,
        has_missed=has_missed,
        is_by_practice=is_by_practice,
        has_email=reached_at(seat, theirs, Channel.EMAIL) is not None,
    )


def _stands(appointment: Appointment) -> Standing:
    """How it stands for clients who come."""
    return Standing.ASKED if appointment.is_asked_to_move else standing_of(appointment.status)


def _hours(practice: Practice, jurisdiction: str | None) -> HoursOf:
    return hours_of(practice.texts_from, practice.texts_until, jurisdiction)


def _channels(
    contact: TypedContact, theirs: ClientFile, withheld: OptOuts, *purposes: Purpose
) -> dict[Purpose, frozenset[Channel]]:
    return {each: contactable_channels(contact, theirs, each, withheld) for each in purposes}


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

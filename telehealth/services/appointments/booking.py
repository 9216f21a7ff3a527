"""Booking."""

from __future__ import annotations

import secrets
from dataclasses import astuple, dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.appointments.overriding import require_right_to_override
from telehealth.domain.appointments.policies import end_of_request
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.companions import CompanionFacts
from telehealth.domain.contact import Contact, say_phone
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound, PleaseCall, SlotNotOffered
from telehealth.domain.links import Linked
from telehealth.domain.words import AppointmentStatus, Mode, Obstacle
from telehealth.models import Appointment, Room
from telehealth.models.columns import new_uuid
from telehealth.queries.appointments.own_standing import OwnStanding, find_met_for_staff, own_contact, read_standing
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.consent.client_files import NO_FILES
from telehealth.queries.link_versions import find_companion_behind
from telehealth.queries.practice.practices import find_practice_id
from telehealth.services import idempotency
from telehealth.services.appointments.awaiting_yes import is_anyone_unsure, met_by, needs_a_yes
from telehealth.services.appointments.bookers import note_booker, open_look, with_people
from telehealth.services.appointments.choosing import (
    FirmWish,
    SlotRequest,
    choose_rows,
    find_therapist_id,
    hand_over_rows,
    require_length,
)
from telehealth.services.appointments.group_seats import join_group, open_or_join_group
from telehealth.services.appointments.holding import consume_hold, find_hold_for
from telehealth.services.appointments.occupancies import Owner
from telehealth.services.appointments.placing import (
    Placed,
    assign_placed,
    choose_candidates,
    choose_rooms,
    expect_placed,
    find_overridden,
    queue_for_limits,
    take_slot,
)
from telehealth.services.appointments.seating import draft_seat_in, insert_appointments
from telehealth.services.audit import ActedBy, record_event
from telehealth.services.consent.consents import record_agreements
from telehealth.services.consent.number_proving import OTHERS_NEED_EMAIL, require_proved
from telehealth.services.locking import lock_linked_seat
from telehealth.services.messages.planning import plan_new_appointments
from telehealth.services.practice.client_files import find_clients, find_own_file, make_clients

NO_NUMBER = "We have no number to call. Please choose another way to meet, or call us."


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingWish(FirmWish):
    """What somebody wants to book.

    ``contact`` is the client who books, or for whom the ``booker`` does, ``others`` come along (a couple, a family).
    ``born_on`` is the date on which the client was born, as typed. ``room`` asks for one room and no other.
    ``idempotency_key`` makes a repeated request count once. ``secret`` is what whoever books without an e-mail address
    has proved their number with (``consent.number_proving``). ``own`` is set by nobody else than ``book_by_own_link``.
    """

    service: str
    contact: Contact
    others: tuple[Contact, ...] = ()
    booker: CompanionFacts | None = None
    born_on: date | None = None
    room: str | None = None
    idempotency_key: str | None = None
    secret: str | None = None
    own: OwnStanding | None = None

    @property
    def contacts(self) -> tuple[Contact, ...]:
        """Everybody who will come."""
        return (self.contact, *self.others)

    def fingerprint(self) -> str:
        """The same for the same request. The hold is left out: it is spent when a request comes a second time."""
        given = [self.service, self.starts_at.timestamp(), self.mode, self.therapist, self.location, self.co_therapist]
        typed = [[getattr(each, name) for name in each.__slots__] for each in self.contacts]
        extras = [self.room, sorted(self.waived), self.reason, *([True] if self.has_met else [])]
        extras += [f"{self.minutes} minutes"] if self.minutes is not None else []
        extras += [str(astuple(self.booker))] if self.booker is not None else []
        extras += [f"born {self.born_on}"] if self.born_on is not None else []
        return idempotency.fingerprint_of(given, typed, extras)


@retry_on_conflict
def book_appointment(*, practice: int | str, wish: BookingWish, by: ActedBy, now: datetime) -> Appointment:
    """Book an appointment: the slot is taken and everybody's messages are planned, or nothing happens.

    ``practice`` is its id, or its word in addresses: a look of the door's own would be a transaction of its own.
    Returns the appointment with its attendees. A repeated idempotency key returns the appointment it made before.
    Raises NotFound, ServiceEnded, SlotNotOffered, SlotTaken, GroupFull, IdempotencyMismatch, InvalidInput, NotAllowed,
    NeedsReason, NumberNotProved, TooManyForOthers.
    """
    with transaction() as session:
        public_id, key = new_uuid(), wish.idempotency_key
        if key is not None:
            practice = practice if isinstance(practice, int) else find_practice_id(practice)
            made_before = idempotency.claim_key(session, practice, key, wish.fingerprint(), makes=public_id, now=now)
            if made_before is not None:
                return _with_attendees(session, made_before)
        made = book_appointment_in(session, practice, wish, by, public_id=public_id, now=now)
        if made.public_id != public_id:  # A seat in a group that stands already.
            idempotency.settle_key(session, made.practice_id, key, made.public_id)
        return made


@retry_on_conflict
def book_by_own_link(*, link: Linked, wish: BookingWish, by: ActedBy, now: datetime) -> Appointment:
    """Book once more for the client of a seat, whom a signed link to it names, so nothing of themselves is asked. Where
    the seat shows who they are, what is for clients whom the practice knows is booked at once. The contact in the
    ``wish`` counts for where they will be; all else of it is the seat's. Whoever acts for the client may by their own
    link, once the practice knows them, if they may change things.

    Raises what ``book_appointment`` raises, LinkInvalid, LinkEnded, LinkTooOld, NotAllowed, and PleaseCall.
    """
    with transaction() as session:
        seat = lock_linked_seat(session, link, for_companions=True)
        companion = find_companion_behind(session, link, seat, seat.appointment.practice)
        if companion is not None and not companion.is_known:
            raise NotAllowed
        contact = own_contact(seat, jurisdiction=wish.contact.jurisdiction)
        if wish.mode == Mode.PHONE and contact.phone is None:
            raise InvalidInput({"phone": NO_NUMBER})
        own = read_standing(seat, companion=companion, now=now)
        if not own.may_book:
            raise PleaseCall(say_phone(seat.appointment.practice.phone))
        wish = replace(wish, contact=contact, others=(), own=own)
        public_id, key, practice_id = new_uuid(), wish.idempotency_key, seat.practice_id
        made_before = idempotency.claim_key(session, practice_id, key, wish.fingerprint(), makes=public_id, now=now)
        if made_before is not None:
            return _with_attendees(session, made_before)
        made = book_appointment_in(session, practice_id, wish, by, public_id=public_id, now=now)
        if companion is None:  # What a parent books by theirs says nothing of whoever holds the client's own.
            mine = [each for each in made.attendees if each.client_id == seat.client_id]
            mine[-1].booked_from_id = seat.first_id
        if made.public_id != public_id:
            idempotency.settle_key(session, practice_id, key, made.public_id)
        return made


def book_appointment_in(
    session: Session,
    practice: int | str,
    wish: BookingWish,
    by: ActedBy,
    *,
    now: datetime,
    public_id: str | None = None,
    is_approved: bool = False,
) -> Appointment:
    """The same inside the caller's transaction. ``is_approved``: the practice has offered it, so it has said yes
    to all for whom the service is.
    """
    require_right_to_override(wish.waived, wish.reason, is_staff=by.is_staff)
    asked = choose_rows(session, practice, wish.service, wish, is_invited=by.is_staff or is_approved)
    require_length(asked.service, wish.minutes, is_staff=by.is_staff)
    asked = replace(asked, hold=find_hold_for(session, asked, wish.hold, now=now))
    _require_reachable(session, asked, is_trusted=by.is_staff or is_approved, now=now)
    query = _query(session, asked, is_invited=by.is_staff or is_approved)
    if not asked.service.is_group:
        queue_for_limits(session, query)
    is_trusted = by.is_staff or is_approved or wish.own is not None
    asked = with_people(session, asked, wish.contacts, wish.booker, wish.born_on, is_trusted=is_trusted, now=now)
    asked = replace(asked, booked_by=wish.own.companion if wish.own is not None else None)
    if by.is_staff:  # They are told that it is the client who is busy; a stranger who guesses a name is not.
        asked = _with_files(session, asked, by, now=now)
        query = _with_known_people(asked, query, is_approved=is_approved)
        _require_guardian(asked)
    if asked.hold is not None:
        consume_hold(session, asked.hold, now=now)

    def make() -> Appointment:
        return _make(session, asked, query, by, public_id=public_id, is_approved=is_approved, now=now)

    if not asked.service.is_group:
        return make()
    asked = _with_clients(session, asked, by, now=now)
    joined = join_group(session, asked, query, by, now=now)
    if joined is not None:
        return joined
    if asked.service.opened_by_staff and not by.is_staff:
        raise SlotNotOffered
    return open_or_join_group(session, make, lambda: join_group(session, replace(asked, hold=None), query, by, now=now))


def _make(
    session: Session,
    asked: SlotRequest[BookingWish],
    query: SlotQuery,
    by: ActedBy,
    *,
    public_id: str | None,
    is_approved: bool,
    now: datetime,
) -> Appointment:
    """Decide, take, write down, plan."""
    wish = asked.wish
    if asked.service.is_group:  # Not sooner: whoever joins one that stands adds nothing to what its therapist carries.
        queue_for_limits(session, query)
    candidates = choose_candidates(query, now=asked.decided_at(now))
    overrides = find_overridden(query, [each.therapist_id for each in candidates], now=now)
    if Obstacle.NO_GUARDIAN in wish.waived and asked.lacks_guardian:
        overrides = sorted([*overrides, Obstacle.NO_GUARDIAN.value])
    asked = _with_clients(session, asked, by, now=now)
    by = asked.acted(by)
    waits = not by.is_staff and (
        needs_a_yes(session, asked, wish.own, is_approved=is_approved)
        or is_anyone_unsure(asked, query, candidates, now=now)
    )
    status = AppointmentStatus.PENDING if waits else AppointmentStatus.BOOKED
    rooms = choose_rooms(session, query, _room_id(session, query, wish.room), now=now)
    appointment = _draft(asked, expect_placed(query, candidates, rooms), status, public_id=public_id, now=now)
    appointment.overrides, appointment.override_reason = overrides, wish.reason if overrides else ""
    seats = [draft_seat_in(session, asked, each, status, by, now=now) for each in asked.people]
    insert_appointments(session, [(appointment, seats)])
    placed = take_slot(
        session,
        Owner(appointment.practice_id, appointment_id=appointment.id),
        query,
        candidates,
        clients=asked.own_time,
        rooms=rooms,
        now=now,
    )
    assign_placed(appointment, placed, asked.location)
    session.flush()
    hand_over_rows(session, appointment, asked)
    action = AuditAction.REQUESTED if waits else AuditAction.BOOKED
    is_proved = (wish.own is not None and wish.own.is_proved) or None  # The link to it says as much.
    about = {"overrides": overrides or None, "reason": (overrides and wish.reason) or None, "is_proved": is_proved}
    record_event(session, appointment, action, by, now=now, starts_at=appointment.starts_at, **about)
    files = record_agreements(session, seats, asked.files, by=by, now=now)
    plan_new_appointments(session, [appointment], files=files, now=now)
    open_look(session, appointment, seats[0], asked, by, now=now)
    return appointment


def _with_clients(
    session: Session, asked: SlotRequest[BookingWish], by: ActedBy, *, now: datetime
) -> SlotRequest[BookingWish]:
    """What is on file of those who will come; whoever is not known yet is written down. Not before it is sure that the
    slot is offered: most who are refused are refused by then.
    """
    if asked.files is NO_FILES:
        asked = _with_files(session, asked, by, now=now)
        asked = replace(asked, before=asked.files)
    files = make_clients(session, asked.practice.id, asked.people, asked.files, by=by, now=now)
    return note_booker(session, replace(asked, files=files), by, now=now)


def _with_files(
    session: Session, asked: SlotRequest[BookingWish], by: ActedBy, *, now: datetime
) -> SlotRequest[BookingWish]:
    if (own := asked.wish.own) is not None:
        files = find_own_file(
            session, asked.practice.id, own.client_id, asked.wish.contact, service_id=asked.service.id
        )
        return replace(asked, files=files)
    files = find_clients(
        session,
        asked.practice.id,
        asked.people,
        service_id=asked.service.id,
        has_proved=asked.wish.secret is not None,
        booker=asked.booker,
        by=by,
        now=now,
    )
    return replace(asked, files=files)


def _require_reachable(session: Session, asked: SlotRequest[BookingWish], *, is_trusted: bool, now: datetime) -> None:
    """Whoever books by phone only has proved the number; nobody can do that for somebody else. Raises InvalidInput and
    NumberNotProved.
    """
    if is_trusted or asked.wish.own is not None:
        return
    reader = asked.wish.booker or asked.wish.contact
    if not reader.email:
        require_proved(session, asked.practice, reader, asked.wish.secret, now=now)
    if not all(each.email for each in asked.wish.others):
        raise InvalidInput({"others": OTHERS_NEED_EMAIL})


def _query(session: Session, asked: SlotRequest[BookingWish], *, is_invited: bool) -> SlotQuery:
    """The question that decides a wish. A hold names its therapist. For whom the practice has offered the time, it does
    not matter whether they have met; for whom it asks itself, that is known once their file is at hand.
    """
    wish, hold = asked.wish, asked.hold
    others = tuple(each.jurisdiction for each in wish.others if each.jurisdiction is not None)
    query = asked.query(
        wish.contact.jurisdiction,
        fit=wish.fit,
        waived=wish.waived,
        further_jurisdictions=others,
        minutes=wish.minutes,
    )
    first = hold.therapist_id if hold is not None and query.therapist_id is None else query.therapist_id
    known_to = None if is_invited else asked.said_known_to | met_by(asked, asked.wish.own)
    return replace(query, therapist_id=first, co_therapist_id=_co_therapist_id(session, asked), known_to=known_to)


def _with_known_people(asked: SlotRequest[BookingWish], query: SlotQuery, *, is_approved: bool) -> SlotQuery:
    """The question once staff have said who comes. Whom the practice has offered the time need not be known."""
    query = replace(query, client_ids=tuple(asked.files.by_id))
    if is_approved:
        return query
    met = find_met_for_staff(query.service, asked.therapist, query.client_ids, starts_at=query.since)
    return replace(query, known_to=met)


def _require_guardian(asked: SlotRequest[BookingWish]) -> None:
    """Staff set aside knowingly that nobody acts for a minor, where the practice wants that. Raises SlotNotOffered."""
    if Obstacle.NO_GUARDIAN not in asked.wish.waived and asked.lacks_guardian:
        raise SlotNotOffered


def _draft(
    asked: SlotRequest[BookingWish],
    expected: Placed,
    status: AppointmentStatus,
    *,
    public_id: str | None,
    now: datetime,
) -> Appointment:
    """An appointment that has taken nothing yet."""
    wish, expires_at = asked.wish, None
    if status == AppointmentStatus.PENDING:
        expires_at = end_of_request(asked.service, wish.starts_at, now=now)
    draft = Appointment(
        public_id=public_id or new_uuid(),
        practice_id=asked.practice.id,
        service_id=asked.service.id,
        location_id=asked.location_id,
        mode=wish.mode,
        status=status,
        starts_at=wish.starts_at,
        ends_at=wish.starts_at + timedelta(minutes=wish.minutes or asked.service.duration_minutes),
        sequence=0,
        video_name=secrets.token_hex(16),
        policy_id=asked.service.policy_id,
        plan_version=asked.practice.plan_version,
        expires_at=expires_at,
        created_at=now,
        changed_at=now,
    )
    assign_placed(draft, expected, asked.location)
    return draft


def _co_therapist_id(session: Session, asked: SlotRequest[BookingWish]) -> int | None:
    wish, kept = asked.wish, asked.hold.co_therapist_id if asked.hold is not None else None
    if wish.co_therapist is not None and asked.service.therapists_needed == 1:
        raise InvalidInput({"co_therapist": "One therapist gives this service. Please leave the second one out."})
    return find_therapist_id(session, asked.practice.id, wish.co_therapist) or kept


def _room_id(session: Session, query: SlotQuery, public_id: str | None) -> int | None:
    if public_id is None:
        return None
    found = session.scalar(select(Room.id).where(Room.practice_id == query.practice_id, Room.public_id == public_id))
    if found is None:
        raise NotFound
    return found


def _with_attendees(session: Session, public_id: str) -> Appointment:
    return session.scalars(
        select(Appointment).where(Appointment.public_id == public_id).options(selectinload(Appointment.attendees))
    ).one()

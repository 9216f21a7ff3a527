"""The waitlist: joining and leaving it, and what becomes of an offer.

An offer is a hold that somebody was told about: nobody else can take the slot until it is answered or its time is over.
Everything about one entry happens under the lock of its row, entry first and then offer, so two answers come one after
the other. ``services.waitlist.offering`` decides who is asked, ``services.waitlist.wishes`` what can be asked for.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from telehealth.database import RowValues, db, retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.appointments.states import EXPECTED
from telehealth.domain.audit_words import Actor
from telehealth.domain.contact import Contact, say_phone
from telehealth.domain.errors import InvalidInput, NotFound, OfferGone, PleaseCall
from telehealth.domain.message_words import Purpose, Reason
from telehealth.domain.words import AppointmentStatus, Mode, OfferStatus, WaitlistStatus
from telehealth.models import Appointment, Attendee, Client, Companion, Occurrence, Offer, Service, WaitlistEntry
from telehealth.queries.consent.client_files import read_client_files
from telehealth.queries.consent.opt_outs import refuses_texts
from telehealth.queries.waitlist.freed_slots import list_due_freed_times
from telehealth.services.appointments.booking import BookingWish, book_appointment_in
from telehealth.services.appointments.cancelling import cancel_appointment_in
from telehealth.services.appointments.holding import consume_hold
from telehealth.services.appointments.moving import Destination, move_appointment_in
from telehealth.services.audit import ActedBy
from telehealth.services.consent.consents import record_agreements
from telehealth.services.consent.number_proving import NOT_ONLINE
from telehealth.services.hours.freed_times import note_not_taken
from telehealth.services.locking import lock_appointment
from telehealth.services.messages.planning import void_offer
from telehealth.services.practice.client_files import find_clients, make_clients
from telehealth.services.waitlist.offering import lacks_guardian_to_wait, offer_out
from telehealth.services.waitlist.wishes import WaitWish, facts_of, require_own_wait, require_service, seat_to_give_up

BY_FORM = ActedBy(Actor.CLIENT)
WHY_CLOSED = {OfferStatus.DECLINED: Reason.OFFER_DECLINED, OfferStatus.EXPIRED: Reason.OFFER_EXPIRED}
ACCEPTED_BEFORE = "You have accepted this offer already, and your appointment stands. Nothing was changed."


_GIVEN_UP, _LATER = aliased(Attendee), aliased(Appointment)
_SERVED = (
    select(WaitlistEntry.id)
    .join(Attendee, Attendee.client_id == WaitlistEntry.client_id)
    .join(Appointment, Appointment.id == Attendee.appointment_id)
    .outerjoin(_GIVEN_UP, _GIVEN_UP.id == WaitlistEntry.replaces_id)
    .outerjoin(_LATER, _LATER.id == _GIVEN_UP.appointment_id)
    .outerjoin(Companion, Companion.id == Attendee.booked_by_id)
    .where(
        WaitlistEntry.status == bindparam(None, WaitlistStatus.WAITING, literal_execute=True),
        Appointment.service_id == WaitlistEntry.service_id,
        Attendee.status.in_(EXPECTED),
        Attendee.booked_by_id.is_(None) | Companion.known_at.is_not(None),
        Appointment.created_at > WaitlistEntry.created_at,
        _LATER.id.is_(None) | ((_LATER.id != Appointment.id) & (Appointment.starts_at < _LATER.starts_at)),
        ~exists().where(Occurrence.appointment_id == Appointment.id),
    )
    .distinct()
)
"""The waits of those who have booked the same service since; who waits for something earlier, something earlier. Dates
of a standing slot are made by us, so they say nothing about a wait; and what a stranger books in somebody's name ends
no wait of theirs.
"""


@retry_on_conflict
def join_waitlist(*, practice_id: int, wish: WaitWish, by: ActedBy, now: datetime) -> WaitlistEntry:
    """Wait for a service. Whoever comes from the link to an appointment and waits already keeps their place, and the
    wish is changed to this one. Anybody else has only typed a name: nobody can change or open a stranger's wait so.

    Offers are texted, so whoever has no e-mail address calls the practice: nobody has proved that a typed number is
    theirs. Raises NotFound, ServiceEnded, InvalidInput by field.
    """
    with transaction() as session:
        given_up = seat_to_give_up(session, practice_id, wish, now=now)
        if not wish.contact.email and given_up is None and not by.is_staff:
            raise InvalidInput({"email": NOT_ONLINE})
        service = require_service(session, practice_id, wish.service, given_up=given_up, is_staff=by.is_staff)
        facts = facts_of(session, service, wish, now=now)
        facts["replaces_id"] = given_up.id if given_up is not None else None
        if given_up is None and not by.is_staff:
            require_own_wait(session, service, wish, now=now)
        before = find_clients(session, practice_id, [wish.contact], by=by, now=now)
        files = make_clients(session, practice_id, [wish.contact], before, by=by, now=now)
        client_id = files.by_key[wish.contact.match_key].id if given_up is None else given_up.client_id
        if wish.born_on is not None and wish.contact.match_key not in before.by_key:
            session.get_one(Client, client_id).born_on = wish.born_on
        return _write(session, service, client_id, facts, is_known=given_up is not None, now=now)


@retry_on_conflict
def leave_waitlist(*, practice_id: int, entry_public_id: str, now: datetime) -> WaitlistEntry:
    """Stop waiting; an offer that is still open goes to the next one. Leaving twice is harmless. Raises NotFound."""
    with transaction() as session:
        entry_id = session.scalar(
            select(WaitlistEntry.id).where(
                WaitlistEntry.practice_id == practice_id, WaitlistEntry.public_id == entry_public_id
            )
        )
        found = _locked_entry(session, entry_id)
        if found.status == WaitlistStatus.WAITING:
            _end(found, WaitlistStatus.LEFT, now=now)
            for offer in _open_offers(session, found.id):
                _close(session, offer, OfferStatus.DECLINED, now=now)
        return found


@retry_on_conflict
def accept_offer(*, offer_public_id: str, by: ActedBy, now: datetime) -> Appointment:
    """Take the offered slot: it is booked, or the later appointment that it replaces is moved there, in one
    transaction. No second yes is needed, whatever the service's approval says: the practice has asked. But what is
    for new clients or known ones only stays a request of anybody else.

    Raises NotFound, OfferGone, and whatever booking or moving raises: then the offer stays open.
    """
    with transaction() as session:
        return accept_offer_in(session, offer_public_id=offer_public_id, by=by, now=now)


def accept_offer_in(session: Session, *, offer_public_id: str, by: ActedBy, now: datetime) -> Appointment:
    """The same inside the caller's transaction, which has to take back what was begun when this raises."""
    found = _locked_offer(session, offer_public_id)
    _require_open(found, now=now)
    appointment = _take(session, found, by, now=now)
    found.status, found.answered_at, found.appointment_id = OfferStatus.ACCEPTED, now, appointment.id
    _end(found.entry, WaitlistStatus.BOOKED, now=now)
    void_offer(session, found, reason=Reason.OFFER_ACCEPTED, now=now)
    session.flush()
    for other in _waits_of(session, found.entry.service, found.entry.client_id):  # They wait for it no longer.
        _end(other, WaitlistStatus.BOOKED, now=now)
        for open_offer in _open_offers(session, other.id):
            _close(session, open_offer, OfferStatus.DECLINED, now=now)
    return appointment


@retry_on_conflict
def decline_offer(*, offer_public_id: str, now: datetime) -> Offer:
    """Let the offered slot go to the next one at once, and keep one's place. Raises NotFound, OfferGone."""
    with transaction() as session:
        found = _locked_offer(session, offer_public_id)
        _require_open(found, now=now)
        _close(session, found, OfferStatus.DECLINED, now=now)
        return found


def offer_freed_times(*, now: datetime) -> int:
    """Offer the times that became free to those who wait, once their quiet minutes are over; how many offers it made.

    A crash in between loses nothing: the row of a freed time stays until everybody who could be asked was asked. Who
    has booked by themselves meanwhile waits no longer, and is not asked.
    """
    for entry_id in db.session.scalars(_SERVED).all():
        _end_served(entry_id, now=now)
    return sum(offer_out(freed, now=now) for freed in list_due_freed_times(now=now))


@retry_on_conflict
def _end_served(entry_id: int, *, now: datetime) -> None:
    """End the wait of somebody who has what they waited for; an offer that is still open goes to the next one."""
    with transaction() as session:
        found = _locked_entry(session, entry_id)
        if found.status == WaitlistStatus.WAITING:
            _end(found, WaitlistStatus.BOOKED, now=now)
            for offer in _open_offers(session, found.id):
                _close(session, offer, OfferStatus.DECLINED, now=now)


def expire_waits(*, now: datetime) -> int:
    """End the offers that nobody answered in time, and the waits whose last date is over; how many."""
    overdue = (Offer.status == OfferStatus.OPEN, Offer.expires_at <= now)
    with transaction() as session:
        offers = session.scalars(select(Offer.public_id).where(*overdue).order_by(Offer.expires_at)).all()
    return sum(_lapse(public_id, now=now) for public_id in offers) + _expire_waits(now=now)


@retry_on_conflict
def _lapse(public_id: str, *, now: datetime) -> bool:
    """End one offer, unless it was answered a moment ago."""
    with transaction() as session:
        found = _locked_offer(session, public_id)
        is_over = found.status == OfferStatus.OPEN and found.expires_at <= now
        if is_over:
            _close(session, found, OfferStatus.EXPIRED, now=now)
        return is_over


def _expire_waits(*, now: datetime) -> int:
    """The date is over when it is over where the client is."""
    with transaction() as session:
        waiting = session.scalars(
            select(WaitlistEntry)
            .where(
                WaitlistEntry.status == WaitlistStatus.WAITING,
                WaitlistEntry.until <= now.date(),
                ~exists().where(Offer.entry_id == WaitlistEntry.id, Offer.status == OfferStatus.OPEN),
            )
            .order_by(WaitlistEntry.id)
            .with_for_update(of=WaitlistEntry)
        ).all()
        over = [each for each in waiting if each.until < _today(each.timezone, now=now)]
        for each in over:
            _end(each, WaitlistStatus.EXPIRED, now=now)
        return len(over)


def _take(session: Session, offer: Offer, by: ActedBy, *, now: datetime) -> Appointment:
    """Book what was offered, or move there what it replaces, if that still stands and is still later."""
    entry = offer.entry
    if lacks_guardian_to_wait(entry, offer.mode, on=offer.starts_at.date()):
        raise PleaseCall(say_phone(entry.practice.phone))
    appointment, seat = _replaced(session, offer)
    if appointment is None or seat is None:
        return _book(session, offer, by, now=now)
    shared = appointment.service.is_group or entry.service.is_group
    if shared or appointment.status == AppointmentStatus.PENDING:
        # The others of a group stay where they are, and a request that nobody answered is not worth moving.
        cancel_appointment_in(session, appointment, by, now=now, attendee_id=seat.id, late=False)
        return _book(session, offer, by, now=now)
    destination = _destination(offer, appointment)
    move_appointment_in(
        session,
        appointment,
        destination,
        by,
        now=now,
        service_public_id=entry.service.public_id,
        is_invited=True,
    )
    return appointment


def _replaced(session: Session, offer: Offer) -> tuple[Appointment | None, Attendee | None]:
    """The later appointment and the seat in it that are given up, locked; nothing when it no longer stands."""
    seat = offer.entry.replaces
    if seat is None:
        return None, None
    appointment = lock_appointment(session, offer.practice_id, seat.appointment_id)
    stands = appointment.status in EXPECTED and seat.status in EXPECTED
    return (appointment, seat) if stands and appointment.starts_at > offer.starts_at else (None, None)


def _book(session: Session, offer: Offer, by: ActedBy, *, now: datetime) -> Appointment:
    entry = offer.entry
    wish = BookingWish(
        service=entry.service.public_id,
        starts_at=offer.starts_at,
        mode=offer.mode,
        therapist=offer.therapist.public_id,
        location=_location_of(offer),
        contact=_contact_of(entry, offer.mode),
        hold=offer.hold.public_id if offer.hold is not None else None,
    )
    return book_appointment_in(session, offer.practice_id, wish, by, now=now, is_approved=True)


def _destination(offer: Offer, appointment: Appointment) -> Destination:
    entry = offer.entry
    is_alone = all(seat.client_id == entry.client_id for seat in appointment.seats)
    unknown = any(seat.jurisdiction is None for seat in appointment.seats)
    return Destination(
        starts_at=offer.starts_at,
        mode=offer.mode,
        therapist=offer.therapist.public_id,
        location=_location_of(offer),
        # A partner's state stays what the partner said.
        jurisdiction=entry.jurisdiction if is_alone or unknown else None,
        phone=entry.phone,
        hold=offer.hold.public_id if offer.hold is not None else None,
    )


def _location_of(offer: Offer) -> str | None:
    location = offer.entry.location
    return location.public_id if offer.mode == Mode.IN_PERSON and location is not None else None


def _contact_of(entry: WaitlistEntry, mode: Mode) -> Contact:
    """As typed for the wait; a no to texts that came after it holds."""
    return Contact(
        name=entry.name,
        email=entry.email,
        phone=entry.phone,
        timezone=entry.timezone,
        wants_texts=entry.text_consent_at is not None and not refuses_texts(entry.client_id),
        jurisdiction=entry.jurisdiction if mode != Mode.IN_PERSON else None,
    )


def _close(session: Session, offer: Offer, status: OfferStatus, *, now: datetime) -> None:
    """Nobody took it: the slot is free for the next one."""
    offer.status = status
    offer.answered_at = now if status == OfferStatus.DECLINED else None
    if offer.hold is not None:
        consume_hold(session, offer.hold, now=min(now, offer.expires_at))
    void_offer(session, offer, reason=WHY_CLOSED[status], now=now)
    session.flush()
    note_not_taken(session, offer, now=now)


def _end(entry: WaitlistEntry, status: WaitlistStatus, *, now: datetime) -> None:
    entry.status, entry.changed_at = status, now


def _require_open(offer: Offer, *, now: datetime) -> None:
    if offer.status == OfferStatus.ACCEPTED:
        raise OfferGone(ACCEPTED_BEFORE)
    if not offer.is_open(now=now):
        raise OfferGone


def _locked_offer(session: Session, public_id: str) -> Offer:
    """The offer, after its entry: whoever answers, withdraws or expires comes in this order. Raises NotFound."""
    _locked_entry(session, session.scalar(select(Offer.entry_id).where(Offer.public_id == public_id)))
    found = select(Offer).where(Offer.public_id == public_id).with_for_update(of=Offer)
    return session.scalars(found.execution_options(populate_existing=True)).one()


def _locked_entry(session: Session, entry_id: int | None) -> WaitlistEntry:
    found = session.scalar(
        select(WaitlistEntry)
        .where(WaitlistEntry.id == entry_id)
        .with_for_update(of=WaitlistEntry)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def _open_offers(session: Session, entry_id: int) -> Sequence[Offer]:
    mine = select(Offer).where(Offer.entry_id == entry_id, Offer.status == OfferStatus.OPEN)
    return session.scalars(mine.with_for_update(of=Offer).execution_options(populate_existing=True)).all()


def _today(timezone: str, *, now: datetime) -> date:
    return walltime.wall(now, walltime.zone(timezone)).date()


def _write(
    session: Session, service: Service, client_id: int, facts: RowValues, *, is_known: bool, now: datetime
) -> WaitlistEntry:
    """Under the client's lock, so that a form sent twice waits once."""
    session.execute(select(Client.id).where(Client.id == client_id).with_for_update(of=Client))
    earlier = _waits_of(session, service, client_id)
    entry = next((each for each in earlier if is_known or _is_the_same(each, facts)), None)
    if entry is None:
        entry = WaitlistEntry(
            practice_id=service.practice_id,
            service_id=service.id,
            client_id=client_id,
            status=WaitlistStatus.WAITING,
            created_at=now,
        )
        session.add(entry)
    for name, value in facts.items():
        setattr(entry, name, value)
    entry.changed_at = now
    session.flush()
    files = read_client_files(session, service.practice_id, service.id, client_ids=[client_id], contacts=[entry])
    record_agreements(session, [entry], files, by=BY_FORM, now=now, purpose=Purpose.OFFERS)
    return entry


def _waits_of(session: Session, service: Service, client_id: int) -> Sequence[WaitlistEntry]:
    mine = select(WaitlistEntry).where(
        WaitlistEntry.practice_id == service.practice_id,
        WaitlistEntry.service_id == service.id,
        WaitlistEntry.client_id == client_id,
        WaitlistEntry.status == WaitlistStatus.WAITING,
    )
    locked = mine.order_by(WaitlistEntry.id).with_for_update(of=WaitlistEntry)
    return session.scalars(locked.execution_options(populate_existing=True)).all()


def _is_the_same(entry: WaitlistEntry, facts: RowValues) -> bool:
    """Whether a form was only sent twice."""
    return all(getattr(entry, name) == value for name, value in facts.items() if name != "text_consent_at")

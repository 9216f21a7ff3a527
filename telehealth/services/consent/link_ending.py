"""Ending the links that people were sent: whoever got one by mistake must not keep the power to cancel.

Nothing is lost by it. The next message carries a new link, and an ended one says whom to call.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.errors import NotFound
from telehealth.models import Appointment, Attendee, CalendarFeed, Caller, Client, WaitlistEntry
from telehealth.queries.calendars.feeds import list_own_feeds
from telehealth.queries.loading import is_part_of, leads_from
from telehealth.services.audit import ActedBy, record_event, record_setting
from telehealth.services.consent.call_keys import end_call_keys
from telehealth.services.locking import lock_appointment, lock_client
from telehealth.services.messages.replanning import belongs_to, lock_ahead
from telehealth.services.practice.client_files import named_client


@retry_on_conflict
def end_links_of_appointment(
    *, practice_id: int, appointment_id: int, by: ActedBy, now: datetime, attendee_id: int | None = None
) -> None:
    """End every link to an appointment that its clients were sent, or only those of one seat. Staff only.

    Raises NotFound, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        appointment = lock_appointment(session, practice_id, appointment_id)
        seats = [each for each in appointment.attendees if attendee_id in (None, each.id)]
        if attendee_id is not None and not seats:
            raise NotFound
        end_links_of_seats(session, appointment, seats, by, now=now)


@retry_on_conflict
def end_links_of_client(*, practice_id: int, client_public_id: str, by: ActedBy, now: datetime) -> Client:
    """End every link that a client (their public id) was sent, to whatever it leads. Staff only.

    Raises NotFound, NotAllowed.
    """
    by.require_staff()
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        end_all_links(session, client, ahead, by, now=now)
        about = named_client(client)
        record_setting(session, practice_id, about, AuditAction.LINKS_ENDED, by, now=now)
        return client


def lock_client_and_ahead(
    session: Session, practice_id: int, client_public_id: str, *, now: datetime
) -> tuple[Client, list[Appointment]]:
    """A client and the appointments ahead of them, locked; those first, as everywhere. Raises NotFound."""
    ids = session.scalars(select(Client.id).where(leads_from(practice_id, client_public_id))).all()
    ahead = lock_ahead(session, belongs_to(ids), now=now, practice_id=practice_id)
    return lock_client(session, practice_id, client_public_id), ahead


def end_links_of_seats(
    session: Session, appointment: Appointment, seats: Iterable[Attendee], by: ActedBy, *, now: datetime
) -> None:
    """The same inside the caller's transaction, which holds the appointment. The addresses for calendars end that such
    a link could show.
    """
    for seat in seats:
        seat.links_version += 1
        shown = [each.id for each in list_own_feeds(seat)]
        session.execute(delete(CalendarFeed).where(CalendarFeed.id.in_(shown)))
        record_event(session, appointment, AuditAction.LINKS_ENDED, by, now=now, attendee=seat.public_id)
        end_call_keys(session, Caller.attendee_id == seat.id)
    session.flush()


def end_all_links(
    session: Session, client: Client, ahead: Iterable[Appointment], by: ActedBy, *, now: datetime
) -> None:
    """Those of all seats and waits of a client, whenever they were, those that end e-mails, and the addresses that
    calendars read. Those of records that were made part of theirs lead to them, and end as well. ``ahead`` are the
    appointments ahead, which the caller's transaction holds: their audit says it.
    """
    records = session.scalars(select(Client).where(is_part_of(client.id))).all()
    for each in records:
        each.links_version += 1
    session.execute(delete(CalendarFeed).where(CalendarFeed.client_id.in_([each.id for each in records])))
    session.flush()
    for model in (Attendee, WaitlistEntry):
        theirs = update(model).where(model.client_id == client.id)
        session.execute(theirs.values(links_version=model.links_version + 1), execution_options=_READ_AGAIN)
    end_call_keys(session, Caller.attendee_id.in_(select(Attendee.id).where(Attendee.client_id == client.id)))
    for appointment in ahead:
        for seat in appointment.attendees:
            if seat.client_id == client.id:
                record_event(session, appointment, AuditAction.LINKS_ENDED, by, now=now, attendee=seat.public_id)


_READ_AGAIN = {"synchronize_session": "fetch"}

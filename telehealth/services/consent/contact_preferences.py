"""How a client is reached and spoken to, as staff keep it: language, code name, and where it is safe to write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain import languages
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import (
    LONGEST_NAME,
    clean_email,
    clean_line,
    clean_phone,
    clean_timezone,
    read_field,
    refuse_advertisement,
)
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Obstacle, WaitlistStatus
from telehealth.models import Attendee, Client, SeriesMember, WaitlistEntry
from telehealth.services.audit import ActedBy, record_change, record_event
from telehealth.services.consent.link_ending import end_all_links
from telehealth.services.locking import read_client
from telehealth.services.messages.planning import replan_appointments
from telehealth.services.messages.repeating import tell_again
from telehealth.services.messages.replanning import belongs_to, lock_ahead
from telehealth.services.practice.client_files import index_client, named_client

LONGEST_NOTE = 1000
REACHED_AT = frozenset({"safe_email", "safe_phone"})


@dataclass(frozen=True, slots=True)
class ContactPreferences:
    """As typed. Empty means: nothing special, so messages go where the client typed and call them by their name."""

    locale: str
    code_name: str = ""
    safe_email: str = ""
    safe_phone: str = ""
    contact_note: str = ""


@retry_on_conflict
def change_contact_preferences(
    *, practice_id: int, client_public_id: str, wish: ContactPreferences, by: ActedBy, now: datetime
) -> Client:
    """Keep how a client (their public id) is reached from now on, and plan anew what lies ahead of them.

    A safe number or address wins over whatever is typed for an appointment, now and later; with another one, the links
    that went elsewhere are ended, and what lies ahead is confirmed again. The note is for staff.
    The audit of every appointment ahead says that it was changed, not to what; that of the practice, to what.
    Raises NotFound, NotAllowed, and InvalidInput by field.
    """
    by.require_staff()
    facts = _facts(wish)
    with transaction() as session:
        found = read_client(session, practice_id, client_public_id)
        ahead = lock_ahead(session, belongs_to([found.id]), now=now, practice_id=practice_id)
        before = {name: getattr(found, name) for name in facts}
        changed = sorted(name for name, value in facts.items() if getattr(found, name) != value)
        for name in changed:
            setattr(found, name, facts[name])
        index_client(found)
        session.flush()
        about = named_client(found)
        record_change(session, practice_id, about, by, before=before, after=facts, now=now)
        for appointment in ahead if changed else ():
            record_event(session, appointment, AuditAction.CONTACT_CHANGED, by, now=now)
        is_elsewhere = not REACHED_AT.isdisjoint(changed)
        if is_elsewhere:
            end_all_links(session, found, ahead, by, now=now)
        replan_appointments(session, ahead, now=now)
        if is_elsewhere:
            seats = [seat for each in ahead for seat in each.attendees if seat.client_id == found.id]
            tell_again(session, seats, now=now)
        return found


@retry_on_conflict
def set_timezone(*, practice_id: int, client_public_id: str, timezone: str, by: ActedBy, now: datetime) -> Client:
    """Say times to a client (public id) in this IANA zone from now on, in whatever lies ahead of them: they have moved,
    or somebody else typed the booking. No appointment changes its instant, but texts keep to the nights there.

    Raises NotFound, and InvalidInput for what is no zone.
    """
    chosen = clean_timezone(timezone)
    with transaction() as session:
        found = read_client(session, practice_id, client_public_id)
        ahead = lock_ahead(session, belongs_to([found.id]), now=now, practice_id=practice_id)
        seats = [each for appointment in ahead for each in appointment.attendees if each.client_id == found.id]
        about = named_client(found)
        before = next((each.timezone for each in seats if each.timezone != chosen), found.timezone)
        record_change(session, practice_id, about, by, before={"timezone": before}, after={"timezone": chosen}, now=now)
        for contact in (found, *seats, *list_kept_contacts(session, found)):
            contact.timezone = chosen
        session.flush()
        replan_appointments(session, ahead, now=now)
        return found


@retry_on_conflict
def set_state(*, practice_id: int, client_public_id: str, jurisdiction: str, by: ActedBy, now: datetime) -> Client:
    """Write down in which state ("CO") a client (public id) really is, for whatever lies ahead of them where that was
    asked: seats by video or phone, standing slots, waits. Nothing is moved or cancelled for it, whether or not their
    therapists may treat them there (``queries.appointments.licences``): people decide.

    What was booked knowingly without a licence was about the state before, so it is looked at anew. Staff only. Raises
    NotFound, NotAllowed, and InvalidInput for what is no state.
    """
    by.require_staff()
    if jurisdiction not in JURISDICTIONS:
        raise InvalidInput({"jurisdiction": "Please choose a state."})
    with transaction() as session:
        found = read_client(session, practice_id, client_public_id)
        ahead = lock_ahead(session, belongs_to([found.id]), now=now, practice_id=practice_id)
        seats = [each for appointment in ahead for each in appointment.attendees if each.client_id == found.id]
        wrong = [
            each
            for each in (*seats, *list_kept_contacts(session, found))
            if each.jurisdiction not in {None, jurisdiction}
        ]
        if not wrong:
            return found
        about = named_client(found)
        before, after = {"jurisdiction": wrong[0].jurisdiction}, {"jurisdiction": jurisdiction}
        record_change(session, practice_id, about, by, before=before, after=after, now=now)
        for seat in seats:
            if seat in wrong:
                _write_state_down(session, seat, jurisdiction, by, now=now)
        for each in wrong:
            each.jurisdiction = jurisdiction
        session.flush()
        replan_appointments(session, ahead, now=now)
        return found


def _write_state_down(session: Session, seat: Attendee, jurisdiction: str, by: ActedBy, *, now: datetime) -> None:
    appointment, said = seat.appointment, {"attendee": seat.public_id}
    said |= {"before": JURISDICTIONS.get(seat.jurisdiction or "", ""), "after": JURISDICTIONS[jurisdiction]}
    record_event(session, appointment, AuditAction.CONTACT_CHANGED, by, now=now, **said)
    if Obstacle.LICENCE in appointment.overrides:
        appointment.overrides = [each for each in appointment.overrides if each != Obstacle.LICENCE]


def list_kept_contacts(session: Session, client: Client) -> Sequence[WaitlistEntry | SeriesMember]:
    """Where a client's contact is kept for later, beside their seats: waits, and standing slots they have not left."""
    waits = select(WaitlistEntry).where(
        WaitlistEntry.client_id == client.id, WaitlistEntry.status == WaitlistStatus.WAITING
    )
    standing = select(SeriesMember).where(SeriesMember.client_id == client.id, SeriesMember.left_on.is_(None))
    return [*session.scalars(waits), *session.scalars(standing)]


def _facts(wish: ContactPreferences) -> RowValues:
    problems: dict[str, str] = {}

    def take(field: str, check: Callable[[str], str | None]) -> str | None:
        found: str | None = read_field(problems, field, check, getattr(wish, field))
        return found

    facts = {
        "locale": take("locale", lambda typed: languages.clean_language(typed) or languages.ENGLISH),
        "code_name": take("code_name", _name),
        "safe_email": take("safe_email", lambda typed: clean_email(typed) if typed.strip() else None),
        "safe_phone": take("safe_phone", lambda typed: clean_phone(typed, needed=False)),
        "contact_note": take("contact_note", _note),
    }
    if problems:
        raise InvalidInput(problems)
    return facts


def _name(typed: str) -> str:
    return refuse_advertisement(clean_line(typed, longest=LONGEST_NAME))


def _note(typed: str) -> str:
    note = typed.replace("\0", "").strip()
    if len(note) > LONGEST_NOTE:
        raise ValueError(f"That is {len(note):,} characters long; please use at most {LONGEST_NOTE:,}.")
    return note

"""A name, an address or a number that was mistyped, put right: on file, and in everything that lies ahead."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.contact import clean_email, clean_name, clean_phone, make_match_key
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Attendee, Client, Practice, SeriesMember, WaitlistEntry
from telehealth.services.audit import ActedBy, record_change, record_event
from telehealth.services.consent.contact_preferences import list_kept_contacts
from telehealth.services.consent.link_ending import end_all_links, lock_client_and_ahead
from telehealth.services.messages.planning import replan_appointments
from telehealth.services.messages.repeating import tell_again
from telehealth.services.practice.client_files import index_client, mark_known, named_client

Typed = Client | Attendee | SeriesMember | WaitlistEntry
NEEDED = "An appointment ahead is by phone. Please enter the number that is called."


@dataclass(frozen=True, slots=True)
class RightContact:
    """As typed by staff. An empty ``phone`` means that there is none, no ``name`` that it is right."""

    email: str
    phone: str = ""
    name: str | None = None


@retry_on_conflict
def correct_contact(
    *, practice_id: int, client_public_id: str, wish: RightContact, by: ActedBy, now: datetime
) -> Client:
    """Write down what a client (their public id) is really called and how they are reached: on file, for the seats and
    standing slots ahead, and where they wait. What is over stays as it was. A safe number or address wins as before.

    When they are reached otherwise now, every link that was sent is ended, and what they were told is told again where
    it reaches them. Staff only. Raises NotFound, NotAllowed, and InvalidInput by field.
    """
    by.require_staff()
    with transaction() as session:
        client, ahead = lock_client_and_ahead(session, practice_id, client_public_id, now=now)
        takes_phone_only = session.get_one(Practice, practice_id).takes_phone_only
        email, phone, name = _clean(wish, needs_email=bool(client.email) and not takes_phone_only)
        if phone is None and any(each.mode == Mode.PHONE for each in ahead):
            raise InvalidInput({"phone": NEEDED})
        seats = [seat for each in ahead for seat in each.attendees if seat.client_id == client.id]
        rows: list[Typed] = [client, *seats, *list_kept_contacts(session, client)]
        right = {"email": email, "phone": phone} | ({} if name is None else {"name": name})
        wrong = {key: _wrong(rows, key, value) for key, value in right.items()}
        if wrong == right:
            return client
        for each in rows:
            each.email, each.phone, each.name = email, phone, name or each.name
        _know_again(session, client)
        mark_known(session, [client.id], now=now)
        is_elsewhere = (wrong["email"], wrong["phone"]) != (email, phone)
        _write_down(session, client, ahead, by, before=wrong, now=now)
        if is_elsewhere:
            end_all_links(session, client, ahead, by, now=now)
        replan_appointments(session, ahead, now=now)
        if is_elsewhere:
            tell_again(session, seats, now=now)
        return client


def _wrong(rows: Sequence[Typed], field: str, right: str | None) -> str | None:
    """What stood there, as it was typed last; the same as what is right where it was right everywhere."""
    found: list[str | None] = [getattr(each, field) for each in reversed(rows)]
    return next((each for each in found if each != right), right)


def _clean(wish: RightContact, *, needs_email: bool) -> tuple[str, str | None, str | None]:
    problems: dict[str, str] = {}
    email, phone, name = "", None, None
    try:
        email = clean_email(wish.email) if wish.email.strip() or needs_email else ""
    except ValueError as problem:
        problems["email"] = str(problem)
    try:
        phone = clean_phone(wish.phone, needed=not (needs_email or wish.email.strip()))
    except ValueError as problem:
        problems["phone"] = str(problem)
    try:
        name = None if wish.name is None else clean_name(wish.name)
    except ValueError as problem:
        problems["name"] = str(problem)
    if problems:
        raise InvalidInput(problems)
    return email, phone, name


def _key_of(client: Client) -> str:
    """Who has neither an address nor a number is known by whoever booked for them first."""
    acting = [each for each in client.companions if each.ended_at is None] if not client.phone else []
    known_by = next((each.email or each.phone or "" for each in acting), "")
    return make_match_key(client.name, client.email or known_by, client.phone)


def _know_again(session: Session, client: Client) -> None:
    """Let the right name and address find them when they book again, unless it finds somebody else already: they may
    have booked anew with it meanwhile, and two files stay two.
    """
    key = _key_of(client)
    taken = select(Client.id).where(
        Client.practice_id == client.practice_id, Client.match_key == key, Client.id != client.id
    )
    if session.scalar(taken) is None:
        client.match_key = key
    index_client(client)
    session.flush()


def _write_down(
    session: Session,
    client: Client,
    ahead: Sequence[Appointment],
    by: ActedBy,
    *,
    before: dict[str, str | None],
    now: datetime,
) -> None:
    about = named_client(client)
    after = {"email": client.email, "phone": client.phone, "name": client.name}
    record_change(session, client.practice_id, about, by, before=before, after=after, now=now)
    for each in ahead:
        record_event(session, each, AuditAction.CONTACT_CHANGED, by, now=now)

"""A practice's clients, as staff look for them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, true
from sqlalchemy.orm import aliased, joinedload

from telehealth.database import db
from telehealth.domain.coming_of_age import AgeStanding, WhenMinor, judge_age
from telehealth.domain.contact import make_match_key
from telehealth.domain.errors import NotFound
from telehealth.domain.searching import Term, fold_name, read_birth, split_search
from telehealth.domain.words import AppointmentStatus
from telehealth.models import Appointment, Attendee, Client, Companion, Practice, Therapist
from telehealth.models.users import GIVES_CARE
from telehealth.queries.loading import is_given_by, leads_from

MOST_SHOWN = 50
_MERGED = aliased(Client)


def search_clients(
    practice_id: int,
    text: str = "",
    *,
    therapist_id: int | None = None,
    only: Sequence[ColumnElement[bool]] = (),
    limit: int = MOST_SHOWN,
    skip: int = 0,
) -> Sequence[Client]:
    """Clients in whose name, address or number every word of ``text`` stands, however it is spelt, or who were born on
    the day that it says; all of them for no text. First those whose name begins like this, then those who have words
    that do, and by name.

    With a therapist only those who have, or had, an appointment with them; ``only`` those of whom the conditions are
    true (``who_are``). So many from the one after ``skip`` on.
    """
    terms, birth = split_search(text), read_birth(text)
    found = and_(true(), *(_has(practice_id, each) for each in terms))
    if birth is not None:
        found = or_(found, Client.born_on == birth)
    there = (*_known_to(practice_id, therapist_id), Client.erased_at.is_(None))
    statement = select(Client).where(*only, *there, found)
    ordered = statement.order_by(*_rank(terms, text), Client.search_text, Client.id)
    return db.session.scalars(ordered.offset(skip).limit(limit)).all()


def find_client(practice_id: int, public_id: str, *, therapist_id: int | None = None) -> Client:
    """A client of this practice with whoever acts for them, and known to this therapist when one is given; of a record
    that was made part of another, that one. Raises NotFound.
    """
    named = select(Client).where(*_known_to(practice_id, therapist_id), leads_from(practice_id, public_id))
    found = db.session.scalars(named.options(joinedload(Client.companions))).unique().one_or_none()
    if found is None:
        raise NotFound
    return found


def find_twin(client: Client) -> Client | None:
    """Another client of the practice whom the name and the address of this one find: they booked with both."""
    if not (client.email or client.phone):  # Known by somebody else's, and alone with that.
        return None
    key = make_match_key(client.name, client.email, client.phone)
    others = select(Client).where(Client.practice_id == client.practice_id, Client.id != client.id)
    return db.session.scalar(others.where(Client.match_key == key, Client.merged_into_id.is_(None)))


def client_ids_by_match_key(practice_id: int, match_keys: Sequence[str]) -> dict[str, int]:
    """The clients who are known under some names and addresses (``Contact.match_key``): their ids by that key."""
    leads_to = func.coalesce(Client.merged_into_id, Client.id).label("client_id")
    known = select(Client.match_key, leads_to).where(Client.practice_id == practice_id)
    rows = db.session.execute(known.where(Client.match_key.in_(match_keys)))
    return {row.match_key: row.client_id for row in rows}


def find_own_therapist(practice_id: int, client_id: int) -> Therapist | None:
    """Who knows the client: the therapist of their latest appointment that was not cancelled, who still works here."""
    return db.session.scalar(
        select(Therapist)
        .join(Appointment, Appointment.therapist_id == Therapist.id)
        .join(Attendee, Attendee.appointment_id == Appointment.id)
        .where(
            Appointment.practice_id == practice_id,
            Attendee.client_id == client_id,
            Attendee.status.not_in((AppointmentStatus.CANCELLED, AppointmentStatus.PENDING)),
            GIVES_CARE,
        )
        .order_by(Appointment.starts_at.desc(), Appointment.id.desc())
        .limit(1)
    )


def find_latest_contact(practice_id: int, client_id: int) -> Attendee | None:
    """The contact that a client gave last: what is on file with the client is what they gave first."""
    return db.session.scalar(
        select(Attendee)
        .where(Attendee.practice_id == practice_id, Attendee.client_id == client_id)
        .order_by(Attendee.id.desc())
        .limit(1)
    )


def list_companions_of(client_ids: Collection[int]) -> Sequence[Companion]:
    """Who acts for some clients, also who did."""
    theirs = select(Companion).where(Companion.client_id.in_(sorted(client_ids))).order_by(Companion.id)
    return db.session.scalars(theirs).all() if client_ids else []


def find_left_alone(practice: Practice, states: Mapping[int, str | None], *, on: date) -> set[int]:
    """Of these clients (ids, with the state where each will be) the minors for whom somebody has to act on a date, and
    nobody whom the practice knows does, where it wants that.
    """
    if practice.when_minor != WhenMinor.REQUIRE or not states:
        return set()
    acts = exists().where(
        Companion.client_id == Client.id, Companion.ended_at.is_(None), Companion.known_at.is_not(None)
    )
    alone = select(Client.id, Client.born_on).where(Client.id.in_(sorted(states)), Client.born_on.is_not(None), ~acts)
    rows = db.session.execute(alone)
    return {id_ for id_, born_on in rows if judge_age(born_on, states[id_], on=on) == AgeStanding.NEEDS_SOMEBODY}


def lacks_guardian(practice: Practice, client_ids: Collection[int], state: str | None, *, on: date) -> bool:
    """Whether all of these clients, who come together in one state, are such minors: nobody comes with them."""
    return bool(client_ids) and find_left_alone(practice, dict.fromkeys(client_ids, state), on=on) == set(client_ids)


def is_without_guardian(appointment: Appointment, state: str | None, *, on: date) -> bool:
    """The same of those who come to an appointment. In a group each was looked at when they got their seat, and whoever
    has booked a seat for somebody acts for them.
    """
    if appointment.service.is_group or any(
        each.booked_by and not each.booked_by.ended_at for each in appointment.seats
    ):
        return False
    return lacks_guardian(appointment.practice, {each.client_id for each in appointment.seats}, state, on=on)


def _known_to(practice_id: int, therapist_id: int | None) -> tuple[ColumnElement[bool], ...]:
    ours = Client.practice_id == practice_id, Client.merged_into_id.is_(None)
    if therapist_id is None:
        return ours
    together = and_(Attendee.client_id == Client.id, Attendee.appointment_id == Appointment.id)
    return (*ours, exists().where(together, is_given_by(therapist_id)))


def _has(practice_id: int, term: Term) -> ColumnElement[bool]:
    """Whether it stands in what is on file, also of a record that was made part of theirs, or in a number that was
    typed for an appointment.
    """
    found = [Client.search_text.contains(each, autoescape=True) for each in term.spellings]
    if found:
        merged = select(_MERGED.merged_into_id).where(
            _MERGED.merged_into_id.is_not(None),
            _MERGED.practice_id == practice_id,
            or_(*(_MERGED.search_text.contains(each, autoescape=True) for each in term.spellings)),
        )
        found.append(Client.id.in_(merged))
    typed = [Attendee.phone.contains(each) for each in term.digits]
    if typed:
        found.append(Client.id.in_(select(Attendee.client_id).where(Attendee.practice_id == practice_id, or_(*typed))))
    return or_(*found)


def _rank(terms: Sequence[Term], text: str) -> Sequence[ColumnElement[int]]:
    if not terms:
        return ()
    begins = Client.search_text.startswith(f" {fold_name(text)}", autoescape=True)
    words = [
        or_(*(Client.search_text.contains(f" {each}", autoescape=True) for each in term.spellings)) for term in terms
    ]
    return (case((begins, 0), (and_(*words), 1), else_=2),)

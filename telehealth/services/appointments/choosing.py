"""Which slot somebody wants, and the rows behind the public ids that they chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Generic, TypeVar, Unpack

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict, set_committed_value

from telehealth.domain.appointments.matching import Fit
from telehealth.domain.companions import CompanionFacts
from telehealth.domain.contact import Contact
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, Attendee, Companion, Hold, Location, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import NOT_A_LENGTH, MoreAsked, SlotQuery
from telehealth.queries.consent.client_files import NO_FILES, ClientFile, ClientFiles
from telehealth.queries.practice.clients import lacks_guardian
from telehealth.queries.practice.practices import require_open
from telehealth.services.audit import ActedBy

# Built once: building a statement takes longer than running it.
_CHOSEN = (
    select(Practice, Service, Therapist, Location)
    .join(Service, Service.practice_id == Practice.id)
    .outerjoin(Therapist, (Therapist.practice_id == Practice.id) & (Therapist.public_id == bindparam("therapist")))
    .outerjoin(Location, (Location.practice_id == Practice.id) & (Location.public_id == bindparam("location")))
    .where((Service.public_id == bindparam("service")) | (Service.link_word == bindparam("service")))
)
_CHOSEN_OF = {
    int: _CHOSEN.where(Practice.id == bindparam("practice")),
    str: _CHOSEN.where(Practice.slug == bindparam("practice")),
}


@dataclass(frozen=True, slots=True)
class SlotWish:
    """Which slot somebody wants. Ids are public ids; ``therapist`` None is whoever fits; ``starts_at`` is aware.

    ``location`` is needed in person. ``fit`` says what would suit, where nobody is named. ``has_met``: the client says
    that they know the therapist whom they name, which matters where somebody takes no new clients.
    """

    starts_at: datetime
    mode: Mode
    therapist: str | None = None
    location: str | None = None
    fit: Fit = field(default_factory=Fit)
    has_met: bool = False


@dataclass(frozen=True, slots=True)
class FirmWish(SlotWish):
    """A slot that is wanted for good, which ``hold`` may have kept before. ``co_therapist`` names the second therapist
    of a service that needs two. Staff may name obstacles that they set aside (``waived``) and must say why, and another
    length that the service allows (``minutes``); None is its usual one, or for what is moved the one it has.
    """

    co_therapist: str | None = None
    hold: str | None = None
    waived: frozenset[Obstacle] = frozenset()
    reason: str = ""
    minutes: int | None = None


Wish = TypeVar("Wish", bound=SlotWish)


@dataclass(frozen=True, slots=True)
class SlotRequest(Generic[Wish]):
    """A wish with the rows that its public ids stand for; ``therapist`` None is whoever fits. ``hold`` is the one that
    keeps exactly this slot, ``people`` are those who will come, and ``files`` what is on file of them, once that is
    known. ``booker`` is somebody else who books for the first of them, who was born on ``born_on``; ``booked_by`` is
    their row, and ``before`` what was on file before anything was written, once that is known.
    """

    wish: Wish
    practice: Practice
    service: Service
    therapist: Therapist | None
    location: Location | None
    hold: Hold | None = None
    people: Sequence[Contact] = ()
    files: ClientFiles = NO_FILES
    booker: CompanionFacts | None = None
    born_on: date | None = None
    booked_by: Companion | None = None
    before: ClientFiles = NO_FILES

    @property
    def location_id(self) -> int | None:
        """Where they meet; None unless in person."""
        return self.location.id if self.location is not None else None

    @property
    def clients(self) -> list[ClientFile]:
        """The files of those who will come, in their order."""
        return [self.files.by_key[each.match_key] for each in self.people]

    @property
    def own_time(self) -> list[int]:
        """The resources of those who will come, as far as their own time is taken: what a stranger books for somebody
        neither fills their calendar nor tells that it is full.
        """
        taken = self.clients[1:] if self.booked_by is not None and not self.booked_by.is_known else self.clients
        return [each.resource_id for each in taken]

    def state_of(self, contact: Contact | Attendee) -> str | None:
        """Where one of them will be: in person where they meet."""
        return self.location.jurisdiction if self.location is not None else contact.jurisdiction

    @property
    def lacks_guardian(self) -> bool:
        """Whether those who will come are minors, and nobody whom the practice knows acts for them, where it wants that
        (``queries.practice.clients``). Of whoever is not on file yet nothing is known: they may come with them.
        """
        if not self.people or len(self.files.by_id) < len(self.people):
            return False
        state, on = self.state_of(self.people[0]), self.wish.starts_at.date()
        return lacks_guardian(self.practice, self.files.by_id, state, on=on)

    def booked_by_for(self, contact: Contact) -> Companion | None:
        """Who books the seat of one of them."""
        return self.booked_by if contact is self.people[0] else None

    def acted(self, by: ActedBy) -> ActedBy:
        """Who does it: whoever books for somebody, where they do."""
        return replace(by, companion=self.booked_by.public_id) if self.booked_by is not None else by

    @property
    def said_known_to(self) -> frozenset[int]:
        """The therapists whom whoever asks says that they know. In a group everybody is booked at once, so nobody could
        look whether it is so.
        """
        named = self.therapist if self.wish.has_met and not self.service.is_group else None
        return frozenset({named.id} if named is not None else ())

    def decided_at(self, now: datetime) -> datetime:
        """What a hold keeps was offered when it began: minutes spent on a form must not turn into too short notice."""
        return now if self.hold is None else self.hold.created_at

    def query(self, jurisdiction: str | None, **more: Unpack[MoreAsked]) -> SlotQuery:
        """The question that decides it, for clients who will be in that state."""
        asked = SlotQuery.about(
            self.service,
            self.wish.mode,
            self.wish.starts_at,
            therapist=self.therapist,
            location=self.location,
            jurisdiction=jurisdiction,
            **more,
        )
        return replace(asked, own_hold_id=self.hold.id) if self.hold is not None else asked


def choose_rows(
    session: Session,
    practice: int | str,
    service_public_id: str,
    wish: Wish,
    *,
    is_booked: bool = False,
    is_invited: bool = False,
    moves: Appointment | None = None,
) -> SlotRequest[Wish]:
    """Turn public ids into rows of this practice (its id, or its word in addresses). ``is_booked``: it is about an
    appointment of the service that there is already, so it does not matter that the service has ended, or who may ask
    for it. ``is_invited``: the practice asks for it, or has offered it. Of one that ``moves``, what stays as it is is
    at hand. Raises NotFound, ServiceEnded, InvalidInput.
    """
    where = wish.location if wish.mode == Mode.IN_PERSON else None
    found = _at_hand(moves, service_public_id, wish.therapist, where) if moves is not None else None
    if found is None:
        given = {"practice": practice, "service": service_public_id, "therapist": wish.therapist, "location": where}
        found = session.execute(_CHOSEN_OF[type(practice)], given).one_or_none()
    if found is None:
        raise NotFound
    asked = SlotRequest(wish, *found)
    if not is_booked:
        require_open(asked.service, service_public_id, is_invited=is_invited)
    if wish.mode not in asked.service.modes:
        raise InvalidInput({"mode": "This service is not given that way. Please choose another way to meet."})
    if wish.mode == Mode.IN_PERSON and not where:
        raise InvalidInput({"location": "Please choose where you would like to meet."})
    is_there = is_booked and (moves is None or moves.location_id == asked.location_id)
    if asked.location is not None and asked.location.ended_at is not None and not is_there:
        raise InvalidInput({"location": "This place is closed. Please choose another one."})
    if (wish.therapist and asked.therapist is None) or (where and asked.location is None):
        raise NotFound
    return asked


def _at_hand(
    moves: Appointment, service: str, therapist: str | None, location: str | None
) -> tuple[Practice, Service, Therapist | None, Location | None] | None:
    """The rows behind these public ids, if all of them are the appointment's own."""
    therapists = {each.public_id: each for each in moves.therapists}
    places = {each.public_id: each for each in (moves.location,) if each is not None}
    is_known = service == moves.service.public_id and {therapist} - {None} <= therapists.keys()
    if not is_known or not {location} - {None} <= places.keys():
        return None
    return moves.practice, moves.service, therapists.get(therapist or ""), places.get(location or "")


def require_length(service: Service, minutes: int | None, *, is_staff: bool) -> None:
    """Raises InvalidInput for a length that the service does not allow, or that somebody else than staff chose."""
    if minutes is not None and (not is_staff or minutes not in service.lengths):
        raise InvalidInput({"minutes": NOT_A_LENGTH})


def hand_over_rows(session: Session, appointment: Appointment, asked: SlotRequest[Wish]) -> None:
    """Whoever has booked or moved it shows these at once: they are here, so nobody has to load them again."""
    for name in ("practice", "service", "location"):
        set_committed_value(appointment, name, getattr(asked, name))
    if asked.therapist is not None and asked.therapist.id == appointment.therapist_id:
        set_committed_value(appointment, "therapist", asked.therapist)
    others = [each for each in ("therapist", "co_therapist", "room") if _is_another(appointment, each)]
    if others:
        session.expire(appointment, others)


def _is_another(appointment: Appointment, name: str) -> bool:
    known = instance_dict(appointment)
    return name in known and (known[name] and known[name].id) != known[f"{name}_id"]


def find_therapist_id(session: Session, practice_id: int, public_id: str | None) -> int | None:
    """The row id of a therapist of this practice; None for None. Raises NotFound."""
    if public_id is None:
        return None
    found = session.scalar(
        select(Therapist.id).where(Therapist.practice_id == practice_id, Therapist.public_id == public_id)
    )
    if found is None:
        raise NotFound
    return found

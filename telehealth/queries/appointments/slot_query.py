"""The question behind every time that is offered, booked, kept or explained."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, Self, TypedDict, Unpack

from telehealth.domain.appointments.matching import Fit
from telehealth.domain.words import Mode, Obstacle
from telehealth.models import Appointment, Location, Service

NOT_A_LENGTH = "The service does not allow this length. Please choose one of those it does."
ONE_SECOND = timedelta(seconds=1)


class HasId(Protocol):
    """Somebody who is meant."""

    @property
    def id(self) -> int:
        """The number of their row."""
        ...


class MoreAsked(TypedDict, total=False):
    """What a question may say besides; see ``SlotQuery``."""

    fit: Fit
    client_ids: tuple[int, ...]
    own_appointment_id: int | None
    leaves_own_time: bool
    own_hold_id: int | None
    waived: frozenset[Obstacle]
    minutes: int | None
    further_jurisdictions: tuple[str, ...]
    known_to: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class SlotQuery:
    """What somebody looks for. ``therapist_id`` None means whoever is free; instants are aware, [since, until), and
    without ``until`` it is about the one start ``since``.

    ``jurisdiction`` is the state the client will be in; None when it is not known yet or does not matter. Of several
    clients, ``further_jurisdictions`` are the states of the others: the therapist must be allowed in all of them.
    ``co_therapist_id`` names the second one of a service that needs two. ``fit`` says what would suit, when nobody is
    named. ``client_ids`` are clients who must have time themselves. An appointment that is to be moved
    (``own_appointment_id``) and a hold that is to be used (``own_hold_id``) are no obstacles to themselves; where its
    clients were asked to leave their time (``leaves_own_time``), no part of that is offered to them. ``waived`` are the
    obstacles that staff set aside knowingly. ``minutes`` is how long it lasts, where that is not the service's usual
    length. ``known_to`` are the therapists whom the clients have met: others have to
    take new clients; None when it does not matter.
    """

    practice_id: int
    service: Service
    mode: Mode
    since: datetime
    until: datetime | None = None
    therapist_id: int | None = None
    location_id: int | None = None
    jurisdiction: str | None = None
    co_therapist_id: int | None = None
    fit: Fit = field(default_factory=Fit)
    client_ids: tuple[int, ...] = ()
    own_appointment_id: int | None = None
    leaves_own_time: bool = False
    own_hold_id: int | None = None
    waived: frozenset[Obstacle] = frozenset()
    minutes: int | None = None
    further_jurisdictions: tuple[str, ...] = ()
    known_to: frozenset[int] | None = None

    @classmethod
    def about(  # noqa: PLR0913 -- a question is these answers
        cls,
        service: Service,
        mode: Mode,
        since: datetime,
        until: datetime | None = None,
        *,
        therapist: HasId | None = None,
        co_therapist: HasId | None = None,
        location: Location | None = None,
        jurisdiction: str | None = None,
        **more: Unpack[MoreAsked],
    ) -> Self:
        """The question that everybody asks, made of rows. The place counts in person, unless it is closed and nothing
        is booked there yet, and the client's state otherwise, whatever else was given; the second therapist only for a
        service that needs two.
        """
        in_person = mode == Mode.IN_PERSON
        is_open, is_own = location is not None and location.ended_at is None, more.get("own_appointment_id") is not None
        needs_two = service.therapists_needed > 1
        return cls(
            practice_id=service.practice_id,
            service=service,
            mode=mode,
            since=since,
            until=until,
            therapist_id=therapist.id if therapist is not None else None,
            co_therapist_id=co_therapist.id if needs_two and co_therapist is not None else None,
            location_id=location.id if in_person and location is not None and (is_own or is_open) else None,
            jurisdiction=None if in_person else jurisdiction,
            **more,
        )

    @classmethod
    def about_appointment(cls, appointment: Appointment, **more: Unpack[MoreAsked]) -> Self:
        """The same about the very time of an appointment, which does not stand in its own way, with whoever is free."""
        more["own_appointment_id"] = appointment.id
        return cls.about(
            appointment.service, appointment.mode, appointment.starts_at, location=appointment.location, **more
        )

    @property
    def end(self) -> datetime:
        """Where what is looked for ends."""
        return self.since + ONE_SECOND if self.until is None else self.until

    @property
    def states(self) -> tuple[str, ...]:
        """The states of the clients, as far as they are known and matter: in person only the place's own does."""
        if self.mode == Mode.IN_PERSON:
            return ()
        return tuple(dict.fromkeys(filter(None, (self.jurisdiction, *self.further_jurisdictions))))

    @property
    def is_closed(self) -> bool:
        """Whether the service has ended. What is booked already can still be moved."""
        return self.service.ended_at is not None and self.own_appointment_id is None

    def is_unmet(self, therapist_id: int) -> bool:
        """Whether it matters that this therapist has not met the clients."""
        return self.known_to is not None and therapist_id not in self.known_to

    @property
    def is_for_two(self) -> bool:
        """Whether two therapists give it together."""
        return self.service.therapists_needed > 1

    @property
    def named(self) -> list[int]:
        """The therapists who were asked for by name."""
        both = (self.therapist_id, self.co_therapist_id if self.is_for_two else None)
        return [each for each in both if each is not None]

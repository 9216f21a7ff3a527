"""What staff look for when they look for a time: which service, with whom, how, where. It stands in the address.

The names in the address: ``service``, ``who`` (a therapist's public id, "any" or "best"), ``co``, ``mode``, ``place``,
``state``, ``client``, ``minutes`` (where that is not the usual length), and for the best fit ``language``,
``approach`` and ``focus``; ``start`` is a start in UTC.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from telehealth.domain import walltime
from telehealth.domain.appointments.matching import Fit
from telehealth.domain.errors import InvalidInput
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Client, Location, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.practice.clients import find_client, find_own_therapist
from telehealth.queries.practice.practices import list_locations, list_services
from telehealth.web.booking import matches
from telehealth.web.booking.choices import STATES, find_named
from telehealth.web.desk.frame import Desk
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import read_start

ANYBODY, BEST = "any", "best"
STATE_CHOICES = [("", "Choose a state"), *STATES]
IN_GAP = "Clocks jump over this time on that date. Please choose another one."


@dataclass(frozen=True, slots=True)
class SlotSearch:
    """One question. ``own`` is the appointment that is to be moved, and so does not stand in its own way. ``length`` is
    a length that the service allows, in minutes; None is the usual one, or of what is moved its own.
    """

    practice: Practice
    therapists: Sequence[Therapist]
    places: Sequence[Location]
    service: Service | None = None
    therapist: Therapist | None = None
    is_best_fit: bool = False
    co_therapist: Therapist | None = None
    mode: Mode | None = None
    place: Location | None = None
    state: str | None = None
    client: Client | None = None
    own: Appointment | None = None
    length: int | None = None
    fit: Fit = field(default_factory=Fit)

    @property
    def missing(self) -> dict[str, str]:
        """What has to be answered before there can be times, by field."""
        problems = {}
        if self.service is None:
            problems["service"] = "Please choose a service."
        if self.mode is None:
            problems["mode"] = "Please choose how to meet."
        elif self.service is not None and self.mode not in self.service.modes:
            problems["mode"] = "This service is not given that way. Please choose another way to meet."
        if self.mode == Mode.IN_PERSON and self.place is None:
            problems["place"] = "Please choose where to meet."
        if self.mode not in (None, Mode.IN_PERSON) and self.state is None:
            problems["state"] = "Please choose the state the client will be in: it decides who may treat them."
        return problems

    @property
    def zone(self) -> ZoneInfo:
        """The zone that times are shown and typed in: the place's, or else the therapist's, or else the practice's."""
        if self.mode == Mode.IN_PERSON and self.place is not None:
            return walltime.zone(self.place.timezone)
        return walltime.zone((self.therapist or self.practice).timezone)

    @property
    def who(self) -> str:
        """With whom, as the address says it."""
        return self.therapist.public_id if self.therapist is not None else BEST if self.is_best_fit else ANYBODY

    @property
    def minutes(self) -> int:
        """How long the appointment is."""
        if self.service is None:
            return 0
        usual = self.service.keep_length(self.own.minutes) if self.own else self.service.duration_minutes
        return self.length or usual

    def with_therapist(self, therapist: Therapist) -> SlotSearch:
        """The same about one therapist."""
        return replace(self, therapist=therapist)

    def query(self, since: datetime, until: datetime | None = None) -> SlotQuery:
        """The question that the rules answer, about a span or one start (aware instants). Raises InvalidInput."""
        if self.missing or self.service is None or self.mode is None:
            raise InvalidInput(self.missing)
        return SlotQuery.about(
            self.service,
            self.mode,
            since,
            until,
            therapist=self.therapist,
            co_therapist=self.co_therapist,
            location=self.place,
            jurisdiction=self.state,
            fit=self.fit,
            client_ids=self._client_ids(),
            own_appointment_id=self.own.id if self.own is not None else None,
            minutes=self.minutes,
        )

    def _client_ids(self) -> tuple[int, ...]:
        if self.own is not None:
            return tuple(each.client_id for each in self.own.seats)
        return (self.client.id,) if self.client is not None else ()

    def address(self, **more: str) -> dict[str, Any]:
        """The answers as they stand in an address; what has no answer is left out."""
        given = {
            "service": self.service.public_id if self.service is not None else "",
            "who": self.who,
            "co": self.co_therapist.public_id if self.co_therapist is not None else "",
            "mode": self.mode.value if self.mode is not None else "",
            "place": self.place.public_id if self.place is not None else "",
            "state": self.state or "",
            "client": self.client.public_id if self.client is not None else "",
            "minutes": str(self.length) if self.length is not None else "",
            **self._wanted(),
        }
        return {name: value for name, value in {**given, **more}.items() if value}

    def _wanted(self) -> dict[str, str]:
        """What would suit the client, as digests: what somebody seeks help with has no place in an address."""
        words = {name: "".join(getattr(self.fit, column)) for name, column in matches.ASPECTS.items()}
        return {name: matches.make_key(word) for name, word in words.items() if word}


def read_search(desk: Desk, given: Mapping[str, str], *, own: Appointment | None = None) -> SlotSearch:
    """The question in an address. What names nothing of this practice counts as not answered.

    Whoever sees only their own desk asks about themselves. Raises NotFound for a client they do not know.
    """
    everybody = desk.team
    therapists = _choices(desk, everybody, own)
    places = list_locations(desk.practice.id)
    services = list_services(desk.practice.id)
    # Of one there is nothing to choose, unless the question is yet to be asked.
    only_place = places[0] if len(places) == 1 else None
    client = _client(desk, given.get("client"))
    service = own.service if own is not None else find_named(services, given.get("service"))
    therapist = find_named(therapists, given.get("who")) or (therapists[0] if len(therapists) == 1 else None)
    return SlotSearch(
        practice=desk.practice,
        therapists=therapists,
        places=places,
        service=service,
        therapist=therapist,
        is_best_fit=given.get("who") == BEST,
        co_therapist=find_named(everybody, given.get("co")),
        mode=Mode(given["mode"]) if given.get("mode") in set(Mode) else None,
        place=find_named(places, given.get("place")) or only_place,
        state=given["state"] if given.get("state") in JURISDICTIONS else None,
        client=client,
        own=own,
        length=_length(service, given.get("minutes", "")),
        fit=_fit(desk, therapists, given, client),
    )


def find_asked_start(given: Mapping[str, str]) -> datetime | None:
    """The start in an address (aware UTC); None for anything that is none."""
    return read_start(given.get("start", ""))


def read_typed_start(typed: FormReader, zone: ZoneInfo) -> datetime | None:
    """The instant of a date and a wall time that somebody typed; what is wrong with them is noted in ``typed``."""
    day, clock = typed.day("day"), typed.clock("time")
    if day is None or clock is None:
        return None
    local = datetime.combine(day, clock)
    if walltime.is_in_gap(local, zone):
        typed.problems["time"] = IN_GAP
        return None
    return walltime.resolve(local, zone)


def _length(service: Service | None, given: str) -> int | None:
    """The length in an address; None for what the service does not allow, for another one was asked about before."""
    allowed = service.lengths if service is not None else ()
    return next((each for each in allowed if str(each) == given), None)


def _choices(desk: Desk, everybody: Sequence[Therapist], own: Appointment | None) -> Sequence[Therapist]:
    if desk.only_therapist is None:
        return everybody
    ours = {desk.only_therapist, *(each.id for each in (own.therapists if own is not None else ()))}
    return [each for each in everybody if each.id in ours]


def _client(desk: Desk, public_id: str | None) -> Client | None:
    if not public_id or "\0" in public_id:
        return None
    return find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _fit(desk: Desk, therapists: Sequence[Therapist], given: Mapping[str, Any], client: Client | None) -> Fit:
    if given.get("who") != BEST:
        return Fit()
    known = find_own_therapist(desk.practice.id, client.id) if client is not None else None
    found = matches.make_fit(matches.read_matches(therapists, given))
    return replace(found, therapist_id=known.id if known is not None else None)

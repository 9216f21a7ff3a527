"""What a client has chosen so far. It lives in the address, so Back, Reload and sharing work.

Nothing personal is in it. An answer that does not exist (any more) counts as not given: the page asks again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Protocol, TypeVar
from urllib.parse import quote_plus
from zoneinfo import ZoneInfo

from flask import url_for

from telehealth.domain import walltime
from telehealth.domain.appointments.matching import Fit
from telehealth.domain.appointments.openness import NewClients, OpenTo
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.hours.opening import ONE_DAY
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Appointment, Hold, Location, Practice, Service, Therapist
from telehealth.queries.appointments.slot_query import SlotQuery
from telehealth.queries.practice.offers import AnyTherapist, Giver, Offer, find_offer
from telehealth.web.booking import matches

FOR_WHOM = {
    OpenTo.NEW_CLIENTS: "For new clients. We look at each request, and answer.",
    OpenTo.KNOWN_CLIENTS: "For clients we have met. We look at each request, and answer.",
}
"""What everybody reads of a service that is not for everybody."""
ANYONE, BEST = "any", "best"
STATES = sorted(JURISDICTIONS.items(), key=lambda item: item[1])
"""Codes and names, by name."""


class BookingQuestion(StrEnum):
    """What is asked, in this order; a question with only one possible answer is not asked."""

    SERVICE = "service"
    MODE = "mode"
    STATE = "state"
    LOCATION = "location"
    NOBODY = "nobody"  # No question: nobody may help there.
    THERAPIST = "therapist"
    MATCH = "match"
    TIME = "time"


class HasPublicId(Protocol):
    """A row that addresses may name."""

    @property
    def public_id(self) -> Any:
        """The name."""
        ...


Row = TypeVar("Row", bound=HasPublicId)


@dataclass(frozen=True, slots=True)
class Choices:
    """The answers, and the possible answers they were picked from: of all that the practice offers (``offer``), the
    services that are left, and the ways in which the chosen one can be had.

    ``giving`` are those who give the service, ``therapists`` those of them who may treat in the state.
    ``who`` is ANYONE or BEST when no therapist was named, and ``match`` what the best one should bring along.
    ``timezone`` is the zone in the address; None when nobody chose or detected one. ``path`` is the page that asks.
    ``co_therapist`` stays with the therapist where two give what is moved.
    ``has_met``: they say that they know the therapist, which matters where somebody takes no new clients; ``met`` are
    those of whom it is certain.
    What the visitor keeps already (``own_hold_id``), or moves (``own``), is no obstacle to them.
    """

    practice: Practice
    offer: Offer
    services: Sequence[Service]
    modes: Sequence[Mode]
    giving: Sequence[Giver]
    therapists: Sequence[Giver]
    service: Service | None
    mode: Mode | None
    state: str | None
    location: Location | None
    therapist: AnyTherapist | None
    who: str
    match: Mapping[str, str]
    timezone: ZoneInfo | None
    path: str
    own_hold_id: int | None = None
    co_therapist: Therapist | None = None
    own: Appointment | None = None
    has_met: bool = False
    met: frozenset[int] = frozenset()

    def question(self) -> BookingQuestion:
        """The first question without an answer; TIME when only the time is left."""
        if self.service is None:
            return BookingQuestion.SERVICE
        if self.mode is None:
            return BookingQuestion.MODE
        if self.mode == Mode.IN_PERSON:
            if self.location is None:
                return BookingQuestion.LOCATION
        elif self.state is None:
            return BookingQuestion.STATE
        if not self.therapists:
            return BookingQuestion.NOBODY
        return self._who_and_when()

    def _who_and_when(self) -> BookingQuestion:
        if self.therapist is None and not self.who:
            return BookingQuestion.THERAPIST
        return BookingQuestion.MATCH if self.open_aspects else BookingQuestion.TIME

    def is_for(self, service: str | None) -> bool:
        """Whether it is still the service (a public id) that a form was about: the only one left is none of choice."""
        return service is None or (self.service is not None and self.service_word == service)

    @property
    def locations(self) -> Sequence[Location]:
        """Where people can meet in person."""
        return self.offer.locations

    @property
    def wants_anyone(self) -> bool:
        """Whether no therapist was named on purpose."""
        return bool(self.who)

    @property
    def aspects(self) -> dict[str, list[str]]:
        """What the best match may bring along, as the therapists list it."""
        return matches.list_words(self.therapists)

    @property
    def open_aspects(self) -> set[str]:
        """The aspects of the best match that were not asked about yet."""
        return set(self.aspects) - set(self.match) if self.who == BEST else set()

    @property
    def known_service(self) -> Service:
        """The service. Raises NotFound while that is open."""
        if self.service is None:
            raise NotFound
        return self.service

    @property
    def service_word(self) -> str:
        """What names the service in addresses and wishes: its id, or the word of its link. Raises NotFound while there
        is none.
        """
        found = self.known_service
        return (found.asking_word if self.own is None else None) or found.public_id

    @property
    def known_mode(self) -> Mode:
        """How to meet. Raises NotFound while that is open."""
        if self.mode is None:
            raise NotFound
        return self.mode

    def query(self, since: datetime, until: datetime | None = None) -> SlotQuery:
        """The question that the rules answer, about a span or one start (aware instants). Raises NotFound."""
        return SlotQuery.about(
            self.known_service,
            self.known_mode,
            since,
            until,
            therapist=self.therapist,
            co_therapist=self.co_therapist,
            location=self.location,
            jurisdiction=self.state,
            fit=self.fit,
            client_ids=tuple(each.client_id for each in self.own.seats) if self.own is not None else (),
            own_hold_id=self.own_hold_id,
            own_appointment_id=self.own.id if self.own is not None else None,
            leaves_own_time=self.own is not None and self.own.is_asked_to_move,
            known_to=self.known_to,
            minutes=self.kept_minutes,
        )

    @property
    def kept_minutes(self) -> int | None:
        """How long what is moved lasts; None for what is new, which lasts as long as its service usually does."""
        return self.own.service.keep_length(self.own.minutes) if self.own is not None else None

    @property
    def known_to(self) -> frozenset[int]:
        """The therapists who know the visitor: as they say, or because they give what is moved. Seats in a group are
        booked at once, so nobody could look whether it is so.
        """
        if self.own is not None:
            return frozenset(each.id for each in self.own.therapists)
        if self.known_service.is_group:
            return frozenset()
        said = {self.therapist.id} if self.has_met and self.therapist is not None else set()
        return self.met | said

    @property
    def fit(self) -> Fit:
        """What the therapist should bring along, for the rules."""
        return matches.make_fit(self.match)

    @property
    def client_zone(self) -> ZoneInfo:
        """The client's own zone, as far as it is known: otherwise the venue's, or the practice's."""
        if self.timezone is not None:
            return self.timezone
        return walltime.zone(self.location.timezone if self.in_person and self.location else self.practice.timezone)

    @property
    def zone(self) -> ZoneInfo:
        """The zone to show times in: in person that of the venue, wherever the client is while booking."""
        return walltime.zone(self.location.timezone) if self.in_person and self.location else self.client_zone

    @property
    def in_person(self) -> bool:
        """Whether they meet in a room."""
        return self.mode == Mode.IN_PERSON

    @property
    def answers(self) -> dict[str, str]:
        """The answers as query parameters."""
        given = {
            "service": self.service and self.service_word,
            "mode": self.mode and self.mode.value,
            "state": self.state,
            "location": self.location and self.location.public_id,
            "therapist": self.who or (self.therapist and self.therapist.public_id),
            "met": self.has_met and "y",
            **matches.write_answers(self.match),
            "tz": self.timezone and self.timezone.key,
        }
        return {name: value for name, value in given.items() if value}

    def url(self, **changes: Any) -> str:
        """The address of the page with some answers changed; None takes an answer back."""
        query = {**self.answers, **changes}
        if "therapist" in changes:
            query = {name: value for name, value in query.items() if name not in {*matches.ASPECTS, "met"} - {*changes}}
        query = {name: str(value) for name, value in query.items() if value is not None}
        return f"{self.path}?{_write_query(query)}" if query else self.path

    def at(self, endpoint: str) -> str:
        """The address of another page about the same answers."""
        return f"{url_for(endpoint, slug=self.practice.slug)}?{_write_query(self.answers)}"

    def without(self, *names: str) -> dict[str, str]:
        """The answers that a form keeps while it asks for others."""
        return {name: value for name, value in self.answers.items() if name not in names}


def read_choices(
    practice: Practice,
    given: Mapping[str, str],
    *,
    now: datetime,
    own_hold: Hold | None = None,
    booked: Service | None = None,
) -> Choices:
    """The choices in an address. Never fails, whatever somebody may have typed into it. ``booked`` is the service of an
    appointment that stands: whoever has it need not ask for it.
    """
    offer = find_offer(practice.id, word=given.get("service"), closed_since=now.date() - ONE_DAY)
    wished = find_named(offer.therapists, given.get("therapist"))
    services = offer.list_given(wished) if wished is not None else offer.services
    service = booked or _only(services) or _find_asked(services, given.get("service"))
    modes = list_modes(service, has_places=bool(offer.locations))
    mode = _only(modes) or next((mode for mode in modes if mode == given.get("mode")), None)
    state = given.get("state") if given.get("state") in JURISDICTIONS and mode != Mode.IN_PERSON else None
    giving = offer.list_givers(service)
    places = offer.locations if mode == Mode.IN_PERSON else ()
    location = _only(places) or find_named(places, given.get("location"))
    where = location.jurisdiction if location is not None else state
    therapists = list_licensed(giving, where, now=now)
    asks_therapist = service is not None and mode is not None
    who = _who(given, therapists) if asks_therapist else ""
    therapist = (_only(therapists) or find_named(therapists, given.get("therapist"))) if asks_therapist else wished
    return Choices(
        practice=practice,
        offer=offer,
        services=services,
        modes=modes,
        giving=giving,
        therapists=therapists,
        service=service,
        mode=mode,
        state=state,
        location=location,
        therapist=therapist,
        who=who,
        match=matches.read_matches(therapists, given) if who == BEST else {},
        timezone=_zone(given.get("tz")),
        path=url_for("booking.show_booking", slug=practice.slug),
        own_hold_id=own_hold.id if own_hold is not None else None,
        has_met=therapist is not None and given.get("met") == "y",
    )


def _who(given: Mapping[str, str], therapists: Sequence[Giver]) -> str:
    """ANYONE or BEST where there is a choice, and somebody left it to us."""
    wish = given.get("therapist", "")
    if len(therapists) < 2 or wish not in {ANYONE, BEST}:  # noqa: PLR2004
        return ""
    return ANYONE if wish == BEST and not matches.list_words(therapists) else wish


def list_modes(service: Service | None, *, has_places: bool) -> list[Mode]:
    """The ways in which a service can be had, as far as there is a place for it."""
    return [mode for mode in Mode if service and mode in service.modes and (has_places or mode != Mode.IN_PERSON)]


def list_licensed(givers: Sequence[Giver], state: str | None, *, now: datetime) -> list[Giver]:
    """Who of them may treat in a state today; all of them while it is not known."""
    return [each for each in givers if state is None or state in each.states(now=now)]


def say_new_clients(giver: Giver, *, now: datetime) -> str:
    """ "Takes new clients from March 1, 2027."; empty for whoever takes them now."""
    day = giver.new_clients_from
    if giver.takes_newcomers(now=now):
        return ""
    if giver.new_clients == NewClients.LATER and day is not None:
        return f"Takes new clients from {day:%B} {day.day}, {day.year}."
    return "Takes no new clients at the moment."


def say_away(giver: Giver, *, now: datetime) -> str:
    """ "Away until March 3, 2027"; empty for whoever is there, or does not say it."""
    day = giver.away_until(now=now)
    return f"Away until {day:%B} {day.day}, {day.year}" if day is not None else ""


def list_states_of(givers: Sequence[Giver], *, now: datetime) -> list[str]:
    """The names of the states in which at least one of them may treat today, in alphabetical order."""
    covered = {state for each in givers for state in each.states(now=now)}
    return sorted(JURISDICTIONS[state] for state in covered & JURISDICTIONS.keys())


def _find_asked(services: Sequence[Service], word: str | None) -> Service | None:
    return next((each for each in services if each.asking_word == word), None)


def find_named(rows: Sequence[Row], public_id: str | None) -> Row | None:
    """The row that an address names, of those there are to choose from; None for anything else."""
    return next((row for row in rows if row.public_id == public_id), None)


Answer = TypeVar("Answer")


def _only(answers: Sequence[Answer]) -> Answer | None:
    return answers[0] if len(answers) == 1 else None


def _write_query(given: Mapping[str, str]) -> str:
    """As ``urlencode`` does: a page has many addresses, and all of them say much the same."""
    return "&".join([f"{name}={_quote(value)}" for name, value in given.items()])


_quote = lru_cache(maxsize=1024)(quote_plus)


def _zone(name: str | None) -> ZoneInfo | None:
    try:
        return walltime.zone(name or "")
    except InvalidInput:
        return None

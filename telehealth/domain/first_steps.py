"""What is left to do before people can book at a new practice: read off from what is there, and never ticked off."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from telehealth.domain.words import Mode


class FirstStep(StrEnum):
    """In the order in which a practice would do them; any other will do."""

    THERAPIST = "therapist"  # Somebody sees clients: the owner, or others.
    SERVICE = "service"
    PLACE = "place"  # Or everything is online.
    HOURS = "hours"
    LICENCES = "licences"
    MEETING = "meeting"  # How people meet by video.
    PAGE = "page"  # A few words about the practice.
    TRIAL = "trial"  # An appointment, for example with oneself.


@dataclass(frozen=True, slots=True)
class GivenService:
    """A service that somebody gives, and how people meet in it."""

    name: str
    modes: frozenset[Mode]


@dataclass(frozen=True, slots=True)
class GiverSetup:
    """How far a therapist is: ``hours`` are the ways to meet that the weekly hours allow, empty without hours."""

    name: str
    services: Sequence[GivenService]
    hours: frozenset[Mode]
    is_licensed: bool
    has_own_video: bool


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A service that nobody can book with a therapist: its ways to meet are none of the hours' ways."""

    therapist: str
    service: GivenService
    hours: frozenset[Mode]


@dataclass(frozen=True, slots=True)
class PracticeSetup:
    """How far a practice is. ``has_own_video``: the installation has a video server of its own."""

    givers: Sequence[GiverSetup]
    services: Sequence[GivenService]
    has_place: bool
    has_own_video: bool
    has_words: bool
    has_appointment: bool

    @property
    def mismatches(self) -> list[Mismatch]:
        """Of all therapists."""
        return [each for giver in self.givers for each in find_mismatches(giver)]

    @property
    def done(self) -> frozenset[FirstStep]:
        """The steps that are."""
        return frozenset(self._done())

    def _done(self) -> Iterator[FirstStep]:
        givers, modes = self.givers, frozenset[Mode]().union(*(each.modes for each in self.services))
        given = {service for each in givers for service in each.services}
        checks = {
            FirstStep.THERAPIST: bool(givers),
            FirstStep.SERVICE: bool(given if givers else self.services),
            FirstStep.PLACE: self.has_place or (bool(modes) and Mode.IN_PERSON not in modes),
            FirstStep.HOURS: bool(givers) and all(each.hours for each in givers) and not self.mismatches,
            FirstStep.LICENCES: bool(givers) and all(each.is_licensed for each in givers),
            FirstStep.MEETING: bool(modes) and (Mode.VIRTUAL not in modes or self._all_have_video(givers)),
            FirstStep.PAGE: self.has_words,
            FirstStep.TRIAL: self.has_appointment,
        }
        return (step for step, is_done in checks.items() if is_done)

    def _all_have_video(self, givers: Sequence[GiverSetup]) -> bool:
        return self.has_own_video or (bool(givers) and all(each.has_own_video for each in givers))


def find_mismatches(giver: GiverSetup) -> list[Mismatch]:
    """Services of a therapist that no hours of theirs allow; none while there are no hours at all."""
    if not giver.hours:
        return []
    return [Mismatch(giver.name, each, giver.hours) for each in giver.services if not each.modes & giver.hours]

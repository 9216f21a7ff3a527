"""Who fits best, when a client has no therapist in mind. Continuity comes first, then what the client asked for.

A language is a must: without one in common there is no conversation. Everything else only decides who comes first.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fit:
    """What matters to a client. The words are the practice's own, capitals do not matter, and empty means anything.

    ``therapist_id`` is the therapist who knows the client already. The client must speak one of ``languages`` with the
    therapist; one in common is enough.
    """

    modalities: tuple[str, ...] = ()
    specialties: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    therapist_id: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A therapist as the rules see them. ``load`` is how much they have to do, in any unit."""

    therapist_id: int
    load: int = 0
    modalities: Iterable[str] = ()
    specialties: Iterable[str] = ()
    languages: Iterable[str] = ()


def rank_therapists(fit: Fit, therapists: Iterable[Match]) -> list[int]:
    """The ids of those who can talk with the client, the best first.

    The client's own therapist; then whoever has more of the modalities asked for, more of the specialties, and less to
    do. Among equals the given order stays.
    """
    return [who.therapist_id for who in sorted(_able(fit, therapists), key=lambda who: _distance(fit, who))]


def _able(fit: Fit, therapists: Iterable[Match]) -> list[Match]:
    return [who for who in therapists if not fit.languages or _shared(fit.languages, who.languages)]


def _distance(fit: Fit, who: Match) -> tuple[bool, int, int, int]:
    return (
        who.therapist_id != fit.therapist_id,
        -_shared(fit.modalities, who.modalities),
        -_shared(fit.specialties, who.specialties),
        who.load,
    )


def _shared(wanted: Iterable[str], had: Iterable[str]) -> int:
    """How many words two lists have in common, whatever their capitals."""
    return len(_plain(wanted) & _plain(had)) if wanted else 0


def _plain(words: Iterable[str]) -> set[str]:
    return {word.strip().casefold() for word in words}

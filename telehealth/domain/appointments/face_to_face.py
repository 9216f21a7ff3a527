"""Face-to-face time: from when until when a client and a therapist met, which is what is billed and not how long the
appointment was meant to be.

It is counted from who was inside our own video room; staff say it where nothing was counted, or put it right.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import TimeSource

LONGEST = timedelta(hours=12)
"""Whatever is longer, or lies further from the appointment, is a slip of the keyboard."""
MINUTE = timedelta(minutes=1)
LONGEST_REASON = 500
BACKWARDS = "Please choose an end after the start."
TOO_LONG = "That is longer than 12 hours. Please check both times."
TOO_FAR = "That is far from the time of the appointment. Please check it."
NOT_YET = "That is still to come. Please say what was."
BOTH = "Please give both, the start and the end."
NO_REASON = "Please say in a few words why the counted time is not right. It is kept with the appointment."


@dataclass(frozen=True, slots=True, order=True)
class Stay:
    """Somebody was inside from one instant until another, half-open."""

    began_at: datetime
    ended_at: datetime


@dataclass(frozen=True, slots=True)
class FaceToFace:
    """When they met first and parted last, the stretches between in which they were together, and from where it is
    known.
    """

    stretches: tuple[Stay, ...]
    source: TimeSource

    @property
    def starts_at(self) -> datetime:
        """When they met first."""
        return self.stretches[0].began_at

    @property
    def ends_at(self) -> datetime:
        """When they parted last."""
        return self.stretches[-1].ended_at

    @property
    def minutes(self) -> int:
        """Whole minutes together, without the gaps: one that was only begun is none, because codes that are billed by
        time are reached or they are not.
        """
        together = sum((each.ended_at - each.began_at for each in self.stretches), timedelta())
        return together // MINUTE


def join_stays(stays: Iterable[Stay]) -> list[Stay]:
    """The same time in order, without overlaps: two devices, or two people, count once."""
    joined: list[Stay] = []
    for each in sorted(each for each in stays if each.began_at < each.ended_at):
        if joined and each.began_at <= joined[-1].ended_at:
            joined[-1] = Stay(joined[-1].began_at, max(joined[-1].ended_at, each.ended_at))
        else:
            joined.append(each)
    return joined


def count_together(theirs: Iterable[Stay], therapists: Iterable[Stay]) -> FaceToFace | None:
    """When somebody and a therapist were both inside; None when they never were."""
    stretches = tuple(_overlaps(join_stays(theirs), join_stays(therapists)))
    return FaceToFace(stretches, TimeSource.ROOM) if stretches else None


def said_together(starts_at: datetime | None, ends_at: datetime | None) -> FaceToFace | None:
    """What staff said, if they did."""
    if starts_at is None or ends_at is None:
        return None
    return FaceToFace((Stay(starts_at, ends_at),), TimeSource.STAFF)


def for_all(found: Iterable[FaceToFace | None]) -> FaceToFace | None:
    """When anybody of them met a therapist. It is as sure as its least sure part: said, when any of it was."""
    known = [each for each in found if each is not None]
    if not known:
        return None
    is_said = any(each.source == TimeSource.STAFF for each in known)
    stretches = tuple(join_stays(stay for each in known for stay in each.stretches))
    return FaceToFace(stretches, TimeSource.STAFF if is_said else TimeSource.ROOM) if stretches else None


def read_met(starts_at: datetime | None, ends_at: datetime | None) -> Stay | None:
    """What staff say, who say both or nothing. Raises InvalidInput for ``met_from`` or ``met_until``."""
    if starts_at is not None and ends_at is not None:
        return Stay(starts_at, ends_at)
    if starts_at is None and ends_at is None:
        return None
    raise InvalidInput({"met_from" if starts_at is None else "met_until": BOTH})


def require_plausible(met: Stay, *, starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    """What staff may say of an appointment from ``starts_at`` to ``ends_at``. Raises InvalidInput for ``met_from`` or
    ``met_until``.
    """
    if met.ended_at <= met.began_at:
        raise InvalidInput({"met_until": BACKWARDS})
    if met.ended_at - met.began_at > LONGEST:
        raise InvalidInput({"met_until": TOO_LONG})
    if met.ended_at > now:
        raise InvalidInput({"met_until": NOT_YET})
    if met.began_at < starts_at - LONGEST or met.ended_at > ends_at + LONGEST:
        raise InvalidInput({"met_from": TOO_FAR})


def _overlaps(ones: Sequence[Stay], others: Sequence[Stay]) -> Iterator[Stay]:
    """Where both are; each of them is in order and without overlaps."""
    first = second = 0
    while first < len(ones) and second < len(others):
        one, other = ones[first], others[second]
        began_at, ended_at = max(one.began_at, other.began_at), min(one.ended_at, other.ended_at)
        if began_at < ended_at:
            yield Stay(began_at, ended_at)
        if one.ended_at <= other.ended_at:
            first += 1
        else:
            second += 1

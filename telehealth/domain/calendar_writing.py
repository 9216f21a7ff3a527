"""What is written of an appointment into a calendar that its therapist keeps elsewhere, and what it means when it does
not stand there any more as it was written. Pure.

An event there is read by whoever shares the calendar, so it says no more than its therapist wants ("Busy", unless they
said otherwise) and never what kind of service it is. It is a single event, without guests, so that no server invites
anybody; and without an alarm.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final

from telehealth.domain.calendar_ports import WrittenEvent
from telehealth.domain.calendar_words import SeenChange
from telehealth.domain.feeds import FeedRow, FeedShape, say_appointment
from telehealth.domain.icalendar import EntryStatus

WRITTEN_AS: Final = 1
"""Raised when the same is to be written otherwise, so that what stands in calendars is written anew."""
FEW_MISSING: Final = 3
"""So many may be gone, and each is asked about; of more, when they are most of them, all is asked about at once."""
ALIKE: Final = timedelta(minutes=1)
"""Some calendars keep no seconds."""

Times = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class WrittenShape:
    """How appointments stand in one calendar: ``feed`` says how much of who comes, and whether the place; ``zone`` is
    the therapist's, and ``category`` what the calendar is to file them under.
    """

    feed: FeedShape
    zone: str
    category: str


@dataclass(frozen=True, slots=True)
class SaidEvent:
    """All that an appointment shows in a calendar elsewhere."""

    starts_at: datetime
    ends_at: datetime
    zone: str
    summary: str = field(repr=False)
    description: str = field(repr=False)
    location: str = field(repr=False)
    is_tentative: bool
    category: str
    changed_at: datetime
    sequence: int

    @property
    def digest(self) -> str:
        """Another one whenever it is to be written anew: when and how often it was changed here shows nowhere."""
        return sha256(repr((WRITTEN_AS, *astuple(self)[:-2])).encode()).hexdigest()

    def write(self, *, uid: str, key: str) -> WrittenEvent:
        """The same for the calendar, under its name there."""
        return WrittenEvent(
            uid=uid,
            key=key,
            sequence=self.sequence,
            starts_at=self.starts_at,
            ends_at=self.ends_at,
            zone=self.zone,
            changed_at=self.changed_at,
            summary=self.summary,
            description=self.description,
            location=self.location,
            is_tentative=self.is_tentative,
            category=self.category,
        )


def say_written(shape: WrittenShape, rows: Sequence[FeedRow], *, way_in: str) -> SaidEvent:
    """What an appointment says there. ``rows`` are those of a feed (``domain.feeds``), ``way_in`` the address where
    its therapist finds it after signing in, or nothing.
    """
    entry = say_appointment(shape.feed, rows)
    return SaidEvent(
        starts_at=entry.starts_at,
        ends_at=entry.ends_at,
        zone=shape.zone,
        summary=entry.summary,
        description=f"Open: {way_in}" if way_in else "",
        location=entry.location,
        is_tentative=entry.status == EntryStatus.TENTATIVE,
        category=shape.category,
        changed_at=entry.updated_at,
        sequence=entry.sequence,
    )


def judge_seen(seen: Times | None, ours: Collection[Times]) -> SeenChange | None:
    """What was done to an event of ours that stands at ``seen`` now, or nowhere (None); None when nothing was. ``ours``
    are the times that we may have given it ourselves: what it was last written as, and what may have been written since
    by attempts whose answer was lost.
    """
    if seen is None:
        return SeenChange.DELETED
    if any(are_alike(seen, each) for each in ours):
        return None
    is_start_ours = any(abs(seen[0] - start) < ALIKE for start, _ in ours)
    return SeenChange.RESIZED if is_start_ours else SeenChange.MOVED


def count_minutes(times: Times) -> int:
    """How long something lasts, in whole minutes, as far as calendars keep them."""
    return round((times[1] - times[0]) / ALIKE)


def find_length_there(seen: SeenChange, there: int, *, lengths: Collection[int], kept: int) -> int | None:
    """How many minutes an appointment lasts once it is where it stands in that calendar, where it is ``there`` minutes
    long: as many, if its service has that among its ``lengths``. Else it would keep its own length (``kept``), and only
    be at another time; where its time is the same, nothing would come of it (None).
    """
    if there in lengths:
        return there
    return kept if seen == SeenChange.MOVED else None


def are_alike(one: Times, other: Times) -> bool:
    """Whether two times are the same, as far as calendars keep them."""
    return abs(one[0] - other[0]) < ALIKE and abs(one[1] - other[1]) < ALIKE


def are_most_missing(missing: int, of: int) -> bool:
    """Whether so much is gone of what we wrote into a calendar that it says something about the calendar, and not about
    each appointment: it was emptied, restored from an older copy, or is shown to us no more.
    """
    return missing > FEW_MISSING and missing * 2 > of

"""What a calendar feed shows. The database says every event in texts; the bytes are made of these texts alone, and
their digest is the version. So nothing that is shown can change without another version, whatever it is and whoever
changed it, and any number of processes agree on it.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlalchemy import Select, literal, or_, select
from sqlalchemy.orm import aliased, joinedload

from telehealth.database import db
from telehealth.domain import links
from telehealth.domain.errors import LinkInvalid
from telehealth.domain.icalendar import FeedDetail, FeedSubject, feed_of
from telehealth.domain.languages import ENGLISH
from telehealth.domain.series.patterns import PROTECTED_DAYS
from telehealth.domain.words import AppointmentStatus, OccurrenceStatus
from telehealth.late import Library
from telehealth.models import (
    Appointment,
    Attendee,
    CalendarFeed,
    Client,
    Location,
    Occurrence,
    Series,
    SeriesMember,
    Therapist,
    TimeOff,
)
from telehealth.models.users import GIVES_CARE
from telehealth.queries.epoch_seconds import epoch_seconds
from telehealth.queries.json_rows import json_row
from telehealth.queries.loading import is_given_by

if TYPE_CHECKING:
    from telehealth.domain import feeds as writing
else:
    writing = Library("telehealth.domain.feeds")

WRITTEN_AS: Final = 1
"""Raised when the same texts are written otherwise, so that calendars hear of it."""
PAST: Final = timedelta(days=30)
FUTURE: Final = timedelta(days=PROTECTED_DAYS + 2)  # Their last date, whatever day it is there.
SHOW_CANCELLED: Final = timedelta(days=7)


@dataclass(frozen=True)
class FeedContent:
    """What one feed shows at one instant: of each event the kind, the uid and its texts, in order."""

    name: str
    shape: writing.FeedShape
    events: Sequence[tuple[writing.ShownKind, str, tuple[str, ...]]]

    @cached_property
    def version(self) -> str:
        """Another one whenever anything is shown otherwise."""
        around = repr((WRITTEN_AS, self.name, self.shape))
        events = ("\t".join((kind, uid, *texts)) for kind, uid, texts in self.events)
        return hashlib.sha256("\n".join([around, *events]).encode()).hexdigest()[:32]

    def write(self) -> bytes:
        """The calendar itself. Equal contents give equal bytes."""
        return feed_of((writing.write_shown(self.shape, *event) for event in self.events), name=self.name)


def find_feed_by_secret(secret: str) -> CalendarFeed:
    """The feed that a secret opens. Raises LinkInvalid, also when the therapist has left or may no longer sign in."""
    found = db.session.scalar(
        select(CalendarFeed)
        .join(CalendarFeed.therapist)
        .where(
            CalendarFeed.secret_digest == links.digest_of(secret),
            GIVES_CARE,
        )
        .options(joinedload(CalendarFeed.therapist).joinedload(Therapist.practice))
    )
    if found is None:
        raise LinkInvalid
    return found


def find_feed_of_therapist(therapist_id: int) -> CalendarFeed | None:
    """The therapist's feed, if there is one."""
    return db.session.scalar(select(CalendarFeed).where(CalendarFeed.therapist_id == therapist_id))


def read_feed(feed: CalendarFeed, *, base_url: str, now: datetime) -> FeedContent:
    """What a feed shows: what is booked or asked for, what was cancelled within a week (for calendars that look
    seldom), the dates that standing slots keep, and time off. From a month ago until those dates end.
    """
    practice = feed.therapist.practice
    shape = writing.FeedShape(
        subject=FeedSubject.THERAPIST,
        detail=feed.detail,
        shows_place=feed.detail == FeedDetail.FULL,
        sender_name=practice.sender_name,
        phone=practice.phone,
        base_url=base_url,
        stamped_at=feed.changed_at,
        language=ENGLISH,
    )
    return FeedContent(f"{practice.sender_name}: appointments", shape, _read_events(feed, now=now))


_Rows = Select[int, str, str]
"""When it starts, the uid, and the text of one client who comes."""
_Texts = dict[tuple[int, str, "writing.ShownKind"], tuple[str, ...]]


def _read_events(feed: CalendarFeed, *, now: datetime) -> list[tuple[writing.ShownKind, str, tuple[str, ...]]]:
    # The window moves once a day, so that a feed stays the same from poll to poll.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - PAST, today + FUTURE
    found: _Texts = defaultdict(tuple)
    _gather(found, writing.ShownKind.APPOINTMENT, _booked(feed, since, until, today - SHOW_CANCELLED))
    _gather(found, writing.ShownKind.KEPT, _kept(feed, since, until))
    _gather_time_off(found, feed, since, until)
    return [(kind, uid, texts) for (_, uid, kind), texts in sorted(found.items())]


def _gather(found: _Texts, kind: writing.ShownKind, statement: _Rows) -> None:
    for starts, uid, text in db.session.connection().execute(statement).all():
        found[starts, uid, kind] += (text,)


_colleague, _giver = aliased(Therapist), aliased(Therapist)
_COMES = or_(
    Attendee.status != AppointmentStatus.CANCELLED,
    # Of a cancelled appointment, those who would have come.
    Attendee.cancelled_at == Appointment.cancelled_at,
)
_BOOKED = (
    select(
        epoch_seconds(Appointment.starts_at),
        Appointment.uid,
        json_row(
            Appointment.starts_at,
            Appointment.ends_at,
            Appointment.changed_at,
            Appointment.sequence,
            Appointment.status,
            Appointment.public_id,
            _giver.name,
            _colleague.name,
            Location.name,
            Location.address,
            Attendee.id,
            Attendee.name,
            Client.code_name,
        ),
    )
    .join(_giver, _giver.id == Appointment.therapist_id)
    .outerjoin(_colleague, _colleague.id == Appointment.co_therapist_id)
    .outerjoin(Location, Location.id == Appointment.location_id)
    .outerjoin(Attendee, (Attendee.appointment_id == Appointment.id) & _COMES)
    .outerjoin(Client, Client.id == Attendee.client_id)
)
_KEPT = (
    select(
        epoch_seconds(Occurrence.starts_at),
        Occurrence.public_id,
        json_row(
            Occurrence.starts_at,
            Occurrence.duration_minutes,
            Series.changed_at,
            literal(0),
            literal(AppointmentStatus.BOOKED.value),
            Series.public_id,
            _giver.name,
            _colleague.name,
            Location.name,
            Location.address,
            SeriesMember.id,
            SeriesMember.name,
            Client.code_name,
        ),
    )
    .join(Series, Series.id == Occurrence.series_id)
    .join(_giver, _giver.id == Series.therapist_id)
    .outerjoin(_colleague, _colleague.id == Series.co_therapist_id)
    .outerjoin(Location, Location.id == Series.location_id)
    .outerjoin(
        SeriesMember,
        (SeriesMember.series_id == Series.id)
        & (SeriesMember.joined_on <= Occurrence.day)
        & (SeriesMember.left_on.is_(None) | (SeriesMember.left_on >= Occurrence.day)),
    )
    .outerjoin(Client, Client.id == SeriesMember.client_id)
    .where(Occurrence.status == OccurrenceStatus.PLANNED)
)


def _booked(feed: CalendarFeed, since: datetime, until: datetime, cancelled_since: datetime) -> _Rows:
    return _BOOKED.where(
        is_given_by(feed.therapist_id),
        Appointment.starts_at >= since,
        Appointment.starts_at < until,
        Appointment.cancelled_at.is_(None) | (Appointment.cancelled_at >= cancelled_since),
    ).order_by(Appointment.id, Attendee.id)


def _kept(feed: CalendarFeed, since: datetime, until: datetime) -> _Rows:
    return _KEPT.where(
        (Series.therapist_id == feed.therapist_id) | (Series.co_therapist_id == feed.therapist_id),
        Occurrence.starts_at >= since,
        Occurrence.starts_at < until,
    ).order_by(Occurrence.id, SeriesMember.id)


def _gather_time_off(found: _Texts, feed: CalendarFeed, since: datetime, until: datetime) -> None:
    wall_since, wall_until = (each.replace(tzinfo=None) for each in (since, until))
    for each in db.session.scalars(
        select(TimeOff)
        .where(TimeOff.therapist_id == feed.therapist_id)
        .where(TimeOff.ends_local > wall_since, TimeOff.starts_local < wall_until)
        .options(joinedload(TimeOff.therapist))
    ):
        starts = int(each.starts_at.timestamp())
        text = json.dumps([starts, int(each.ends_at.timestamp()), each.therapist.name])
        found[starts, each.public_id, writing.ShownKind.TIME_OFF] = (text,)

"""What a calendar feed shows. The database says all of it in texts; the bytes are made of these texts alone, and their
digest is the version. So nothing that is shown can change without another version, whatever it is and whoever changed
it, and any number of processes agree on it. Where the newest copy is known, nobody reads more than the digest.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import contains_eager, joinedload

from telehealth.database import EPOCH, MICROSECOND, db
from telehealth.domain import links
from telehealth.domain.errors import LinkInvalid, NotFound
from telehealth.domain.icalendar import SHOWS_TIME_OFF, FeedSubject, feed_of
from telehealth.domain.languages import ENGLISH, nearest_language
from telehealth.domain.series.patterns import PROTECTED_DAYS
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Attendee, CalendarFeed, Client, Location, Room, Therapist, User
from telehealth.models.feeds import Owner
from telehealth.models.users import GIVES_CARE
from telehealth.queries.appointments.own_standing import is_any_proof, tells_who
from telehealth.queries.loading import is_part_of
from telehealth.queries.practice.clients import find_client

if TYPE_CHECKING:
    from telehealth.domain import feeds as writing
    from telehealth.queries.calendars import feed_rows
else:
    writing, feed_rows = Library("telehealth.domain.feeds"), Library("telehealth.queries.calendars.feed_rows")

WRITTEN_AS: Final = 1
"""Raised when the same texts are written otherwise, so that calendars hear of it."""
PAST: Final = timedelta(days=30)
FUTURE: Final = timedelta(days=PROTECTED_DAYS + 2)  # Their last date, whatever day it is there.
SHOW_CANCELLED: Final = timedelta(days=7)
NOTED_EVERY: Final = timedelta(minutes=5)

OWNED_BY: Final = {
    FeedSubject.THERAPIST: CalendarFeed.therapist_id,
    FeedSubject.CLIENT: CalendarFeed.client_id,
    FeedSubject.ROOM: CalendarFeed.room_id,
    FeedSubject.PLACE: CalendarFeed.location_id,
}
"""The column that names whose days it shows; of the practice, none does."""
_MODELS: Final[dict[FeedSubject, type[Therapist | Room | Location]]] = {
    FeedSubject.THERAPIST: Therapist,
    FeedSubject.ROOM: Room,
    FeedSubject.PLACE: Location,
}
_WITH_OWNERS = [
    joinedload(CalendarFeed.therapist),
    joinedload(CalendarFeed.client),
    joinedload(CalendarFeed.room),
    joinedload(CalendarFeed.location),
    joinedload(CalendarFeed.made_by).selectinload(User.roles),
]


@dataclass(frozen=True)
class FeedContent:
    """What one feed shows at one instant: the rows of each kind of events as one text, in order."""

    name: str
    shape: writing.FeedShape
    texts: Mapping[writing.ShownKind, str]

    @cached_property
    def version(self) -> str:
        """Another one whenever anything is shown otherwise."""
        around = repr((WRITTEN_AS, self.name, self.shape))
        said = "\n".join([around, *(f"{kind}\t{text}" for kind, text in self.texts.items())])
        return hashlib.sha256(said.encode()).hexdigest()[:32]

    def write(self) -> bytes:
        """The calendar itself. Equal contents give equal bytes."""
        events = (writing.write_shown(self.shape, *event) for event in writing.list_shown(self.texts))
        return feed_of(events, name=self.name)


# Built once, and without whose days it shows: most feeds need to know no more of them than their id. Of whoever made it
# only what says whether they may run it still.
_BY_SECRET: Final = (
    select(CalendarFeed)
    .outerjoin(CalendarFeed.therapist)
    .where(CalendarFeed.secret_digest == bindparam("digest"), CalendarFeed.therapist_id.is_(None) | GIVES_CARE)
    .options(
        joinedload(CalendarFeed.practice),
        contains_eager(CalendarFeed.therapist).load_only(Therapist.user_id),
        joinedload(CalendarFeed.made_by).load_only(User.active).joinedload(User.roles),
    )
)


def find_feed_by_secret(secret: str) -> CalendarFeed:
    """The feed that a secret opens. Raises LinkInvalid, also when its therapist has left or may no longer sign in, its
    client was erased, or whoever made the address may not run it any more.
    """
    found = db.session.scalars(_BY_SECRET, {"digest": links.digest_of(secret)}).unique().one_or_none()
    if found is None or is_shut(found):
        raise LinkInvalid
    return found


def is_shut(feed: CalendarFeed) -> bool:
    """Whether an address opens nothing any more: whoever made it could not make it now. A client's is the client's, as
    long as they are not erased.
    """
    if feed.client is not None:
        return _client_behind(feed.client).erased_at is not None
    return feed.made_by is not None and not _may_run(feed.made_by, feed.therapist)


def is_noted(feed: CalendarFeed, content: FeedContent, user_agent: str, *, now: datetime) -> bool:
    """Whether it is known already that this program reads this version: notes are made every few minutes at most."""
    is_same = (feed.version, feed.read_by) == (content.version, writing.name_program(user_agent))
    return is_same and feed.read_at is not None and now - feed.read_at < NOTED_EVERY


def list_feeds(
    practice_id: int, subject: FeedSubject | None = None, owner_id: int | None = None
) -> Sequence[CalendarFeed]:
    """The addresses for somebody's days, or all of a practice; the oldest first."""
    statement = select(CalendarFeed).where(CalendarFeed.practice_id == practice_id)
    if subject is not None:
        statement = statement.where(*_owned(subject, owner_id))
    return db.session.scalars(statement.order_by(CalendarFeed.id).options(*_WITH_OWNERS)).all()


def _owned(subject: FeedSubject, owner_id: int | None) -> list[ColumnElement[bool]]:
    if subject == FeedSubject.CLIENT:
        return [CalendarFeed.client_id.in_(select(Client.id).where(is_part_of(owner_id)))]
    wanted = {column: owner_id if each == subject else None for each, column in OWNED_BY.items()}
    return [column.is_not_distinct_from(which) for column, which in wanted.items()]


def list_own_feeds(seat: Attendee) -> Sequence[CalendarFeed]:
    """The addresses that the client of a seat made for themselves, as far as its link may show them: all of theirs if
    it says who they are, else what was made by it. The oldest first; from before there was one only, there may be more.
    """
    theirs = CalendarFeed.client_id.in_(select(Client.id).where(is_part_of(seat.client_id)))
    own = CalendarFeed.practice_id == seat.practice_id, theirs, CalendarFeed.made_by_id.is_(None)
    found = db.session.scalars(select(CalendarFeed).where(*own).order_by(CalendarFeed.id)).all()
    is_told = bool(found) and tells_who(seat)
    return [each for each in found if each.attendee_id == seat.first_id or (is_told and shows_all(each))]


def shows_all(feed: CalendarFeed) -> bool:
    """Whether an address shows all that is somebody's: a client's own may be by the link of a seat that anybody could
    have booked in their name.
    """
    return feed.attendee_id is None or is_any_proof(feed.attendee_id)


def count_feeds(practice_id: int) -> Counter[tuple[FeedSubject, int | None]]:
    """How many addresses there are, by whose days they show: the id of their row, and none for the practice."""
    feeds = db.session.scalars(select(CalendarFeed).where(CalendarFeed.practice_id == practice_id)).all()
    return Counter((each.subject, each.room_id or each.location_id or each.client_id) for each in feeds)


def find_owner(practice_id: int, subject: FeedSubject, public_id: str) -> Owner | None:
    """Whose days are meant; None for the practice. Raises NotFound."""
    if subject == FeedSubject.PRACTICE:
        return None
    if subject == FeedSubject.CLIENT:
        return find_client(practice_id, public_id)
    model = _MODELS[subject]
    which = model.practice_id == practice_id, model.public_id == public_id
    found: Therapist | Room | Location | None = db.session.scalar(select(model).where(*which))  # type: ignore[assignment]
    if found is None:
        raise NotFound
    return found


def require_may_run(*, user_id: int, owner: Owner | None) -> None:
    """Let somebody run the addresses for these days, None for those of the practice. Raises NotFound: whoever may not
    run an address is not told of it.
    """
    user = db.session.get_one(User, user_id)
    if not _may_run(user, owner if isinstance(owner, Therapist) else None):
        raise NotFound


def _may_run(user: User, therapist: Therapist | None) -> bool:
    """Addresses of therapists are their own, and owners'; all others (None) are owners' and the front desk's."""
    if therapist is None:
        return user.active and user.has(Role.OWNER, Role.FRONT_DESK)
    is_own = therapist.user_id == user.id and user.has(Role.THERAPIST)
    return user.active and (is_own or user.has(Role.OWNER))


def find_feed(practice_id: int, public_id: str) -> CalendarFeed:
    """One address of a practice. Raises NotFound."""
    which = CalendarFeed.practice_id == practice_id, CalendarFeed.public_id == public_id
    found = db.session.scalar(select(CalendarFeed).where(*which).options(*_WITH_OWNERS))
    if found is None:
        raise NotFound
    return found


def read_feed(feed: CalendarFeed, *, base_url: str, now: datetime) -> FeedContent:
    """What a feed shows: what is booked or asked for, what was cancelled within a week (for calendars that look
    seldom), the dates that standing slots keep, and time off. From a month ago until those dates end.
    """
    practice, client = feed.practice, feed.client
    shape = writing.FeedShape(
        subject=feed.subject,
        detail=feed.detail,
        shows_place=feed.shows_place,
        sender_name=practice.sender_name,
        phone=practice.phone,
        base_url=base_url,
        stamped_at=feed.changed_at,
        language=ENGLISH if client is None else nearest_language(_client_behind(client).locale),
    )
    return FeedContent(_name_calendar(feed), shape, _read_texts(feed, now=now))


def _name_calendar(feed: CalendarFeed) -> str:
    sender, there = feed.practice.sender_name, feed.room or feed.location
    if feed.subject == FeedSubject.CLIENT:
        return sender
    return f"{sender}: {there.name if there is not None else 'appointments'}"


def _client_behind(client: Client) -> Client:
    """The record that one is part of by now."""
    return client if client.merged_into_id is None else db.session.get_one(Client, client.merged_into_id)


def _read_texts(feed: CalendarFeed, *, now: datetime) -> dict[writing.ShownKind, str]:
    # The window moves once a day, so that a feed stays the same from poll to poll.
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    since, until = today - PAST, today + FUTURE
    whose = {"practice": feed.practice_id, "owner": _owner_id(feed)}
    given = {**whose, "since": since, "until": until, "cancelled_since": today - SHOW_CANCELLED}
    is_whole = shows_all(feed)
    booked = feed_rows.all_booked(feed.subject) if is_whole else feed_rows.all_booked_from()
    seat = {} if is_whole else {"seat": feed.attendee_id}
    found = {writing.ShownKind.APPOINTMENT: _read_text(booked, {**given, **seat})}
    if feed.shows_standing and is_whole:
        found[writing.ShownKind.KEPT] = _read_text(feed_rows.all_kept(feed.subject), given)
    if feed.shows_time_off and feed.subject in SHOWS_TIME_OFF:
        walls = {"since": since.replace(tzinfo=None), "until": until.replace(tzinfo=None)}
        found[writing.ShownKind.TIME_OFF] = _read_time_off(feed, {**whose, **walls})
    return found


def _owner_id(feed: CalendarFeed) -> int | None:
    if feed.client is not None:
        return _client_behind(feed.client).id
    return feed.therapist_id or feed.room_id or feed.location_id


def _read_text(statement: feed_rows.Texts, given: Mapping[str, object]) -> str:
    return db.session.connection().execute(statement, given).scalar_one() or ""


def _read_time_off(feed: CalendarFeed, given: Mapping[str, object]) -> str:
    absences = db.session.scalars(feed_rows.time_off_of(feed.subject), given)
    rows = ([_count(each.starts_at), each.public_id, _count(each.ends_at), each.therapist.name] for each in absences)
    return ",".join(map(json.dumps, sorted(rows)))


def _count(instant: datetime) -> int:
    """Microseconds since 1970, as the database counts them."""
    return (instant - EPOCH) // MICROSECOND

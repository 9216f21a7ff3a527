"""Private calendar addresses: who makes them for whom, what they tell, and what is known of who reads them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain import links
from telehealth.domain.addresses import Addresses
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.domain.links import Linked
from telehealth.late import Library
from telehealth.models import Attendee, CalendarFeed, Client, Location, Practice, Room, Therapist
from telehealth.models.columns import new_uuid
from telehealth.queries.appointments.own_standing import require_recent, tells_who
from telehealth.queries.calendars.feeds import list_own_feeds
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_client, lock_linked_seat, lock_own

if TYPE_CHECKING:
    from telehealth.domain import feeds as writing
else:
    writing = Library("telehealth.domain.feeds")

LONGEST_NAME: Final = 60
MOST_FEEDS: Final = 10
"""For one therapist, client, room or place, and for the practice; not counting what clients make for themselves."""
OWN: Final = "Made by the client"
A_SECOND: Final = timedelta(seconds=1)
_OWNERS: Final[Mapping[FeedSubject, tuple[str, type[Therapist | Room | Location]]]] = {
    FeedSubject.THERAPIST: ("therapist_id", Therapist),
    FeedSubject.ROOM: ("room_id", Room),
    FeedSubject.PLACE: ("location_id", Location),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedWish:
    """What an address is called, for whoever keeps several, and what it tells. A client's own calendar tells them of
    their appointments in neutral words, whatever ``detail`` says.
    """

    name: str
    detail: FeedDetail = FeedDetail.BUSY
    shows_place: bool = False
    shows_time_off: bool = True
    shows_standing: bool = True


def add_feed(
    *,
    practice_id: int,
    subject: FeedSubject,
    owner_public_id: str = "",
    wish: FeedWish,
    by: ActedBy,
    now: datetime,
) -> tuple[CalendarFeed, str]:
    """Make an address, and its secret, which is seen this once. Raises NotFound, and InvalidInput for a name that is
    none or one address too many.
    """
    facts = _clean(wish)
    with transaction() as session:
        owner = _lock_owner(session, practice_id, subject, owner_public_id)
        return _add(session, practice_id, owner, facts, by, now=now)


@retry_on_conflict
def keep_own_feed(*, link: Linked, addresses: Addresses, by: ActedBy, now: datetime) -> CalendarFeed:
    """The address for the client's own calendar, in neutral words, by the link of a seat: the one there is, or a new
    one. Where the seat does not show who they are, whoever typed a name holds it: then it shows what was booked by this
    very link, until the practice says yes to them or they come. It ends with the links.

    Raises LinkInvalid, LinkEnded and LinkTooOld, and NotAllowed for the link of somebody who acts for them.
    """
    with transaction() as session:
        seat = _lock_client_of(session, link, now=now)
        found = list_own_feeds(seat)
        return found[0] if found else _add_own(session, seat, addresses, by, now=now)


@retry_on_conflict
def renew_own_feed(*, link: Linked, addresses: Addresses, by: ActedBy, now: datetime) -> CalendarFeed:
    """A new address in place of whatever there is, which stops working at once. Raises as ``keep_own_feed``, and
    NotFound where there is none.
    """
    with transaction() as session:
        first, *others = _list_to_change(session, link, now=now)
        _close(session, others, by, now=now)
        first.links_version += 1
        _give_secret(session, first, addresses.own_feed_secret(first), by, now=now)
        return first


@retry_on_conflict
def close_own_feed(*, link: Linked, by: ActedBy, now: datetime) -> None:
    """Close it for good. Raises as ``renew_own_feed``."""
    with transaction() as session:
        _close(session, _list_to_change(session, link, now=now), by, now=now)


def _lock_client_of(session: Session, link: Linked, *, now: datetime) -> Attendee:
    """The seat behind a link, with its client locked: of two presses of a button one makes an address."""
    seat = lock_linked_seat(session, link)
    require_recent(seat, now=now)
    lock_client(session, seat.practice_id, seat.client.public_id)
    return seat


def _list_to_change(session: Session, link: Linked, *, now: datetime) -> Sequence[CalendarFeed]:
    found = list_own_feeds(_lock_client_of(session, link, now=now))
    if not found:
        raise NotFound
    return [lock_own(session, CalendarFeed, each.practice_id, id=each.id) for each in found]


def _add_own(session: Session, seat: Attendee, addresses: Addresses, by: ActedBy, *, now: datetime) -> CalendarFeed:
    feed = CalendarFeed(
        public_id=new_uuid(),
        links_version=0,
        client_id=seat.client_id,
        attendee_id=None if tells_who(seat) else seat.first_id,
        **_clean(FeedWish(name=OWN)),
    )
    _write(session, seat.practice_id, feed, addresses.own_feed_secret(feed), by, now=now)
    return feed


def _add(
    session: Session, practice_id: int, owner: dict[str, int], facts: dict[str, object], by: ActedBy, *, now: datetime
) -> tuple[CalendarFeed, str]:
    made_by_staff = or_(CalendarFeed.client_id.is_(None), CalendarFeed.made_by_id.is_not(None))
    there = CalendarFeed.practice_id == practice_id, *_owned(owner), made_by_staff
    if (session.scalar(select(func.count()).where(*there)) or 0) >= MOST_FEEDS:
        raise InvalidInput({"name": f"There are {MOST_FEEDS} addresses already. Please close one first."})
    feed, secret = CalendarFeed(**owner, **facts), links.new_secret()
    _write(session, practice_id, feed, secret, by, now=now)
    return feed, secret


def _write(session: Session, practice_id: int, feed: CalendarFeed, secret: str, by: ActedBy, *, now: datetime) -> None:
    feed.practice_id, feed.secret_digest = practice_id, links.digest_of(secret)
    feed.made_by_id, feed.created_at, feed.changed_at = by.user_id, now, now
    session.add(feed)
    session.flush()
    record_setting(session, practice_id, _named(feed), AuditAction.ADDED, by, now=now, after=_told(feed))


def renew_feed(*, practice_id: int, feed_public_id: str, by: ActedBy, now: datetime) -> tuple[CalendarFeed, str]:
    """Make a new secret, which is seen this once; the older address stops working at once. Staff know to whom they give
    it, so it shows all that is a client's. Raises NotFound.
    """
    secret = links.new_secret()
    with transaction() as session:
        feed = lock_own(session, CalendarFeed, practice_id, public_id=feed_public_id)
        feed.attendee_id = None
        _give_secret(session, feed, secret, by, now=now)
    return feed, secret


def _give_secret(session: Session, feed: CalendarFeed, secret: str, by: ActedBy, *, now: datetime) -> None:
    feed.secret_digest, feed.made_by_id, feed.changed_at = links.digest_of(secret), by.user_id, now
    feed.read_at = feed.read_by = None
    record_setting(session, feed.practice_id, _named(feed), AuditAction.CHANGED, by, now=now, renewed=True)


def change_feed(*, practice_id: int, feed_public_id: str, wish: FeedWish, by: ActedBy, now: datetime) -> CalendarFeed:
    """Call it otherwise, or let it tell more or less. Raises NotFound, and InvalidInput for a name that is none."""
    facts = _clean(wish)
    with transaction() as session:
        feed = lock_own(session, CalendarFeed, practice_id, public_id=feed_public_id)
        before = _told(feed)
        for name, value in facts.items():
            setattr(feed, name, value)
        feed.changed_at = now
        record_change(session, practice_id, _named(feed), by, before=before, after=_told(feed), now=now)
    return feed


def close_feed(*, practice_id: int, feed_public_id: str, by: ActedBy, now: datetime) -> None:
    """Close an address for good. Raises NotFound."""
    with transaction() as session:
        _close(session, [lock_own(session, CalendarFeed, practice_id, public_id=feed_public_id)], by, now=now)


def _close(session: Session, feeds: Iterable[CalendarFeed], by: ActedBy, *, now: datetime) -> None:
    for feed in feeds:
        record_setting(session, feed.practice_id, _named(feed), AuditAction.REMOVED, by, now=now, before=_told(feed))
        session.delete(feed)


def note_reading(*, feed_id: int, version: str, user_agent: str, now: datetime) -> datetime | None:
    """Note that a program has asked, and which version it was shown; since when there is that one, to the second, and
    later than any before it. None for an address that was closed meanwhile.
    """
    with transaction() as session:
        feed = session.get(CalendarFeed, feed_id, with_for_update=True, populate_existing=True)
        if feed is None:
            return None
        feed.read_at, feed.read_by = now, writing.name_program(user_agent)
        if feed.version != version:
            earliest = feed.version_since + A_SECOND if feed.version_since is not None else now
            feed.version, feed.version_since = version, max(now, earliest).replace(microsecond=0)
        return feed.version_since


def _clean(wish: FeedWish) -> dict[str, object]:
    try:
        name = clean_line(wish.name, longest=LONGEST_NAME)
    except ValueError as problem:
        raise InvalidInput({"name": str(problem)}) from problem
    if not name:
        raise InvalidInput({"name": "Please give it a name, such as “My phone”."})
    return {**asdict(wish), "name": name}


def _lock_owner(session: Session, practice_id: int, subject: FeedSubject, public_id: str) -> dict[str, int]:
    """The column that names the owner, locked so that two addresses are not both the last one allowed."""
    if subject == FeedSubject.PRACTICE:
        session.get_one(Practice, practice_id, with_for_update={"key_share": True})
        return {}
    if subject == FeedSubject.CLIENT:
        return {"client_id": lock_client(session, practice_id, public_id).id}
    column, model = _OWNERS[subject]
    owner: Therapist | Room | Location = lock_own(session, model, practice_id, public_id=public_id)
    return {column: owner.id}


def _owned(owner: dict[str, int]) -> list[ColumnElement[bool]]:
    columns = ("therapist_id", "client_id", "room_id", "location_id")
    return [getattr(CalendarFeed, each).is_not_distinct_from(owner.get(each)) for each in columns]


def _named(feed: CalendarFeed) -> Setting:
    return Setting(AuditSubject.FEED, feed.public_id, feed.name if feed.client_id is None else "")


def _told(feed: CalendarFeed) -> dict[str, object]:
    shown = {name: getattr(feed, name) for name in ("detail", "shows_place", "shows_time_off", "shows_standing")}
    owner = feed.owner
    # What clients are called is on their record, which may be erased.
    whose = {} if owner is None or isinstance(owner, Client) else {"whose": owner.name}
    return {"subject": feed.subject, **whose, **shown}

"""Private calendar addresses: who makes them for whom, what they tell, and what is known of who reads them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain import links
from telehealth.domain.audit_words import AuditAction, AuditSubject
from telehealth.domain.contact import clean_line
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.domain.icalendar import FeedDetail, FeedSubject
from telehealth.domain.links import Linked
from telehealth.late import Library
from telehealth.models import CalendarFeed, Client, Location, Practice, Room, Therapist
from telehealth.queries.appointments.own_standing import may_have_own_feed
from telehealth.services.audit import ActedBy, Setting, record_change, record_setting
from telehealth.services.locking import lock_client, lock_linked_seat, lock_own

if TYPE_CHECKING:
    from telehealth.domain import feeds as writing
else:
    writing = Library("telehealth.domain.feeds")

LONGEST_NAME: Final = 60
MOST_FEEDS: Final = 10
"""For one therapist, client, room or place, and for the practice."""
OWN: Final = "Made by the client"
NOT_KNOWN: Final = (
    "We do not know yet that this appointment is yours, so we cannot show all of yours in a calendar. "
    "Please ask us for an address."
)
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
def add_own_feed(*, link: Linked, by: ActedBy, now: datetime) -> str:
    """Make an address for all appointments of the client who holds the link of a seat, in neutral words; its secret.

    It ends with their links. Raises LinkInvalid and LinkEnded; NotAllowed for the link of somebody who acts for them,
    and where the seat does not show who they are: whoever types a name gets a link at once. InvalidInput for one
    address too many.
    """
    with transaction() as session:
        seat = lock_linked_seat(session, link)
        if not may_have_own_feed(seat, now=now):
            raise NotAllowed(NOT_KNOWN)
        client = lock_client(session, seat.practice_id, seat.client.public_id)
        owner, facts = {"client_id": client.id}, _clean(FeedWish(name=OWN))
        _, secret = _add(session, seat.practice_id, owner, facts, by, now=now)
        return secret


def _add(
    session: Session, practice_id: int, owner: dict[str, int], facts: dict[str, object], by: ActedBy, *, now: datetime
) -> tuple[CalendarFeed, str]:
    count = session.scalar(select(func.count()).where(CalendarFeed.practice_id == practice_id, *_owned(owner)))
    if (count or 0) >= MOST_FEEDS:
        raise InvalidInput({"name": f"There are {MOST_FEEDS} addresses already. Please close one first."})
    secret = links.new_secret()
    feed = CalendarFeed(
        practice_id=practice_id,
        **owner,
        **facts,
        secret_digest=links.digest_of(secret),
        made_by_id=by.user_id,
        created_at=now,
        changed_at=now,
    )
    session.add(feed)
    session.flush()
    record_setting(session, practice_id, _named(feed), AuditAction.ADDED, by, now=now, after=_told(feed))
    return feed, secret


def renew_feed(*, practice_id: int, feed_public_id: str, by: ActedBy, now: datetime) -> tuple[CalendarFeed, str]:
    """Make a new secret, which is seen this once; the older address stops working at once. Raises NotFound."""
    secret = links.new_secret()
    with transaction() as session:
        feed = lock_own(session, CalendarFeed, practice_id, public_id=feed_public_id)
        feed.secret_digest, feed.made_by_id, feed.changed_at = links.digest_of(secret), by.user_id, now
        feed.read_at = feed.read_by = None
        record_setting(session, practice_id, _named(feed), AuditAction.CHANGED, by, now=now, renewed=True)
    return feed, secret


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
        feed = lock_own(session, CalendarFeed, practice_id, public_id=feed_public_id)
        record_setting(session, practice_id, _named(feed), AuditAction.REMOVED, by, now=now, before=_told(feed))
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

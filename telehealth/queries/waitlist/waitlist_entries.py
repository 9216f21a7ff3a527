"""Who waits, for what, and at which place in line."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial
from itertools import count
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import joinedload, selectinload

from telehealth.database import db
from telehealth.domain.errors import LinkInvalid, NotFound
from telehealth.domain.links import Linked
from telehealth.domain.words import Mode, OfferStatus, WaitlistStatus
from telehealth.models import Attendee, Companion, Hold, Location, Offer, WaitlistEntry
from telehealth.queries.link_versions import find_companion_offered, require_live_link

_GIVERS = (joinedload(Offer.therapist), joinedload(Offer.hold).joinedload(Hold.co_therapist))
_WITH_EVERYTHING = (
    joinedload(WaitlistEntry.practice),
    joinedload(WaitlistEntry.service),
    joinedload(WaitlistEntry.location),
    joinedload(WaitlistEntry.replaces).joinedload(Attendee.appointment),
    selectinload(WaitlistEntry.offers).options(*_GIVERS),
)


def find_entry_by_link(link: Linked) -> WaitlistEntry:
    """The place on the waitlist that a signed link names, with its offers. Raises LinkInvalid, LinkEnded."""
    found = _one(WaitlistEntry.public_id == link.public_id)
    if found is None:
        raise LinkInvalid
    require_live_link(link, found, found.practice)
    return found


def find_entry(practice_id: int, public_id: str) -> WaitlistEntry:
    """A place on the waitlist of this practice, with its offers. Raises NotFound."""
    found = _one(WaitlistEntry.practice_id == practice_id, WaitlistEntry.public_id == public_id)
    if found is None:
        raise NotFound
    return found


def find_offer_and_reader(link: Linked) -> tuple[Offer, Companion | None]:
    """The offer that a signed link names, whatever became of it, with the wish behind it; and who acts for the client
    with it, None for the client. Raises LinkInvalid, LinkEnded.
    """
    statement = select(Offer).where(Offer.public_id == link.public_id)
    with_wish = joinedload(Offer.entry).options(*_WITH_EVERYTHING)
    found = db.session.scalar(statement.options(*_GIVERS, with_wish))
    if found is None:
        raise LinkInvalid
    practice = found.entry.practice
    companion = find_companion_offered(db.session(), link, found, practice)
    if companion is None:
        require_live_link(link, found, practice)
    return found, companion


def has_open_offer(client_ids: Collection[int], *, now: datetime) -> bool:
    """Whether a time is kept for one of these clients, and not answered yet."""
    theirs = select(Offer.id).join(WaitlistEntry).where(WaitlistEntry.client_id.in_(client_ids))
    still_open = theirs.where(Offer.status == OfferStatus.OPEN, Offer.expires_at > now)
    return db.session.scalar(still_open.limit(1)) is not None


def count_waiting_only_at(location: Location) -> int:
    """How many wait to meet at a place and in no other way: while it is closed, nothing can be offered to them."""
    there = select(WaitlistEntry.modes).filter_by(
        practice_id=location.practice_id, location_id=location.id, status=WaitlistStatus.WAITING
    )
    return sum(modes == [Mode.IN_PERSON] for modes in db.session.scalars(there))


def list_waiting(practice_id: int, *, service_id: int | None = None) -> Sequence[WaitlistEntry]:
    """Everybody who waits, who has waited longest first; for one service when given."""
    statement = select(WaitlistEntry).where(*are_waiting(practice_id))
    if service_id is not None:
        statement = statement.where(WaitlistEntry.service_id == service_id)
    ordered = statement.order_by(WaitlistEntry.created_at, WaitlistEntry.id)
    return db.session.scalars(ordered.options(*_WITH_EVERYTHING)).unique().all()


def place_in_line(entry: WaitlistEntry) -> int:
    """The place in the queue for the service, 1 for who has waited longest."""
    earlier = WaitlistEntry.created_at < entry.created_at
    same_moment = (WaitlistEntry.created_at == entry.created_at) & (WaitlistEntry.id < entry.id)
    before = select(func.count()).where(
        *are_waiting(entry.practice_id), WaitlistEntry.service_id == entry.service_id, earlier | same_moment
    )
    return (db.session.scalar(before) or 0) + 1


def places_in_line(waiting: Iterable[WaitlistEntry]) -> dict[int, int]:
    """The same by id, of everybody who waits as ``list_waiting`` lists them."""
    lines: defaultdict[int, Iterator[int]] = defaultdict(partial(count, 1))
    return {entry.id: next(lines[entry.service_id]) for entry in waiting}


def _one(*where: Any) -> WaitlistEntry | None:
    statement = select(WaitlistEntry).where(*where).options(*_WITH_EVERYTHING)
    return db.session.scalars(statement).unique().one_or_none()


def are_waiting(practice_id: Any) -> tuple[Any, ...]:
    """What tells those of a practice who wait from the others; also for a bound parameter."""
    # Written out, not bound: SQLite looks into a partial index only when it sees the very words.
    is_waiting = WaitlistEntry.status == bindparam(None, WaitlistStatus.WAITING, literal_execute=True)
    return (WaitlistEntry.practice_id == practice_id, is_waiting)

"""Offering a freed time: the best match is asked first, one person a slot, with a hold that keeps it meanwhile.

The rows of freed times say when to look again: while somebody who would like the time sleeps, considers another offer,
or while a stranger's hold lies on it, it is not forgotten.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import islice

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from telehealth.database import retry_on_conflict, transaction
from telehealth.domain.errors import GroupFull, SlotNotOffered, SlotTaken
from telehealth.domain.message_words import MessageKind
from telehealth.domain.messages.plans import Recipient
from telehealth.domain.messages.quiet_hours import is_quiet, next_allowed
from telehealth.domain.waitlist.waiting import Wait, offer_ends
from telehealth.domain.words import Mode, OfferStatus, WaitlistStatus
from telehealth.models import Client, FreedTime, Occupancy, Offer, Service, WaitlistEntry
from telehealth.queries.practice.clients import lacks_guardian
from telehealth.queries.waitlist.freed_slots import Freed, ProposedStart, WaitlistSearch
from telehealth.services.appointments.holding import keep_slot_in
from telehealth.services.inserting import insert_unless_taken
from telehealth.services.messages.planning import plan_offer
from telehealth.services.messages.recipients import readers_of_wait

MOST_TRIES = 5
"""So many starts are tried for one person: somebody who is busy all morning must not hold up the rest."""


def offer_out(freed: Freed, *, now: datetime) -> int:
    """Offer one freed time to those who wait, slot by slot, and write down when to look at it again; how many offers
    it made.
    """
    search = WaitlistSearch(freed, now)
    made, again = 0, []
    for wait in search.ranked():
        if next(search.proposals(wait), None) is None:
            continue
        later = _asked_later(wait, now=now)
        if later is not None:
            again.append(later)
        else:
            made += _ask(search, wait, now=now)
    held_until = search.held_until() if search.waiting > made else None
    _settle(freed, [*again, *filter(None, [held_until])])
    return made


def _asked_later(wait: Wait, *, now: datetime) -> datetime | None:
    """When somebody can be asked who cannot be now; None for now. Nobody chooses between two offers, or is woken."""
    if wait.asked_until is not None and wait.asked_until > now.timestamp():
        return datetime.fromtimestamp(wait.asked_until, UTC)
    return next_allowed(now, wait.zone) if is_quiet(now, wait.zone) else None


def _ask(search: WaitlistSearch, wait: Wait, *, now: datetime) -> bool:
    """Offer one slot to one person: the first of theirs that can be had. Whatever is lost in a race is passed over."""
    for proposal in list(islice(search.proposals(wait), MOST_TRIES)):
        until = offer_ends(_instant(proposal.starts), minutes=search.offer_minutes, now=now)
        if until is None:
            continue
        try:
            made = _make_offer(search, wait, proposal, until=until, now=now)
        except (SlotTaken, SlotNotOffered, GroupFull):
            made = False
        search.forget()
        if made:
            return True
    return False


@retry_on_conflict
def _make_offer(search: WaitlistSearch, wait: Wait, proposal: ProposedStart, *, until: datetime, now: datetime) -> bool:
    """Hold, offer and messages in one transaction; False when the wait is over, or has another offer by now."""
    with transaction() as session:
        readers = _readers(session, wait.entry_id) if _still_waits(session, wait.entry_id) else []
        if not readers or _is_left_alone(session, wait, proposal):
            return False
        query = search.query(wait, proposal, session.get_one(Service, wait.service_id))
        hold = keep_slot_in(session, query, until=until, now=now)
        if _is_busy(session, wait, hold.starts_at, hold.ends_at):
            raise SlotTaken
        offer = {
            "practice_id": hold.practice_id,
            "entry_id": wait.entry_id,
            "hold_id": hold.id,
            "therapist_id": hold.therapist_id,
            "mode": hold.mode,
            "starts_at": hold.starts_at,
            "ends_at": hold.ends_at,
            "status": OfferStatus.OPEN,
            "expires_at": until,
            "created_at": now,
        }
        made = insert_unless_taken(session, Offer, offer)
        if made is None:
            raise SlotTaken
        plan_offer(session, session.get_one(Offer, made), readers, now=now)
        return True


def _still_waits(session: Session, entry_id: int) -> bool:
    """Locks the entry: nobody leaves while an offer is being made."""
    waits = select(WaitlistEntry.id).where(WaitlistEntry.id == entry_id, WaitlistEntry.status == WaitlistStatus.WAITING)
    return session.scalar(waits.with_for_update(of=WaitlistEntry)) is not None


def _readers(session: Session, entry_id: int) -> list[Recipient]:
    """Those who would hear of it. Nobody has a time kept for them of which nobody would: they, and who acts for them,
    said no to such messages on every channel.
    """
    entry = session.get_one(WaitlistEntry, entry_id)
    found = readers_of_wait(session, entry, entry.practice)
    return [each for each in found if each.reachable(MessageKind.OFFER)]


def _is_left_alone(session: Session, wait: Wait, proposal: ProposedStart) -> bool:
    entry = session.get_one(WaitlistEntry, wait.entry_id)
    return lacks_guardian_to_wait(entry, proposal.mode, on=_instant(proposal.starts).date())


def lacks_guardian_to_wait(entry: WaitlistEntry, mode: Mode, *, on: date) -> bool:
    """Whether somebody who waits is a minor for whom nobody acts, where the practice wants that: they are offered
    nothing, and staff see why with their wait.
    """
    in_person = mode == Mode.IN_PERSON and entry.location is not None
    state = entry.location.jurisdiction if in_person and entry.location is not None else entry.jurisdiction
    return lacks_guardian(entry.practice, [entry.client_id], state, on=on)


def _is_busy(session: Session, wait: Wait, starts_at: datetime, ends_at: datetime) -> bool:
    """Whether the client has another appointment then; the one that would be given up does not count.

    A hold takes nobody's time but the therapist's and the room's, so it would not notice.
    """
    theirs = select(Client.resource_id).where(Client.id == wait.client_id).scalar_subquery()
    taken = exists().where(
        Occupancy.resource_id == theirs,
        Occupancy.ends_at > starts_at,
        Occupancy.starts_at < ends_at,
        Occupancy.appointment_id.is_distinct_from(wait.appointment_id),
    )
    return bool(session.scalar(select(taken)))


def _settle(freed: Freed, again: list[datetime]) -> None:
    """Forget the time when nobody is left to ask; else look at it again as soon as somebody can be.

    Another worker may have settled it meanwhile, and an answer may have brought it forward: then it stays as it is.
    """
    this = (FreedTime.id == freed.id, FreedTime.look_at == freed.look_at)
    soonest = min(again, default=freed.ends_at)
    with transaction() as session:
        if soonest < freed.ends_at:
            session.execute(update(FreedTime).where(*this).values(look_at=soonest))
        else:
            session.execute(delete(FreedTime).where(*this))


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)

"""Two records of one client made into one, and that undone for a day.

The one that is given up stays as a row, and leads to the kept one: its links, its name and address when somebody books
with them, its place in the audit. Everything that names it (``models.client_keys``) changes hands, and which rows did
is kept: exactly those go back. What came after stays with the kept one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, or_, select, update
from sqlalchemy.orm import Session

from telehealth.database import RowValues, retry_on_conflict, transaction
from telehealth.domain import walltime
from telehealth.domain.audit_words import AuditAction
from telehealth.domain.client_facts import Booking
from telehealth.domain.client_merging import (
    FIELDS,
    UNDONE_WITHIN,
    Side,
    choose_sides,
    merge_values,
    say_obstacles,
)
from telehealth.domain.errors import CannotMerge
from telehealth.models import (
    Attendee,
    Client,
    ClientMerge,
    Consent,
    Occupancy,
    Occurrence,
    Practice,
    SeriesMember,
)
from telehealth.models.client_keys import CLIENT_KEYS, WhenMerged
from telehealth.queries.consent.opt_outs import latest_consents
from telehealth.queries.practice.doubles import is_other_newer, list_merge_obstacles, moving
from telehealth.services.audit import ActedBy, record_event, record_setting
from telehealth.services.consent.consents import record_consent
from telehealth.services.consent.contact_preferences import REACHED_AT
from telehealth.services.consent.link_ending import end_links_of_seats
from telehealth.services.locking import lock_own, read_client
from telehealth.services.messages.planning import replan_appointments
from telehealth.services.messages.repeating import tell_again
from telehealth.services.messages.replanning import belongs_to, lock_ahead
from telehealth.services.practice.client_files import index_client, named_client

ONE_ALREADY = "These are one client already."
MERGED_MEANWHILE = "This record was made part of another one since. Please undo that first."
TOO_OLD = "That was more than a day ago, so it cannot be undone any more."
UNDONE = "That was undone already."


@retry_on_conflict
def merge_clients(
    *,
    practice_id: int,
    kept_public_id: str,
    other_public_id: str,
    sides: Mapping[str, Side],
    by: ActedBy,
    now: datetime,
) -> ClientMerge:
    """Make the other record part of the kept one. ``sides`` say whose value is kept, by field; of those that are left
    out the usual one is (``choose_sides``). Nobody is told, unless messages go elsewhere from now on.

    Of what either has said about messages the stricter holds. Raises NotFound, NotAllowed, InvalidInput by field, and
    CannotMerge with all that is in the way.
    """
    by.require_staff()
    with transaction() as session:
        kept, other = _lock(session, practice_id, kept_public_id, other_public_id, now=now)
        _require_two(kept, other, practice=session.get_one(Practice, practice_id), now=now)
        chosen = choose_sides(kept, other, other_is_newer=is_other_newer(kept, other)) | dict(sides)
        after = {**merge_values(kept, other, chosen), **_facts_of_both(kept, other)}
        elsewhere = _are_elsewhere(session, [kept, other], after)
        before = {name: getattr(kept, name) for name in after}
        refusals = _read_refusals(kept, other)
        merge = ClientMerge(practice_id=practice_id, kept_id=kept.id, merged_id=other.id, at=now, refusals=[])
        merge.moved = _move(session, kept, other, now=now)
        merge.before, merge.after = _changed(before, after), _changed(after, before)
        other.user_id, other.merged_into_id = None, kept.id
        session.add(merge)
        session.flush()
        _keep_values(kept, after)
        merge.refusals = _refuse_again(session, kept, refusals, by, now=now)
        moved = {name: len(ids) for name, ids in merge.moved.items() if ids}
        record_setting(
            session, practice_id, named_client(kept), AuditAction.MERGED, by, now=now,
            other=other.name, other_record=other.public_id, moved=moved, **_told(merge),
        )  # fmt: skip
        _plan_anew(session, kept, elsewhere, by, now=now)
        return merge


@retry_on_conflict
def undo_merge(*, practice_id: int, merge_public_id: str, by: ActedBy, now: datetime) -> ClientMerge:
    """Let the two stand on their own again, within a day: exactly what changed hands goes back, and of the kept one the
    values that nobody has changed since. What came after stays with the kept one. Raises NotFound, NotAllowed,
    CannotMerge.
    """
    by.require_staff()
    with transaction() as session:
        merge = lock_own(session, ClientMerge, practice_id, public_id=merge_public_id)
        _require_undoable(merge, now=now)
        ids = (session.get_one(Client, each).public_id for each in (merge.kept_id, merge.merged_id))
        kept, other = _lock(session, practice_id, *ids, now=now, as_they_are=True)
        if other.merged_into_id != kept.id or kept.merged_into_id is not None:
            raise CannotMerge(MERGED_MEANWHILE)
        _give_back(session, merge, kept, other, now=now)
        values = {
            name: _from_json(name, merge.before[name])
            for name, left in merge.after.items()
            if _as_json(getattr(kept, name)) == left
        }
        other.merged_into_id = None
        elsewhere = _are_elsewhere(session, [kept], values)
        theirs = merge.after.get("user_id") if "user_id" in values else None
        _keep_values(kept, values)
        index_client(other)
        session.flush()
        other.user_id = theirs or other.user_id
        _take_back_refusals(session, merge, kept, by, now=now)
        merge.undone_at = now
        session.flush()
        record_setting(
            session,
            practice_id,
            named_client(kept),
            AuditAction.PARTED,
            by,
            now=now,
            other=other.name,
            other_record=other.public_id,
        )
        for each in (kept, other):
            _plan_anew(session, each, elsewhere, by, now=now)
        return merge


def _lock(
    session: Session, practice_id: int, *public_ids: str, now: datetime, as_they_are: bool = False
) -> tuple[Client, Client]:
    """The two records, held alone: whoever writes for one of them waits. Their appointments ahead come first, as
    everywhere. Records that lead on are followed unless they are wanted ``as_they_are``.
    """
    if as_they_are:
        named = Client.practice_id == practice_id, Client.public_id.in_(public_ids)
        by_name = {each.public_id: each.id for each in session.scalars(select(Client).where(*named))}
        ids = [by_name[each] for each in public_ids]
    else:
        ids = [read_client(session, practice_id, each).id for each in public_ids]
    lock_ahead(session, belongs_to(ids), now=now, practice_id=practice_id)
    held = select(Client).where(Client.id.in_(ids)).order_by(Client.id).with_for_update(of=Client)
    found = {each.id: each for each in session.scalars(held.execution_options(populate_existing=True))}
    kept, other = (found[each] for each in ids)
    return kept, other


def _require_two(kept: Client, other: Client, *, practice: Practice, now: datetime) -> None:
    if kept.id == other.id:
        raise CannotMerge(ONE_ALREADY)
    if kept.merged_into_id is not None or other.merged_into_id is not None:
        raise CannotMerge(MERGED_MEANWHILE)
    if found := list_merge_obstacles(kept, other, now=now):
        sentences = say_obstacles(found, walltime.zone(practice.timezone))
        raise CannotMerge(" ".join([*sentences, "Nothing was changed."]))


def _require_undoable(merge: ClientMerge, *, now: datetime) -> None:
    if merge.undone_at is not None:
        raise CannotMerge(UNDONE)
    if now >= merge.at + UNDONE_WITHIN or not merge.is_told:
        raise CannotMerge(TOO_OLD)


def _facts_of_both(kept: Client, other: Client) -> RowValues:
    """What nobody chooses: the login that one of them has, and since when the practice knows them."""
    known = [each.known_at for each in (kept, other) if each.known_at is not None]
    return {"user_id": kept.user_id or other.user_id, "known_at": min(known, default=None)}


def _are_elsewhere(session: Session, before: Iterable[Client], after: RowValues) -> list[int]:
    """The seats (ids) of those who may be reached elsewhere from now on, because another safe number or address holds:
    links that went to where it was must not open anything any more.
    """
    moved = [
        each.id for each in before if any(name in after and getattr(each, name) != after[name] for name in REACHED_AT)
    ]
    return list(session.scalars(select(Attendee.id).where(Attendee.client_id.in_(moved)))) if moved else []


def _move(session: Session, kept: Client, other: Client, *, now: datetime) -> dict[str, list[int]]:
    """Let all that names the other record name the kept one; which rows did, by table."""
    moved = {}
    for key in CLIENT_KEYS:
        if key.when_merged != WhenMerged.STAYS:
            theirs = moving(key, kept, other)
            moved[key.name] = _hand_over(session, key.model.__table__, key.column.key, kept.id, theirs)
    ahead = Occupancy.resource_id == other.resource_id, Occupancy.ends_at > now
    _hand_over(session, _TIME, "resource_id", kept.resource_id, ahead)
    session.expire_all()
    return moved


def _give_back(session: Session, merge: ClientMerge, kept: Client, other: Client, *, now: datetime) -> None:
    """The other way round. What their appointments and dates take is found by these: it may have been moved since."""
    moved = merge.moved
    seats = select(Attendee.appointment_id).where(Attendee.id.in_(moved[Attendee.__tablename__]))
    slots = select(SeriesMember.series_id).where(SeriesMember.id.in_(moved[SeriesMember.__tablename__]))
    dates = select(Occurrence.id).where(Occurrence.series_id.in_(slots))
    theirs = or_(Occupancy.appointment_id.in_(seats), Occupancy.occurrence_id.in_(dates))
    ahead = Occupancy.resource_id == kept.resource_id, Occupancy.ends_at > now, theirs
    _hand_over(session, _TIME, "resource_id", other.resource_id, ahead)
    for key in CLIENT_KEYS:
        if ids := moved.get(key.name):
            still = key.column == kept.id, key.model.id.in_(ids)
            _hand_over(session, key.model.__table__, key.column.key, other.id, still)
    session.expire_all()


def _hand_over(session: Session, table: Table, column: str, to: int, which: Sequence[ColumnElement[bool]]) -> list[int]:
    session.flush()
    changed = update(table).where(*which).values({column: to}).returning(table.c.id)
    return sorted(session.connection().scalars(changed))


def _read_refusals(kept: Client, other: Client) -> list[Consent]:
    """The noes that would be forgotten, because the other one has said a yes after it."""
    said = latest_consents([kept.id, other.id])
    refusals = []
    for (client_id, channel, purpose), each in said.items():
        later = said.get((kept.id if client_id == other.id else other.id, channel, purpose))
        if not each.is_given and later is not None and later.is_given and later.id > each.id:
            refusals.append(each)
    return refusals


def _refuse_again(
    session: Session, kept: Client, refusals: Iterable[Consent], by: ActedBy, *, now: datetime
) -> list[int]:
    """Write them down once more, in the words in which they were said: the latest holds."""
    for each in refusals:
        _say_again(session, kept, each, by, now=now)
    said = latest_consents([kept.id])
    return [said[kept.id, each.channel, each.purpose].id for each in refusals]


def _take_back_refusals(session: Session, merge: ClientMerge, kept: Client, by: ActedBy, *, now: datetime) -> None:
    """Where nobody has said anything since, what the kept one had said holds again."""
    now_said = latest_consents([kept.id])
    for each in session.scalars(select(Consent).where(Consent.id.in_(merge.refusals))).all():
        if now_said[kept.id, each.channel, each.purpose].id != each.id:
            continue
        theirs = select(Consent).where(
            Consent.client_id == kept.id,
            Consent.channel == each.channel,
            Consent.purpose == each.purpose,
            Consent.id.not_in(merge.refusals),
        )
        before = session.scalar(theirs.order_by(Consent.id.desc()).limit(1))
        if before is not None and before.is_given:
            _say_again(session, kept, before, by, now=now)


def _say_again(session: Session, client: Client, said: Consent, by: ActedBy, *, now: datetime) -> None:
    record_consent(
        session,
        practice_id=client.practice_id,
        client_id=client.id,
        channel=said.channel,
        purpose=said.purpose,
        is_given=said.is_given,
        source=said.source,
        wording=said.wording,
        address=said.address,
        now=now,
        user_id=by.user_id,
    )


def _keep_values(client: Client, values: RowValues) -> None:
    for name, value in values.items():
        setattr(client, name, value)
    index_client(client)


def _plan_anew(session: Session, client: Client, elsewhere: Iterable[int], by: ActedBy, *, now: datetime) -> None:
    """Plan what lies ahead of a client by what is on file now, and where messages go elsewhere, end the links that were
    sent and tell them again.
    """
    session.flush()
    ahead = lock_ahead(session, belongs_to([client.id]), now=now, practice_id=client.practice_id)
    told = set(elsewhere)
    seats = []
    for appointment in ahead:
        own = [each for each in appointment.attendees if each.client_id == client.id]
        record_event(session, appointment, AuditAction.CONTACT_CHANGED, by, now=now)
        moved = [each for each in own if each.id in told]
        end_links_of_seats(session, appointment, moved, by, now=now)
        seats += moved
    replan_appointments(session, ahead, now=now)
    tell_again(session, seats, now=now)


def _told(merge: ClientMerge) -> RowValues:
    """What somebody reads of it."""
    said = [{name: each[name] for name in FIELDS if name in each} for each in (merge.before, merge.after)]
    return dict(zip(("before", "after"), said, strict=True)) if said[0] else {}


def _changed(one: RowValues, other: RowValues) -> RowValues:
    return {name: _as_json(value) for name, value in one.items() if _as_json(value) != _as_json(other[name])}


def _as_json(value: Any) -> Any:  # What JSON can hold.
    return value.isoformat() if isinstance(value, date) else value


def _from_json(name: str, value: Any) -> Any:  # The same the other way round.
    if value is None:
        return None
    if name == "may_book":
        return Booking(value)
    if name == "born_on":
        return date.fromisoformat(value)
    return datetime.fromisoformat(value) if name == "known_at" else value


_TIME: Any = Occupancy.__table__

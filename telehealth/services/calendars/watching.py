"""Being told by a provider that something is new, instead of only asking again and again.

A channel is one calendar about which a provider posts to us. It is made once the calendar is read, renewed before it
ends, and stopped when the calendar is read no more. What arrives there says only that something is new: it makes the
connection due, and nothing of it is believed. Where a channel fails, asking goes on as it does everywhere.
"""

from __future__ import annotations

import hmac
import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.orm import Session, joinedload

from telehealth.database import db, transaction
from telehealth.domain.addresses import Addresses
from telehealth.domain.calendar_ports import (
    CalendarAccess,
    CalendarFailed,
    ChannelWish,
    RemoteChannel,
    SignedInCalendars,
)
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.links import digest_of
from telehealth.domain.sealing import KeyRing
from telehealth.domain.waits import wait_before_next
from telehealth.models import CalendarChannel, CalendarConnection, ConnectedCalendar
from telehealth.models.columns import new_uuid
from telehealth.services.calendars.sealed_access import try_to_open
from telehealth.services.leasing import claim_due, find_held, name_worker

log = logging.getLogger(__name__)

AT_ONCE: Final = 8
LEASE: Final = timedelta(minutes=5)
LONGEST: Final = {CalendarKind.GOOGLE: timedelta(days=7), CalendarKind.MICROSOFT: timedelta(minutes=4230)}
"""For how long a channel is asked. A provider may give less."""
BEFORE_IT_ENDS: Final = timedelta(hours=12)
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=10), timedelta(hours=12)
_TRIED: Final = (ConnectionState.WORKING, ConnectionState.FAILING)


@dataclass(frozen=True, slots=True)
class _Due:
    """One channel in the hands of a worker. ``access`` is None where it only has to be forgotten."""

    channel_id: int
    kind: CalendarKind
    remote_id: str
    access: CalendarAccess | None
    is_wanted: bool
    wish: ChannelWish = field(repr=False)
    before: RemoteChannel | None = field(repr=False)


def keep_channels(
    *, sign_ins: Mapping[CalendarKind, SignedInCalendars], ring: KeyRing, addresses: Addresses, now: datetime
) -> int:
    """Make, renew and stop the channels that are due, some at a time; how many were. None where no provider could reach
    us: at an address that is not https, or of this machine.
    """
    if not sign_ins or not addresses.can_be_reached:
        return 0
    worker = name_worker()
    with transaction() as session:
        _make_unwanted_due(session, now=now)
        _add_missing(session, list(sign_ins), now=now)
        due = _claim(session, list(sign_ins), ring, addresses, worker=worker, now=now)
    for each in due:
        _keep(sign_ins[each.kind], each, worker=worker, now=now)
    return len(due)


def stop_channels(
    *, connection_id: int, calendars: SignedInCalendars, access: CalendarAccess, now: datetime
) -> CalendarAccess:
    """Have a provider post nothing more about an account that has ended, with what opened it (``access``), as long as
    that still does; how to get in by now. Where that fails it goes on until its channels end by themselves.
    """
    theirs = select(CalendarChannel).join(CalendarChannel.calendar).order_by(CalendarChannel.id)
    found = db.session.scalars(theirs.where(ConnectedCalendar.connection_id == connection_id)).all()
    made = [remote for each in found if (remote := _remote(each)) is not None]
    db.session.rollback()  # Nothing is held while somebody else is asked.
    if not made:
        return access
    try:
        access = calendars.refresh(access, now=now)
        for each in made:
            calendars.unwatch(access, each)
    except CalendarFailed as failed:
        log.warning("channels could not be stopped", extra={"code": failed.failure.value})
    return access


def note_news(*, channel_public_id: str, token: str, now: datetime) -> bool:
    """Have a calendar read at once, because its provider said that something is new; whether that was our provider."""
    with transaction() as session:
        which = CalendarChannel.public_id == channel_public_id
        channel = session.scalar(select(CalendarChannel).where(which).options(joinedload(CalendarChannel.calendar)))
        if channel is None or not hmac.compare_digest(channel.token_digest or "", digest_of(token)):
            return False
        connection = session.get_one(CalendarConnection, channel.calendar.connection_id, with_for_update=True)
        if connection.state in _TRIED and connection.failing_since is None:
            connection.due_at = now
        return True


def _make_unwanted_due(session: Session, *, now: datetime) -> None:
    """Channels of what is read no more are stopped now, and not when they are due to be renewed."""
    read = select(ConnectedCalendar.id).join(ConnectedCalendar.connection)
    read = read.where(CalendarConnection.state.in_(_TRIED), ConnectedCalendar.blocks | ConnectedCalendar.is_written)
    unwanted = CalendarChannel.calendar_id.not_in(read) & (CalendarChannel.due_at > now)
    session.execute(update(CalendarChannel).where(unwanted).values(due_at=now))


def _add_missing(session: Session, kinds: Sequence[CalendarKind], *, now: datetime) -> None:
    """One for each calendar of Google's that is read. Microsoft tells of a whole mailbox: one for each connection."""
    channel = exists().where(CalendarChannel.calendar_id == ConnectedCalendar.id)
    rows = session.scalars(
        select(ConnectedCalendar)
        .join(ConnectedCalendar.connection)
        .where(
            CalendarConnection.kind.in_(kinds),
            CalendarConnection.state == ConnectionState.WORKING,
            ConnectedCalendar.blocks | ConnectedCalendar.is_written,
            ~channel,
        )
        .options(joinedload(ConnectedCalendar.connection))
        .order_by(ConnectedCalendar.id)
        .limit(AT_ONCE)
    ).all()
    of_mailboxes = select(ConnectedCalendar.connection_id).join(CalendarChannel.calendar)
    found = [each.connection_id for each in rows]
    told = set(session.scalars(of_mailboxes.where(ConnectedCalendar.connection_id.in_(found))))
    for each in rows:
        if each.connection.kind == CalendarKind.MICROSOFT and each.connection_id in told:
            continue
        told.add(each.connection_id)
        session.add(CalendarChannel(practice_id=each.practice_id, calendar_id=each.id, due_at=now))
    session.flush()


def _claim(
    session: Session,
    kinds: Sequence[CalendarKind],
    ring: KeyRing,
    addresses: Addresses,
    *,
    worker: str,
    now: datetime,
) -> list[_Due]:
    ids = claim_due(session, CalendarChannel, worker=worker, limit=AT_ONCE, now=now, lease=LEASE)
    loaded = joinedload(CalendarChannel.calendar).joinedload(ConnectedCalendar.connection)
    rows = session.scalars(select(CalendarChannel).where(CalendarChannel.id.in_(ids)).options(loaded)).all()
    return [_due(each, ring, addresses, now=now) for each in rows if each.calendar.connection.kind in kinds]


def _due(channel: CalendarChannel, ring: KeyRing, addresses: Addresses, *, now: datetime) -> _Due:
    calendar, connection, token = channel.calendar, channel.calendar.connection, secrets.token_urlsafe(32)
    access = try_to_open(ring, connection)
    wish = ChannelWish(
        name=new_uuid(),
        token=token,
        address=addresses.calendar_news(connection.kind),
        until=now + LONGEST[connection.kind],
    )
    is_wanted = (calendar.blocks or calendar.is_written) and connection.state in _TRIED
    return _Due(channel.id, connection.kind, calendar.remote_id, access, is_wanted, wish, _remote(channel))


def _remote(channel: CalendarChannel) -> RemoteChannel | None:
    """How its provider knows it, once it was made there."""
    if channel.remote_name is None or channel.ends_at is None:
        return None
    return RemoteChannel(channel.remote_name, channel.resource or "", channel.ends_at)


def _keep(calendars: SignedInCalendars, due: _Due, *, worker: str, now: datetime) -> None:
    """Speak with the provider, with no transaction open, and write down what came of it."""
    made: RemoteChannel | None = None
    failed: CalendarFailed | None = None
    if due.access is not None:
        try:
            access = calendars.refresh(due.access, now=now)
            if due.is_wanted:
                made = calendars.watch(access, due.remote_id, due.wish)
            if due.before is not None:
                calendars.unwatch(access, due.before)
        except Exception as error:  # noqa: BLE001 -- whatever a provider makes of it, the other channels are kept
            failed = error if isinstance(error, CalendarFailed) else CalendarFailed(CalendarFailure.BROKEN)
            about = {"kind": due.kind.value, "code": failed.failure.value, "problem": type(error).__name__}
            log.warning("a channel could not be kept", extra=about)  # Without a trace, which could hold a token.
    with transaction() as session:
        for channel in find_held(session, CalendarChannel, [due.channel_id], worker=worker):
            channel.worker = channel.leased_until = None
            _record(session, channel, due, made, failed, now=now)


def _record(
    session: Session,
    channel: CalendarChannel,
    due: _Due,
    made: RemoteChannel | None,
    failed: CalendarFailed | None,
    *,
    now: datetime,
) -> None:
    if not due.is_wanted:
        session.delete(channel)
    elif made is not None:
        channel.public_id, channel.token_digest = due.wish.name, digest_of(due.wish.token)
        channel.remote_name, channel.resource, channel.ends_at = made.name, made.resource, made.ends_at
        channel.due_at = max(made.ends_at - BEFORE_IT_ENDS, now + FIRST_WAIT)
        channel.failures = 0
    else:
        channel.failures += 1
        asked = failed.retry_after if failed is not None else None
        channel.due_at = now + wait_before_next(channel.failures, first=FIRST_WAIT, longest=LONGEST_WAIT, asked=asked)

"""Connecting calendars by signing in at their provider, and giving the access back when a connection ends.

Both go out into the world, with no transaction open. What a provider gave and we do not keep is given back.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from telehealth.database import db
from telehealth.domain.calendar_ports import (
    CalendarAccess,
    CalendarFailed,
    CalendarSignIn,
    FoundCalendar,
    SignedInCalendars,
    SignInTicket,
)
from telehealth.domain.calendar_refusals import CalendarsOff, refuse
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.errors import NotFound, TelehealthError
from telehealth.domain.sealing import KeyRing
from telehealth.models import CalendarConnection
from telehealth.queries.calendars.connections import find_connection, is_account_connected, list_connections
from telehealth.services.audit import SYSTEM, ActedBy
from telehealth.services.calendars.connecting import (
    MOST_BLOCKING,
    NewConnection,
    change_connection,
    connect_account,
)
from telehealth.services.calendars.ending import end_connection, list_emptied, list_of_those_who_left
from telehealth.services.calendars.sealed_access import try_to_open
from telehealth.services.calendars.watching import stop_channels

log = logging.getLogger(__name__)

NAMES: Final = {CalendarKind.GOOGLE: "Google Calendar", CalendarKind.MICROSOFT: "Outlook"}
"""What a connection is called at first; another name may be given to it afterwards."""


def make_ticket(return_to: str) -> SignInTicket:
    """A ticket that nobody can guess; a verifier of 43 letters, as RFC 7636 section 4.1 advises."""
    return SignInTicket(state=secrets.token_urlsafe(32), verifier=secrets.token_urlsafe(32), return_to=return_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """What somebody came back with from a provider, and who reads it. ``again`` is the connection (public id) that they
    were asked to sign in to anew, if they were.
    """

    kind: CalendarKind
    calendars: SignedInCalendars
    ticket: SignInTicket
    code: str = field(repr=False)
    again: str = ""


def connect_by_sign_in(
    *, practice_id: int, therapist_id: int, back: SignedIn, ring: KeyRing, by: ActedBy, now: datetime
) -> CalendarConnection:
    """Turn what somebody came back with into a connection, or into new access for the one that there is: the one they
    were asked about, or whichever is the same account's. At first those calendars take time that they own.

    Raises CalendarsOff, SignInFailed, CalendarNotRead, NotFound, ConnectionEnded, and InvalidInput (``account``).
    """
    if ring.is_empty:
        raise CalendarsOff
    try:
        access = back.calendars.finish(back.ticket, back.code, now=now)
    except CalendarFailed as failed:
        raise refuse(failed.failure, kind=back.kind) from failed
    if not access.username:  # Nobody could tell this account from others, nor what to give back.
        raise refuse(CalendarFailure.BROKEN, kind=back.kind)
    who: Any = {"practice_id": practice_id, "ring": ring, "by": by, "now": now}  # As both take it.
    try:
        found = _list_calendars(back, access)
        standing = _find_standing(practice_id, therapist_id, back, access.username)
        if standing is not None:
            which, name = standing.public_id, standing.name
            return change_connection(connection_public_id=which, name=name, access=access, **who)
        blocking = _block_at_first(found)
        new = NewConnection(kind=back.kind, name=NAMES[back.kind], access=access, found=found, blocking=blocking)
        return connect_account(therapist_id=therapist_id, new=new, **who)
    except TelehealthError:
        _give_back(back.calendars, back.kind, access)
        raise


def end_and_give_back(
    *,
    practice_id: int,
    connection_public_id: str,
    sign_ins: Mapping[CalendarKind, SignedInCalendars],
    ring: KeyRing,
    by: ActedBy,
    now: datetime,
    takes_out: bool = False,
) -> bool:
    """End a connection, and then tell its provider; one that still ``takes_out`` what we wrote there stays open until
    that is done. Whether anything came of it just now. Raises NotFound.
    """
    connection = find_connection(practice_id, connection_public_id)
    sign_in = sign_ins.get(connection.kind)
    access = try_to_open(ring, connection) if sign_in is not None else None
    connection_id, kind = connection.id, connection.kind
    is_done = end_connection(
        practice_id=practice_id, connection_public_id=connection_public_id, by=by, now=now, takes_out=takes_out
    )
    has_ended = find_connection(practice_id, connection_public_id).state == ConnectionState.ENDED
    if sign_in is not None and access is not None and has_ended:  # It is open until all is out.
        access = stop_channels(connection_id=connection_id, calendars=sign_in, access=access, now=now)
        _give_back(sign_in, kind, access)
    return is_done


def end_connections_of_those_who_left(
    *, sign_ins: Mapping[CalendarKind, SignedInCalendars], ring: KeyRing, now: datetime
) -> int:
    """End what is connected for therapists who are out of booking, and take out what we wrote there that is ahead; how
    many connections.
    """
    doors: Any = {"sign_ins": sign_ins, "ring": ring, "by": SYSTEM, "now": now}
    return sum(
        end_and_give_back(practice_id=practice_id, connection_public_id=public_id, takes_out=True, **doors)
        for practice_id, public_id in list_of_those_who_left()
    )


def end_emptied_connections(*, sign_ins: Mapping[CalendarKind, SignedInCalendars], ring: KeyRing, now: datetime) -> int:
    """End the connections out of which all was taken, or that had a day for it; how many."""
    doors: Any = {"sign_ins": sign_ins, "ring": ring, "by": SYSTEM, "now": now}
    return sum(
        end_and_give_back(practice_id=practice_id, connection_public_id=public_id, **doors)
        for practice_id, public_id in list_emptied(now=now)
    )


def _give_back(sign_in: CalendarSignIn, kind: CalendarKind, access: CalendarAccess) -> None:
    """Tell a provider that we want in no more. Whether it hears that or not, what we held is forgotten here.

    It would end all that the same account lets us do: what somebody else connected with it, and what the same person
    did at another practice. So nothing is said while one of these is open.
    """
    if is_account_connected(kind, access.username):
        return
    db.session.rollback()  # Nothing is held while somebody else is asked.
    try:
        sign_in.revoke(access)
    except CalendarFailed as failed:
        log.warning("access could not be given back", extra={"code": failed.failure.value})


def _list_calendars(back: SignedIn, access: CalendarAccess) -> Sequence[FoundCalendar]:
    """Raises CalendarNotRead."""
    try:
        return back.calendars.list_calendars(access)
    except CalendarFailed as failed:
        raise refuse(failed.failure, kind=back.kind) from failed


def _find_standing(practice_id: int, therapist_id: int, back: SignedIn, username: str) -> CalendarConnection | None:
    if back.again:
        asked = find_connection(practice_id, back.again)
        if (asked.kind, asked.therapist_id) != (back.kind, therapist_id):
            raise NotFound  # Its secret would be one of another provider's.
        return asked
    same = (
        each
        for each in list_connections(practice_id, therapist_id)
        if each.kind == back.kind
        and each.state != ConnectionState.LEAVING
        and each.username.casefold() == username.casefold()
    )
    return next(same, None)


def _block_at_first(found: Sequence[FoundCalendar]) -> list[str]:
    """Those of their own: holidays and colleagues' calendars take time only when somebody says so."""
    return [each.remote_id for each in found if each.can_write or each.is_main][:MOST_BLOCKING]

"""Calendars that therapists keep elsewhere: connecting them, how they stand, and what of them takes time here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from flask import current_app

from telehealth import clock
from telehealth.api.access import find_therapist_for_staff, staff
from telehealth.api.acting import by_staff
from telehealth.api.openapi import Blueprint, operation
from telehealth.api.parsing import Beside
from telehealth.api.practice.calendar_connection_shapes import (
    AccountSchema,
    AskedSchema,
    BlockingSchema,
    ConnectionInFullSchema,
    ConnectionsSchema,
    ConnectionWishSchema,
    NewConnectionSchema,
    TrialSchema,
)
from telehealth.api.practice.calendar_writing import EndingQuery
from telehealth.domain import access, calendar_refusals
from telehealth.domain.calendar_words import CalendarKind
from telehealth.domain.errors import InvalidInput, TelehealthError
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import CalendarConnection, Therapist

if TYPE_CHECKING:
    from telehealth.domain import calendar_accounts, sealing
    from telehealth.domain.calendar_ports import CalendarAccess, CalendarGateway
    from telehealth.queries.calendars import connections
    from telehealth.services.calendars import connecting, sealed_access, signing_in, trying
else:
    calendar_accounts = Library("telehealth.domain.calendar_accounts")
    sealing = Library("telehealth.domain.sealing")
    connections = Library("telehealth.queries.calendars.connections")
    connecting = Library("telehealth.services.calendars.connecting")
    sealed_access = Library("telehealth.services.calendars.sealed_access")
    signing_in = Library("telehealth.services.calendars.signing_in")
    trying = Library("telehealth.services.calendars.trying")

blueprint = Blueprint(
    "Connected calendars",
    "Calendars that therapists keep elsewhere. Only times are kept, never a title; what opens a calendar is taken in "
    "and never given out. Therapists connect their own, owners what can only be read; they and the front desk see how "
    "each stands, have it read, and end it.",
)
RUN = (Role.OWNER, Role.FRONT_DESK, Role.THERAPIST)
CONNECT = (Role.OWNER, Role.THERAPIST)
ALL = "/practices/<key:practice>/calendar-connections"
ONE = f"{ALL}/<key:connection>"
OF_THERAPIST = "/practices/<key:practice>/therapists/<key:therapist>/calendar-connections"
GO_OUT = ("post_trial", "post_connection", "put_connection", "post_calendars")
"""The views that go to a server of somebody's choice while it is waited for."""
ACCOUNT_EXAMPLE = {
    "kind": "caldav",
    "address": "https://caldav.fastmail.com",
    "username": "dana@fastmail.example",
    "password": "an-app-password",
}
NOT_OPEN: tuple[type[TelehealthError], ...] = (
    calendar_refusals.CalendarsOff,
    calendar_refusals.CalendarNotRead,
    *calendar_refusals.REFUSALS.values(),
)
"""Why a calendar is not connected."""
ENDED = calendar_refusals.ConnectionEnded


def _which(found: CalendarConnection) -> dict[str, Any]:
    """Which connection a service is about, who acts, and when."""
    whose = {"practice_id": found.practice_id, "connection_public_id": found.public_id}
    return {**whose, "by": by_staff(), "now": clock.now()}


@blueprint.get(ALL)
@access.staff(Role.OWNER, Role.FRONT_DESK)
@operation("listCalendarConnections")
@blueprint.response(200, ConnectionsSchema)
def get_connections() -> dict[str, Any]:
    """List the connected calendars of every therapist"""
    return _told_all(connections.list_connections_of_all(staff().practice_id))


@blueprint.get(OF_THERAPIST)
@access.staff(*RUN)
@operation("listCalendarConnectionsOfTherapist")
@blueprint.response(200, ConnectionsSchema)
def get_connections_of_therapist(therapist: str) -> dict[str, Any]:
    """List the connected calendars of a therapist"""
    found = find_therapist_for_staff(therapist)
    return _told_all(connections.list_connections(found.practice_id, found.id))


@blueprint.post(f"{OF_THERAPIST}/trial")
@access.staff(*CONNECT)
@operation("tryCalendarConnection", *NOT_OPEN)
@blueprint.arguments(AccountSchema, example=ACCOUNT_EXAMPLE)
@blueprint.response(200, TrialSchema)
def post_trial(body: dict[str, Any], therapist: str) -> dict[str, Any]:
    """Try a calendar, and keep nothing

    It answers which calendars are there and how much time they take. Why one does not open has a code of its own.
    """
    found = _find_therapist(therapist, body["kind"])
    return {"calendars": _try(body, found).calendars}


@blueprint.post(OF_THERAPIST)
@access.staff(*CONNECT)
@operation("connectCalendar", *NOT_OPEN)
@blueprint.arguments(NewConnectionSchema, example={**ACCOUNT_EXAMPLE, "name": "Fastmail"})
@blueprint.response(201, ConnectionInFullSchema)
def post_connection(body: dict[str, Any], therapist: str) -> Beside:
    """Connect a calendar

    It is tried first, kept if it opens, and read within the next minutes.
    """
    found = _find_therapist(therapist, body["kind"])
    name, blocking = body.pop("name"), body.pop("blocking")
    tried = _try(body, found)
    calendars = [each.found for each in tried.calendars]
    kept = connecting.connect_account(
        practice_id=found.practice_id,
        therapist_id=found.id,
        new=connecting.NewConnection(
            kind=body["kind"], name=name, access=tried.access, found=calendars, blocking=blocking
        ),
        ring=_ring(),
        by=by_staff(),
        now=clock.now(),
    )
    return _told_in_full(kept)


@blueprint.get(ONE)
@access.staff(*RUN)
@operation("getCalendarConnection")
@blueprint.response(200, ConnectionInFullSchema)
def get_connection(connection: str) -> Beside:
    """Read how a connection stands, and which calendars it has"""
    return _told_in_full(_find(connection))


@blueprint.put(ONE)
@access.staff(*CONNECT)
@operation("changeCalendarConnection", *NOT_OPEN, ENDED)
@blueprint.arguments(ConnectionWishSchema, example={"name": "My mail", "password": "a-new-app-password"})
@blueprint.response(200, ConnectionInFullSchema)
def put_connection(body: dict[str, Any], connection: str) -> Beside:
    """Give a connection another name, or a new password or address

    A new way in is tried first, and kept only if it opens. It is as good as new then.
    """
    found, name = _find(connection, changes=True), body.pop("name")
    access_given = _read_new_access(found, body, now=clock.now()) if any(body.values()) else None
    kept = connecting.change_connection(**_which(found), name=name, access=access_given, ring=_ring())
    return _told_in_full(kept)


@blueprint.put(f"{ONE}/blocking")
@access.staff(*CONNECT)
@operation("chooseBlockingCalendars", ENDED)
@blueprint.arguments(BlockingSchema, example={"calendars": []})
@blueprint.response(200, ConnectionInFullSchema)
def put_blocking(body: dict[str, Any], connection: str) -> Beside:
    """Choose which calendars take time here

    What is not named takes none: time that only those took is offered again.
    """
    found = _find(connection, changes=True)
    return _told_in_full(connecting.choose_calendars(**_which(found), blocking=body["calendars"]))


@blueprint.post(f"{ONE}/calendars")
@access.staff(*CONNECT)
@operation("lookForCalendars", *NOT_OPEN, ENDED, InvalidInput)
@blueprint.response(200, ConnectionInFullSchema)
def post_calendars(connection: str) -> Beside:
    """Look for calendars that the account has by now

    New ones take no time before they are chosen.
    """
    found = _find(connection, changes=True)
    kept = _open(found)
    opened, listed = trying.look_for_calendars(_gateway(found.kind), kept, kind=found.kind, now=clock.now())
    looked = connecting.LookedThrough(opened_with=kept, access=opened, found=listed)
    return _told_in_full(connecting.note_calendars(**_which(found), looked=looked, ring=_ring()))


@blueprint.post(f"{ONE}/reading")
@access.staff(*RUN)
@operation("readCalendarNow", ENDED)
@blueprint.response(200, AskedSchema)
def post_reading(connection: str) -> dict[str, bool]:
    """Have a connection read now

    It is read in the background; `read` says when that was done.
    """
    found = _find(connection)
    asked = connecting.ask_reading(practice_id=found.practice_id, connection_public_id=connection, now=clock.now())
    return {"is_asked": asked}


@blueprint.delete(ONE)
@access.staff(*RUN)
@operation("endCalendarConnection")
@blueprint.arguments(EndingQuery, location="query")
@blueprint.response(204)
def delete_connection(query: dict[str, Any], connection: str) -> None:
    """End a connection: what opens it and what was read is forgotten"""
    given = {"sign_ins": current_app.extensions["gateways"].sign_ins, "ring": _ring(), "takes_out": query["take_out"]}
    signing_in.end_and_give_back(**_which(_find(connection)), **given)


def _find(public_id: str, *, changes: bool = False) -> CalendarConnection:
    """One that this member of staff may see, or change. Raises NotFound, NotAllowed."""
    found = connections.find_connection(staff().practice_id, public_id)
    connections.require_may_see(user_id=staff().user_id, therapist=found.therapist)
    if changes:
        connections.require_may_connect(user_id=staff().user_id, therapist=found.therapist, kind=found.kind)
    return found


def _find_therapist(public_id: str, kind: CalendarKind) -> Therapist:
    """For whom this member of staff may connect one of this kind. Raises NotFound, NotAllowed."""
    found = find_therapist_for_staff(public_id)
    connections.require_may_connect(user_id=staff().user_id, therapist=found, kind=kind)
    return found


def _try(body: dict[str, Any], therapist: Therapist) -> trying.TriedAccess:
    """Raises CalendarsOff, InvalidInput, CalendarNotRead."""
    if _ring().is_empty:
        raise calendar_refusals.CalendarsOff
    typed = calendar_accounts.read_account(calendar_accounts.TypedAccount(**body))
    return trying.try_access(_gateway(body["kind"]), typed, kind=body["kind"], zone=therapist.timezone, now=clock.now())


def _read_new_access(found: CalendarConnection, body: dict[str, Any], *, now: datetime) -> CalendarAccess:
    """Raises InvalidInput, CalendarNotRead."""
    account = calendar_accounts.TypedAccount(kind=found.kind, address=found.address, username=found.username, **body)
    opened = calendar_accounts.read_account(account)
    opened = replace(opened, address=found.address) if found.kind != CalendarKind.ICS else opened
    return trying.try_access(
        _gateway(found.kind), opened, kind=found.kind, zone=found.therapist.timezone, now=now
    ).access


def _open(found: CalendarConnection) -> CalendarAccess:
    """Raises CalendarRefused for a secret whose key is gone: it has to be given anew."""
    try:
        return sealed_access.open_access(_ring(), found)
    except sealing.SealBroken:
        raise calendar_refusals.CalendarRefused from None


def _ring() -> sealing.KeyRing:
    return cast("sealing.KeyRing", current_app.extensions["key_ring"])


def _gateway(kind: CalendarKind) -> CalendarGateway:
    """Raises InvalidInput for a kind that cannot be spoken with here."""
    if kind not in current_app.extensions["gateways"].calendars:
        raise InvalidInput({"kind": "This kind of calendar cannot be connected here."})
    return cast("CalendarGateway", current_app.extensions["gateways"].calendars[kind])


def _told_all(found: Sequence[CalendarConnection]) -> dict[str, Any]:
    unread = connections.sum_unread_events([each.id for each in found])
    return {"connections": [_told(each, unread.get(each.id, 0)) for each in found]}


def _told(found: CalendarConnection, unread: int) -> Beside:
    problem = calendar_refusals.refuse(found.failure).code if found.failure is not None else None
    return Beside(found, problem=problem, unread_events=unread)


def _told_in_full(found: CalendarConnection) -> Beside:
    hidden = {} if staff().therapist_id == found.therapist_id else {"name": ""}
    unread = connections.count_unread_events(found.id)
    told = [Beside(each, **hidden, unread_events=unread.get(each.id, 0)) for each in found.calendars]
    return Beside(_told(found, sum(unread.values())), calendars=told)

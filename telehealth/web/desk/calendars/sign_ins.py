"""Connecting a calendar by signing in at its provider: sending somebody there, and what they come back with."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any, Final

from flask import current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.calendar_words import TRIES, CalendarKind, SignInFailure
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.ports import Gateways
from telehealth.late import Library
from telehealth.models import Therapist
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk.frame import HAS_A_CALENDAR, blueprint, current, require_id, with_therapist
from telehealth.web.headers import limiter
from telehealth.web.link_pages import find_addresses

if TYPE_CHECKING:
    from telehealth.domain import calendar_ports, calendar_refusals
    from telehealth.queries.calendars import connections
    from telehealth.queries.practice import practices
    from telehealth.services.calendars import signing_in
else:
    calendar_ports = Library("telehealth.domain.calendar_ports")
    calendar_refusals = Library("telehealth.domain.calendar_refusals")
    connections = Library("telehealth.queries.calendars.connections")
    practices = Library("telehealth.queries.practice.practices")
    signing_in = Library("telehealth.services.calendars.signing_in")

KEPT_AS: Final = "calendar_sign_in"
LASTS: Final = 900
"""Seconds that somebody may take at their provider."""
SAID: Final = {
    SignInFailure.DENIED: (
        "Nothing was connected: access was not given. If you did allow it, an administrator of your organisation may "
        "have to agree first."
    ),
    SignInFailure.INCOMPLETE: (
        "Nothing was connected: a box was left unticked. Please sign in again and leave all of them ticked. We see "
        "when you are busy, never what with."
    ),
    SignInFailure.STALE: "That sign-in was used before, or took too long. Please begin again.",
    SignInFailure.WRONG_ACCOUNT: "That sign-in was begun by somebody else. Please begin again.",
}


@blueprint.get("/calendars/sign-in/<kind>")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
@limiter.limit(TRIES, key_func=lambda: f"calendars {viewer.id}")
def calendars_sign_in(therapist: Therapist, kind: str) -> ResponseReturnValue:
    """Send somebody to their provider. ``again`` is a connection that is to be signed in anew. Raises NotFound,
    NotAllowed.
    """
    wanted = _find_kind(kind)
    again, username = request.args.get("again", ""), ""
    if again:
        require_id(again)
        found = connections.find_connection(current().practice.id, again)
        if found.kind != wanted:
            raise NotFound
        therapist, username = found.therapist, found.username
    connections.require_may_connect(user_id=viewer.id, therapist=therapist, kind=wanted)
    ticket = signing_in.make_ticket(find_addresses().calendar_sign_in(wanted))
    session[KEPT_AS] = {
        "state": ticket.state,
        "verifier": ticket.verifier,
        "kind": wanted,
        "therapist": therapist.public_id,
        "again": again,
        "user": viewer.id,
        "until": clock.now().timestamp() + LASTS,
    }
    return redirect(_gateways().sign_ins[wanted].find_address(ticket, username=username))


@blueprint.get("/calendars/sign-in/<kind>/back")
@access.staff(*HAS_A_CALENDAR)
@limiter.limit(TRIES, key_func=lambda: f"calendars {viewer.id}")
def calendars_signed_in(kind: str) -> ResponseReturnValue:
    """Connect what somebody came back with. What began is over with it, whatever comes of it. Raises NotFound."""
    wanted, began = _find_kind(kind), session.pop(KEPT_AS, None)
    if failure := _find_failure(wanted, began):
        return _refuse(SAID[failure])
    therapist = practices.find_therapist(current().practice.id, began["therapist"])
    connections.require_may_connect(user_id=viewer.id, therapist=therapist, kind=wanted)
    try:
        public_id = _connect(therapist, wanted, began)
    except calendar_ports.SignInFailed as failed:
        return _refuse(SAID[failed.failure], therapist)
    except InvalidInput as refusal:
        return _refuse(" ".join(refusal.fields.values()), therapist)
    except (calendar_refusals.CalendarNotRead, calendar_refusals.CalendarsOff, calendar_refusals.ConnectionEnded) as no:
        return _refuse(str(no), therapist)
    flash("Connected. It is read for the first time within a minute or two.", "success")
    return redirect(url_for("desk.calendars_one", public_id=public_id))


def _find_failure(kind: CalendarKind, began: dict[str, Any] | None) -> SignInFailure | None:
    """What is wrong with how somebody came back, if anything is."""
    given = request.args.get("state", "")
    if began is None or began["kind"] != kind or not hmac.compare_digest(began["state"].encode(), given.encode()):
        return SignInFailure.STALE
    if began["user"] != viewer.id:
        return SignInFailure.WRONG_ACCOUNT
    if began["until"] < clock.now().timestamp():
        return SignInFailure.STALE
    return None if request.args.get("code") else SignInFailure.DENIED


def _connect(therapist: Therapist, kind: CalendarKind, began: dict[str, Any]) -> str:
    """The public id of the connection."""
    ticket = calendar_ports.SignInTicket(
        state=began["state"], verifier=began["verifier"], return_to=find_addresses().calendar_sign_in(kind)
    )
    connection = signing_in.connect_by_sign_in(
        practice_id=therapist.practice_id,
        therapist_id=therapist.id,
        back=signing_in.SignedIn(
            kind=kind,
            calendars=_gateways().sign_ins[kind],
            ticket=ticket,
            code=request.args["code"],
            again=began["again"],
        ),
        ring=current_app.extensions["key_ring"],
        by=by_staff(),
        now=clock.now(),
    )
    return connection.public_id


def _refuse(sentence: str, therapist: Therapist | None = None) -> ResponseReturnValue:
    flash(sentence, "error")
    chosen = therapist.public_id if therapist is not None and current().choices else None
    return redirect(url_for("desk.calendars_new", therapist=chosen))


def _find_kind(word: str) -> CalendarKind:
    """One that is offered here. Raises NotFound."""
    found = next((each for each in _gateways().sign_ins if each == word), None)
    if found is None:
        raise NotFound
    return found


def _gateways() -> Gateways:
    gateways: Gateways = current_app.extensions["gateways"]
    return gateways

"""Connecting a calendar: where it is kept, how to get in, trying it, and only then keeping it; and a new password."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.calendar_words import TRIES, CalendarKind
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.ports import Gateways
from telehealth.late import Library
from telehealth.models import CalendarConnection, Therapist
from telehealth.web.acting import by_staff, find_viewer, viewer
from telehealth.web.desk import words
from telehealth.web.desk.calendars.connections import find_own
from telehealth.web.desk.frame import HAS_A_CALENDAR, blueprint, with_therapist
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter

if TYPE_CHECKING:
    from telehealth.domain import calendar_accounts, calendar_refusals, sealing
    from telehealth.domain.calendar_ports import CalendarAccess, CalendarGateway
    from telehealth.queries.calendars import connections
    from telehealth.services.calendars import connecting, drafts, sealed_access, trying
    from telehealth.web.desk.calendars import providers
else:
    calendar_accounts = Library("telehealth.domain.calendar_accounts")
    calendar_refusals = Library("telehealth.domain.calendar_refusals")
    sealing = Library("telehealth.domain.sealing")
    connections = Library("telehealth.queries.calendars.connections")
    connecting = Library("telehealth.services.calendars.connecting")
    drafts = Library("telehealth.services.calendars.drafts")
    sealed_access = Library("telehealth.services.calendars.sealed_access")
    trying = Library("telehealth.services.calendars.trying")
    providers = Library("telehealth.web.desk.calendars.providers")

SIGN_INS = {CalendarKind.GOOGLE: "Google Calendar", CalendarKind.MICROSOFT: "Outlook or Microsoft 365"}
NOT_AGAIN = "Its password cannot be opened any more, because the key that sealed it is gone. Please give it once more."


@blueprint.get("/calendars/new")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
def calendars_new(therapist: Therapist) -> ResponseReturnValue:
    """Where the calendar is kept. Raises NotFound."""
    _require_may_connect(therapist, CalendarKind.ICS)
    kinds = [kind for kind in _gateways().calendars if connections.may_connect(find_viewer(), therapist, kind)]
    return render_template(
        "desk/calendars_new.html",
        whose=therapist,
        providers=[each for each in providers.PROVIDERS if each.kind in kinds],
        sign_ins=[(kind, SIGN_INS[kind]) for kind in kinds if kind in SIGN_INS],
        sign_in_addresses={each: url_for("desk.calendars_sign_in", kind=each) for each in _gateways().sign_ins},
        is_off=_ring().is_empty,
        is_own=connections.is_own(find_viewer(), therapist),
    )


@blueprint.get("/calendars/new/<provider>")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
def calendars_new_one(therapist: Therapist, provider: str) -> ResponseReturnValue:
    """How to connect that one, in words and pictures. Raises NotFound, NotAllowed."""
    found = _find_provider(therapist, provider)
    return _form(therapist, found, {"address": found.address}, {})


@blueprint.post("/calendars/new/<provider>")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
@limiter.limit(TRIES, key_func=lambda: f"calendars {viewer.id}")
def calendars_try(therapist: Therapist, provider: str) -> ResponseReturnValue:
    """Try it, and show what was found. Nothing is kept yet. Raises NotFound, NotAllowed."""
    found = _find_provider(therapist, provider)
    try:
        tried = _try(found, therapist)
    except InvalidInput as refusal:
        return _form(therapist, found, request.form, refusal.fields), refusal.status
    except (calendar_refusals.CalendarNotRead, calendar_refusals.CalendarsOff) as refusal:
        return _form(therapist, found, request.form, {"account": str(refusal)}), refusal.status
    calendars = [each.found for each in tried.calendars][: connecting.MOST_CALENDARS]
    draft = drafts.Draft(kind=found.kind, access=tried.access, found=calendars)
    return _choice(
        therapist,
        found,
        tried,
        drafts.seal_draft(_ring(), draft, place=_place(therapist), now=clock.now()),
        {"name": request.form.get("name", "") or _say_where(found, tried)},
        [str(place) for place in range(min(len(calendars), connecting.MOST_BLOCKING))],
        {},
    )


@blueprint.post("/calendars/new/<provider>/keep")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
def calendars_keep(therapist: Therapist, provider: str) -> ResponseReturnValue:
    """Keep what was tried. Raises NotFound, NotAllowed."""
    found, typed, word = _find_provider(therapist, provider), FormReader(request.form), request.form.get("draft", "")
    try:
        draft = drafts.open_draft(_ring(), word, place=_place(therapist), now=clock.now())
    except calendar_refusals.DraftEnded as refusal:
        return _form(therapist, found, {"address": found.address}, {"account": str(refusal)}), refusal.status
    chosen = typed.several("blocking")
    try:
        connections.require_may_connect(user_id=viewer.id, therapist=therapist, kind=draft.kind)
        kept = connecting.connect_account(
            practice_id=therapist.practice_id,
            therapist_id=therapist.id,
            new=connecting.NewConnection(
                kind=draft.kind,
                name=typed.untouched("name"),
                access=draft.access,
                found=draft.found,
                blocking=[each.remote_id for place, each in enumerate(draft.found) if str(place) in chosen],
            ),
            ring=_ring(),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as refusal:
        tried = trying.TriedAccess(draft.access, [trying.TriedCalendar(each) for each in draft.found])
        return _choice(therapist, found, tried, word, request.form, chosen, refusal.fields), refusal.status
    flash(f"“{kept.name}” is connected. It is read for the first time within a minute or two.", "success")
    return redirect(url_for("desk.calendars_one", public_id=kept.public_id))


@blueprint.get("/calendars/<public_id>/access")
@access.staff(*HAS_A_CALENDAR)
def calendars_access(public_id: str) -> ResponseReturnValue:
    """Another name, or a new password or address. Raises NotFound, NotAllowed."""
    found = find_own(public_id, changes=True)
    return _access_form(found, {"name": found.name}, {})


@blueprint.post("/calendars/<public_id>/access")
@access.staff(*HAS_A_CALENDAR)
@limiter.limit(TRIES, key_func=lambda: f"calendars {viewer.id}")
def calendars_change(public_id: str) -> ResponseReturnValue:
    """Try the new way in, and keep it if it opens. What is left empty stays. Raises NotFound, NotAllowed."""
    found, now = find_own(public_id, changes=True), clock.now()
    try:
        connecting.change_connection(
            practice_id=found.practice_id,
            connection_public_id=public_id,
            name=request.form.get("name", ""),
            access=_read_new_access(found, now=now),
            ring=_ring(),
            by=by_staff(),
            now=now,
        )
    except InvalidInput as refusal:
        return _access_form(found, request.form, refusal.fields), refusal.status
    except (calendar_refusals.CalendarNotRead, calendar_refusals.CalendarsOff) as refusal:
        return _access_form(found, request.form, {"account": str(refusal)}), refusal.status
    flash("Saved.", "success")
    return redirect(url_for("desk.calendars_one", public_id=public_id))


@blueprint.post("/calendars/<public_id>/look")
@access.staff(*HAS_A_CALENDAR)
@limiter.limit(TRIES, key_func=lambda: f"calendars {viewer.id}")
def calendars_look(public_id: str) -> ResponseReturnValue:
    """Look for calendars that the account has by now. Raises NotFound, NotAllowed."""
    found, now = find_own(public_id, changes=True), clock.now()
    here = redirect(url_for("desk.calendars_one", public_id=public_id))
    try:
        kept = sealed_access.open_access(_ring(), found)
        opened, listed = trying.look_for_calendars(_gateway(found.kind), kept, kind=found.kind, now=now)
    except calendar_refusals.CalendarNotRead as refusal:
        flash(str(refusal), "error")
        return here
    except sealing.SealBroken:
        flash(NOT_AGAIN, "error")
        return here
    connecting.note_calendars(
        practice_id=found.practice_id,
        connection_public_id=public_id,
        looked=connecting.LookedThrough(opened_with=kept, access=opened, found=listed),
        ring=_ring(),
        by=by_staff(),
        now=now,
    )
    flash("Looked. New calendars take no time before you tick them.", "success")
    return here


def _try(provider: providers.Provider, therapist: Therapist) -> trying.TriedAccess:
    """Raises CalendarsOff, InvalidInput, CalendarNotRead."""
    if _ring().is_empty:
        raise calendar_refusals.CalendarsOff
    typed = calendar_accounts.read_account(_read_account(provider))
    return trying.try_access(
        _gateway(provider.kind), typed, kind=provider.kind, zone=therapist.timezone, now=clock.now()
    )


def _read_new_access(found: CalendarConnection, *, now: datetime) -> CalendarAccess | None:
    """A new password or address that opens; None when nothing was typed. Raises InvalidInput, CalendarNotRead."""
    password = request.form.get("password", "")
    private = request.form.get("private_address", "")
    if not password and not private.strip():
        return None
    typed = calendar_accounts.TypedAccount(
        kind=found.kind, address=found.address, username=found.username, password=password, private_address=private
    )
    opened = calendar_accounts.read_account(typed)
    opened = replace(opened, address=found.address) if found.kind != CalendarKind.ICS else opened
    zone = found.therapist.timezone
    return trying.try_access(_gateway(found.kind), opened, kind=found.kind, zone=zone, now=now).access


def _require_may_connect(therapist: Therapist, kind: CalendarKind) -> None:
    connections.require_may_connect(user_id=viewer.id, therapist=therapist, kind=kind)


def _find_provider(therapist: Therapist, key: str) -> providers.Provider:
    """Raises NotFound, NotAllowed."""
    found = providers.find_provider(key)
    if found is None or found.kind not in _gateways().calendars:
        raise NotFound
    _require_may_connect(therapist, found.kind)
    return found


def _read_account(provider: providers.Provider) -> calendar_accounts.TypedAccount:
    typed = FormReader(request.form)
    return calendar_accounts.TypedAccount(
        kind=provider.kind,
        address=typed.text("address") if provider.asks_address else provider.address,
        username=typed.text("username"),
        password=typed.untouched("password"),
        private_address=typed.text("private_address"),
    )


def _place(therapist: Therapist) -> str:
    """What a draft is bound to: for whom, and by whom."""
    return f"{therapist.public_id}:{viewer.id}"


def _ring() -> sealing.KeyRing:
    ring: sealing.KeyRing = current_app.extensions["key_ring"]
    return ring


def _gateways() -> Gateways:
    gateways: Gateways = current_app.extensions["gateways"]
    return gateways


def _gateway(kind: CalendarKind) -> CalendarGateway:
    """Raises NotFound for a kind that cannot be spoken with here."""
    found = _gateways().calendars.get(kind)
    if found is None:
        raise NotFound
    return found


def _form(
    therapist: Therapist, provider: providers.Provider, typed: Mapping[str, str], problems: Mapping[str, str]
) -> str:
    return render_template(
        "desk/calendars_connect.html",
        whose=therapist,
        provider=provider,
        typed=typed,
        problems=problems,
        is_off=_ring().is_empty,
    )


def _choice(
    therapist: Therapist,
    provider: providers.Provider,
    tried: trying.TriedAccess,
    draft: str,
    typed: Mapping[str, str],
    chosen: list[str],
    problems: Mapping[str, str],
) -> str:
    return render_template(
        "desk/calendars_found.html",
        whose=therapist,
        provider=provider,
        opened=_say_where(provider, tried),
        boxes=[(str(place), _say_found(each)) for place, each in enumerate(tried.calendars)],
        chosen=chosen,
        draft=draft,
        typed=typed,
        problems=problems,
        words=words,
    )


def _say_where(provider: providers.Provider, tried: trying.TriedAccess) -> str:
    """What opened, as its owner calls it: the provider, or the host of whatever else it is."""
    if provider.is_any:
        return calendar_accounts.host_of(tried.access.address) or tried.access.address
    return provider.name.partition(" (")[0].partition(", by")[0]


def _say_found(tried: trying.TriedCalendar) -> str:
    """ "Work: 42 busy times in the next four weeks"."""
    name = tried.found.name or "This calendar"
    if tried.busy_times is None:
        return name
    return f"{name}: {words.counted(tried.busy_times, 'busy time')} in the next four weeks"


def _access_form(found: CalendarConnection, typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template("desk/calendars_access.html", connection=found, typed=typed, problems=problems)

"""Who set what of the practice, and when: for the owner, the latest first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access, times, walltime
from telehealth.domain.audit_words import Actor, AuditSubject, Via
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.queries.practice.changes import ChangeFilters, list_changes
from telehealth.queries.practice.practices import list_former_locations_too
from telehealth.queries.practice.staff import list_logins
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.practice.change_words import SUBJECTS, change_in_words
from telehealth.web.form_reader import FormReader

EVERYTHING, EVERYBODY = ("", "Everything"), ("", "Everybody")
NOT_SIGNED_IN: dict[str, tuple[str, dict[str, Any]]] = {
    "client": ("Clients", {"actor": Actor.CLIENT}),
    "command": ("Commands on the server", {"via": Via.COMMAND}),
}
ONE_DAY = timedelta(days=1)
IN_VIEW = 8
"""Of a page; the rest is folded."""


@blueprint.get("/changes")
@access.staff(Role.OWNER)
def changes() -> ResponseReturnValue:
    """A page of lines, with filters. Raises NotFound for an ``after`` of nobody's."""
    practice, typed = current().practice, FormReader(request.args)
    zone, people = walltime.zone(practice.timezone), _people(practice.id)
    places = {each.public_id: each.name for each in list_former_locations_too(practice.id)}
    filters = _filters(typed, people)
    page = list_changes(practice.id, filters, after=request.args.get("after") or None)
    chosen = {name: typed.text(name) for name in ("kind", "who", "since", "until")}
    filled: dict[str, Any] = {name: value for name, value in chosen.items() if value}
    answer = render_template(
        "desk/changes.html",
        in_view=IN_VIEW,
        lines=[change_in_words(each, zone, places) for each in page.rows],
        chosen=chosen,
        problems=typed.problems,
        is_filtered=bool(filled),
        earlier=url_for("desk.changes", **filled, after=page.following) if page.following else "",
        latest=url_for("desk.changes", **filled) if request.args.get("after") else "",
        kinds=[EVERYTHING, *sorted(((each.value, text) for each, text in SUBJECTS.items()), key=lambda one: one[1])],
        people=[EVERYBODY, *people.items()],
        zone=times.zone_name(zone),
    )
    return (answer, InvalidInput.status) if typed.problems else answer


def _people(practice_id: int) -> dict[str, str]:
    """Whose changes can be looked for: everybody with a login, and who has none."""
    logins = {str(number): name for number, name in list_logins(practice_id).items()}
    return {**logins, **{who: text for who, (text, _) in NOT_SIGNED_IN.items()}}


def _filters(typed: FormReader, people: dict[str, str]) -> ChangeFilters:
    """The filters of the address; what it does not know is "all". Both dates are inclusive, in the practice's zone."""
    zone = walltime.zone(current().practice.timezone)
    kind, who = typed.text("kind"), typed.text("who")
    first, last = typed.day("since", needed=False), typed.day("until", needed=False)
    if first and last and last < first:
        typed.problems["until"] = "The last date is before the first one."
    whose: dict[str, Any] = {}
    if who in NOT_SIGNED_IN:
        whose = NOT_SIGNED_IN[who][1]
    elif who in people:
        whose = {"user_id": int(who)}
    return ChangeFilters(
        subject=AuditSubject(kind) if kind in set(AuditSubject) else None,
        since=walltime.midnight(first, zone) if first else None,
        until=walltime.midnight(last + ONE_DAY, zone) if last else None,
        **whose,
    )

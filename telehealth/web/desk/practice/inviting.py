"""Inviting somebody to sign in: a form, and what can be done with an invitation that waits. For owners."""

from __future__ import annotations

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import Role
from telehealth.queries.practice.staff import list_therapists_without_login
from telehealth.services.logins.inviting import Invitation, invite_again, invite_person, withdraw_invitation
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

OFFERED = [role for role in words.ROLES if role != Role.THERAPIST]
IN_THREE_DAYS = "The link in it works once, within 72 hours."


@blueprint.get("/people/invite")
@access.staff(Role.OWNER)
def people_invite() -> ResponseReturnValue:
    """The form; ``?person=`` is a therapist who has no login."""
    who = request.args.get("person", "")
    found = next((each for each in list_therapists_without_login(current().practice.id) if each.public_id == who), None)
    values = {"name": found.name, "email": found.email, "sees": found.public_id} if found is not None else {}
    return _form(MultiDict(values), {})


@blueprint.post("/people/invite")
@access.staff(Role.OWNER)
def people_invite_send() -> ResponseReturnValue:
    """Make the login and send the link. Raises NotFound."""
    typed = FormReader(request.form)
    invitation = Invitation(
        name=typed.text("name"),
        email=typed.text("email"),
        roles=[role for role in OFFERED if role in typed.several("roles")],
        therapist_public_id=typed.text("sees") or None,
    )
    try:
        user = invite_person(practice_id=current().practice.id, invitation=invitation, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _form(request.form, problem.fields), problem.status
    flash(f"An e-mail to {user.email} is on its way. {IN_THREE_DAYS}", "success")
    return redirect(url_for("desk.people"))


@blueprint.post("/people/<public_id>/invite-again")
@access.staff(Role.OWNER)
def people_invite_again(public_id: str) -> ResponseReturnValue:
    """Send another link. Raises NotFound."""
    try:
        user = invite_again(
            practice_id=current().practice.id, person_public_id=public_id, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        flash(problem.fields["invitation"], "error")
    else:
        flash(f"Another e-mail to {user.email} is on its way, and the older link has ended. {IN_THREE_DAYS}", "success")
    return redirect(url_for("desk.people_one", public_id=public_id))


@blueprint.post("/people/<public_id>/withdraw")
@access.staff(Role.OWNER)
def people_withdraw(public_id: str) -> ResponseReturnValue:
    """Take an invitation back. Raises NotFound."""
    try:
        user = withdraw_invitation(
            practice_id=current().practice.id, person_public_id=public_id, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        flash(problem.fields["invitation"], "error")
    else:
        flash(f"The invitation of {user.name} is withdrawn. Its link opens nothing any more.", "success")
    return redirect(url_for("desk.people_one", public_id=public_id))


def _form(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    without = list_therapists_without_login(current().practice.id)
    return render_template(
        "desk/people_invite.html",
        values=values,
        problems=problems,
        roles=[(role, f"{words.ROLES[role][0]}: {words.ROLES[role][1]}") for role in OFFERED],
        chosen=values.getlist("roles"),
        therapists=[("", "Nobody of them"), *((each.public_id, each.name) for each in without)],
    )

"""People: who has a login or sees clients, what each may do, and whether they may sign in. For owners."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.words import Role
from telehealth.queries.practice.staff import Person, find_person, list_people
from telehealth.services.logins.second_factor import end_second_step_of
from telehealth.services.practice.people import change_roles, sign_out_login, switch_login_off, switch_login_on
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader
from telehealth.web.second_step import proven

SECOND_STEPS = {"app": "an authenticator app", "passkey": "a passkey"}


@blueprint.get("/people")
@access.staff(Role.OWNER)
def people() -> ResponseReturnValue:
    """Everybody who has a login or sees clients."""
    practice = current().practice
    zone, found = walltime.zone(practice.timezone), list_people(practice.id)
    since = practice.second_step_since
    return render_template(
        "desk/people.html",
        people=[_shown(each, zone) for each in found],
        second_step_since=times.say_briefly(since, zone) if since is not None else "",
        is_needed=since is not None and since <= clock.now(),
        without=words.listed([each.name for each in found if _signs_in(each) and not each.second_steps]),
    )


@blueprint.get("/people/<public_id>")
@access.staff(Role.OWNER)
def people_one(public_id: str) -> ResponseReturnValue:
    """One of them. Raises NotFound."""
    return _page(find_person(current().practice.id, public_id), {})


@blueprint.post("/people/<public_id>/roles")
@access.staff(Role.OWNER)
def people_roles(public_id: str) -> ResponseReturnValue:
    """Let them do what is ticked, and nothing else. Raises NotFound."""
    practice_id, typed = current().practice.id, FormReader(request.form)
    wanted = [role for role in words.ROLES if role in typed.several("roles")]
    try:
        user = change_roles(
            practice_id=practice_id, person_public_id=public_id, roles=wanted, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(find_person(practice_id, public_id), problem.fields, chosen=wanted), problem.status
    flash(f"Saved: {user.name} is {_say_roles(user.role_names).lower()} here.", "success")
    return _back_to(public_id)


@blueprint.post("/people/<public_id>/off")
@access.staff(Role.OWNER)
def people_off(public_id: str) -> ResponseReturnValue:
    """Keep them out. Raises NotFound."""
    practice_id = current().practice.id
    try:
        user = switch_login_off(practice_id=practice_id, person_public_id=public_id, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(find_person(practice_id, public_id), problem.fields), problem.status
    flash(f"{user.name} cannot sign in any more. What is booked stays.", "success")
    return _back_to(public_id)


@blueprint.post("/people/<public_id>/on")
@access.staff(Role.OWNER)
def people_on(public_id: str) -> ResponseReturnValue:
    """Let them in again. Raises NotFound."""
    user = switch_login_on(
        practice_id=current().practice.id, person_public_id=public_id, by=by_staff(), now=clock.now()
    )
    flash(f"{user.name} can sign in again, with the password they had.", "success")
    return _back_to(public_id)


@blueprint.post("/people/<public_id>/sign-out")
@access.staff(Role.OWNER)
def people_sign_out(public_id: str) -> ResponseReturnValue:
    """End their sign-ins, wherever they are. Raises NotFound."""
    practice_id = current().practice.id
    name = find_person(practice_id, public_id).name
    ended = sign_out_login(practice_id=practice_id, person_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"{name} is signed out here, on every device." if ended else f"{name} was signed in nowhere.", "success")
    return _back_to(public_id)


@blueprint.get("/people/<public_id>/second-step")
@access.staff(Role.OWNER)
@proven
def people_second_step(public_id: str) -> ResponseReturnValue:
    """What it means to take a colleague's second step off. Raises NotFound."""
    return _second_step_page(public_id, {})


@blueprint.post("/people/<public_id>/second-step")
@access.staff(Role.OWNER)
@proven
def people_second_step_end(public_id: str) -> ResponseReturnValue:
    """Take it off. Raises NotFound."""
    practice_id = current().practice.id
    try:
        user = end_second_step_of(practice_id=practice_id, person_public_id=public_id, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _second_step_page(public_id, problem.fields), problem.status
    flash(f"Done: {user.name} signs in with the password alone, and is told so by e-mail.", "success")
    return _back_to(public_id)


def _second_step_page(public_id: str, problems: Mapping[str, str]) -> str:
    person = find_person(current().practice.id, public_id)
    shown = _shown(person, walltime.zone(current().practice.timezone))
    about = {
        "is_self": person.user is not None and person.user.id == viewer.id,
        "guards_others": person.user is not None
        and person.user.login is not None
        and person.user.login.belongs_to_several,
    }
    return render_template("desk/people_second_step.html", person=shown, problems=problems, **about)


def _back_to(public_id: str) -> ResponseReturnValue:
    """The page of the person; whoever is no owner any more, or signed out, goes where they may."""
    if viewer.active and viewer.has(Role.OWNER):
        return redirect(url_for("desk.people_one", public_id=public_id))
    return redirect(url_for("desk.today"))


def _page(person: Person, problems: Mapping[str, str], *, chosen: list[Role] | None = None) -> str:
    if person.user is None:
        raise NotFound
    held = person.user.role_names
    offered = [role for role in words.ROLES if role != Role.THERAPIST or Role.THERAPIST in held or _gives_care(person)]
    return render_template(
        "desk/people_one.html",
        person=_shown(person, walltime.zone(current().practice.timezone)),
        problems=problems,
        roles=[(role, f"{words.ROLES[role][0]}: {words.ROLES[role][1]}") for role in offered],
        chosen=held if chosen is None else chosen,
        is_self=person.user.id == viewer.id,
    )


def _signs_in(person: Person) -> bool:
    return person.user is not None and person.is_active and person.user.login_id is not None


def _gives_care(person: Person) -> bool:
    return person.therapist is not None and person.therapist.ended_at is None


def _shown(person: Person, zone: ZoneInfo) -> dict[str, object]:
    """What the pages say of somebody; times in the practice's zone."""
    user = person.user
    return {
        "name": person.name,
        "href": url_for("desk.people_one", public_id=user.public_id) if user is not None else "",
        "public_id": user.public_id if user is not None else "",
        "email": user.email if user is not None else "",
        "roles": _say_roles(user.role_names) if user is not None else "Sees clients, has no login",
        "seen": times.say_briefly(person.last_seen, zone) if person.last_seen is not None else "",
        "is_active": person.is_active,
        "invitation": _say_invitation(person, zone),
        "therapist": person.therapist,
        "gives_care": _gives_care(person),
        "leaves": _say_leaving(person),
        "second_step": words.listed([SECOND_STEPS[each] for each in person.second_steps]),
        "signs_in": _signs_in(person),
    }


def _say_leaving(person: Person) -> str:
    """From when on they are not here any more; empty while nobody has said so."""
    day = person.therapist.leaves_on if person.therapist is not None else None
    return f"Leaves on {words.full_day(day)}" if day is not None else ""


def _say_invitation(person: Person, zone: ZoneInfo) -> str:
    """How it stands with an invitation; empty for whoever has a password, or no login."""
    if person.user is None or person.user.login_id is not None:
        return ""
    if not person.user.active:
        return "Invitation withdrawn"
    if person.invited_until is None:
        return "Has no login yet"
    until = times.say_briefly(person.invited_until, zone)
    return f"Invited, link until {until}" if person.invited_until > clock.now() else f"Link ran out {until}"


def _say_roles(roles: list[Role]) -> str:
    """ "Owner and therapist"."""
    return words.listed([words.ROLES[role][0] for role in roles if role in words.ROLES]).capitalize()

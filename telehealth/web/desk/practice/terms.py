"""The terms for changing one's mind: the practice's, and those of a service that has its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import LateChange, Role
from telehealth.models import Policy, Practice, Service
from telehealth.queries.practice.practices import find_service
from telehealth.services.practice.policies import NewTerms, change_practice_terms, change_terms, take_practice_terms
from telehealth.web import terms
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.practice.services import LATE
from telehealth.web.desk.spans import filled_span, typed_span
from telehealth.web.form_reader import FormReader

SAVED = "Saved. They hold for what is booked from now on; earlier appointments keep their terms."
SAME = "Nothing was different, so the terms stay as they are."


@blueprint.get("/practice/terms")
@access.staff(Role.OWNER)
def practice_terms() -> ResponseReturnValue:
    """The terms of every service that has none of its own."""
    return _practice_form(_filled_terms(current().practice), {})


@blueprint.post("/practice/terms")
@access.staff(Role.OWNER)
def practice_terms_change() -> ResponseReturnValue:
    """Other terms for appointments booked from now on."""
    try:
        wanted = _terms(request.form)
        change_practice_terms(practice_id=current().practice.id, terms=wanted, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _practice_form(request.form, problem.fields), problem.status
    flash(SAVED, "success")
    return redirect(url_for("desk.practice_terms"))


@blueprint.get("/services/<public_id>/terms")
@access.staff(Role.OWNER)
def services_terms(public_id: str) -> ResponseReturnValue:
    """What clients agree to about changing their minds. Raises NotFound."""
    found = find_service(current().practice.id, public_id)
    return _terms_form(found, _filled_terms(found.policy), {})


@blueprint.post("/services/<public_id>/terms")
@access.staff(Role.OWNER)
def services_terms_change(public_id: str) -> ResponseReturnValue:
    """Other terms for appointments booked from now on. Raises NotFound."""
    found = find_service(current().practice.id, public_id)
    before = (found.policy_id, found.has_practice_terms)
    try:
        wanted = _terms(request.form)
        policy = change_terms(
            practice_id=found.practice_id, service_public_id=public_id, terms=wanted, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _terms_form(found, request.form, problem.fields), problem.status
    if (policy.id, False) == before:
        flash(SAME, "info")
    else:
        flash(SAVED, "success")
    return redirect(url_for("desk.services"))


@blueprint.post("/services/<public_id>/terms/practice")
@access.staff(Role.OWNER)
def services_terms_follow(public_id: str) -> ResponseReturnValue:
    """Have the practice's terms, and follow them. Raises NotFound."""
    practice_id = current().practice.id
    take_practice_terms(practice_id=practice_id, service_public_id=public_id, by=by_staff(), now=clock.now())
    flash("Saved. It has the terms of the practice from now on; earlier appointments keep their terms.", "success")
    return redirect(url_for("desk.services_terms", public_id=public_id))


def _terms(form: MultiDict[str, str]) -> NewTerms:
    """What was typed. Raises InvalidInput."""
    typed = FormReader(form)
    window = typed_span(typed, "window_minutes")
    when_late = typed.word("when_late", LateChange)
    typed.refuse()
    assert window is not None and when_late is not None  # noqa: S101, PT018 -- refused above
    return NewTerms(window, when_late, typed.text("terms"))


def _filled_terms(policy: Policy | Practice | None) -> MultiDict[str, str]:
    found = policy or Policy(window_minutes=0, when_late=LateChange.MARK, terms="")
    return MultiDict(
        [
            *filled_span("window_minutes", found.window_minutes),
            ("when_late", found.when_late.value),
            ("terms", found.terms),
        ]
    )


def _terms_form(service: Service, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    zone, policy = walltime.zone(current().practice.timezone), service.policy
    since = times.say_day(policy.created_at, zone) if policy is not None else ""
    practices = terms.say_terms(current().practice)
    return _form(policy, values, problems, service=service, since=since, practices=practices)


def _practice_form(values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    return _form(current().practice, values, problems, service=None)


def _form(
    kept: Policy | Practice | None, values: MultiDict[str, str], problems: Mapping[str, str], **context: Any
) -> str:
    said = terms.say_terms(kept)
    about = {"values": values, "problems": problems, "late": LATE, "sentence": said, "words": words}
    return render_template("desk/services_terms.html", policy=kept, **about, **context)

"""Erasing a client's record: until when it is kept, who agrees, and whose time is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.errors import CannotErase, InvalidInput
from telehealth.domain.keeping import say_date
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.queries.practice.clients import find_client
from telehealth.queries.practice.staff import login_names
from telehealth.services.practice.practice_settings import KeptYears, set_kept_years
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk.clients.finding import say_client
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.practice import keeping
    from telehealth.services.consent import erasing
else:
    keeping, erasing = Library("telehealth.queries.practice.keeping"), Library("telehealth.services.consent.erasing")

ERASERS = (Role.OWNER, Role.FRONT_DESK)
MOST_PAGES = 100
YEARS = "Please enter a whole number of years."


@blueprint.get("/clients/past-keeping")
@access.staff(*ERASERS)
def clients_past_keeping() -> ResponseReturnValue:
    """Clients whose record need not be kept any more, and how long records are."""
    return _list_past({})


@blueprint.post("/clients/past-keeping")
@access.staff(Role.OWNER)
def clients_keep_for() -> ResponseReturnValue:
    """Keep records for so many years from now on."""
    typed, practice = FormReader(request.form), current().practice
    years = [typed.number(name, YEARS) for name in ("kept_years", "kept_years_of_minors")]
    try:
        typed.refuse()
        kept = KeptYears(*(each or 0 for each in years))
        set_kept_years(practice_id=practice.id, years=kept, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _list_past(problem.fields), problem.status
    flash("Saved.", "success")
    return redirect(url_for("desk.clients_past_keeping"))


@blueprint.get("/clients/<public_id>/erase")
@access.staff(*ERASERS)
def clients_erase(public_id: str) -> ResponseReturnValue:
    """Until when a record is kept, and what erasing it means. Raises NotFound."""
    return _page(public_id, {})


@blueprint.post("/clients/<public_id>/erase")
@access.staff(*ERASERS)
def clients_erase_ask(public_id: str) -> ResponseReturnValue:
    """Ask that it is erased. Raises NotFound."""
    practice_id, reason = current().practice.id, FormReader(request.form).text("reason")
    try:
        erasing.ask_erasure(
            practice_id=practice_id, client_public_id=public_id, reason=reason, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(public_id, problem.fields), problem.status
    except CannotErase as refusal:
        flash(str(refusal), "error")
    else:
        flash("Asked for. Nothing is erased before it is agreed to.", "success")
    return redirect(url_for("desk.clients_erase", public_id=public_id))


@blueprint.post("/clients/<public_id>/erase/<erasure>/agree")
@access.staff(*ERASERS)
def clients_erase_agree(public_id: str, erasure: str) -> ResponseReturnValue:
    """Agree, and it is erased. Raises NotFound."""
    return _settle(erasing.agree_to_erase, public_id, erasure, "The record was erased.")


@blueprint.post("/clients/<public_id>/erase/<erasure>/withdraw")
@access.staff(*ERASERS)
def clients_erase_withdraw(public_id: str, erasure: str) -> ResponseReturnValue:
    """Keep it after all. Raises NotFound."""
    return _settle(erasing.withdraw_erasure, public_id, erasure, "The record is kept.")


def _settle(settle: Any, public_id: str, erasure: str, said: str) -> ResponseReturnValue:
    try:
        settle(practice_id=current().practice.id, erasure_public_id=erasure, by=by_staff(), now=clock.now())
    except CannotErase as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("desk.clients_erase", public_id=public_id))
    flash(said, "success")
    return redirect(url_for("desk.clients_one", public_id=public_id))


def _page(public_id: str, problems: Mapping[str, str]) -> str:
    desk, now = current(), clock.now()
    client = find_client(desk.practice.id, public_id)
    asked = keeping.find_open_erasure(client, now=now) if client.erased_at is None else None
    found = keeping.find_keeping(client, now=now)
    return render_template(
        "desk/client_erase.html",
        client=client,
        found=found,
        last=say_date(found.last_contact),
        until=say_date(found.until),
        asked=asked,
        asked_by=login_names(desk.practice.id, [asked.asked_by_id]).get(asked.asked_by_id, "") if asked else "",
        asked_at=times.say_briefly(asked.asked_at, desk.zone) if asked else "",
        is_own=asked is not None and asked.asked_by_id == viewer.id,
        is_owner=viewer.has(Role.OWNER),
        reason=FormReader(request.form).text("reason"),
        problems=problems,
    )


def _list_past(problems: Mapping[str, str]) -> str:
    desk = current()
    page = min(max(FormReader(request.args).number("page", "", needed=False) or 1, 1), MOST_PAGES)
    found = keeping.list_past_keeping(desk.practice, now=clock.now(), skip=(page - 1) * keeping.MOST_OVER)
    shown = found[: keeping.MOST_OVER]
    values = {name: getattr(desk.practice, name) for name in ("kept_years", "kept_years_of_minors")}
    return render_template(
        "desk/clients_past_keeping.html",
        found=[
            {"who": say_client(each), "href": url_for("desk.clients_erase", public_id=each.public_id)} for each in shown
        ],
        earlier=url_for("desk.clients_past_keeping", page=page - 1) if page > 1 else "",
        later=url_for("desk.clients_past_keeping", page=page + 1) if len(found) > len(shown) else "",
        values={**values, **{name: value for name, value in request.form.items() if name in values}},
        problems=problems,
        is_owner=viewer.has(Role.OWNER),
    )

"""What clients read around a video appointment: the text they agree to before they meet by video, in each language and
version, and whether it is asked; and the practice's own number for crises, beside those of the place where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.languages import ENGLISH, LANGUAGES
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current

if TYPE_CHECKING:
    from telehealth.domain.consent import telehealth as texts
    from telehealth.queries.consent import telehealth as standings
    from telehealth.services.consent import telehealth as answering
    from telehealth.services.practice import crisis_lines
    from telehealth.web import crisis_words
else:
    texts = Library("telehealth.domain.consent.telehealth")
    standings = Library("telehealth.queries.consent.telehealth")
    answering = Library("telehealth.services.consent.telehealth")
    crisis_lines = Library("telehealth.services.practice.crisis_lines")
    crisis_words = Library("telehealth.web.crisis_words")

READABLE = "/video/consent"


@blueprint.get(READABLE)
@access.staff(Role.OWNER)
def telehealth_text() -> ResponseReturnValue:
    """The version that holds, or with ``?version=`` an earlier one as it was answered. Raises NotFound."""
    return _page(request.args.get("version", type=int))


@blueprint.post(READABLE)
@access.staff(Role.OWNER)
def telehealth_text_set() -> ResponseReturnValue:
    """Keep other words."""
    desk = current()
    before = standings.find_text_version(desk.practice.id)
    typed = {language: request.form.get(f"text_{language}", "") for language in LANGUAGES}
    try:
        version = answering.set_telehealth_texts(
            practice_id=desk.practice.id, texts=typed, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _page(None, typed=typed, problems=problem.fields), HTTPStatus.UNPROCESSABLE_ENTITY
    anew = version != before.version
    flash(f"Saved as version {version}. {'Everybody is asked again, once.' if anew else 'Nobody had answered it yet.'}")
    return redirect(url_for("desk.telehealth_text"))


@blueprint.post(f"{READABLE}/asking")
@access.staff(Role.OWNER)
def telehealth_asking_set() -> ResponseReturnValue:
    """Ask, or ask no more."""
    is_asked = "is_asked" in request.form
    answering.set_telehealth_asking(
        practice_id=current().practice.id, is_asked=is_asked, by=by_staff(), now=clock.now()
    )
    flash("Saved. Clients are asked before they meet by video." if is_asked else "Saved. Nobody is asked.", "success")
    return redirect(url_for("desk.telehealth_text"))


def _page(
    version: int | None, *, typed: Mapping[str, str] | None = None, problems: Mapping[str, str] | None = None
) -> str:
    practice = current().practice
    holds = standings.find_text_version(practice.id)
    kept = standings.list_text_versions(practice.id)
    shown = holds.texts
    if version is not None:
        earlier = [row.texts for row, _ in kept if row.version == version]
        if not earlier:
            raise NotFound
        shown = earlier[0]
    return render_template(
        "desk/telehealth_text.html",
        asks=practice.asks_telehealth_consent,
        holds=holds,
        shown_version=version or holds.version,
        languages=list(LANGUAGES.items()),
        blocks={language: texts.split_text(shown.get(language, "")) for language in LANGUAGES},
        versions=[(row.version, row.created_at.astimezone(current().zone).date(), count) for row, count in kept],
        typed=typed or holds.texts,
        problems=problems or {},
    )


@blueprint.get("/video/crisis")
@access.staff(Role.OWNER)
def crisis_line() -> ResponseReturnValue:
    """The number, and what clients see."""
    practice = current().practice
    return _show_crisis_line(practice.crisis_phone or "", practice.crisis_about)


@blueprint.post("/video/crisis")
@access.staff(Role.OWNER)
def crisis_line_set() -> ResponseReturnValue:
    """Keep another one, or none."""
    phone, about = request.form.get("crisis_phone", ""), request.form.get("crisis_about", "")
    try:
        crisis_lines.set_crisis_line(
            practice_id=current().practice.id, phone=phone, about=about, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        return _show_crisis_line(phone, about, problem.fields), problem.status
    flash("Saved. Clients find it from now on.", "success")
    return redirect(url_for("desk.crisis_line"))


def _show_crisis_line(phone: str, about: str, problems: Mapping[str, str] | None = None) -> str:
    offered = crisis_words.offer_crisis_help(current().practice, None, ENGLISH)["crisis"]
    return render_template(
        "desk/crisis_line.html", phone=phone, about=about, problems=problems or {}, shown=offered
    )  # fmt: skip

"""A practice's own words for whoever waits before its video room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain.video import waiting
    from telehealth.services.video import waiting_words as keeping
else:
    waiting = Library("telehealth.domain.video.waiting")
    keeping = Library("telehealth.services.video.waiting_words")


@blueprint.get("/video/waiting-room")
@access.staff(Role.OWNER)
def video_waiting_room() -> str:
    """The words there are."""
    practice = current().practice
    return _waiting_form({column: getattr(practice, column) for column in waiting.WAITING_COLUMNS.values()}, {})


@blueprint.post("/video/waiting-room")
@access.staff(Role.OWNER)
def video_waiting_room_change() -> ResponseReturnValue:
    """Have other words, or none."""
    typed = FormReader(request.form)
    given = {language: typed.text(column) for language, column in waiting.WAITING_COLUMNS.items()}
    try:
        keeping.set_waiting_words(practice_id=current().practice.id, typed=given, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _waiting_form(request.form, problem.fields), problem.status
    flash("Saved. Whoever waits next reads it.", "success")
    return redirect(url_for("desk.video_waiting_room"))


def _waiting_form(values: Mapping[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "desk/waiting_room.html",
        values=values,
        problems=problems,
        languages=LANGUAGES,
        columns=waiting.WAITING_COLUMNS,
        longest=waiting.LONGEST_WAITING_WORDS,
    )

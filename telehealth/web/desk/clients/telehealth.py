"""What a client answered before video appointments, and noting what they, or whoever acts for them, said on paper or by
voice.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, walltime
from telehealth.domain.errors import InvalidInput
from telehealth.domain.words import TelehealthAnswer, TelehealthWay
from telehealth.late import Library
from telehealth.models import Client
from telehealth.queries.practice.clients import find_client
from telehealth.web.acting import by_staff
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.consent import telehealth as standings
    from telehealth.services.consent import telehealth as answering
    from telehealth.web.desk import telehealth_words
else:
    standings = Library("telehealth.queries.consent.telehealth")
    answering = Library("telehealth.services.consent.telehealth")
    telehealth_words = Library("telehealth.web.desk.telehealth_words")


@blueprint.get("/clients/<public_id>/video")
@access.staff()
def clients_video(public_id: str) -> ResponseReturnValue:
    """Every answer, and the form. Raises NotFound."""
    return _page(_find(public_id))


@blueprint.post("/clients/<public_id>/video")
@access.staff()
def clients_video_note(public_id: str) -> ResponseReturnValue:
    """Note an answer. Raises NotFound."""
    found, typed, desk, now = _find(public_id), FormReader(request.form), current(), clock.now()
    answer, way = typed.word("answer", TelehealthAnswer), typed.word("way", TelehealthWay)
    day = typed.day("answered_on")
    try:
        typed.refuse()
        assert answer is not None and way is not None and day is not None  # noqa: S101, PT018 -- refused above
        today = now.astimezone(desk.zone).date()
        at = now if day == today else walltime.resolve(datetime.combine(day, time(12)), desk.zone)
        noted = answering.Noted(answer, way, typed.text("signature"), at)
        answering.note_telehealth(
            practice_id=found.practice_id, client_public_id=found.public_id, noted=noted, by=by_staff(), now=now
        )
    except InvalidInput as problem:
        return _page(found, problem.fields), HTTPStatus.UNPROCESSABLE_ENTITY
    flash("Noted, with your name.", "success")
    return redirect(url_for("desk.clients_video", public_id=found.public_id))


def _find(public_id: str) -> Client:
    desk = current()
    return find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _page(found: Client, problems: Mapping[str, str] | None = None) -> str:
    desk = current()
    today = clock.now().astimezone(desk.zone).date().isoformat()
    return render_template(
        "desk/client_video.html",
        client=found,
        version=standings.find_text_version(desk.practice.id).version,
        asks=desk.practice.asks_telehealth_consent,
        given=[telehealth_words.say_answer(each, desk.zone) for each in standings.list_telehealth_answers(found.id)],
        answers=list(telehealth_words.ANSWERS.items()),
        form={"answered_on": today, "answer": "agreed", "way": "voice", "signature": found.name, **request.form},
        problems=problems or {},
    )

"""The words of messages to clients: what is in use, the practice's own, and a look at them before they are sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.languages import LANGUAGES
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages import templates
from telehealth.domain.words import Role
from telehealth.models import MessageTemplate
from telehealth.queries.messages.templates import list_templates
from telehealth.services.messages.template_setting import (
    Preview,
    Wording,
    delete_template,
    example_of,
    preview_template,
    save_template,
    usual_wording,
)
from telehealth.web.acting import by_staff
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.form_reader import FormReader

MANY_SEGMENTS = 2
SHOWN_CHANNELS = (Channel.TEXT, Channel.EMAIL)
Key = tuple[str, str, str]
EMPTY: MultiDict[str, str] = MultiDict()


@blueprint.get("/message-templates")
@access.staff(Role.OWNER)
def message_templates() -> ResponseReturnValue:
    """Every message to clients with its words, by language and channel."""
    own: dict[Key, list[MessageTemplate]] = {}
    for each in list_templates(current().practice.id):
        own.setdefault((each.kind, each.channel, each.locale), []).append(each)
    return render_template(
        "desk/message_templates.html",
        kinds=[(kind, words.KINDS[kind], list(_rows(kind, own))) for kind in templates.VARIABLES],
        words=words,
    )


def _rows(kind: MessageKind, own: Mapping[Key, list[MessageTemplate]]) -> Iterator[dict[str, Any]]:
    """A row for each channel and language, and one for each of the practice's words that has a name."""
    for channel in SHOWN_CHANNELS:
        for locale in LANGUAGES:
            found = own.get((kind, channel, locale), [])
            if all(each.name for each in found):
                said = usual_wording(kind, channel, locale)
                yield _row(Wording(kind, channel, locale, said.text or said.opening, said.subject), is_own=False)
            for each in found:
                yield _row(Wording(kind, channel, locale, each.body, each.subject, each.name), is_own=True)


def _row(said: Wording, *, is_own: bool) -> dict[str, Any]:
    name = f": {said.name}" if said.name else ""
    return {
        "title": f"{words.CHANNELS[said.channel]}, {LANGUAGES[said.locale]}{name}",
        "said": example_of(
            practice=current().practice,
            chosen=said,
            addresses=current_app.extensions["addresses"],
            now=clock.now(),
        ),
        "is_own": is_own,
        "locale": said.locale,
        "href": _address(said.kind, said.channel, said.locale, said.name),
    }


@blueprint.get("/message-templates/<kind>/<channel>/<locale>")
@access.staff(Role.OWNER)
def message_templates_one(kind: str, channel: str, locale: str) -> ResponseReturnValue:
    """The words of one message, to be changed. Raises NotFound."""
    wanted = _wanted(kind, channel, locale, EMPTY)
    own = _own(wanted)
    usual = usual_wording(wanted.kind, wanted.channel, wanted.locale)
    is_email = wanted.channel == Channel.EMAIL
    body = own.body if own is not None else (usual.opening if is_email else usual.text)
    subject = own.subject if own is not None else usual.subject
    return _form(wanted, MultiDict({"body": body, "subject": subject, "name": wanted.name}))


@blueprint.post("/message-templates/<kind>/<channel>/<locale>")
@access.staff(Role.OWNER)
def message_templates_save(kind: str, channel: str, locale: str) -> ResponseReturnValue:
    """Look at the words, or use them from now on. Raises NotFound."""
    wanted = _wanted(kind, channel, locale, request.form)
    practice_id, now = current().practice.id, clock.now()
    try:
        seen = preview_template(
            practice_id=practice_id, wanted=wanted, addresses=current_app.extensions["addresses"], now=now
        )
        if request.form.get("do") != "save":
            return _form(wanted, request.form, seen=seen)
        save_template(practice_id=practice_id, wanted=wanted, by=by_staff(), now=now)
    except InvalidInput as problem:
        return _form(wanted, request.form, problems=problem.fields), problem.status
    flash("Saved. Everything that is sent from now on uses these words.", "success")
    return redirect(_address(wanted.kind, wanted.channel, wanted.locale, wanted.name), HTTPStatus.SEE_OTHER)


@blueprint.post("/message-templates/<public_id>/remove")
@access.staff(Role.OWNER)
def message_templates_remove(public_id: str) -> ResponseReturnValue:
    """Back to the usual words. Raises NotFound."""
    delete_template(practice_id=current().practice.id, public_id=public_id, by=by_staff(), now=clock.now())
    flash("The usual words are back.", "success")
    return redirect(url_for("desk.message_templates"), HTTPStatus.SEE_OTHER)


def _wanted(kind: str, channel: str, locale: str, form: MultiDict[str, str]) -> Wording:
    typed = FormReader(form)
    try:
        known, way = MessageKind(kind), Channel(channel)
    except ValueError:
        raise NotFound from None
    if known not in templates.VARIABLES or locale not in LANGUAGES:
        raise NotFound
    name = typed.text("name") if "name" in form else FormReader(request.args).text("name")
    return Wording(known, way, locale, typed.text("body"), typed.text("subject"), name)


def _own(wanted: Wording) -> MessageTemplate | None:
    this = (wanted.kind, wanted.channel, wanted.locale, wanted.name)
    found = list_templates(current().practice.id)
    return next((each for each in found if (each.kind, each.channel, each.locale, each.name) == this), None)


def _form(
    wanted: Wording,
    values: MultiDict[str, str],
    *,
    problems: Mapping[str, str] | None = None,
    seen: Preview | None = None,
) -> str:
    return render_template(
        "desk/message_templates_form.html",
        wanted=wanted,
        title=f"{words.KINDS[wanted.kind]}: {words.CHANNELS[wanted.channel].lower()} in {LANGUAGES[wanted.locale]}",
        action=_address(wanted.kind, wanted.channel, wanted.locale, wanted.name),
        own=_own(wanted),
        values=values,
        problems=problems or {},
        variables=[(name, templates.MEANINGS[name]) for name in templates.VARIABLES[wanted.kind]],
        longest=templates.LONGEST_SOURCE[wanted.channel, False],
        seen=seen,
        many=MANY_SEGMENTS,
        is_email=wanted.channel == Channel.EMAIL,
    )


def _address(kind: MessageKind, channel: Channel, locale: str, name: str) -> str:
    return url_for(
        "desk.message_templates_one", kind=kind.value, channel=channel.value, locale=locale, name=name or None
    )

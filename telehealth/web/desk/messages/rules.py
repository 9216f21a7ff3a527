"""What is said when: the rules of the practice, of one service and of one client, and the hours of texts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any, NamedTuple

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotAllowed, NotFound
from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import AT_ONCE, ON_THE_DAY, Rule
from telehealth.domain.words import Mode, Role
from telehealth.models import Client, Practice, Service
from telehealth.queries.messages.rules import DecidedRules, RuleSource, list_decided_rules, list_template_names
from telehealth.queries.practice.clients import find_client
from telehealth.queries.practice.practices import find_service, list_services
from telehealth.services.messages.rule_setting import (
    MOST_RULES,
    RuleScope,
    RulesWish,
    Texting,
    forget_rules,
    save_rules,
    set_texting,
)
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import rule_words, words
from telehealth.web.desk.frame import PUBLIC_ID, blueprint, current
from telehealth.web.desk.spans import filled_span, typed_span
from telehealth.web.form_reader import FormReader

EMPTY_LINES = 2
"""What can be added in one go."""


class About(NamedTuple):
    """What the page is about: the practice, or one service of it, or one client."""

    service: Service | None = None
    client: Client | None = None

    @property
    def scope(self) -> RuleScope:
        """The same by public ids."""
        service = self.service.public_id if self.service is not None else None
        return RuleScope(service, self.client.public_id if self.client is not None else None)

    @property
    def source(self) -> RuleSource:
        """Who decides what is changed here."""
        if self.client is not None:
            return RuleSource.CLIENT
        return RuleSource.SERVICE if self.service is not None else RuleSource.PRACTICE

    @property
    def name(self) -> str:
        """ "Individual", "Jane Doe"; empty for the practice."""
        found = self.client or self.service
        return found.name if found is not None else ""

    @property
    def address(self) -> dict[str, Any]:
        """The part of an address that says so."""
        scope = self.scope
        given = {"service": scope.service, "client": scope.client}
        return {name: value for name, value in given.items() if value is not None}

    def decided(self) -> list[DecidedRules]:
        """What holds about every kind that is changed here."""
        found = list_decided_rules(
            current().practice.id,
            service_id=self.service.id if self.service is not None else None,
            client_id=self.client.id if self.client is not None else None,
        )
        return [each for each in found if self.source == RuleSource.PRACTICE or each.kind not in ON_THE_DAY]


@blueprint.get("/message-rules", endpoint="message_rules")
@access.staff()
def message_rules_all() -> ResponseReturnValue:
    """Every rule in words. A client's are for all staff who know the client, the others for the owner."""
    return _page(_about(), {}, _filled_texting(current().practice))


@blueprint.post("/message-rules/texts")
@access.staff(Role.OWNER)
def message_rules_texts() -> ResponseReturnValue:
    """Other hours for texts, another limit, or messages that say more or less."""
    try:
        set_texting(practice_id=current().practice.id, texting=_texting(request.form), by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _page(About(), problem.fields, request.form), problem.status
    flash("Saved. It counts for everything that has not been sent yet.", "success")
    return redirect(url_for("desk.message_rules", _anchor="texts"))


@blueprint.get("/message-rules/<kind>/change")
@access.staff()
def message_rules_edit(kind: str) -> ResponseReturnValue:
    """What holds about one kind, to be changed. Raises NotFound."""
    about = _about()
    decided = _decided(about, kind)
    return _form(about, decided, _filled(decided), {})


@blueprint.post("/message-rules/<kind>/change")
@access.staff()
def message_rules_change(kind: str) -> ResponseReturnValue:
    """Replace what holds about one kind. Raises NotFound."""
    about = _about()
    decided = _decided(about, kind)
    try:
        wish = RulesWish(decided.kind, _read(request.form, decided.kind), about.scope)
        save_rules(practice_id=current().practice.id, wish=wish, by=by_staff(), now=clock.now())
    except InvalidInput as problem:
        return _form(about, decided, request.form, problem.fields), problem.status
    flash(f"Saved: {words.KINDS[decided.kind]}. It counts for everything that has not been sent yet.", "success")
    return redirect(url_for("desk.message_rules", **about.address, _anchor=decided.kind))


@blueprint.post("/message-rules/<kind>/forget")
@access.staff()
def message_rules_forget(kind: str) -> ResponseReturnValue:
    """Let what holds more widely decide again. Raises NotFound."""
    about = _about()
    decided = _decided(about, kind)
    practice_id = current().practice.id
    forget_rules(practice_id=practice_id, kind=decided.kind, scope=about.scope, by=by_staff(), now=clock.now())
    flash(f"{words.KINDS[decided.kind]}: back to what holds otherwise, for everything not sent yet.", "success")
    return redirect(url_for("desk.message_rules", **about.address, _anchor=decided.kind))


def _about() -> About:
    """What the address asks about. Raises NotFound, and NotAllowed for whoever may not decide that."""
    desk, given = current(), {name: request.args.get(name) for name in ("service", "client")}
    if not all(PUBLIC_ID.fullmatch(each) for each in given.values() if each):
        raise NotFound
    if given["client"]:
        return About(client=find_client(desk.practice.id, given["client"], therapist_id=desk.only_therapist))
    if not viewer.has(Role.OWNER):
        raise NotAllowed
    return About(find_service(desk.practice.id, given["service"]) if given["service"] else None)


def _decided(about: About, kind: str) -> DecidedRules:
    found = next((each for each in about.decided() if each.kind == kind), None)
    if found is None:
        raise NotFound
    return found


def _page(about: About, problems: Mapping[str, str], texting: Any) -> str:
    desk = current()
    return render_template(
        "desk/message_rules.html",
        about=about,
        decided=about.decided(),
        services=list_services(desk.practice.id) if about.source == RuleSource.PRACTICE else [],
        problems=problems,
        texting=texting,
        discretion=[
            {"value": value.value, "label": label, "hint": hint}
            for value, (label, hint) in rule_words.DISCRETION.items()
        ],
        saying=rule_words,
        words=words,
    )


def _form(about: About, decided: DecidedRules, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    return render_template(
        "desk/message_rules_form.html",
        about=about,
        decided=decided,
        is_news=decided.kind in AT_ONCE,
        is_agenda=decided.kind in ON_THE_DAY,
        lines=range(min(MOST_RULES, max(_lines_of(values), len(decided.rules) + EMPTY_LINES))),
        values=values,
        problems=problems,
        templates=[("", "The usual words"), *((name, name) for name in _names(decided.kind))],
        saying=rule_words,
        words=words,
    )


def _names(kind: MessageKind) -> list[str]:
    return list_template_names(current().practice.id, kind)


def _lines_of(values: MultiDict[str, str]) -> int:
    """How many lines were shown to whoever typed this."""
    return max((place + 1 for place in range(MOST_RULES) if f"channel-{place}" in values), default=0)


def _filled(decided: DecidedRules) -> MultiDict[str, str]:
    """What holds now, as somebody would have typed it."""
    found: list[tuple[str, str]] = []
    for place, rule in enumerate(decided.rules):
        if decided.kind in AT_ONCE:
            found += [("channels", rule.channel.value), (f"template-{rule.channel.value}", rule.template)]
        elif decided.kind in ON_THE_DAY:
            found += [("is_on", "y"), ("time", f"{rule.minutes // 60:02}:{rule.minutes % 60:02}")]
        else:
            found += [*_filled_line(place, rule), *((f"modes-{place}", mode) for mode in rule.modes)]
    return MultiDict(found)


def _filled_line(place: int, rule: Rule) -> list[tuple[str, str]]:
    (_, amount), (_, unit) = filled_span("span", rule.minutes)
    return [
        (f"amount-{place}", amount),
        (f"amount-{place}_unit", unit),
        (f"channel-{place}", rule.channel.value),
        (f"template-{place}", rule.template),
    ]


def _read(form: MultiDict[str, str], kind: MessageKind) -> list[Rule]:
    """What was typed. Raises InvalidInput by field."""
    typed = FormReader(form)
    if kind in AT_ONCE:
        chosen = [each for each in Channel if each.value in typed.several("channels")]
        return [Rule(kind, each, template=typed.text(f"template-{each.value}")) for each in chosen]
    found = [_agenda(typed, kind)] if kind in ON_THE_DAY else [
        _line(typed, kind, place) for place in range(MOST_RULES)
    ]  # fmt: skip
    typed.refuse()
    return [rule for rule in found if rule is not None]


def _agenda(typed: FormReader, kind: MessageKind) -> Rule | None:
    if not typed.is_ticked("is_on"):
        return None
    at = typed.clock("time") or time()
    return Rule(kind, Channel.EMAIL, at.hour * 60 + at.minute)


def _line(typed: FormReader, kind: MessageKind, place: int) -> Rule | None:
    """One line of the form; None for one without a number."""
    if not typed.text(f"amount-{place}"):
        return None
    minutes = typed_span(typed, f"amount-{place}")
    channel = typed.word(f"channel-{place}", Channel, "Please choose text or e-mail.")
    modes = typed.words(f"modes-{place}", Mode, "Please choose at least one way to meet.")
    if minutes is None or channel is None or not modes:
        return None
    return Rule(kind, channel, minutes, tuple(mode.value for mode in modes), template=typed.text(f"template-{place}"))


def _filled_texting(practice: Practice) -> MultiDict[str, str]:
    return MultiDict(
        {
            "texts_from": _as_typed(practice.texts_from),
            "texts_until": _as_typed(practice.texts_until),
            "texts_a_day": str(practice.texts_a_day),
            "discretion": practice.discretion.value,
            "names_988": "y" if practice.names_988 else "",
        }
    )


def _as_typed(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _texting(form: MultiDict[str, str]) -> Texting:
    typed = FormReader(form)
    opens, closes = typed.clock("texts_from"), typed.clock("texts_until")
    most = typed.number("texts_a_day", "Please enter a whole number.")
    discretion = typed.word("discretion", Discretion)
    typed.refuse()
    assert opens and closes and most is not None and discretion  # noqa: S101, PT018 -- refused otherwise
    hours = (opens.hour * 60 + opens.minute, closes.hour * 60 + closes.minute)
    return Texting(*hours, most, discretion, names_988=typed.is_ticked("names_988"))

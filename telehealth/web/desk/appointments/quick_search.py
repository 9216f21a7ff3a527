""" "Who is free?": a line typed into the box of any page of the desk, and who could take that time, or why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.appointments.quick_questions import (
    LONGEST,
    Doubt,
    Matter,
    Named,
    QuickQuestion,
    read_quick_question,
)
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Therapist
from telehealth.queries.practice.practices import list_locations, list_services
from telehealth.web.desk import words
from telehealth.web.desk.appointments import obstacles
from telehealth.web.desk.appointments.obstacles import Answer
from telehealth.web.desk.appointments.slot_search import IN_GAP, SlotSearch, read_search
from telehealth.web.desk.frame import Desk, blueprint, current, with_therapist
from telehealth.web.free_times import say_start

MODE_WORDS = {
    Mode.VIRTUAL: ("Video", ("virtual", "online")),
    Mode.PHONE: ("Phone", ("call",)),
    Mode.IN_PERSON: ("In-person", ("office",)),
}
WHICH_SERVICE = "Which service is it for?"
WHICH_STATE = "In which state will the client be? It decides who may treat them."


@blueprint.get("/free")
@access.staff()
@with_therapist
def free(_therapist: Therapist) -> ResponseReturnValue:
    """``?q=tomorrow 3pm, couple, Spanish``: what was understood, who is free, and who is not and why."""
    now, desk, text = clock.now(), current(), request.args.get("q", "").strip()[:LONGEST]
    zone = desk.zone
    found = read_quick_question(text, _names(desk), today=walltime.wall(now, zone).date())
    assumed = _assume(desk, found, text) if text else []
    question = read_search(desk, _address(found))
    start = _start(found, question)
    ready = bool(text) and start is not None and not found.doubts and not question.missing
    language = found.named.get(Matter.LANGUAGE)
    answers = obstacles.find_answers(question, start, now=now) if ready and start is not None else []
    return render_template(
        "desk/free.html",
        text=text,
        doubts=found.doubts,
        understood=list(_understood(found, with_time=start is None)),
        assumed=assumed,
        starts=start.astimezone(question.zone) if start is not None else None,
        zone_of_times=times.zone_in_full(start or now, question.zone),
        ready=ready,
        answers=[_shown(question, each, start, language) for each in _by_language(answers, language) if start],
        more=url_for("desk.why_not", **question.address(**({"start": say_start(start)} if start else {}))),
    )


def _names(desk: Desk) -> Iterator[Named]:
    """Whatever can be named at this desk."""
    own = desk.therapist
    team = desk.team if desk.only_therapist is None else [own] if own is not None else []
    yield from (Named(Matter.SERVICE, each.public_id, each.name) for each in list_services(desk.practice.id))
    yield from (Named(Matter.THERAPIST, each.public_id, each.name) for each in team)
    yield from (Named(Matter.LANGUAGE, each, each) for each in sorted({word for one in team for word in one.languages}))
    yield from (Named(Matter.MODE, mode.value, name, also) for mode, (name, also) in MODE_WORDS.items())
    yield from (Named(Matter.STATE, code, name, (code,)) for code, name in JURISDICTIONS.items())


def _assume(desk: Desk, found: QuickQuestion, text: str) -> list[str]:
    """Fill in what there is only one of, or what is usual here; each is said. What is still open becomes a doubt."""
    said: list[str] = []
    services = list_services(desk.practice.id)
    named = found.named.get(Matter.SERVICE)
    service = next((each for each in services if named is not None and each.public_id == named.key), None)
    if service is None and len(services) == 1:
        service = services[0]
        found.named[Matter.SERVICE] = Named(Matter.SERVICE, service.public_id, service.name)
    if service is None:
        if not any("any of these" in each.sentence for each in found.doubts):
            found.doubts.append(Doubt(WHICH_SERVICE, tuple(f"{text} {each.name}" for each in services[:8])))
        return said
    if Matter.MODE not in found.named:
        mode = next(mode for mode in Mode if mode in service.modes)
        found.named[Matter.MODE] = Named(Matter.MODE, mode.value, MODE_WORDS[mode][0])
        if len(service.modes) > 1:
            said.append(f"{words.MODES[mode].lower()}, as nothing else was said")
    states = sorted({each.jurisdiction for each in list_locations(desk.practice.id)})
    if Matter.STATE not in found.named and found.named[Matter.MODE].key != Mode.IN_PERSON:
        if len(states) == 1:
            found.named[Matter.STATE] = Named(Matter.STATE, states[0], JURISDICTIONS.get(states[0], states[0]))
            said.append(f"a client in {found.named[Matter.STATE].name}, where the practice is")
        else:
            ways = tuple(f"{text} {JURISDICTIONS[each]}" for each in states if each in JURISDICTIONS)
            found.doubts.append(Doubt(WHICH_STATE, ways))
    return said


def _address(found: QuickQuestion) -> dict[str, str]:
    given = {matter: each.key for matter, each in found.named.items()}
    return {
        "service": given.get(Matter.SERVICE, ""),
        "who": given.get(Matter.THERAPIST, ""),
        "mode": given.get(Matter.MODE, ""),
        "state": given.get(Matter.STATE, ""),
    }


def _start(found: QuickQuestion, question: SlotSearch) -> datetime | None:
    """The instant that is asked about, in the zone that the question is asked in."""
    if found.day is None or found.at is None:
        missing = [text for text, value in (("day", found.day), ("time", found.at)) if value is None]
        if not any("morning" in each.sentence or "days" in each.sentence for each in found.doubts):
            found.doubts.append(Doubt(f"Please say which {' and which '.join(missing)}."))
        return None
    local = datetime.combine(found.day, found.at)
    if walltime.is_in_gap(local, question.zone):
        found.doubts.append(Doubt(IN_GAP))
        return None
    return walltime.resolve(local, question.zone)


def _understood(found: QuickQuestion, *, with_time: bool) -> Iterator[str]:
    if found.day is not None and with_time:
        yield f"{words.long_day(found.day)}, {found.day.year}"
    if found.at is not None and with_time:
        yield words.clock_time(found.at)
    for matter, each in found.named.items():
        yield f"speaks {each.name}" if matter == Matter.LANGUAGE else each.name


def _by_language(answers: list[Answer], language: Named | None) -> list[Answer]:
    """Who speaks it comes first; the others stay in the list, with that as a reason."""
    return sorted(answers, key=lambda each: language is not None and language.key not in each.therapist.languages)


def _shown(question: SlotSearch, answer: Answer, start: datetime | None, language: Named | None) -> dict[str, Any]:
    speaks = language is None or language.key in answer.therapist.languages
    address = question.with_therapist(answer.therapist).address(**({"start": say_start(start)} if start else {}))
    why = [each.sentence for each in answer.obstacles]
    return {
        "name": answer.therapist.name,
        "is_free": answer.is_free and speaks,
        "is_possible": answer.is_possible,
        "why": why if speaks or language is None else [f"Does not speak {language.name}.", *why],
        "href": url_for("desk.booking_details", **address),
    }

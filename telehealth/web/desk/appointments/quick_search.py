""" "Who is free?": a line typed into the box of any page of the desk, and who could take that time, or why not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
from telehealth.models import Therapist
from telehealth.queries.appointments.quick_answers import complete_question, list_names
from telehealth.web.desk import words
from telehealth.web.desk.appointments import obstacles
from telehealth.web.desk.appointments.obstacles import Answer
from telehealth.web.desk.appointments.slot_search import IN_GAP, SlotSearch, read_search
from telehealth.web.desk.frame import Desk, blueprint, current, with_therapist
from telehealth.web.free_times import say_start


@blueprint.get("/free")
@access.staff()
@with_therapist
def free(_therapist: Therapist) -> ResponseReturnValue:
    """``?q=tomorrow 3pm, couple, Spanish``: what was understood, who is free, and who is not and why."""
    now, desk, text = clock.now(), current(), request.args.get("q", "").strip()[:LONGEST]
    zone = desk.zone
    found = read_quick_question(text, list_names(desk.practice.id, _team(desk)), today=walltime.wall(now, zone).date())
    assumed = complete_question(desk.practice.id, found, text) if text else []
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


def _team(desk: Desk) -> Sequence[Therapist]:
    """Who can be named at this desk."""
    if desk.only_therapist is None:
        return desk.team
    return [desk.therapist] if desk.therapist is not None else []


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

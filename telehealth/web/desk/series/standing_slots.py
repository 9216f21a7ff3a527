"""Standing slots: the list, and one with its dates, its conflicts and the people it belongs to."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import InvalidInput, NotFound, SlotNotOffered, SlotTaken
from telehealth.domain.series.patterns import DateOutcome, read_obstacles
from telehealth.domain.words import OccurrenceStatus
from telehealth.models import Occurrence, Series, Therapist
from telehealth.queries.series.date_verdicts import list_alternatives, slot_of
from telehealth.queries.series.standing_slots import (
    find_series,
    has_place,
    list_conflicts,
    list_dates,
    list_running,
)
from telehealth.services.series.ending import restore_occurrence, settle_conflict, skip_occurrence
from telehealth.web.acting import by_staff
from telehealth.web.desk import history, series_words, words
from telehealth.web.desk.frame import blueprint, current, with_therapist

SHOWN = 26
ASK_AGAIN = "That time is no longer free. Nothing was changed; please choose another one."
NO_CHOICE = "Please choose what to do about this date."


@blueprint.get("/series")
@access.staff()
@with_therapist
def series(therapist: Therapist) -> ResponseReturnValue:
    """The standing slots of a therapist, those that need a decision first."""
    now = clock.now()
    found = list_running(therapist.practice_id, therapist_id=therapist.id, now=now)
    waiting = Counter(
        each.series_id for each in list_conflicts(therapist.practice_id, therapist_id=therapist.id, now=now)
    )
    rows = [_listed(each, waiting[each.id], now) for each in found]
    return render_template(
        "desk/series.html", rows=sorted(rows, key=lambda row: not row["waiting"]), waiting=waiting.total(), words=words
    )


@blueprint.get("/series/<public_id>")
@access.staff()
def series_one(public_id: str) -> ResponseReturnValue:
    """One standing slot. Raises NotFound for anybody else's."""
    return _page(find_series_on_desk(public_id))


@blueprint.post("/series/<public_id>/settle")
@access.staff()
def series_settle(public_id: str) -> ResponseReturnValue:
    """Decide about a date in conflict: leave it out, or meet at another time. Raises NotFound."""
    found = find_series_on_desk(public_id)
    day, choice = day_typed(), request.form.get("choice", "")
    start = series_words.read_instead(choice)
    if start is None and choice != series_words.SKIP:
        return _page(found, problem=(day, NO_CHOICE)), InvalidInput.status
    try:
        settle_conflict(
            practice_id=found.practice_id,
            series_public_id=public_id,
            day=day,
            alternative=start,
            by=by_staff(),
            now=clock.now(),
        )
    except (SlotTaken, SlotNotOffered) as problem:
        return _page(found, problem=(day, ASK_AGAIN)), problem.status
    except InvalidInput as problem:
        flash(next(iter(problem.fields.values())), "info")
        return _back(found)
    zone = series_words.zone_of(found)
    said = "is left out" if start is None else f"is on {times.say_briefly(start, zone)} instead"
    flash(f"{words.short_day(day)} {said}.", "success")
    return _back(found)


@blueprint.post("/series/<public_id>/skip")
@access.staff()
def series_skip(public_id: str) -> ResponseReturnValue:
    """Leave one date out. Raises NotFound."""
    found, day = find_series_on_desk(public_id), day_typed()
    done = skip_occurrence(
        practice_id=found.practice_id, series_public_id=public_id, day=day, by=by_staff(), now=clock.now()
    )
    told = " Everybody is told." if done.outcome == DateOutcome.CANCELLED else ""
    flash(f"{words.short_day(day)} is left out.{told}", "success")
    return _back(found)


@blueprint.post("/series/<public_id>/restore")
@access.staff()
def series_restore(public_id: str) -> ResponseReturnValue:
    """Let a date take place after all. Raises NotFound."""
    found, day = find_series_on_desk(public_id), day_typed()
    try:
        done = restore_occurrence(
            practice_id=found.practice_id, series_public_id=public_id, day=day, by=by_staff(), now=clock.now()
        )
    except InvalidInput as problem:
        flash(next(iter(problem.fields.values())), "info")
        return _back(found)
    if done.outcome == DateOutcome.CONFLICT:
        flash(f"{words.short_day(day)} is a date again, and something is in the way. Please decide below.", "warning")
    else:
        flash(f"{words.short_day(day)} takes place after all.", "success")
    return _back(found)


def find_series_on_desk(public_id: str) -> Series:
    """A standing slot whose page this person may open. Raises NotFound."""
    desk = current()
    found = find_series(desk.practice.id, public_id)
    if desk.only_therapist not in (None, found.therapist_id, found.co_therapist_id):
        raise NotFound
    return found


def day_typed() -> date:
    """The date that a button is about. Raises NotFound."""
    try:
        return date.fromisoformat(request.form.get("day", ""))
    except ValueError as problem:
        raise NotFound from problem


def today_of(found: Series, now: datetime) -> date:
    """The date on the slot's own calendar."""
    return walltime.wall(now, series_words.zone_of(found)).date()


def _back(found: Series) -> ResponseReturnValue:
    return redirect(url_for("desk.series_one", public_id=found.public_id))


def _listed(found: Series, waiting: int, now: datetime) -> dict[str, Any]:
    return {
        "row": found,
        "title": series_words.title(found),
        "zone": times.zone_name(series_words.zone_of(found)),
        "who": series_words.who(found, today_of(found, now)),
        "how": series_words.how(found),
        "rhythm": series_words.rhythm(found),
        "waiting": waiting,
    }


def _page(found: Series, *, problem: tuple[date, str] | None = None) -> str:
    """The page; ``problem`` is the date that could not be decided, and why."""
    now = clock.now()
    zone, today = series_words.zone_of(found), today_of(found, now)
    dates = list_dates(found, since=now, limit=SHOWN)
    return render_template(
        "desk/series_one.html",
        series=found,
        title=series_words.title(found),
        slot_zone=times.zone_name(zone),
        members=[each for each in found.members if each.stays(today)],
        facts_of=_facts(found),
        conflicts=_conflicts(found, dates, now=now),
        dates=[series_words.date_row(each, zone) for each in dates],
        is_over=found.until is not None and not dates,
        may_have_more=found.service.capacity > 1 and has_place(found, today),
        problem=problem,
        history=list(history.lines(found, zone)),
        words=words,
    )


def _facts(found: Series) -> list[tuple[str, str]]:
    return [
        ("What", series_words.how(found)),
        ("Therapist" if found.co_therapist is None else "Therapists", series_words.therapists(found)),
        ("How often", series_words.rhythm(found)),
    ]


def _conflicts(found: Series, dates: Any, *, now: datetime) -> list[dict[str, Any]]:
    """The dates that need a decision, each with what is in the way and what could be done."""
    open_dates: list[Occurrence] = [each for each in dates if each.status == OccurrenceStatus.CONFLICT]
    asked = [(each.day, each.starts_at) for each in open_dates]
    others = list_alternatives(slot_of(found), asked, now=now)
    zone = series_words.zone_of(found)
    return [
        {
            "day": each.day,
            "when": times.say_briefly(each.starts_at, zone),
            "reasons": series_words.in_the_way(read_obstacles(each.reason), found.therapist.name),
            "options": [
                *series_words.instead(others.get(each.day, ()), zone),
                (series_words.SKIP, "Leave this date out"),
            ],
        }
        for each in open_dates
    ]

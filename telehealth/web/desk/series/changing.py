"""Changing a standing slot: its terms, a pause, its end, and the people it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.errors import GroupFull, InvalidInput, NotFound
from telehealth.domain.series.patterns import ONE_DAY, DateOutcome, DateResult, SeriesChange, SeriesScope
from telehealth.domain.words import Mode
from telehealth.models import Series, SeriesMember
from telehealth.queries.practice.practices import find_therapist, list_locations
from telehealth.queries.series.standing_slots import list_dates, would_go_on
from telehealth.services.series.changing import change_series, preview_change
from telehealth.services.series.ending import end_series, pause_series
from telehealth.services.series.members import add_member, remove_member
from telehealth.web.acting import by_staff
from telehealth.web.desk import series_words, words
from telehealth.web.desk.appointments import attendee_forms
from telehealth.web.desk.clients import finding
from telehealth.web.desk.frame import blueprint, current
from telehealth.web.desk.series.new import givers
from telehealth.web.desk.series.standing_slots import find_series_on_desk, today_of
from telehealth.web.form_reader import FormReader

SHOWN = 60
LONGEST_REASON = 200
AS_IT_IS = ("", "As it is")
SCOPES = {
    SeriesScope.FOLLOWING: ("From one date on", "The date below and all after it."),
    SeriesScope.ALL: ("All dates ahead", "Everything that has not begun."),
    SeriesScope.THIS: ("One date only", "The date below; the slot goes on as it is."),
}
FIELDS = {"time": "local_time", "day": "day", "name": "name-1", "jurisdiction": "jurisdiction-1"}


@blueprint.get("/series/<public_id>/change")
@access.staff()
def series_change_form(public_id: str) -> ResponseReturnValue:
    """The form for other terms. Raises NotFound."""
    return _change_form(find_series_on_desk(public_id), MultiDict([("scope", SeriesScope.FOLLOWING.value)]), {})


@blueprint.post("/series/<public_id>/change")
@access.staff()
def series_change(public_id: str) -> ResponseReturnValue:
    """Change it, and list what became of each date; where something is in the way, show that first. Raises NotFound."""
    found = find_series_on_desk(public_id)
    if request.form.get("back"):
        return _change_form(found, request.form, {})
    try:
        change = _change(found, request.form)
        giver = _giver(found, change["to"])
        asked = change | {"series_public_id": public_id, "by": by_staff(), "now": clock.now()}
        before = [] if request.form.get("sure") else preview_change(practice_id=found.practice_id, **asked)
        if any(each.outcome == DateOutcome.CONFLICT for each in before):
            return _review(found, before, giver)
        done = change_series(practice_id=found.practice_id, **asked)
    except InvalidInput as problem:
        return _change_form(found, request.form, problem.fields), problem.status
    return _results("The slot is changed", done.series, done.dates, giver=giver)


@blueprint.get("/series/<public_id>/pause")
@access.staff()
def series_pause_form(public_id: str) -> ResponseReturnValue:
    """The form for a pause. Raises NotFound."""
    return _page("desk/series_pause.html", find_series_on_desk(public_id), MultiDict(), {})


@blueprint.post("/series/<public_id>/pause")
@access.staff()
def series_pause(public_id: str) -> ResponseReturnValue:
    """Leave out every date of a period. Raises NotFound."""
    found, typed = find_series_on_desk(public_id), FormReader(request.form)
    first = typed.day("first", "Please choose the first day of the pause.")
    last = typed.day("last", "Please choose the last day of the pause.")
    reason = typed.line("reason", longest=LONGEST_REASON)
    try:
        typed.refuse()
        assert first is not None and last is not None  # noqa: S101, PT018 -- refused above
        done = pause_series(
            practice_id=found.practice_id,
            series_public_id=public_id,
            first=first,
            last=last,
            reason=reason,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page("desk/series_pause.html", found, request.form, problem.fields), problem.status
    if not done:
        flash("No date ahead lies in this time, so nothing was changed.", "info")
        return _back(found)
    return _results("The slot pauses", found, done)


@blueprint.get("/series/<public_id>/end")
@access.staff()
def series_end_form(public_id: str) -> ResponseReturnValue:
    """The form for its end. Raises NotFound."""
    return _page("desk/series_end.html", find_series_on_desk(public_id), MultiDict(), {})


@blueprint.post("/series/<public_id>/end")
@access.staff()
def series_end(public_id: str) -> ResponseReturnValue:
    """End it, from one date on or altogether. Raises NotFound."""
    found, typed = find_series_on_desk(public_id), FormReader(request.form)
    day = typed.day("day", needed=False)
    reason = typed.line("reason", longest=LONGEST_REASON)
    try:
        typed.refuse()
        done = end_series(
            practice_id=found.practice_id,
            series_public_id=public_id,
            scope=SeriesScope.ALL if day is None else SeriesScope.FOLLOWING,
            day=day,
            reason=reason,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _page("desk/series_end.html", found, request.form, problem.fields), problem.status
    return _results("The slot has ended", found, [each for each in done if each.outcome != DateOutcome.DROPPED])


@blueprint.get("/series/<public_id>/members/new")
@access.staff()
def series_member_new(public_id: str) -> ResponseReturnValue:
    """The form for one more person. Raises NotFound."""
    return _member_form(find_series_on_desk(public_id), MultiDict(), {})


@blueprint.post("/series/<public_id>/members/new")
@access.staff()
def series_member_add(public_id: str) -> ResponseReturnValue:
    """Let one more person belong to it. Raises NotFound."""
    found, typed = find_series_on_desk(public_id), FormReader(request.form)
    if finding.was_asked(request.form):
        return _member_form(found, request.form, {})
    first_day = typed.day("first_day", needed=False)
    guardian_reason = typed.line("guardian_reason", longest=LONGEST_REASON)
    try:
        typed.refuse()
        contact = attendee_forms.read_contacts(request.form, current(), number=1, mode=found.mode)[0]
        done = add_member(
            practice_id=found.practice_id,
            series_public_id=public_id,
            contact=contact,
            first_day=first_day,
            guardian_reason=guardian_reason,
            by=by_staff(),
            now=clock.now(),
        )
    except GroupFull as problem:
        return _member_form(found, request.form, {"name-1": str(problem)}), problem.status
    except InvalidInput as problem:
        return _member_form(found, request.form, problem.fields), problem.status
    return _results(f"{contact.name} belongs to it", found, done)


@blueprint.get("/series/<public_id>/members/leave")
@access.staff()
def series_leave_form(public_id: str) -> ResponseReturnValue:
    """The form for somebody's last day. Raises NotFound."""
    found = find_series_on_desk(public_id)
    return _leave_form(found, _member(found, request.args.get("member")), MultiDict(), {})


@blueprint.post("/series/<public_id>/members/leave")
@access.staff()
def series_leave(public_id: str) -> ResponseReturnValue:
    """Take somebody off after a last day. Raises NotFound."""
    found, typed = find_series_on_desk(public_id), FormReader(request.form)
    member = _member(found, typed.text("member"))
    last_day = typed.day("last_day", "Please choose the last day on which they come.")
    try:
        typed.refuse()
        assert last_day is not None  # noqa: S101 -- refused above
        done = remove_member(
            practice_id=found.practice_id,
            series_public_id=public_id,
            member_public_id=member.public_id,
            last_day=last_day,
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as problem:
        return _leave_form(found, member, request.form, problem.fields), problem.status
    return _results(f"{member.name} is taken off", found, done)


def _giver(found: Series, to: SeriesChange) -> str:
    """The name of the therapist with whom the changed dates are."""
    return (find_therapist(found.practice_id, to.therapist) if to.therapist else found.therapist).name


def _review(found: Series, before: Sequence[DateResult], giver: str) -> str:
    """What would be in the way, and what would become of all dates."""
    zone = series_words.zone_of(found)
    rows = [series_words.result(each, zone, giver) for each in before if each.outcome == DateOutcome.CONFLICT]
    kept = attendee_forms.list_typed_fields(request.form, leave_out=("sure", "back"))
    return _page(
        "desk/series_review.html", found, request.form, {}, rows=rows, kept=kept, sum=series_words.summed_up(before)
    )


def _back(found: Series) -> ResponseReturnValue:
    return redirect(url_for("desk.series_one", public_id=found.public_id))


def _member(found: Series, public_id: str | None) -> SeriesMember:
    member = next((each for each in found.members if each.public_id == public_id), None)
    if member is None:
        raise NotFound
    return member


def _change(found: Series, form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed; what stays empty stays as it is. Raises InvalidInput."""
    typed = FormReader(form)
    scope = typed.word("scope", SeriesScope, "Please choose which dates change.")
    day = typed.day("day", "Please choose a date.", needed=scope is not SeriesScope.ALL)
    weekday = typed.number("weekday", "Please choose a day of the week.", needed=False)
    local_time = typed.clock("local_time", needed=False)
    every_weeks, week_of_month = series_words.read_how_often(typed, day or found.starts_on, needed=False)
    mode = typed.word("mode", Mode, "Please choose how to meet.") if typed.text("mode") else None
    minutes = series_words.read_length(typed, found.service)
    reason = typed.line("guardian_reason", longest=LONGEST_REASON)
    typed.refuse()
    assert scope is not None  # noqa: S101 -- refused above
    to = SeriesChange(
        weekday=weekday,
        local_time=local_time,
        every_weeks=every_weeks,
        week_of_month=week_of_month,
        mode=mode,
        location=_of_ours(typed.text("location"), [each.public_id for each in _places()]),
        jurisdiction=typed.text("jurisdiction") or None,
        therapist=_of_ours(typed.text("giver"), [each.public_id for each in givers(found.service)]),
        minutes=minutes,
    )
    if to == SeriesChange():
        raise InvalidInput({"weekday": "Nothing is different yet. Please choose what shall change."})
    about = {"day": day if scope is not SeriesScope.ALL else None, "guardian_reason": reason}
    return {"scope": scope, "to": to, **about}


def _of_ours(given: str, known: Sequence[str]) -> str | None:
    return given if given in known else None


def _places() -> Sequence[Any]:
    return list_locations(current().practice.id)


def _page(template: str, found: Series, values: MultiDict[str, str], problems: Mapping[str, str], **more: Any) -> str:
    zone = series_words.zone_of(found)
    now = clock.now()
    return render_template(
        template,
        series=found,
        title=series_words.title(found),
        slot_zone=times.zone_name(zone),
        who=series_words.who(found, today_of(found, now)),
        values=values,
        problems=problems,
        days=_days(found, now),
        words=words,
        **more,
    )


def _days(found: Series, now: datetime) -> list[tuple[str, str]]:
    """The dates ahead as choices of a select."""
    zone = series_words.zone_of(found)
    dates = list_dates(found, since=now, limit=SHOWN)
    return [(each.day.isoformat(), times.say_briefly(each.starts_at, zone)) for each in dates]


def _change_form(found: Series, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    scopes = [{"value": scope.value, "label": label, "hint": hint} for scope, (label, hint) in SCOPES.items()]
    return _page(
        "desk/series_change.html",
        found,
        values,
        problems,
        scopes=scopes,
        weekdays=[AS_IT_IS, *words.WEEKDAY_CHOICES],
        rhythms=[AS_IT_IS, *series_words.RHYTHMS],
        modes=[AS_IT_IS, *((mode, words.MODES[Mode(mode)]) for mode in found.service.modes)],
        places=[AS_IT_IS, *((each.public_id, each.name) for each in _places())],
        therapists=[AS_IT_IS, *((each.public_id, each.name) for each in givers(found.service))],
        states=attendee_forms.STATES,
        lengths=series_words.list_lengths(found.service),
    )


def _member_form(found: Series, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    return _page(
        "desk/series_member.html",
        found,
        values,
        {FIELDS.get(name, name): sentence for name, sentence in problems.items()},
        offer=attendee_forms.list_choices(current(), found.timezone, values, number=1),
        needs_state=found.mode != Mode.IN_PERSON,
    )


def _leave_form(found: Series, member: SeriesMember, values: MultiDict[str, str], problems: Mapping[str, str]) -> str:
    today = today_of(found, clock.now())
    goes_on = would_go_on(found, today + ONE_DAY, without=member)
    is_alone = all(each is member or not each.stays(today) for each in found.members)
    more = {"member": member, "today": today, "goes_on": goes_on, "is_alone": is_alone}
    return _page("desk/series_leave.html", found, values, problems, **more)


def _results(heading: str, found: Series, results: Sequence[DateResult], giver: str = "") -> ResponseReturnValue:
    """What became of each date. Those that need a decision can be decided on the slot's own page."""
    zone, giver = series_words.zone_of(found), giver or found.therapist.name
    stuck = sum(each.outcome == DateOutcome.CONFLICT for each in results)
    return render_template(
        "desk/series_done.html",
        heading=heading,
        series=found,
        title=series_words.title(found),
        slot_zone=times.zone_name(zone),
        summary=series_words.summed_up(results),
        rows=[series_words.result(each, zone, giver) for each in results],
        stuck=stuck,
        words=words,
    )

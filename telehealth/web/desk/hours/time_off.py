"""When a therapist is away. Appointments that are booked already are kept, and named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from flask import render_template, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.hours.absences import AbsenceKind
from telehealth.models import Appointment, Therapist, TimeOff
from telehealth.queries.hours.working_hours import list_booked_during, list_time_off
from telehealth.services.hours.hours_setting import TimeOffWish
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.desk.hours.entry_forms import EntryForm, Said, add_pages
from telehealth.web.desk.hours.handing_over import find_hand_over
from telehealth.web.form_reader import FormReader

ONE_DAY = timedelta(days=1)
MOST_SHOWN = 30


@blueprint.get("/time-off")
@access.staff()
@with_therapist
def time_off(therapist: Therapist) -> ResponseReturnValue:
    """Present and coming time off, with what is booked inside."""
    now = clock.now()
    found = list_time_off(therapist.id, since=walltime.wall(now, zone_of(therapist)))
    booked = list_booked_during(therapist.id, *((each.starts_at, each.ends_at) for each in found))
    entries = [_in_words(each, [one for one in booked if one.ends_at > now]) for each in found]
    return render_template("desk/time_off.html", entries=entries, words=words)


def _in_words(entry: TimeOff, booked: Sequence[Appointment]) -> dict[str, Any]:
    """A title, and (client, when, address) of each of the appointments that is inside."""
    zone = zone_of(entry.therapist)
    inside = [each for each in booked if each.starts_at < entry.ends_at and each.ends_at > entry.starts_at]
    return {
        "row": entry,
        "title": words.away(entry),
        "kind": words.ABSENCES[entry.kind] if entry.kind != AbsenceKind.TIME_OFF else "",
        "booked": [
            (
                words.say_clients(each),
                times.say_briefly(each.starts_at, zone),
                url_for("desk.appointment", public_id=each.public_id),
            )
            for each in inside[:MOST_SHOWN]
        ],
        "more": max(len(inside) - MOST_SHOWN, 0),
        "hand_over": find_hand_over(entry.therapist, inside),
    }


def _fill(entry: TimeOff) -> MultiDict[str, str]:
    """The form as somebody would have filled it in: the other way round of ``_read``."""
    starts, ends = entry.starts_local, entry.ends_local
    whole_last_day = ends.time() == time()
    return MultiDict(
        {
            "first_day": words.iso(starts.date()),
            "starts": words.iso(starts.time()) if starts.time() != time() else "",
            "last_day": words.iso(ends.date() - ONE_DAY if whole_last_day else ends.date()),
            "ends": "" if whole_last_day else words.iso(ends.time()),
            "kind": entry.kind,
            "note": entry.note,
            **({"is_shown": "y"} if entry.is_shown else {}),
        }
    )


def _read(typed: FormReader) -> list[TimeOffWish]:
    """Without times it is whole days; without a last day it is the first one. Raises InvalidInput."""
    first = typed.day("first_day", "Please choose the first day.")
    last = typed.day("last_day", needed=False) or first
    starts, ends = typed.clock("starts", needed=False), typed.clock("ends", needed=False)
    kind = typed.word("kind", AbsenceKind) if typed.text("kind") else AbsenceKind.TIME_OFF
    typed.refuse()
    assert first is not None and last is not None  # noqa: S101, PT018 -- refused above
    until = datetime.combine(last, time()) + ONE_DAY if ends is None else datetime.combine(last, ends)
    begins, note, is_shown = datetime.combine(first, starts or time()), typed.text("note"), typed.is_ticked("is_shown")
    return [TimeOffWish(begins, until, note, kind or AbsenceKind.TIME_OFF, is_shown)]


def _say_saved(saved: Sequence[TimeOff], _done: str) -> Said:
    for entry in saved:
        yield f"Time off is saved: {words.away(entry)}. Nothing new can be booked then.", "success"
        if booked := list_booked_during(entry.therapist_id, (entry.starts_at, entry.ends_at)):
            yield f"{words.kept(len(booked))} inside this time off. Nothing was cancelled; see below.", "warning"


FORM = EntryForm(
    model=TimeOff,
    template="desk/time_off_form.html",
    listed_at="desk.time_off",
    at_first=MultiDict({"kind": AbsenceKind.TIME_OFF}),
    fill=_fill,
    read=_read,
    say_saved=_say_saved,
    removed="The time off is removed. Your hours can be booked again.",
    names={"ends": "last_day"},
)
add_pages("/time-off", FORM, ("time_off_new", "time_off_add", "time_off_edit", "time_off_change", "time_off_remove"))

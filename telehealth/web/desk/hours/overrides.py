"""Other hours on one date, instead of the weekly ones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from werkzeug.datastructures import MultiDict

from telehealth.domain import walltime
from telehealth.domain.words import Mode
from telehealth.models import HoursOverride
from telehealth.queries.hours.working_hours import list_booked_during
from telehealth.services.hours.hours_setting import OverrideWish
from telehealth.web.desk import words
from telehealth.web.desk.frame import zone_of
from telehealth.web.desk.hours.entry_forms import EntryForm, Said, add_pages
from telehealth.web.desk.hours.weekly_hours import fill_hours, read_hours
from telehealth.web.form_reader import FormReader

CLOSED, OPEN = "closed", "open"


def _fill(entry: HoursOverride) -> MultiDict[str, str]:
    """The form as somebody would have filled it in for this date."""
    day = ("day", words.iso(entry.day))
    if entry.starts is None:
        # Whoever opens the date after all starts from the usual ticks instead of none.
        return MultiDict([day, ("kind", CLOSED), ("modes", Mode.VIRTUAL.value)])
    return MultiDict([day, ("kind", OPEN), *fill_hours(entry)])


def _read(typed: FormReader) -> list[OverrideWish]:
    """What was typed. A closed date needs nothing but the date. Raises InvalidInput."""
    day = typed.day("day")
    other_hours = {} if typed.text("kind") == CLOSED else read_hours(typed)
    typed.refuse()
    assert day is not None  # noqa: S101 -- refused above
    return [OverrideWish(day, **other_hours)]


def _say_saved(saved: Sequence[HoursOverride], _done: str) -> Said:
    for entry in saved:
        yield f"Saved for {words.long_day(entry.day)}. The weekly hours do not count on that date.", "success"
        if booked := _count_booked(entry):
            yield f"{words.kept(booked)} on that date. Nothing was cancelled.", "warning"


def _count_booked(entry: HoursOverride) -> int:
    midnight, zone = datetime.combine(entry.day, time()), zone_of(entry.therapist)
    since, until = (walltime.resolve(at, zone) for at in (midnight, midnight + timedelta(days=1)))
    return len(list_booked_during(entry.therapist_id, (since, until)))


FORM = EntryForm(
    model=HoursOverride,
    template="desk/hours_on_date.html",
    listed_at="desk.hours",
    at_first=MultiDict({"kind": OPEN, "modes": Mode.VIRTUAL.value}),
    fill=_fill,
    read=_read,
    say_saved=_say_saved,
    removed="Removed. If nothing else is set for that date, the weekly hours count again.",
)
add_pages(
    "/hours/dates",
    FORM,
    ("hours_on_date", "hours_on_date_add", "hours_on_date_edit", "hours_on_date_change", "hours_on_date_remove"),
)

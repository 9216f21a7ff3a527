"""Into which of their calendars a therapist has appointments written, and how much it is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import FeedDetail
from telehealth.late import Library
from telehealth.models import CalendarConnection, ConnectedCalendar, Therapist
from telehealth.web.acting import by_staff, find_viewer
from telehealth.web.desk.frame import HAS_A_CALENDAR, blueprint, with_therapist
from telehealth.web.form_reader import TICKED, FormReader

if TYPE_CHECKING:
    from telehealth.queries.calendars import connections
    from telehealth.services.calendars import written_calendars
else:
    connections = Library("telehealth.queries.calendars.connections")
    written_calendars = Library("telehealth.services.calendars.written_calendars")

NOWHERE = "nowhere"
WHAT_NAMES_REVEAL = (
    "The provider, and everybody you share the calendar with, can read that these people are your clients. Choose it "
    "only where an agreement with the provider covers health information."
)
DETAILS = {
    FeedDetail.BUSY: ("Busy only", "“Busy” and the time. The most discreet choice."),
    FeedDetail.INITIALS: ("Initials", "The clients’ initials."),
    FeedDetail.CODE_NAME: ("Code names", "The code name of clients who have one here, the initials of the others."),
    FeedDetail.FULL: ("Names", WHAT_NAMES_REVEAL),
}
SHOWN = {
    "place": "Say where: the name and the address of the place",
    "link": "Add the way into the video room, or to the appointment here; it asks for your password",
    "requests": "Write requests that wait for an answer too, as tentative",
}
CHOOSE = "Please choose a calendar."
CHOOSE_DETAIL = "Please choose how much it may tell."
SAVED = "Saved. What is booked stands there within the next minutes."
STOPPED = "Saved. What is ahead is taken out there within the next minutes; what is over stays."


@blueprint.get("/calendars/writing")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
def calendars_writing(therapist: Therapist) -> ResponseReturnValue:
    """Choose a calendar, and what it is told. Raises NotFound for anybody but the therapist."""
    written = _find_written(_list_own(therapist))
    if written is None:
        return _page(therapist, {"written": NOWHERE, "detail": FeedDetail.BUSY, "requests": TICKED}, {})
    typed = {
        "written": written.public_id,
        "detail": written.writes_detail,
        "category": written.writes_category,
        **{name: TICKED if getattr(written, f"writes_{name}") else "" for name in SHOWN},
    }
    return _page(therapist, typed, {})


@blueprint.post("/calendars/writing")
@access.staff(*HAS_A_CALENDAR)
@with_therapist
def calendars_write(therapist: Therapist) -> ResponseReturnValue:
    """Have appointments written there, or nowhere. Raises NotFound for anybody but the therapist."""
    found, typed = _list_own(therapist), FormReader(request.form)
    chosen = typed.text("written")
    try:
        if chosen == NOWHERE:
            _stop(found)
            flash(STOPPED, "success")
        else:
            _begin(therapist, found, chosen, typed)
            flash(SAVED, "success")
    except InvalidInput as refusal:
        return _page(therapist, {**request.form}, refusal.fields), refusal.status
    return redirect(url_for("desk.calendars", therapist=request.args.get("therapist") or None))


def _stop(found: list[CalendarConnection]) -> None:
    written = _find_written(found)
    if written is not None:
        written_calendars.stop_writing(
            practice_id=written.practice_id, calendar_public_id=written.public_id, by=by_staff(), now=clock.now()
        )


def _begin(therapist: Therapist, found: list[CalendarConnection], chosen: str, typed: FormReader) -> None:
    if chosen not in {each.public_id for row in found for each in row.calendars if each.can_write}:
        raise InvalidInput({"written": CHOOSE})
    detail = typed.word("detail", FeedDetail, CHOOSE_DETAIL)
    typed.refuse()
    wish = written_calendars.WritingWish(
        detail=detail or FeedDetail.BUSY,
        place=typed.is_ticked("place"),
        link=typed.is_ticked("link"),
        requests=typed.is_ticked("requests"),
        category=typed.text("category"),
    )
    written_calendars.set_written_calendar(
        practice_id=therapist.practice_id, calendar_public_id=chosen, wish=wish, by=by_staff(), now=clock.now()
    )


def _list_own(therapist: Therapist) -> list[CalendarConnection]:
    """Only the therapist says what is written into their own calendar."""
    if not connections.is_own(find_viewer(), therapist):
        raise NotFound
    return list(connections.list_connections(therapist.practice_id, therapist.id))


def _find_written(found: list[CalendarConnection]) -> ConnectedCalendar | None:
    return next((each for row in found for each in row.calendars if each.is_written), None)


def _page(therapist: Therapist, typed: dict[str, str], problems: dict[str, str]) -> str:
    found = _list_own(therapist)
    choices = [
        {"value": each.public_id, "label": each.name or row.name, "hint": row.name}
        for row in found
        for each in row.calendars
        if each.can_write
    ]
    nowhere = {"value": NOWHERE, "label": "Nowhere", "hint": "Nothing is written, and what is ahead is taken out."}
    return render_template(
        "desk/calendars_writing.html",
        choices=[*choices, nowhere] if choices else [],
        details=[{"value": each, "label": label, "hint": hint} for each, (label, hint) in DETAILS.items()],
        shown=SHOWN,
        typed=typed,
        problems=problems,
    )

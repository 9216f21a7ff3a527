"""The private address from which a therapist's own calendar program reads the appointments."""

from __future__ import annotations

from http import HTTPStatus

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.addresses import Addresses
from telehealth.domain.icalendar import FeedDetail
from telehealth.domain.words import Role
from telehealth.models import Therapist
from telehealth.queries.calendars.feeds import find_feed_of_therapist
from telehealth.services.calendars.feed_addresses import rotate_feed, set_feed_detail, stop_feed
from telehealth.web.acting import by_staff
from telehealth.web.desk import one_time_forms
from telehealth.web.desk.frame import blueprint, with_therapist, zone_of
from telehealth.web.form_reader import FormReader

WHAT_FULL_REVEALS = (
    "Names, place and links. The calendar's provider, and everybody you share the calendar with, can read that these "
    "people are your clients. Choose it only where an agreement with the provider covers health information."
)
DETAILS = {
    FeedDetail.BUSY: (
        "Busy only",
        "Whoever can read your calendar sees “Busy” and the time. No names, no links. The most discreet choice.",
    ),
    FeedDetail.INITIALS: (
        "Initials",
        "The clients' initials, and a link to the appointment here, which asks for your password.",
    ),
    FeedDetail.CODE_NAME: (
        "Code names",
        "The code name of clients who have one here, the initials of the others, and the link.",
    ),
    FeedDetail.FULL: ("Full", WHAT_FULL_REVEALS),
}


@blueprint.get("/calendar")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar(therapist: Therapist) -> ResponseReturnValue:
    """Whether there is an address, what it tells, and how to use it."""
    return _page(therapist)


@blueprint.post("/calendar")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar_renew(therapist: Therapist) -> ResponseReturnValue:
    """Make an address, in place of an older one. It is on the page that answers, and never again."""
    if one_time_forms.was_used():
        flash("This was already made; the address was shown once. Make a new one to replace it.", "warning")
        return _page(therapist), HTTPStatus.CONFLICT
    secret = rotate_feed(practice_id=therapist.practice_id, therapist_id=therapist.id, by=by_staff(), now=clock.now())
    one_time_forms.remember_use()
    addresses: Addresses = current_app.extensions["addresses"]
    return _page(therapist, address=addresses.feed(secret))


@blueprint.post("/calendar/detail")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar_detail(therapist: Therapist) -> ResponseReturnValue:
    """Choose how much the calendar tells. Raises NotFound without an address."""
    typed = FormReader(request.form)
    detail = typed.word("detail", FeedDetail, "Please choose how much the calendar may tell.")
    if detail is None:
        return _page(therapist, problem=typed.problems["detail"]), HTTPStatus.UNPROCESSABLE_ENTITY
    set_feed_detail(
        practice_id=therapist.practice_id, therapist_id=therapist.id, detail=detail, by=by_staff(), now=clock.now()
    )
    flash(f"Saved: {DETAILS[detail][0]}. Calendars show it after they have looked again.", "success")
    return redirect(url_for("desk.calendar"))


@blueprint.post("/calendar/stop")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar_stop(therapist: Therapist) -> ResponseReturnValue:
    """Close the address. Raises NotFound without one."""
    stop_feed(practice_id=therapist.practice_id, therapist_id=therapist.id, by=by_staff(), now=clock.now())
    flash("The calendar address is closed. Whoever had it reads nothing any more.", "success")
    return redirect(url_for("desk.calendar"))


def _page(therapist: Therapist, *, address: str = "", problem: str = "") -> str:
    feed = find_feed_of_therapist(therapist.id)
    options = [{"value": detail, "label": label, "hint": hint} for detail, (label, hint) in DETAILS.items()]
    return render_template(
        "desk/calendar.html",
        feed=feed,
        changed=times.say_briefly(feed.changed_at, zone_of(therapist)) if feed is not None else "",
        address=address,
        options=options,
        problem=problem,
        once=one_time_forms.make_word(),
    )

"""Where the link in an alert leads: what waits, and "I have it" for whoever takes it upon themselves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.inbox.alerting import AlertReason
from telehealth.models import Alert, Appointment
from telehealth.queries.inbox.alerts import (
    Viewer,
    find_alert,
    list_like,
    list_own,
    who_has_appointments,
    who_has_tasks,
)
from telehealth.services.inbox.alert_looks import see_alerts, take_alerts
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import blueprint, current

REASONS = {
    AlertReason.URGENT: "Urgent texts",
    AlertReason.UNANSWERED: "Urgent texts that our answer did not reach",
    AlertReason.NEAR: "Texts near an appointment",
    AlertReason.TEXT: "Other texts",
    AlertReason.REQUEST: "Requests",
    AlertReason.TO_DO: "Messages that did not arrive, and other things to do",
    AlertReason.ARRIVED: "Somebody is here",
    AlertReason.ALONE: "Somebody waits alone in the video room",
    AlertReason.CALL_BACK: "Somebody asks to be called instead of video",
}
MOST_SHOWN = 20


@blueprint.get("/alerts/<public_id>")
@access.staff()
def alerts_one(public_id: str) -> ResponseReturnValue:
    """What somebody was alerted to, and whatever else of its kind waits for them. Raises NotFound."""
    viewer, now = _viewer(), clock.now()
    found = find_alert(public_id, viewer, now=now)
    waiting = list_like(found, viewer, now=now)
    if see_alerts(waiting[:MOST_SHOWN], by=by_staff(), now=now):
        found, waiting = find_alert(public_id, viewer, now=now), list_like(found, viewer, now=now)
    own = list_own(waiting, viewer)
    return render_template(
        "desk/alert.html",
        title=REASONS[found.reason],
        alert=found,
        rows=[_row(each, is_own=each.id in own) for each in waiting[:MOST_SHOWN]],
        more=max(len(waiting) - MOST_SHOWN, 0),
        taken=_say_taken(found),
        words=words,
    )


@blueprint.post("/alerts/<public_id>/take")
@access.staff()
def alerts_take(public_id: str) -> ResponseReturnValue:
    """Tell the others that one has what the page showed: what came since, nobody has seen. Raises NotFound."""
    viewer, now = _viewer(), clock.now()
    found = find_alert(public_id, viewer, now=now)
    waiting = [each for each in list_like(found, viewer, now=now) if each.id == found.id or each.seen_at is not None]
    take_alerts(practice_id=found.practice_id, alert_ids=[each.id for each in waiting], by=by_staff(), now=now)
    if waiting:
        flash("You have it. Nobody else is told.", "success")
    return redirect(url_for("desk.alerts_one", public_id=public_id))


def _viewer() -> Viewer:
    return Viewer(viewer.id, viewer.practice_id, current().only_therapist)


def _say_taken(alert: Alert) -> str:
    has = who_has_tasks([alert.task_id]) if alert.task_id else who_has_appointments([alert.appointment_id or 0])
    said = (f"{each.name} has it since {times.say_briefly(each.at, current().zone)}." for each in has.values())
    return next(said, "")


def _row(alert: Alert, *, is_own: bool) -> dict[str, Any]:
    zone = current().zone
    since = times.say_briefly(alert.began_at, zone)
    if alert.task is not None:
        whom = alert.task.client.name if alert.task.client is not None else REASONS[alert.reason]
        return {"title": whom, "since": since, "url": url_for("desk.tasks_one", public_id=alert.task.public_id)}
    about = alert.appointment
    assert about is not None  # noqa: S101 -- it is about one of the two
    givers = words.listed([each.name for each in about.therapists])
    return {
        "title": words.say_clients(about),
        "since": since,
        "facts": f"{times.say_briefly(about.starts_at, zone)} with {givers}",
        "phones": _phones(about) if alert.reason in {AlertReason.ALONE, AlertReason.ARRIVED} else [],
        "url": url_for("desk.appointment", public_id=about.public_id) if is_own else "",
    }


def _phones(appointment: Appointment) -> Sequence[tuple[str, str]]:
    return [(each.name, each.phone) for each in appointment.seats if each.phone]

"""What was said and what will be said: the log with its filters, one message, the days ahead, and the report."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.delivery.states import LOST, OPEN, UNDER_WAY, UNTRIED
from telehealth.domain.errors import CannotResend
from telehealth.domain.hours.opening import dates_between
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus, ReplyMeaning, SuppressionReason
from telehealth.domain.proportions import Share
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Client, Message
from telehealth.queries.delivery.message_log import (
    LogFilters,
    count_outgoing,
    find_message,
    list_copies,
    list_log,
    list_outgoing,
)
from telehealth.queries.practice.clients import find_client
from telehealth.services.delivery.resending import resend_message
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import RUNS_THE_DESK, blueprint, current
from telehealth.web.desk.messages.message_lines import shown
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.queries.delivery import message_report
else:
    message_report = Library("telehealth.queries.delivery.message_report")

ANY = ("", "All")
STATES = {
    "planned": ("Planned", OPEN),
    "sent": ("Sent", UNDER_WAY),
    "delivered": ("Delivered", (MessageStatus.DELIVERED,)),
    "failed": ("Failed", tuple(LOST)),
    "ended": ("Not sent: no longer needed", (MessageStatus.VOID,)),
    "late": ("Not sent: too late", (MessageStatus.EXPIRED,)),
}
"""The choices of the filter, and the statuses behind each."""
AT_A_TIME, MOST_SKIPPED = 12, 100_000
IN_VIEW = 10
USUAL_DAYS, LONGEST_DAYS = 7, 35
REPORT_DAYS = 90
MAY_REPORT = (*RUNS_THE_DESK, Role.SUPERVISOR)
SEEN = [MessageStatus.DELIVERED, MessageStatus.SENT, MessageStatus.ACCEPTED, MessageStatus.UNDELIVERED,
        MessageStatus.FAILED, MessageStatus.EXPIRED, MessageStatus.VOID]  # fmt: skip
REPLIES = {
    ReplyMeaning.CONFIRM: "Confirmed",
    ReplyMeaning.MOVE: "Asked to move",
    ReplyMeaning.CHOICE: "Answered “which one?”",
    ReplyMeaning.STOP: "Ended texts",
    ReplyMeaning.MAYBE_STOP: "May want no more texts",
    ReplyMeaning.START: "Began texts again",
    ReplyMeaning.HELP: "Asked for help",
    ReplyMeaning.CRISIS: "Words of crisis",
    ReplyMeaning.OTHER: "Wrote to a person",
}
OPT_OUTS = {
    SuppressionReason.STOP.value: "Numbers that ended texts",
    SuppressionReason.BLOCKED.value: "Numbers or addresses that block us",
    SuppressionReason.BAD_ADDRESS.value: "Numbers or addresses that cannot receive",
    SuppressionReason.STAFF.value: "“Do not write to this one”, told to staff",
    SuppressionReason.PAUSED.value: "Numbers that are paused, because they may want no texts",
    "consent": "Clients who said no to something",
}


@blueprint.get("/messages")
@access.staff()
def messages() -> ResponseReturnValue:
    """What was said, the latest first, with filters. Raises NotFound for a client or an appointment of nobody's."""
    desk, zone = current(), zone_of_reader()
    chosen = {name: request.args.get(name, "") for name in ("state", "channel", "kind", "client", "appointment")}
    client = _client(chosen["client"])
    page = list_log(desk.practice.id, _filters(chosen), after=request.args.get("after") or None)
    query: dict[str, Any] = {**_filled(chosen), "after": page.following}
    more = url_for("desk.messages", **query) if page.following else ""
    return render_template(
        "desk/messages.html",
        in_view=IN_VIEW,
        rows=[shown(each, zone) for each in page.rows],
        chosen=chosen,
        client=client,
        is_filtered=any(chosen.values()),
        more=more,
        states=[ANY, *((name, text) for name, (text, _) in STATES.items())],
        channels=[ANY, *((each.value, words.CHANNELS[each]) for each in Channel)],
        kinds=[ANY, *((each.value, words.KINDS[each]) for each in MessageKind)],
        **around(zone),
    )


@blueprint.get("/messages/<public_id>")
@access.staff()
def messages_one(public_id: str) -> ResponseReturnValue:
    """One message: the words as they went out, each state with its time, and what replaced it. Raises NotFound."""
    row, zone = _one(public_id), zone_of_reader()
    return render_template(
        "desk/message.html",
        message=shown(row, zone),
        states=_states(row, zone),
        copies=[shown(each, zone) for each in list_copies(row)],
        may_resend=row.status not in OPEN,
        **around(zone),
    )


@blueprint.post("/messages/<public_id>/resend")
@access.staff()
def messages_resend(public_id: str) -> ResponseReturnValue:
    """Send it once more, in the words of now. Raises NotFound."""
    row = _one(public_id)
    try:
        made = resend_message(practice_id=row.practice_id, message_public_id=public_id, by=by_staff(), now=clock.now())
    except CannotResend as problem:
        flash(str(problem), "warning")
        return redirect(url_for("desk.messages_one", public_id=public_id))
    flash("It goes out again within a minute, in the words of now.", "success")
    return redirect(url_for("desk.messages_one", public_id=made.public_id))


@blueprint.get("/messages/outgoing")
@access.staff()
def messages_outgoing() -> ResponseReturnValue:
    """A calendar of what will go out: how much on each of the days ahead, and the messages, some at a time."""
    zone = zone_of_reader()
    first = day_of("first", today_in(zone))
    days = min(max(request.args.get("days", USUAL_DAYS, type=int), 1), LONGEST_DAYS)
    skip = min(max(request.args.get("skip", 0, type=int), 0), MOST_SKIPPED)
    last = first + timedelta(days=days)
    bounds = [walltime.midnight(first + timedelta(days=each), zone) for each in range(days + 1)]
    filters = LogFilters(therapist_id=current().only_therapist, since=bounds[0], until=bounds[-1])
    counts = count_outgoing(current().practice.id, filters, bounds)
    found = list_outgoing(current().practice.id, filters, limit=AT_A_TIME, skip=skip)
    by_day = groupby(found, key=lambda each: each.due_at.astimezone(zone).date())
    page = partial(url_for, "desk.messages_outgoing")
    until = skip + AT_A_TIME
    return render_template(
        "desk/messages_outgoing.html",
        days=[(words.short_day(day), [shown(each, zone) for each in rows]) for day, rows in by_day],
        counts=[
            (f"{day:%a, %b %-d}", count, page(first=day.isoformat(), days=1))
            for day, count in zip(dates_between(first, last), counts, strict=False)
        ],
        count=sum(counts),
        before=page(first=first, days=days, skip=max(skip - AT_A_TIME, 0)) if skip else "",
        after=page(first=first, days=days, skip=until) if until < sum(counts) else "",
        shown=(skip + 1, skip + len(found)),
        all_days=page(first=first) if days == 1 else "",
        span=f"{words.short_day(first)} to {words.short_day(last - timedelta(days=1))}"
        if days > 1
        else words.short_day(first),
        earlier=page(first=(first - timedelta(days=days)).isoformat(), days=days) if first > today_in(zone) else "",
        later=page(first=last.isoformat(), days=days),
        **around(zone),
    )


@blueprint.get("/messages/report")
@access.staff(*MAY_REPORT)
def messages_report() -> ResponseReturnValue:
    """What messages did: attendance by channel and lead with how sure it is, replies, opt-outs, what texts cost."""
    zone = zone_of_reader()
    until = day_of("until", today_in(zone))
    since = day_of("since", until - timedelta(days=REPORT_DAYS))
    if since >= until:
        since = until - timedelta(days=1)
    report = message_report.report_of_period(current().practice.id, **_between_days(since, until, zone))
    return render_template(
        "desk/messages_report.html",
        report=report,
        since=since,
        until=until,
        attendance=_table([("All sessions", report.attendance)]),
        by_channel=_table(report.by_channel.items()),
        by_lead=_table(report.by_lead.items()),
        by_confirmation=_table([("Confirmed", report.confirmed), ("Not confirmed", report.unconfirmed)]),
        sent=[
            (words.CHANNELS[channel], *(report.sent.get((channel, status), 0) for status in SEEN))
            for channel in Channel
        ],
        replies=[(text, report.replies.get(meaning, 0)) for meaning, text in REPLIES.items()],
        opt_outs=[(text, report.opt_outs.get(reason, 0)) for reason, text in OPT_OUTS.items()],
        **around(zone),
    )


def _one(public_id: str) -> Message:
    desk = current()
    return find_message(desk.practice.id, public_id, therapist_id=desk.only_therapist)


def _client(public_id: str) -> Client | None:
    """Whose messages alone are shown; None for everybody's. Raises NotFound."""
    desk = current()
    return find_client(desk.practice.id, public_id, therapist_id=desk.only_therapist) if public_id else None


def _filters(chosen: dict[str, str]) -> LogFilters:
    """The filters of the address; what it does not know is "all". Without a state, what still waits is left out, and so
    is what was planned for later days and is no longer needed: it would stand before everything that was said.
    """
    _, statuses = STATES.get(chosen["state"], ("", ()))
    done = [each for each in MessageStatus if each not in OPEN]
    zone, is_open = zone_of_reader(), not statuses and not chosen["appointment"]
    return LogFilters(
        client=chosen["client"] or None,
        appointment=chosen["appointment"] or None,
        statuses=statuses or ([] if chosen["appointment"] else done),
        channel=_word(Channel, chosen["channel"]),
        kind=_word(MessageKind, chosen["kind"]),
        therapist_id=current().only_therapist,
        until=walltime.midnight(today_in(zone) + timedelta(days=1), zone) if is_open else None,
    )


def _word(kind: Any, given: str) -> Any:
    return kind(given) if given in set(kind) else None


def _filled(chosen: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in chosen.items() if value}


def around(zone: ZoneInfo) -> dict[str, Any]:
    """What every page about messages needs: the zone of its times, and the pages that this person may open."""
    names = ("messages", "messages_outgoing", "messages_rehearsal", "messages_report")
    views = {f"desk.{name}": current_app.view_functions.get(f"desk.{name}") for name in names}
    decisions = {name: access.access_of(view) for name, view in views.items() if view is not None}
    return {
        "zone": times.zone_name(zone),
        "pages": {name for name, found in decisions.items() if found is not None and viewer.has(*found.roles)},
        "words": words,
    }


def _states(row: Message, zone: ZoneInfo) -> list[tuple[str, str]]:
    """Each state with its time, as far as they are known."""
    steps: list[tuple[datetime | None, str]] = [
        (row.created_at, "Planned"),
        (row.first_tried_at, "First tried"),
        (row.sent_at, "Taken by the provider"),
        *((each.received_at, f"Reported: {each.provider_status}") for each in row.events),
    ]
    if row.status in {*UNTRIED, *LOST}:
        steps.append((row.changed_at, "Ended"))
    known = sorted(((at, text) for at, text in steps if at is not None), key=lambda step: step[0])
    return [(times.say_briefly(at, zone), text) for at, text in known]


def _table(shares: Any) -> list[tuple[str, str, str, str]]:
    return [(name.capitalize(), f"{each.part} of {each.whole}", _rate(each), _between(each)) for name, each in shares]


def _rate(share: Share) -> str:
    return f"{share.rate:.0%}" if share.rate is not None else "–"


def _between(share: Share) -> str:
    return f"{share.low:.0%} to {share.high:.0%}" if share.whole else "–"


def zone_of_reader() -> ZoneInfo:
    """A therapist reads their own zone, the others the practice's."""
    desk = current()
    if desk.only_therapist is not None and desk.therapist is not None:
        return walltime.zone(desk.therapist.timezone)
    return walltime.zone(desk.practice.timezone)


def today_in(zone: ZoneInfo) -> date:
    """Today on that wall."""
    return clock.now().astimezone(zone).date()


def day_of(name: str, usual: date) -> date:
    """A date of the address, or the usual one."""
    return FormReader(request.args).day(name, needed=False) or usual


def _between_days(since: date, until: date, zone: ZoneInfo) -> dict[str, datetime]:
    """[since, until) as instants."""
    return {"since": walltime.midnight(since, zone), "until": walltime.midnight(until, zone)}

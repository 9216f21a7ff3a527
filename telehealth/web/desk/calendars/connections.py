"""Calendars that a therapist keeps elsewhere: what keeps time busy, how each connection stands, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.calendar_words import CalendarFailure, CalendarKind, ConnectionState
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import FeedSubject
from telehealth.late import Library
from telehealth.models import CalendarConnection, ConnectedCalendar, Therapist
from telehealth.queries.calendars.feeds import list_feeds
from telehealth.web.acting import by_staff, find_viewer, viewer
from telehealth.web.desk import words
from telehealth.web.desk.frame import HAS_A_CALENDAR, RUNS_THE_DESK, blueprint, current, with_therapist, zone_of
from telehealth.web.form_reader import FormReader

if TYPE_CHECKING:
    from telehealth.domain import calendar_refusals
    from telehealth.queries.calendars import connections, written
    from telehealth.services.calendars import connecting, signing_in
    from telehealth.web.desk.calendars import providers, seen_changes
else:
    calendar_refusals = Library("telehealth.domain.calendar_refusals")
    connections = Library("telehealth.queries.calendars.connections")
    written = Library("telehealth.queries.calendars.written")
    connecting = Library("telehealth.services.calendars.connecting")
    signing_in = Library("telehealth.services.calendars.signing_in")
    providers = Library("telehealth.web.desk.calendars.providers")
    seen_changes = Library("telehealth.web.desk.calendars.seen_changes")

PREVIEWED = 10
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOT_READ = frozenset({ConnectionState.LEAVING, ConnectionState.ENDED})
TAKE_OUT = "take_out"
"""What the button says that has appointments taken out first."""
NOT_ASKED = {
    ConnectionState.REFUSED: "It is not read before you sign in there again, or give a new password.",
    ConnectionState.FAILING: "Its server asked us to wait. It is read by itself when that is over.",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How it stands with a connection, as the desk says it."""

    connection: CalendarConnection
    zone: ZoneInfo
    now: datetime

    @property
    def is_being_read(self) -> bool:
        """Whether it is in somebody's hands, or about to be."""
        row = self.connection
        if row.state == ConnectionState.LEAVING:
            return False
        is_held = row.leased_until is not None and row.leased_until > self.now
        return is_held or (row.state != ConnectionState.REFUSED and row.due_at <= self.now)

    @property
    def badge(self) -> tuple[str, str]:
        """A word and a tone."""
        row = self.connection
        if row.state == ConnectionState.LEAVING:
            return "Ends soon", "wait"
        if row.state == ConnectionState.REFUSED:
            return "Sign in again", "bad"
        if row.state == ConnectionState.FAILING:
            return "Not read", "bad"
        return ("Waits to be read", "wait") if row.state == ConnectionState.NEW else ("Works", "good")

    @property
    def age(self) -> str:
        """ "Read 12 minutes ago", "Not read since Tuesday", "Not read yet"."""
        row = self.connection
        if row.synced_at is None:
            return "Not read yet"
        said = say_age(row.synced_at, self.zone, now=self.now)
        is_well = row.state in {ConnectionState.NEW, ConnectionState.WORKING}
        return f"Read {said}" if is_well else f"Not read since {said.removeprefix('on ')}"

    @property
    def failing(self) -> str:
        """Since when it is not read, if it is not."""
        since = self.connection.failing_since
        return "" if since is None else times.say_briefly(since, self.zone)

    @property
    def trouble(self) -> str:
        """What is wrong, and what to do next; empty when nothing is."""
        row = self.connection
        is_well = row.state in {ConnectionState.NEW, ConnectionState.WORKING}
        return "" if is_well or row.failure is None else _say_failure(row, row.failure)

    @property
    def way(self) -> str:
        """By which way it is read."""
        return providers.KINDS[self.connection.kind]

    def say_taken(self, counted: Mapping[int, int]) -> str:
        """ "2 of 3 calendars take time: 14 busy times ahead."; ``counted`` are busy times by calendar."""
        calendars = self.connection.calendars
        taking = [each for each in calendars if each.blocks]
        if not taking:
            return "No calendar of it takes time."
        told = say_busy(taking, counted)
        if len(calendars) == 1:
            return f"{told}."
        verb = "takes" if len(taking) == 1 else "take"
        return f"{len(taking)} of {len(calendars)} calendars {verb} time: {told[0].lower()}{told[1:]}."

    def say_unread(self, unread: Mapping[int, int]) -> str:
        """How many events could not be read, if any; ``unread`` counts them by connection."""
        count = unread.get(self.connection.id, 0)
        return f"{say_unread_events(count)}." if count else ""


def say_busy(calendars: Sequence[ConnectedCalendar], counted: Mapping[int, int]) -> str:
    """ "14 busy times ahead", or that nobody has looked yet: nothing is counted before."""
    total = sum(counted.get(each.id, 0) for each in calendars)
    if not total and all(each.read_whole_at is None for each in calendars):
        return "Busy times are counted once it was read"
    return f"{words.counted(total, 'busy time')} ahead"


def say_unread_events(count: int) -> str:
    """ "2 events could not be read, …"."""
    told = words.counted(count, "event")
    return f"{told} could not be read, or not wholly, and may take more time than is known here"


def say_age(at: datetime, zone: ZoneInfo, *, now: datetime) -> str:
    """ "just now", "12 minutes ago", "3 hours ago", "on Tue, Nov 24 at 3:00 PM MST"."""
    ago = now - at
    if ago < MINUTE:
        return "just now"
    if ago < HOUR:
        return f"{words.counted(ago // MINUTE, 'minute')} ago"
    if ago < DAY:
        return f"{words.counted(ago // HOUR, 'hour')} ago"
    return f"on {times.say_briefly(at, zone)}"


@blueprint.get("/calendars")
@access.staff()
@with_therapist
def calendars(therapist: Therapist) -> ResponseReturnValue:
    """Both directions on one page: what shows in the therapist's own calendars, and what keeps their time busy."""
    now, zone = clock.now(), zone_of(therapist)
    _require_may_see(therapist)
    found = connections.list_connections(therapist.practice_id, therapist.id)
    return render_template(
        "desk/calendars.html",
        whose=therapist,
        is_own=connections.is_own(find_viewer(), therapist),
        may_add=_may_add(therapist),
        standings=[Standing(each, zone, now) for each in found],
        counted=connections.count_busy([each.id for each in found], since=now),
        unread=connections.sum_unread_events([each.id for each in found]),
        next_busy=_list_next_busy(therapist, zone, now=now),
        feeds=_list_feeds(therapist),
        asked=seen_changes.count_seen_changes(therapist.id),
        written=next((each for row in found for each in row.calendars if each.is_written), None),
        words=words,
    )


@blueprint.get("/calendars/of-everybody")
@access.staff(*RUNS_THE_DESK)
def calendars_team() -> ResponseReturnValue:
    """Every therapist: which calendars are connected, and which are not read as they should be."""
    now, desk = clock.now(), current()
    whose: dict[int, list[Standing]] = {each.id: [] for each in desk.choices}
    found = connections.list_connections_of_all(desk.practice.id)
    for each in found:
        whose.setdefault(each.therapist_id, []).append(Standing(each, desk.zone, now))
    return render_template(
        "desk/calendars_team.html",
        team=[(each, whose[each.id]) for each in desk.choices],
        unread=connections.sum_unread_events([each.id for each in found]),
    )


@blueprint.get("/calendars/<public_id>")
@access.staff()
def calendars_one(public_id: str) -> ResponseReturnValue:
    """One connection: its state, which of its calendars take time, and how to end it. Raises NotFound."""
    return _page(find_own(public_id), {})


@blueprint.post("/calendars/<public_id>")
@access.staff(*HAS_A_CALENDAR)
def calendars_choose(public_id: str) -> ResponseReturnValue:
    """Which of its calendars take time here. Raises NotFound, NotAllowed."""
    found, typed = find_own(public_id, changes=True), FormReader(request.form)
    try:
        connecting.choose_calendars(
            practice_id=found.practice_id,
            connection_public_id=public_id,
            blocking=typed.several("blocking"),
            by=by_staff(),
            now=clock.now(),
        )
    except InvalidInput as refusal:
        return _page(found, refusal.fields, chosen=typed.several("blocking")), refusal.status
    flash("Saved. What is chosen takes your time as soon as it was read.", "success")
    return redirect(url_for("desk.calendars_one", public_id=public_id))


@blueprint.post("/calendars/<public_id>/read")
@access.staff()
def calendars_read(public_id: str) -> ResponseReturnValue:
    """Have it read now: by a worker, never while the page waits. Raises NotFound."""
    found = find_own(public_id)
    if not connecting.ask_reading(practice_id=found.practice_id, connection_public_id=public_id, now=clock.now()):
        flash(NOT_ASKED.get(found.state, NOT_ASKED[ConnectionState.FAILING]), "warning")
    return redirect(url_for("desk.calendars_one", public_id=public_id))


@blueprint.get("/calendars/<public_id>/state")
@access.staff()
def calendars_state(public_id: str) -> ResponseReturnValue:
    """How it stands, as the part of the page that an open page asks for again while it is read. Raises NotFound."""
    found = find_own(public_id)
    if found.state in NOT_READ:
        return "", HTTPStatus.GONE
    return render_template("desk/calendars_state.html", standing=_stand(found), figures=_list_figures(found))


@blueprint.post("/calendars/<public_id>/end")
@access.staff()
def calendars_end(public_id: str) -> ResponseReturnValue:
    """Forget what opens it, and what was read; or have appointments taken out there first. Raises NotFound."""
    found, typed = find_own(public_id), FormReader(request.form)
    signing_in.end_and_give_back(
        practice_id=found.practice_id,
        connection_public_id=public_id,
        sign_ins=current_app.extensions["gateways"].sign_ins,
        ring=current_app.extensions["key_ring"],
        by=by_staff(),
        now=clock.now(),
        takes_out=typed.text("appointments") == TAKE_OUT,
    )
    found = find_own(public_id)
    if found.state == ConnectionState.LEAVING:
        flash("It ends as soon as the appointments are out there. What it kept busy is free again.", "success")
        return redirect(url_for("desk.calendars_one", public_id=public_id))
    flash(f"“{found.name}” is no longer connected. What it kept busy is free again.", "success")
    return redirect(url_for("desk.calendars"))


def find_own(public_id: str, *, changes: bool = False) -> CalendarConnection:
    """A connection that whoever is signed in may see, or change. Raises NotFound, NotAllowed."""
    found = connections.find_connection(current().practice.id, public_id)
    connections.require_may_see(user_id=viewer.id, therapist=found.therapist)
    if changes:
        connections.require_may_connect(user_id=viewer.id, therapist=found.therapist, kind=found.kind)
    return found


def _require_may_see(therapist: Therapist) -> None:
    if not connections.may_see(find_viewer(), therapist):
        raise NotFound


def _may_add(therapist: Therapist) -> bool:
    """Whether there is anything that they may connect for this therapist."""
    return any(connections.may_connect(find_viewer(), therapist, kind) for kind in providers.KINDS)


def _list_feeds(therapist: Therapist) -> list[str] | None:
    """What the therapist's private addresses are called; None for whoever does not run them."""
    if not viewer.has(*HAS_A_CALENDAR):
        return None
    return [each.name for each in list_feeds(therapist.practice_id, FeedSubject.THERAPIST, therapist.id)]


def _list_next_busy(therapist: Therapist, zone: ZoneInfo, *, now: datetime) -> list[tuple[str, str]]:
    """The next times that are taken: a date, and from when until when."""
    found = connections.list_next_busy(therapist.id, since=now, most=PREVIEWED)
    return [_say_span(each.starts_at.astimezone(zone), each.ends_at.astimezone(zone)) for each in found]


def _say_span(starts: datetime, ends: datetime) -> tuple[str, str]:
    day = words.short_day(starts.date())
    if starts.date() == ends.date():
        return day, words.span(starts.time(), ends.time())
    return day, f"{words.clock_time(starts)} to {words.short_day(ends.date())}, {words.clock_time(ends)}"


def _stand(found: CalendarConnection) -> Standing:
    return Standing(found, zone_of(found.therapist), clock.now())


def _page(found: CalendarConnection, problems: Mapping[str, str], *, chosen: list[str] | None = None) -> str:
    if found.state in NOT_READ:
        return _page_of_ended(found)
    is_own = connections.is_own(find_viewer(), found.therapist)
    return render_template(
        "desk/calendars_one.html",
        connection=found,
        standing=_stand(found),
        is_own=is_own,
        may_change=connections.may_connect(find_viewer(), found.therapist, found.kind),
        signs_in=found.kind in current_app.extensions["gateways"].sign_ins,
        boxes=[(each.public_id, _say_calendar(each)) for each in found.calendars],
        chosen=[each.public_id for each in found.calendars if each.blocks] if chosen is None else chosen,
        figures=_list_figures(found),
        standing_there=written.count_standing(found.id, now=clock.now()),
        asked=seen_changes.count_seen_changes(found.therapist_id, connection_id=found.id),
        problems=problems,
        words=words,
    )


def _list_figures(found: CalendarConnection) -> list[tuple[str, str]]:
    """How much time each calendar takes; what calendars are called is for whoever may choose among them."""
    counted = connections.count_busy([found.id], since=clock.now())
    unread = connections.count_unread_events(found.id)
    taking = [each for each in found.calendars if each.blocks]
    if not _may_see_names(found):
        return [("All together", say_busy(taking, counted))] if taking else []
    return [(_say_calendar(each), _say_figures(each, counted, unread)) for each in taking]


def _say_figures(calendar: ConnectedCalendar, counted: Mapping[int, int], unread: Mapping[int, int]) -> str:
    said = say_busy([calendar], counted)
    said += ", and appointments are written into it" if calendar.is_written else ""
    return f"{said}. {say_unread_events(unread[calendar.id])}" if calendar.id in unread else said


def _may_see_names(found: CalendarConnection) -> bool:
    """Whoever may choose: the therapist, and owners of what can only be read, which holds one calendar."""
    may_change = connections.may_connect(find_viewer(), found.therapist, found.kind)
    return may_change and (found.kind == CalendarKind.ICS or connections.is_own(find_viewer(), found.therapist))


def _page_of_ended(found: CalendarConnection) -> str:
    """What is still to be taken out there, or could not be; and why."""
    failures = [each.write_failure for each in found.calendars if each.write_failure is not None]
    return render_template(
        "desk/calendars_ended.html",
        connection=found,
        left=written.count_left(found.id, now=clock.now()),
        until=times.say_briefly(found.due_at, zone_of(found.therapist)),
        problem=_say_failure(found, failures[0]) if failures else "",
        words=words,
    )


def _say_failure(row: CalendarConnection, failure: CalendarFailure) -> str:
    return str(calendar_refusals.refuse(failure, kind=row.kind, address=row.address))


def _say_calendar(calendar: ConnectedCalendar) -> str:
    """What it is called there; an address holds one that has no name."""
    return calendar.name or "This calendar"

"""The frame around every page of the desk: whose calendar it is about, and where the person may go from here.

A therapist has one desk, their own. The owner and the front desk see the whole practice and choose a therapist with
``?therapist=<public id>``; every link of the desk keeps that choice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app, g, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.errors import NotFound
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import Appointment, Practice, Therapist
from telehealth.queries.appointments.appointments import Counted, count_pending_and_arrived
from telehealth.queries.practice.practices import find_therapist, list_therapists
from telehealth.queries.practice.staff import list_practices_of_login
from telehealth.web.acting import find_viewer, viewer

if TYPE_CHECKING:
    from telehealth.queries import to_do
    from telehealth.queries.to_do import ToDo
else:
    to_do = Library("telehealth.queries.to_do")

P = ParamSpec("P")

blueprint = Blueprint("desk", __name__, url_prefix="/desk")

RUNS_THE_DESK = (Role.OWNER, Role.FRONT_DESK)
HAS_A_CALENDAR = (Role.OWNER, Role.THERAPIST)
PUBLIC_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What cannot be one never reaches the database: PostgreSQL takes no NUL."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What the page is about. ``therapist`` is None in a practice without therapists, and for a login without one.

    ``choices`` is empty for somebody who sees only their own desk. ``chosen`` is the part of the address that keeps
    the choice.
    """

    practice: Practice
    therapist: Therapist | None
    choices: Sequence[Therapist]
    chosen: str | None

    @property
    def team(self) -> Sequence[Therapist]:
        """Everybody who gives care at the practice, whoever reads the page."""
        return self.choices or list_therapists(self.practice.id)

    @property
    def names(self) -> list[tuple[str, str]]:
        """Public ids and names of the therapists to choose from."""
        return [(each.public_id, each.name) for each in self.choices]

    @property
    def zone(self) -> ZoneInfo:
        """The zone that the desk speaks in: the therapist's, or without one the practice's."""
        return walltime.zone((self.therapist or self.practice).timezone)

    @property
    def only_therapist(self) -> int | None:
        """The therapist whose rows alone may be seen; None for somebody who sees the whole practice."""
        if viewer.has(*access.SEES_ALL):
            return None
        # A login without a therapist sees nobody's rows: no therapist has this number.
        return self.therapist.id if self.therapist is not None else -1


def current() -> Desk:
    """The desk of this request. Raises NotFound for a therapist whom this person may not see."""
    if "desk" not in g:
        wanted = request.args.get("therapist") or None
        if wanted:
            require_id(wanted)
        g.desk = _whole_practice(wanted) if viewer.has(*access.SEES_ALL) else _own(wanted)
    found: Desk = g.desk
    return found


def require_id(given: str) -> str:
    """What can be a public id. Raises NotFound."""
    if not PUBLIC_ID.fullmatch(given):
        raise NotFound
    return given


def _whole_practice(wanted: str | None) -> Desk:
    choices = list_therapists(viewer.practice_id)
    if wanted is not None:
        therapist: Therapist | None = find_therapist(viewer.practice_id, wanted)
    else:
        therapist = viewer.therapist or next(iter(choices), None)
    return Desk(viewer.practice, therapist, choices, wanted)


def _own(wanted: str | None) -> Desk:
    own = viewer.therapist
    if wanted is not None and (own is None or own.public_id != wanted):
        raise NotFound
    return Desk(viewer.practice, own, (), wanted)


def with_therapist(
    view: Callable[Concatenate[Therapist, P], ResponseReturnValue],
) -> Callable[P, ResponseReturnValue]:
    """Give the view the therapist whose desk it is; where there is none, a page says what to do about it.

    An address that names an entry of somebody's desk is not found then. Raises NotFound.
    """

    @wraps(view)
    def seen(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        therapist = current().therapist
        if therapist is not None:
            return view(therapist, *args, **kwargs)
        if request.method != "GET" or kwargs:
            raise NotFound
        return render_template("desk/nobody.html")

    return seen


def zone_of(therapist: Therapist) -> ZoneInfo:
    """The zone that the therapist's pages speak in."""
    return walltime.zone(therapist.timezone)


def only_looks_on() -> bool:
    """Whether the person signed in reads some pages and changes nothing."""
    return not viewer.has(*access.STAFF_ROLES)


def is_own(appointment: Appointment) -> bool:
    """Whether the person signed in gives the appointment: nobody else of the practice enters the room."""
    return any(each.user_id == viewer.id for each in appointment.therapists)


@blueprint.get("/stay")
@access.staff_and(*access.LOOKING_ON)
def stay() -> ResponseReturnValue:
    """Asked for by a page that was open for a while: being asked is what keeps the sign-in alive."""
    return "", HTTPStatus.NO_CONTENT


@blueprint.get("/counts")
@access.staff()
def counts() -> ResponseReturnValue:
    """What the menu counts, as it is now: an open page asks every so often, while somebody can see it. A page of
    another practice than the one at work is told so: what there is to do here is none of its business.
    """
    if request.args.get("who", viewer.public_id) != viewer.public_id:
        return {}, HTTPStatus.CONFLICT
    desk = current()
    here = [(endpoint, text) for endpoint, text in _navigation() if endpoint in COUNTED]
    return {
        "as_of": times.say_time(clock.now(), desk.zone),
        "here": arrived_now(desk),
        "links": [{"href": url_for(endpoint), "text": _counted(endpoint, text, desk)} for endpoint, text in here],
        "waiting": requests_waiting(desk) + tasks_waiting(desk),
    }


@blueprint.url_value_preprocessor
def _only_ids(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Every part of an address of the desk that varies is a public id. Raises NotFound."""
    for each in (values or {}).values():
        require_id(each)


@blueprint.url_defaults
def _keep_choice(_endpoint: str, values: dict[str, Any]) -> None:
    desk: Desk | None = g.get("desk")
    if desk is not None and desk.chosen is not None:
        values.setdefault("therapist", desk.chosen)


@blueprint.context_processor
def around_the_page() -> dict[str, Any]:
    """What the frame needs. Also asked for by error pages, so a wrong choice of therapist must not raise again."""
    if not current_user.is_authenticated or g.get("viewer") is None:
        return {}  # Nobody's, or of a sign-in that counts no more.
    try:
        desk = current()
    except NotFound:
        desk = Desk(viewer.practice, None, (), None)
    items = list(_navigation())
    links = {endpoint: (url_for(endpoint), _counted(endpoint, text, desk)) for endpoint, text in items}
    return {
        "desk": desk,
        "viewer": find_viewer(),
        "login_practices": list_practices_of_login(login_id=current_user.id) if current_user.is_of_several else [],
        "only_looks_on": only_looks_on(),
        "practice": desk.practice,
        "home_url": url_for("desk.today"),
        "nav_items": [link for endpoint, link in links.items() if endpoint not in BEHIND_MORE],
        "nav_more": _group({endpoint: link for endpoint, link in links.items() if endpoint in BEHIND_MORE}),
        "nav_current": _section(items),
        "as_of": times.say_time(clock.now(), desk.zone),
        "idle_seconds": desk.practice.idle_minutes * 60,
        "zone": times.zone_name(zone_of(desk.therapist)) if desk.therapist else "",
    }


def requests_waiting(desk: Desk) -> int:
    """How many requests wait for an answer of whoever looks at this desk."""
    return _count_appointments(desk).pending


def arrived_now(desk: Desk) -> int:
    """How many are here already, of whoever may be seen at this desk."""
    return _count_appointments(desk).arrived


def _count_appointments(desk: Desk) -> Counted:
    """Asked of the rows once a page."""
    if "counted_appointments" not in g:
        only, now = desk.only_therapist, clock.now()
        g.counted_appointments = count_pending_and_arrived(desk.practice.id, therapist_id=only, now=now)
    found: Counted = g.counted_appointments
    return found


def find_to_do(desk: Desk) -> ToDo:
    """What there is to do for whoever looks at this desk; asked of the rows once a page."""
    if "to_do" not in g:
        g.to_do = to_do.count_to_do(desk.practice.id, therapist_id=desk.only_therapist, now=clock.now())
    found: ToDo = g.to_do
    return found


def tasks_waiting(desk: Desk) -> int:
    """How much of it there is."""
    return find_to_do(desk).total


COUNTED = {
    "desk.today": (arrived_now, "{} here"),
    "desk.requests": (requests_waiting, "{}"),
    "desk.tasks": (tasks_waiting, "{}"),
}
"""What the menu counts behind the name of a page, and how it says it."""


def _counted(endpoint: str, text: str, desk: Desk) -> str:
    if endpoint not in COUNTED:
        return text
    count, said = COUNTED[endpoint]
    number = count(desk)
    return f"{text} ({said.format(number)})" if number else text


SECTIONS = (
    ("desk.today", "Today", access.STAFF_ROLES),
    ("desk.schedule", "Schedule", access.STAFF_ROLES),
    ("desk.booking", "New appointment", access.STAFF_ROLES),
    ("desk.requests", "Requests", access.STAFF_ROLES),
    ("desk.tasks", "To do", access.STAFF_ROLES),
    ("desk.clients", "Clients", access.STAFF_ROLES),
    ("desk.week", "Week", access.AT_THE_DESK),
    ("desk.waitlist", "Waitlist", access.STAFF_ROLES),
    ("desk.messages", "Messages", access.STAFF_ROLES),
    ("desk.series", "Standing slots", access.STAFF_ROLES),
    ("desk.hours", "Hours", access.STAFF_ROLES),
    ("desk.time_off", "Time off", access.STAFF_ROLES),
    ("desk.closures", "Closures", frozenset({Role.OWNER})),
    ("desk.reassign", "Sick day", frozenset(RUNS_THE_DESK)),
    ("desk.licences", "Licences and limits", access.STAFF_ROLES),
    ("desk.calendars", "Calendars", frozenset(HAS_A_CALENDAR)),
    ("desk.shared_calendars", "Shared calendars", frozenset(RUNS_THE_DESK)),
    ("desk.services", "Services", frozenset({Role.OWNER})),
    ("desk.messages_report", "Report on messages", frozenset({Role.SUPERVISOR})),
    ("desk.people", "People", frozenset({Role.OWNER})),
    ("desk.therapists", "Therapists", frozenset({Role.OWNER})),
    ("desk.message_rules", "Message schedule", frozenset({Role.OWNER})),
    ("desk.message_templates", "Message texts", frozenset({Role.OWNER})),
    ("desk.alert_rules", "Who is told", frozenset({Role.OWNER})),
    ("desk.report", "Report", frozenset({Role.OWNER})),
    ("desk.export", "Export", frozenset({Role.OWNER})),
    ("desk.changes", "Changes", frozenset({Role.OWNER})),
    ("desk.practice", "Practice", frozenset({Role.OWNER})),
    ("desk.places", "Places", frozenset({Role.OWNER})),
    ("desk.video", "Video", frozenset({Role.OWNER})),
    ("desk.settings", "Settings", frozenset({Role.OWNER})),
)
PART_OF = {"calendar": "calendars"}
"""Pages that stand within a section of another name."""
BEHIND_MORE = frozenset(endpoint for endpoint, _, _ in SECTIONS[6:])
"""What is set up once in a while stands behind one word, so that the sections of every day take few rows on a phone."""


GROUPS = (
    ("Clients", ("desk.waitlist", "desk.series")),
    ("Messages", ("desk.messages", "desk.message_rules", "desk.message_templates", "desk.alert_rules")),
    (
        "Therapists' time",
        ("desk.week", "desk.hours", "desk.time_off", "desk.reassign", "desk.licences", "desk.calendars"),
    ),
)
REST = "Practice"
"""What stands in no group of its own is about the practice as a whole."""
MOST_UNGROUPED = 9


def _group(links: dict[str, tuple[str, str]]) -> list[tuple[str, list[tuple[str, str]]]]:
    """What stands behind "More", under headings once there is much of it."""
    if len(links) <= MOST_UNGROUPED:
        return [("", list(links.values()))] if links else []
    named = [(title, [links[each] for each in endpoints if each in links]) for title, endpoints in GROUPS]
    grouped = {each for _, endpoints in GROUPS for each in endpoints}
    rest = [link for endpoint, link in links.items() if endpoint not in grouped]
    return [(title, found) for title, found in (*named, (REST, rest)) if found]


def _navigation() -> Iterator[tuple[str, str]]:
    """The sections that there are, for whoever may open them."""
    for endpoint, text, roles in SECTIONS:
        view = current_app.view_functions.get(endpoint)
        decision = access.access_of(view) if view is not None else None
        if decision is not None and viewer.has(*(roles & decision.roles)):
            yield endpoint, text


def _section(items: Sequence[tuple[str, str]]) -> str:
    """The address of the section that the page belongs to: "hours" for "hours_add"."""
    here = (request.endpoint or "").partition(".")[2]
    first, mark, rest = here.partition("_")
    here = PART_OF.get(first, first) + mark + rest
    for endpoint, _ in items:
        section = endpoint.partition(".")[2]
        if here == section or here.startswith(f"{section}_"):
            return url_for(endpoint)
    return ""

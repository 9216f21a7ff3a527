"""The private addresses from which calendar programs read what is booked: a therapist's own, and those of clients,
rooms, places and the practice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, times
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.icalendar import SHOWS_TIME_OFF, FeedDetail, FeedSubject
from telehealth.domain.words import Role
from telehealth.late import Library
from telehealth.models import CalendarFeed, Therapist
from telehealth.models.feeds import Owner
from telehealth.queries.calendars.feeds import (
    count_feeds,
    find_feed,
    find_owner,
    is_shut,
    list_feeds,
    require_may_run,
    shows_all,
)
from telehealth.queries.practice.places import list_all_places
from telehealth.web.acting import by_staff, viewer
from telehealth.web.desk import one_time_forms, words
from telehealth.web.desk.frame import blueprint, current, with_therapist
from telehealth.web.form_reader import TICKED, FormReader
from telehealth.web.link_pages import find_addresses

if TYPE_CHECKING:
    from telehealth.services.calendars import feed_addresses
else:
    feed_addresses = Library("telehealth.services.calendars.feed_addresses")

WHAT_NAMES_REVEAL = (
    "With a link to the appointment here. The calendar's provider, and everybody you share the calendar with, can read "
    "that these people are your clients. Choose it only where an agreement with the provider covers health information."
)
DETAILS = {
    FeedDetail.BUSY: (
        "Busy only",
        "Whoever can read the calendar sees “Busy” and the time. No names, no links. The most discreet choice.",
    ),
    FeedDetail.INITIALS: (
        "Initials",
        "The clients' initials, and a link to the appointment here, which asks for your password.",
    ),
    FeedDetail.CODE_NAME: (
        "Code names",
        "The code name of clients who have one here, the initials of the others, and the link.",
    ),
    FeedDetail.FULL: ("Names", WHAT_NAMES_REVEAL),
}
SHOWN = {
    "shows_place": "Say where: the name and the address of the place",
    "shows_standing": "Show the dates that standing slots keep, long before their appointments are made",
    "shows_time_off": "Show time off, without the reason",
}
BRIEFLY = {"shows_place": "places", "shows_standing": "standing slots", "shows_time_off": "time off"}
PART = "Only what was booked online by one link. All of theirs once somebody has said yes to it, or they have come."
MADE = "This was already made; the address was shown once. Make a new one to replace it."


@dataclass(frozen=True, slots=True)
class Calendars:
    """Whose addresses a page is about. ``of`` is the row, or None for the practice."""

    subject: FeedSubject
    of: Owner | None

    @property
    def url(self) -> str:
        """Its page."""
        if self.subject == FeedSubject.THERAPIST:
            return url_for("desk.calendar")
        owner = self.of.public_id if self.of is not None else None
        return url_for("desk.shared_calendars_one", subject=self.subject, owner=owner)

    @property
    def shown(self) -> Mapping[str, str]:
        """What may be chosen beside how much is told of clients."""
        has_time_off = self.subject in SHOWS_TIME_OFF
        return {name: text for name, text in SHOWN.items() if has_time_off or name != "shows_time_off"}

    @property
    def title(self) -> str:
        """What the page is called."""
        name = self.of.name if self.of is not None else "the practice"
        is_own = self.subject == FeedSubject.THERAPIST and not current().choices
        return "Private addresses" if is_own else f"Private addresses of {name}"


@blueprint.get("/calendar")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar(therapist: Therapist) -> ResponseReturnValue:
    """A therapist's addresses: what they tell, and who reads them."""
    return _page(Calendars(FeedSubject.THERAPIST, therapist))


@blueprint.post("/calendar")
@access.staff(Role.OWNER, Role.THERAPIST)
@with_therapist
def calendar_add(therapist: Therapist) -> ResponseReturnValue:
    """Make one more. The address is on the page that answers, and never again."""
    return _add(Calendars(FeedSubject.THERAPIST, therapist))


@blueprint.get("/shared-calendars")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def shared_calendars() -> ResponseReturnValue:
    """The practice, its places and their rooms: each with its own addresses."""
    practice = current().practice
    places = [each for each in list_all_places(practice.id) if each.ended_at is None]
    return render_template("desk/shared_calendars.html", places=places, counts=count_feeds(practice.id))


@blueprint.get("/shared-calendars/<subject>")
@blueprint.get("/shared-calendars/<subject>/<owner>")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def shared_calendars_one(subject: str, owner: str = "") -> ResponseReturnValue:
    """The addresses of a client, a room, a place or the practice. Raises NotFound."""
    return _page(_find(subject, owner))


@blueprint.post("/shared-calendars/<subject>")
@blueprint.post("/shared-calendars/<subject>/<owner>")
@access.staff(Role.OWNER, Role.FRONT_DESK)
def shared_calendars_add(subject: str, owner: str = "") -> ResponseReturnValue:
    """Make one more. Raises NotFound."""
    return _add(_find(subject, owner))


@blueprint.get("/calendar/addresses/<public_id>")
@access.staff(Role.OWNER, Role.THERAPIST, Role.FRONT_DESK)
def calendar_edit(public_id: str) -> ResponseReturnValue:
    """What one address tells, as a form. Raises NotFound."""
    feed = _own(public_id)
    ticked = {name: TICKED for name in SHOWN if getattr(feed, name)}
    return _form(feed, MultiDict({"name": feed.name, "detail": feed.detail, **ticked}), {})


@blueprint.post("/calendar/addresses/<public_id>")
@access.staff(Role.OWNER, Role.THERAPIST, Role.FRONT_DESK)
def calendar_change(public_id: str) -> ResponseReturnValue:
    """Call it otherwise, or let it tell more or less. Raises NotFound."""
    feed = _own(public_id)
    try:
        wish = _read_wish(Calendars(feed.subject, feed.owner))
        feed_addresses.change_feed(
            practice_id=feed.practice_id, feed_public_id=public_id, wish=wish, by=by_staff(), now=clock.now()
        )
    except InvalidInput as refusal:
        return _form(feed, request.form, refusal.fields), refusal.status
    flash(f"Saved: {wish.name}. Calendars show it after they have looked again.", "success")
    return redirect(Calendars(feed.subject, feed.owner).url)


@blueprint.post("/calendar/addresses/<public_id>/renew")
@access.staff(Role.OWNER, Role.THERAPIST, Role.FRONT_DESK)
def calendar_renew(public_id: str) -> ResponseReturnValue:
    """Make a new address in place of the older one. Raises NotFound."""
    feed = _own(public_id)
    renew = partial(
        feed_addresses.renew_feed,
        practice_id=feed.practice_id,
        feed_public_id=public_id,
        by=by_staff(),
        now=clock.now(),
    )
    return _show_once(Calendars(feed.subject, feed.owner), renew)


@blueprint.post("/calendar/addresses/<public_id>/stop")
@access.staff(Role.OWNER, Role.THERAPIST, Role.FRONT_DESK)
def calendar_stop(public_id: str) -> ResponseReturnValue:
    """Close an address. Raises NotFound."""
    feed = _own(public_id)
    feed_addresses.close_feed(practice_id=feed.practice_id, feed_public_id=public_id, by=by_staff(), now=clock.now())
    flash(f"The address “{feed.name}” is closed. Whoever had it reads nothing any more.", "success")
    return redirect(Calendars(feed.subject, feed.owner).url)


def _find(subject: str, owner: str) -> Calendars:
    """What an address of ours names; a therapist's have a page of their own. Raises NotFound."""
    found = {each.value: each for each in FeedSubject if each != FeedSubject.THERAPIST}.get(subject)
    if found is None or (found == FeedSubject.PRACTICE) == bool(owner):
        raise NotFound
    return Calendars(found, find_owner(current().practice.id, found, owner))


def _own(public_id: str) -> CalendarFeed:
    """An address that whoever is signed in may run. Raises NotFound."""
    feed = find_feed(current().practice.id, public_id)
    require_may_run(user_id=viewer.id, owner=feed.owner)
    return feed


def _add(calendars: Calendars) -> ResponseReturnValue:
    owner = calendars.of.public_id if calendars.of is not None else ""
    try:
        wish = _read_wish(calendars)
        add = partial(
            feed_addresses.add_feed,
            practice_id=current().practice.id,
            subject=calendars.subject,
            owner_public_id=owner,
            wish=wish,
            by=by_staff(),
            now=clock.now(),
        )
        return _show_once(calendars, add)
    except InvalidInput as refusal:
        return _page(calendars, typed=request.form, problems=refusal.fields), refusal.status


def _show_once(calendars: Calendars, make: Callable[[], tuple[CalendarFeed, str]]) -> ResponseReturnValue:
    """The page with a new address on it; loaded again, it makes none."""
    if one_time_forms.was_used():
        flash(MADE, "warning")
        return _page(calendars), HTTPStatus.CONFLICT
    feed, secret = make()
    one_time_forms.remember_use()
    return _page(calendars, new=feed, address=find_addresses().feed(secret))


def _read_wish(calendars: Calendars) -> feed_addresses.FeedWish:
    """Raises InvalidInput."""
    typed = FormReader(request.form)
    is_client = calendars.subject == FeedSubject.CLIENT
    sentence = "Please choose how much the calendar may tell."
    detail = FeedDetail.BUSY if is_client else typed.word("detail", FeedDetail, sentence)
    name = typed.line("name", longest=feed_addresses.LONGEST_NAME)
    typed.refuse()
    shown = {each: each in calendars.shown and typed.is_ticked(each) for each in SHOWN}
    return feed_addresses.FeedWish(name=name, detail=detail or FeedDetail.BUSY, **shown)


def _page(
    calendars: Calendars,
    *,
    new: CalendarFeed | None = None,
    address: str = "",
    typed: Mapping[str, str] | None = None,
    problems: Mapping[str, str] | None = None,
) -> str:
    practice_id = current().practice.id
    feeds = list_feeds(practice_id, calendars.subject, calendars.of.id if calendars.of is not None else None)
    # Whoever renews one has it in hand as it was before; what the page says of it is read anew.
    usual = {"name": "" if feeds else "My calendar", "detail": FeedDetail.BUSY, "shows_standing": TICKED}
    return render_template(
        "desk/calendar.html",
        calendars=calendars,
        feeds=[_Line(each) for each in feeds],
        new=new,
        address=address,
        is_only_here=find_addresses().are_only_here,
        typed=usual if typed is None else typed,
        problems=problems or {},
        options=_options(),
        once=one_time_forms.make_word(),
    )


def _form(feed: CalendarFeed, typed: Mapping[str, str], problems: Mapping[str, str]) -> str:
    calendars = Calendars(feed.subject, feed.owner)
    return render_template(
        "desk/calendar_edit.html", feed=feed, calendars=calendars, typed=typed, problems=problems, options=_options()
    )


def _options() -> list[dict[str, str]]:
    return [{"value": detail, "label": label, "hint": hint} for detail, (label, hint) in DETAILS.items()]


@dataclass(frozen=True, slots=True)
class _Line:
    """One address as the page shows it."""

    feed: CalendarFeed

    @property
    def tells(self) -> str:
        """ "Initials, with places, time off and standing slots"."""
        feed, shown = self.feed, Calendars(self.feed.subject, self.feed.owner).shown
        named = [said for name, said in BRIEFLY.items() if name in shown and getattr(feed, name)]
        told = "Neutral words" if feed.subject == FeedSubject.CLIENT else DETAILS[feed.detail][0]
        return f"{told}, with {words.listed(named)}" if named else told

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What is known of it."""
        feed, zone = self.feed, current().zone
        made = f"{times.say_briefly(feed.changed_at, zone)}{f' by {feed.made_by.name}' if feed.made_by else ''}"
        read = f"{times.say_briefly(feed.read_at, zone)}, by {feed.read_by}" if feed.read_at else "Not yet"
        part = [] if shows_all(feed) else [("It shows", PART)]
        return [("It tells", self.tells), *part, ("Last changed", made), ("Last read", read)]

    @property
    def is_shut(self) -> bool:
        """Whether it opens nothing although it is there."""
        return is_shut(self.feed)

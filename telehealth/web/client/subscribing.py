"""A client's own calendar: one private address for all appointments of theirs, by the link of one of them.

There is one at a time. Whoever only typed a name has a link to what they booked and to nothing else, and so does their
address: nobody is told whether the practice knows somebody of that name.
"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access, times, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import LinkTooOld, NotFound
from telehealth.late import Library
from telehealth.models import CalendarFeed
from telehealth.queries.appointments.own_standing import require_recent, tells_who
from telehealth.queries.calendars.feeds import list_own_feeds, shows_all
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Seat, open_seat
from telehealth.web.headers import limiter
from telehealth.web.link_pages import (
    READS,
    WRITES,
    find_addresses,
    make_manage_url,
    read_manage_link,
    redirect_to_appointment,
)

if TYPE_CHECKING:
    from telehealth.services.calendars import feed_addresses
else:
    feed_addresses = Library("telehealth.services.calendars.feed_addresses")

TOO_OLD = "This link is from an appointment long ago. Please use that of a newer one, or call us."
RENEWED = "This is your new address. The older one has stopped working, so give your calendar this one."
ENDED = "Your address has ended. Calendars that had it read nothing any more."


@blueprint.get("/m/<token>/subscribe")
@access.by_link
@limiter.limit(READS)
def show_subscribe(token: str) -> ResponseReturnValue:
    """What it is, before anything is made; then the address, and how it gets into a calendar."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    try:
        require_recent(seat.attendee, now=seat.now)
    except LinkTooOld:
        flash(TOO_OLD, "info")
        return redirect_to_appointment(token)
    found = list_own_feeds(seat.attendee)
    return _page(seat, token, found[0]) if found else _page(seat, token)


@blueprint.post("/m/<token>/subscribe")
@access.by_link
@limiter.limit(WRITES)
def submit_subscribe(token: str) -> ResponseReturnValue:
    """Make an address, if there is none yet."""
    return _change(
        token,
        lambda: feed_addresses.keep_own_feed(
            link=read_manage_link(token), addresses=find_addresses(), by=by_client(Via.LINK), now=clock.now()
        ),
    )


@blueprint.post("/m/<token>/subscribe/renew")
@access.by_link
@limiter.limit(WRITES)
def submit_renewal(token: str) -> ResponseReturnValue:
    """Make another one in its place."""
    return _change(
        token,
        lambda: feed_addresses.renew_own_feed(
            link=read_manage_link(token), addresses=find_addresses(), by=by_client(Via.LINK), now=clock.now()
        ),
        RENEWED,
    )


@blueprint.post("/m/<token>/subscribe/end")
@access.by_link
@limiter.limit(WRITES)
def submit_end(token: str) -> ResponseReturnValue:
    """End it for good."""
    return _change(
        token,
        lambda: feed_addresses.close_own_feed(link=read_manage_link(token), by=by_client(Via.LINK), now=clock.now()),
        ENDED,
    )


def _change(token: str, change: Callable[[], object], said: str = "") -> ResponseReturnValue:
    """Do it, and go to the page that shows how it is. What was ended meanwhile that page shows, too."""
    try:
        change()
    except LinkTooOld:
        flash(TOO_OLD, "info")
        return redirect_to_appointment(token)
    except NotFound:
        said = ""
    if said:
        flash(said, "success")
    return redirect(url_for("client.show_subscribe", token=token), HTTPStatus.SEE_OTHER)


def _page(seat: Seat, token: str, feed: CalendarFeed | None = None) -> ResponseReturnValue:
    address = find_addresses().own_feed(feed, feed.secret_digest) if feed is not None else ""
    webcal = f"webcal://{address.partition('://')[2]}"
    return seat.page(
        "client/subscribe.html",
        feed=feed,
        address=address,
        webcal=webcal,
        is_only_here=find_addresses().are_only_here,
        google=f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}",
        outlooks=[
            (name, _outlook(where, webcal, seat.appointment.practice.sender_name))
            for name, where in (("Outlook.com", "live"), ("Microsoft 365", "office"))
        ],
        read=times.say_briefly(feed.read_at, walltime.zone(seat.attendee.timezone)) if feed and feed.read_at else "",
        is_whole=tells_who(seat.attendee) if feed is None else shows_all(feed),
        manage_url=make_manage_url(seat.link),
        renew_url=url_for("client.submit_renewal", token=token),
        end_url=url_for("client.submit_end", token=token),
    )


def _outlook(where: str, webcal: str, name: str) -> str:
    """It is called there as the calendar calls itself, in whichever language."""
    address, name = (quote(each, safe="") for each in (webcal, name))
    return f"https://outlook.{where}.com/calendar/0/addfromweb?url={address}&name={name}"

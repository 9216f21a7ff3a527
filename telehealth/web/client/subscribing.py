"""A client's own calendar: one private address for all appointments of theirs, by the link of one of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import quote

from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import InvalidInput, NotAllowed
from telehealth.late import Library
from telehealth.queries.appointments.own_standing import may_have_own_feed
from telehealth.web.acting import by_client
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import open_seat
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, find_addresses, make_manage_url, read_manage_link

if TYPE_CHECKING:
    from telehealth.services.calendars import feed_addresses
else:
    feed_addresses = Library("telehealth.services.calendars.feed_addresses")


@blueprint.get("/m/<token>/subscribe")
@access.by_link
@limiter.limit(READS)
def show_subscribe(token: str) -> ResponseReturnValue:
    """What it is, before anything is made."""
    return _page(token)


@blueprint.post("/m/<token>/subscribe")
@access.by_link
@limiter.limit(WRITES)
def submit_subscribe(token: str) -> ResponseReturnValue:
    """Make an address, and show it this once. A second one takes nothing from the first."""
    try:
        secret = feed_addresses.add_own_feed(link=read_manage_link(token), by=by_client(Via.LINK), now=clock.now())
    except InvalidInput as refusal:
        return _page(token, problem=refusal.fields["name"])
    except NotAllowed as refusal:
        return _page(token, problem=str(refusal))
    return _page(token, address=find_addresses().feed(secret))


def _page(token: str, *, address: str = "", problem: str = "") -> ResponseReturnValue:
    seat = open_seat(LinkPurpose.MANAGE, token)
    webcal = f"webcal://{address.partition('://')[2]}" if address else ""
    return seat.page(
        "client/subscribe.html",
        HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
        address=address,
        webcal=webcal,
        others=[
            ("Google Calendar", f"https://calendar.google.com/calendar/render?cid={quote(webcal, safe='')}"),
            ("Outlook.com", _outlook("outlook.live.com", webcal)),
            ("Microsoft 365", _outlook("outlook.office.com", webcal)),
        ],
        problem=problem,
        may_subscribe=may_have_own_feed(seat.attendee, now=seat.now),
        manage_url=make_manage_url(seat.link),
    )


def _outlook(host: str, webcal: str) -> str:
    return f"https://{host}/calendar/0/addfromweb?url={quote(webcal, safe='')}&name=Appointments"

"""One's place on the waitlist: what was wished, how long the line is, and the way out of it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.times import say_briefly, zone_name
from telehealth.domain.walltime import zone
from telehealth.domain.words import Mode, WaitlistStatus
from telehealth.models import WaitlistEntry
from telehealth.queries.practice.practices import list_therapists
from telehealth.queries.waitlist.waitlist_entries import find_entry_by_link, place_in_line
from telehealth.services.waitlist.waiting import leave_waitlist
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses
from telehealth.web.waitlist.frame import blueprint
from telehealth.web.waitlist.wishes import describe_windows

MODES: dict[str, str] = {Mode.VIRTUAL: "By video", Mode.IN_PERSON: "In person", Mode.PHONE: "By phone"}


@blueprint.get("/w/<token>")
@access.by_link
@limiter.limit(READS)
def show_place(token: str) -> ResponseReturnValue:
    """Where one stands in line, and for what."""
    entry = _entry(token)
    return render_template("waitlist/place.html", **_about(entry))


@blueprint.post("/w/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_leave(token: str) -> ResponseReturnValue:
    """Wait no longer. Doing it twice is harmless."""
    entry = _entry(token)
    if request.form.get("do") == "leave" and entry.status == WaitlistStatus.WAITING:
        leave_waitlist(practice_id=entry.practice_id, entry_public_id=entry.public_id, now=clock.now())
    return redirect(url_for("waitlist.show_place", token=token), HTTPStatus.SEE_OTHER)


def _entry(token: str) -> WaitlistEntry:
    """Raises LinkInvalid."""
    return find_entry_by_link(find_addresses().read(LinkPurpose.WAIT, token))


def _about(entry: WaitlistEntry) -> dict[str, Any]:
    now = clock.now()
    own = zone(entry.timezone)
    wanted = [each.name for each in list_therapists(entry.practice_id) if each.id in entry.therapist_ids]
    offer = next((each for each in entry.offers if each.is_open(now=now)), None)
    given_up = entry.replaces.appointment if entry.replaces is not None else None
    return {
        "practice": Sender.of_practice(entry.practice),
        "entry": entry,
        "number": place_in_line(entry) if entry.status == WaitlistStatus.WAITING else 0,
        "ways": [MODES[mode] for mode in entry.modes],
        "zone_words": zone_name(own),
        "therapists": wanted,
        "windows": describe_windows(entry.windows, own),
        "until": entry.until,
        "given_up": say_briefly(given_up.starts_at, own) if given_up is not None else "",
        "offer_url": url_for("waitlist.show_offer", token=find_addresses().token(LinkPurpose.OFFER, offer))
        if offer
        else "",
        "book_url": url_for("booking.show_practice", slug=entry.practice.slug),
    }

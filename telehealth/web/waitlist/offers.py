"""An offer of something that became free: one tap to take it, as long as it is kept."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth import clock
from telehealth.domain import access
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.audit_words import Via
from telehealth.domain.errors import OfferGone, TelehealthError
from telehealth.domain.naming import form_of_address
from telehealth.domain.times import say_briefly
from telehealth.domain.walltime import zone
from telehealth.domain.words import Mode
from telehealth.models import Companion, Location, Offer
from telehealth.queries.appointments.seats import find_seat_of_client
from telehealth.queries.messages.facts import called, link_to
from telehealth.queries.waitlist.waitlist_entries import find_offer_and_reader
from telehealth.services.waitlist.waiting import accept_offer, decline_offer
from telehealth.web import terms
from telehealth.web.acting import by_client
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, Sender, find_addresses, make_manage_url
from telehealth.web.shown_times import ShownTime, show_time
from telehealth.web.waitlist.frame import blueprint


@blueprint.get("/o/<token>")
@access.by_link
@limiter.limit(READS)
def show_offer(token: str) -> ResponseReturnValue:
    """What is offered, and until when. Looking takes nothing: programs look at links in messages too."""
    return render_template("waitlist/offer.html", **_about(*_offer(token)))


@blueprint.post("/o/<token>")
@access.by_link
@limiter.limit(WRITES)
def submit_offer_answer(token: str) -> ResponseReturnValue:
    """Take it, or let the next one have it. What is gone is said kindly by the page itself."""
    (found, companion), now = _offer(token), clock.now()
    with suppress(OfferGone):
        if request.form.get("do") == "decline":
            decline_offer(offer_public_id=found.public_id, now=now)
        elif request.form.get("do") == "accept":
            return _accepted(found, companion, now=now)
    return _here(token)


def _accepted(found: Offer, companion: Companion | None, *, now: datetime) -> ResponseReturnValue:
    """Raises OfferGone. Whatever else stands in the way leaves the offer open: a person has to look."""
    by = by_client(Via.LINK).through(link_to(found, companion))
    try:
        appointment = accept_offer(offer_public_id=found.public_id, by=by, now=now)
    except OfferGone:
        raise
    except TelehealthError as refusal:
        status = HTTPStatus.CONFLICT
        return render_template("waitlist/offer.html", **_about(found, companion), problem=str(refusal)), status
    return redirect(_manage_url(found, companion, appointment.id), HTTPStatus.SEE_OTHER)


def _offer(token: str) -> tuple[Offer, Companion | None]:
    """Raises LinkInvalid, LinkEnded."""
    return find_offer_and_reader(find_addresses().read(LinkPurpose.OFFER, token))


def _about(found: Offer, companion: Companion | None) -> dict[str, Any]:
    entry, now = found.entry, clock.now()
    location = entry.location if found.mode == Mode.IN_PERSON else None
    own = zone(entry.timezone)
    first = zone(location.timezone) if location is not None else own
    given_up = entry.replaces.appointment if entry.replaces is not None else None
    return {
        "practice": Sender.of_practice(entry.practice),
        "offer": found,
        "is_open": found.is_open(now=now),
        "location": location,
        "time": _time(found, location),
        "minutes": int((found.ends_at - found.starts_at).total_seconds() // 60),
        "kept_until": say_briefly(found.expires_at, first),
        "terms": terms.say_terms_for(entry.service.policy, found.starts_at, now=now),
        "given_up": say_briefly(given_up.starts_at, own) if given_up is not None else "",
        "wait_url": url_for("waitlist.show_place", token=find_addresses().token(LinkPurpose.WAIT, entry)),
        "manage_url": _manage_url(found, companion, found.appointment_id),
        "for_whom": form_of_address(called(entry)) if companion is not None else "",
    }


def _time(found: Offer, location: Location | None) -> ShownTime:
    own, theirs = zone(found.entry.timezone), zone(found.therapist.timezone)
    if location is not None:
        return show_time(found.starts_at, zone(location.timezone), own)
    return show_time(found.starts_at, own, theirs)


def _manage_url(found: Offer, companion: Companion | None, appointment_id: int | None) -> str:
    """The reader's page of the client's seat in what was taken; empty where there is none."""
    seat = find_seat_of_client(appointment_id, found.entry.client_id) if appointment_id is not None else None
    return make_manage_url(link_to(seat, companion)) if seat is not None else ""


def _here(token: str) -> ResponseReturnValue:
    return redirect(url_for("waitlist.show_offer", token=token), HTTPStatus.SEE_OTHER)

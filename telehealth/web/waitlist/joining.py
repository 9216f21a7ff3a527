"""Saying when one could come: from the times page, or for something earlier than what is booked already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.datastructures import MultiDict

from telehealth import clock
from telehealth.domain import access, contact, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.coming_of_age import WhenMinor
from telehealth.domain.contact import TEXT_CONSENT, Contact
from telehealth.domain.errors import InvalidInput, LinkEnded, LinkInvalid, NotFound, PleaseCall, ServiceEnded
from telehealth.domain.words import Mode
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.founding import SLUG
from telehealth.services.waitlist.waiting import join_waitlist
from telehealth.services.waitlist.wishes import WaitWish
from telehealth.web import errors
from telehealth.web.acting import by_client
from telehealth.web.booking import client_details
from telehealth.web.booking.choices import STATES, Choices, read_choices
from telehealth.web.booking.client_details import Details
from telehealth.web.client.seats import Seat, open_seat
from telehealth.web.form_reader import FormReader
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, find_addresses, make_manage_url, redirect_to_appointment
from telehealth.web.waitlist import wishes
from telehealth.web.waitlist.frame import blueprint
from telehealth.web.waitlist.wishes import WAITS_FOR

WRITES = "10 per minute"
RENEWED = (
    "This page had been open for a long time, so we renewed it. Nothing you typed was lost. "
    "Please press the button again."
)


@dataclass(frozen=True, slots=True)
class WaitPage:
    """One request for the form; ``values`` are what was typed, or what stands in it at first. ``seat`` is the
    appointment that something earlier would replace.
    """

    choices: Choices
    now: datetime
    values: MultiDict[str, str]
    details: Details
    seat: Seat | None = None

    def show(self, *, problems: Mapping[str, str] | None = None, problem: str = "") -> ResponseReturnValue:
        """The form with what was typed, and with what cannot be used."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if problems or problem else HTTPStatus.OK
        practice = self.choices.practice
        context: dict[str, Any] = {
            "choices": self.choices,
            "values": self.values,
            "details": self.details,
            "errors": problems or {},
            "problem": problem,
            "states": STATES,
            "asks_birth": self.asks_birth,
            "weekdays": list(enumerate(wishes.WEEKDAYS)),
            "parts": {name: words for name, (words, _, _) in wishes.PARTS.items()},
            "consent": TEXT_CONSENT.format(sender=practice.sender_name),
        }
        if self.seat is not None:
            return self.seat.page(
                "waitlist/earlier.html", status, **context, manage_url=make_manage_url(self.seat.attendee)
            )
        home_url = url_for("booking.show_practice", slug=practice.slug)
        return render_template("waitlist/join.html", practice=practice, home_url=home_url, **context), status

    def wish(self) -> WaitWish:
        """What is waited for. Raises InvalidInput with all that cannot be used, and NotFound."""
        typed, choices = FormReader(self.values), self.choices
        modes = wishes.read_modes(typed, choices.modes)
        today = self.now.astimezone(choices.client_zone).date()
        found = None
        with typed.noting(_say_state):
            found = self._contact(modes)
        born_on = None
        with typed.noting():
            born_on = client_details.read_birth(self.details.born_on) if self.asks_birth else None
        location = wishes.read_location(typed, modes, choices.locations)
        windows = wishes.read_windows(typed)
        until = wishes.read_until(typed, today=today)
        typed.refuse()
        assert found is not None and until is not None  # noqa: S101, PT018 -- refused above
        return WaitWish(
            service=choices.service_word,
            contact=found,
            modes=modes,
            location=location,
            therapists=wishes.read_therapists(typed, choices.giving),
            windows=windows,
            until=until,
            replaces=self.seat.attendee.public_id if self.seat is not None else None,
            born_on=born_on,
        )

    @property
    def asks_birth(self) -> bool:
        """Whether it matters how old they are; whoever has an appointment was asked before."""
        return self.seat is None and self.choices.practice.when_minor == WhenMinor.REQUIRE

    def _contact(self, modes: tuple[Mode, ...]) -> Contact:
        """A number is needed where a call would do, a state unless only a room would. Raises InvalidInput."""
        strictest = next((mode for mode in (Mode.PHONE, Mode.VIRTUAL) if mode in modes), Mode.IN_PERSON)
        state = self.values.get("state") or (self.seat.attendee.jurisdiction if self.seat is not None else None)
        given = {name: getattr(self.details, name) for name in (*client_details.FIELDS, "wants_texts", "locale")}
        place = {"timezone": self.choices.client_zone.key, "jurisdiction": state}
        return contact.parse_contact({**given, **place}, mode=strictest)


def _say_state(field: str, sentence: str) -> tuple[str, str]:
    return ("state" if field == "jurisdiction" else field), sentence


@blueprint.get("/<slug>/wait")
@access.public
@limiter.limit(READS)
def show_wait(slug: str) -> ResponseReturnValue:
    """The empty form, with what was chosen on the way to it. Without a service there is nothing to wait for."""
    page = _public(slug)
    return page.show() if page.choices.service is not None else redirect(page.choices.url())


@blueprint.post("/<slug>/wait")
@access.public
@limiter.limit(WRITES)
def submit_wait(slug: str) -> ResponseReturnValue:
    """Take a place in line."""
    page = _public(slug)
    if page.choices.service is not None and page.choices.is_for(request.args.get("service")):
        return _join(page)
    flash(ServiceEnded.sentence, "warning")
    return redirect(page.choices.url(), HTTPStatus.SEE_OTHER)


@blueprint.get("/m/<token>/earlier")
@access.by_link
@limiter.limit(READS)
def show_earlier(token: str) -> ResponseReturnValue:
    """The same for somebody who has an appointment and would rather come earlier."""
    page = _for_earlier(token)
    return page.show() if _may_wait(page) else redirect_to_appointment(token)


@blueprint.post("/m/<token>/earlier")
@access.by_link
@limiter.limit(WRITES)
def submit_earlier(token: str) -> ResponseReturnValue:
    """Take a place in line; the appointment stays until something better is accepted."""
    page = _for_earlier(token)
    return _join(page) if _may_wait(page) else redirect_to_appointment(token)


@blueprint.errorhandler(CSRFError)
def renew_page(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts: the form comes back as it was."""
    given = request.view_args or {}
    try:
        if "slug" in given:
            return _public(given["slug"]).show(problem=RENEWED)
        if request.endpoint == "waitlist.submit_earlier":
            return _for_earlier(given["token"]).show(problem=RENEWED)
    except (
        NotFound,
        LinkInvalid,
        LinkEnded,
    ) as refusal:  # Nobody else would hear it.
        return errors.show_error(refusal)
    return redirect(request.path, HTTPStatus.SEE_OTHER)


def _join(page: WaitPage) -> ResponseReturnValue:
    try:
        entry = join_waitlist(practice_id=page.choices.practice.id, wish=page.wish(), by=by_client(), now=page.now)
    except InvalidInput as refusal:
        return page.show(problems=refusal.fields)
    except PleaseCall as refusal:
        return page.show(problem=str(refusal))
    except (NotFound, ServiceEnded):
        return page.show(problem=ServiceEnded.sentence)
    token = find_addresses().token(LinkPurpose.WAIT, entry)
    return redirect(url_for("waitlist.show_place", token=token), HTTPStatus.SEE_OTHER)


def _public(slug: str) -> WaitPage:
    """Raises NotFound. What cannot be the address of a practice never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    now = clock.now()
    choices = read_choices(find_practice(slug), request.args, now=now)
    if request.method == "POST":
        return WaitPage(choices, now, request.form, client_details.read_details(request.form))
    return WaitPage(choices, now, _first_values(choices, now), client_details.make_blank_details())


def _first_values(choices: Choices, now: datetime) -> MultiDict[str, str]:
    """What was chosen on the way here need not be chosen again (WCAG 3.3.7)."""
    given = {
        "modes": choices.mode and choices.mode.value,
        "state": choices.state,
        "location": choices.location and choices.location.public_id,
        "therapists": choices.therapist and choices.therapist.public_id,
        "until": (now.astimezone(choices.client_zone).date() + WAITS_FOR).isoformat(),
    }
    return MultiDict({name: value for name, value in given.items() if value})


def _for_earlier(token: str) -> WaitPage:
    """Everything as it is with the appointment, until the client says otherwise. Raises LinkInvalid."""
    seat = open_seat(LinkPurpose.MANAGE, token)
    appointment, attendee = seat.appointment, seat.attendee
    given = {
        "service": appointment.service.public_id,
        "mode": appointment.mode.value,
        "state": attendee.jurisdiction or "",
        "tz": attendee.timezone,
        "location": str(appointment.location.public_id) if appointment.location is not None else "",
    }
    choices = read_choices(appointment.practice, given, now=seat.now, booked=appointment.service)
    details = Details(
        name=attendee.name,
        email=attendee.email,
        phone=attendee.phone or "",
        wants_texts=attendee.text_consent_at is not None,
    )
    values = request.form.copy() if request.method == "POST" else _first_values(choices, seat.now)
    if request.method == "GET":
        values["therapists"] = appointment.therapist.public_id
    values["until"] = appointment.starts_at.astimezone(walltime.zone(attendee.timezone)).date().isoformat()
    return WaitPage(choices, seat.now, values, details, seat)


def _may_wait(page: WaitPage) -> bool:
    """Only what can be moved can be given up for something earlier."""
    return page.seat is not None and page.seat.may_move

"""Saying when one could come: from the times page, or for something earlier than what is booked already."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from telehealth import clock
from telehealth.domain import access, contact, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.contact import TEXT_CONSENT, Contact
from telehealth.domain.errors import InvalidInput, LinkInvalid, NotFound, ServiceEnded
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Service
from telehealth.queries.practice.practices import find_practice
from telehealth.services.practice.practice_settings import SLUG
from telehealth.services.waitlist.waiting import join_waitlist
from telehealth.services.waitlist.wishes import WaitWish
from telehealth.web import errors
from telehealth.web.booking import client_details
from telehealth.web.booking.choices import Choices, read_choices
from telehealth.web.booking.client_details import Details
from telehealth.web.client.seats import Seat, open_seat
from telehealth.web.headers import limiter
from telehealth.web.waitlist import wishes
from telehealth.web.waitlist.wishes import WAITS_FOR, TypedWish

READS, WRITES = "120 per minute", "10 per minute"
RENEWED = (
    "This page had been open for a long time, so we renewed it. Nothing you typed was lost. "
    "Please press the button again."
)


def add_to(blueprint: Blueprint) -> None:
    """Register the addresses."""
    blueprint.get("/<slug>/wait")(ask)
    blueprint.post("/<slug>/wait")(join)
    blueprint.get("/m/<token>/earlier")(earlier)
    blueprint.post("/m/<token>/earlier")(join_for_earlier)
    blueprint.register_error_handler(CSRFError, renew)


@dataclass(frozen=True, slots=True)
class Form:
    """One request for the form. ``seat`` is the appointment that something earlier would replace."""

    choices: Choices
    now: datetime
    typed: TypedWish
    details: Details
    seat: Seat | None = None

    @property
    def service(self) -> Service:
        """What is waited for. Raises NotFound."""
        if self.choices.service is None:
            raise NotFound
        return self.choices.service

    def page(self, *, fields: Mapping[str, str] | None = None, problem: str = "") -> ResponseReturnValue:
        """The form with what was typed, and with what cannot be used."""
        status = HTTPStatus.UNPROCESSABLE_ENTITY if fields or problem else HTTPStatus.OK
        practice = self.choices.practice
        context: dict[str, Any] = {
            "choices": self.choices,
            "typed": self.typed,
            "details": self.details,
            "errors": fields or {},
            "problem": problem,
            "states": sorted(JURISDICTIONS.items(), key=lambda item: item[1]),
            "weekdays": list(enumerate(wishes.WEEKDAYS)),
            "parts": {name: words for name, (words, _, _) in wishes.PARTS.items()},
            "consent": TEXT_CONSENT.format(sender=practice.sender_name),
        }
        if self.seat is not None:
            return self.seat.page("waitlist/earlier.html", status, **context, manage_url=_manage_url(self.seat))
        home_url = url_for("booking.practice", slug=practice.slug)
        return render_template("waitlist/join.html", practice=practice, home_url=home_url, **context), status

    def wish(self) -> WaitWish:
        """What is waited for. Raises InvalidInput with all that cannot be used, and NotFound."""
        problems: dict[str, str] = {}

        def take(read: Any, fallback: Any) -> Any:
            try:
                return read()
            except InvalidInput as refusal:
                problems.update(refusal.fields)
                return fallback

        modes = take(lambda: wishes.modes_of(self.typed, self.choices.modes), ())
        today = self.now.astimezone(self.choices.client_zone).date()
        wish = {
            "service": self.service.public_id,
            "contact": take(lambda: self._contact(modes), None),
            "modes": modes,
            "location": take(lambda: wishes.location_of(self.typed, modes, self.choices.locations), None),
            "therapists": wishes.therapists_of(self.typed, self.choices.giving),
            "windows": take(lambda: wishes.windows_of(self.typed), ()),
            "until": take(lambda: wishes.until_of(self.typed, today=today), today),
            "replaces": self.seat.attendee.public_id if self.seat is not None else None,
        }
        if problems:
            raise InvalidInput(problems)
        return WaitWish(**wish)

    def _contact(self, modes: tuple[Mode, ...]) -> Contact:
        """A number is needed where a call would do, a state unless only a room would. Raises InvalidInput."""
        strictest = next((mode for mode in (Mode.PHONE, Mode.VIRTUAL) if mode in modes), Mode.IN_PERSON)
        state = self.typed.state or (self.seat.attendee.jurisdiction if self.seat is not None else None)
        given = {name: getattr(self.details, name) for name in (*client_details.FIELDS, "wants_texts", "locale")}
        place = {"timezone": self.choices.client_zone.key, "jurisdiction": state}
        try:
            return contact.parse_contact({**given, **place}, mode=strictest)
        except InvalidInput as refusal:
            raise InvalidInput(
                {("state" if name == "jurisdiction" else name): words for name, words in refusal.fields.items()}
            ) from refusal


@access.public
@limiter.limit(READS)
def ask(slug: str) -> ResponseReturnValue:
    """The empty form, with what was chosen on the way to it. Without a service there is nothing to wait for."""
    form = _public(slug)
    return form.page() if form.choices.service is not None else redirect(form.choices.url())


@access.public
@limiter.limit(WRITES)
def join(slug: str) -> ResponseReturnValue:
    """Take a place in line."""
    form = _public(slug)
    if form.choices.service is not None and form.choices.is_for(request.args.get("service")):
        return _join(form)
    flash(ServiceEnded.sentence, "warning")
    return redirect(form.choices.url(), HTTPStatus.SEE_OTHER)


@access.by_link
@limiter.limit(READS)
def earlier(token: str) -> ResponseReturnValue:
    """The same for somebody who has an appointment and would rather come earlier."""
    form = _for_earlier(token)
    return form.page() if _may_wait(form) else _back(token)


@access.by_link
@limiter.limit(WRITES)
def join_for_earlier(token: str) -> ResponseReturnValue:
    """Take a place in line; the appointment stays until something better is accepted."""
    form = _for_earlier(token)
    return _join(form) if _may_wait(form) else _back(token)


def renew(_error: CSRFError) -> ResponseReturnValue:
    """The form's token no longer counts: the form comes back as it was."""
    given = request.view_args or {}
    try:
        if "slug" in given:
            return _public(given["slug"]).page(problem=RENEWED)
        if request.endpoint == "waitlist.join_for_earlier":
            return _for_earlier(given["token"]).page(problem=RENEWED)
    except (NotFound, LinkInvalid) as refusal:  # Nobody else would hear it: this is an error handler already.
        return errors.page(refusal)
    return redirect(request.path, HTTPStatus.SEE_OTHER)


def _join(form: Form) -> ResponseReturnValue:
    try:
        entry = join_waitlist(practice_id=form.choices.practice.id, wish=form.wish(), now=form.now)
    except InvalidInput as refusal:
        return form.page(fields=refusal.fields)
    except (NotFound, ServiceEnded):
        return form.page(problem=ServiceEnded.sentence)
    token = current_app.extensions["addresses"].token(LinkPurpose.WAIT, entry.public_id)
    return redirect(url_for("waitlist.place", token=token), HTTPStatus.SEE_OTHER)


def _public(slug: str) -> Form:
    """Raises NotFound. What cannot be the address of a practice never reaches the database."""
    if not SLUG.fullmatch(slug):
        raise NotFound
    now = clock.now()
    choices = read_choices(find_practice(slug), request.args, now=now)
    if request.method == "POST":
        return Form(choices, now, wishes.read_wish(request.form), client_details.read_details(request.form))
    return Form(choices, now, _first(choices, now), client_details.make_blank_details())


def _first(choices: Choices, now: datetime) -> TypedWish:
    """What was chosen on the way here need not be chosen again (WCAG 3.3.7)."""
    return TypedWish(
        modes=[choices.mode.value] if choices.mode is not None else [],
        state=choices.state or "",
        location=str(choices.location.public_id) if choices.location is not None else "",
        therapists=[choices.therapist.public_id] if choices.therapist is not None else [],
        until=(now.astimezone(choices.client_zone).date() + WAITS_FOR).isoformat(),
    )


def _for_earlier(token: str) -> Form:
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
    choices = read_choices(appointment.practice, given, now=seat.now)
    choices = replace(choices, service=appointment.service)
    details = Details(
        name=attendee.name,
        email=attendee.email,
        phone=attendee.phone or "",
        wants_texts=attendee.text_consent_at is not None,
    )
    typed = wishes.read_wish(request.form)
    if request.method == "GET":
        typed = replace(_first(choices, seat.now), therapists=[appointment.therapist.public_id])
    last = appointment.starts_at.astimezone(walltime.zone(attendee.timezone)).date()
    return Form(choices, seat.now, replace(typed, until=last.isoformat()), details, seat)


def _may_wait(form: Form) -> bool:
    """Only what can be moved can be given up for something earlier."""
    return form.seat is not None and form.seat.may_move


def _manage_url(seat: Seat) -> str:
    token = current_app.extensions["addresses"].token(LinkPurpose.MANAGE, seat.attendee.public_id)
    return url_for("client.manage", token=token)


def _back(token: str) -> ResponseReturnValue:
    return redirect(url_for("client.manage", token=token), HTTPStatus.SEE_OTHER)

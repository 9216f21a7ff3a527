"""One request on the way to an appointment, and the page it is answered with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from http import HTTPStatus
from typing import Any

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain.contact import TEXT_CONSENT
from telehealth.domain.errors import NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.times import zone_name
from telehealth.domain.words import Approval
from telehealth.models import Hold, Service
from telehealth.services.appointments.booking import BookingWish
from telehealth.services.appointments.holding import HoldWish
from telehealth.web import terms
from telehealth.web.booking import free_weeks, hold_cookie, matches, typed_details, zones
from telehealth.web.booking.choosing import BookingQuestion, Choices, states_of
from telehealth.web.booking.free_weeks import ShownSlot, ShownWeek
from telehealth.web.booking.typed_details import Details
from telehealth.web.shown_times import shown

FIELDS_ON_THE_PAGE = ("name", "email", "phone")


@dataclass(frozen=True, slots=True)
class BookingPage:
    """What was chosen, what was typed (None before the form), and the instant of the request.

    ``hold`` keeps the chosen slot, if any; ``held`` is what the address says about it.
    """

    choices: Choices
    now: datetime
    typed: Details | None = None
    hold: Hold | None = None
    held: str | None = None

    def ask(self, *, problem: str = "", question: BookingQuestion | None = None) -> ResponseReturnValue:
        """The page of the next question, or of this one. Somebody who went on without an answer is told so."""
        question = question or self.choices.question()
        asked_before = request.args.get("asked") == question.value
        return self._page(
            f"booking/{question.value}.html",
            problem=problem,
            unanswered=asked_before and not problem,
            states=sorted(JURISDICTIONS.items(), key=lambda item: item[1]),
            served=states_of(self.choices.giving, now=self.now),
            key_of=matches.key_of,
        )

    def times(self, *, near: ShownSlot | None = None, problem: str = "") -> ResponseReturnValue:
        """A week of free times. What was typed already is carried along."""
        wanted = request.form.get("week") or request.args.get("week")
        if near is not None and "week" not in request.form:
            wanted = near.starts_at.astimezone(self.choices.shown_zone).date().isoformat()
        week = free_weeks.find_shown_week(self.choices, wanted, now=self.now)
        return self._page(
            "booking/times.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            problem=problem,
            week=week,
            zone=zone_name(self.choices.shown_zone),
            zones=zones.options(self.choices.client_zone),
            shows_both=_shows_both(week),
            wait_url=self.choices.at("waitlist.ask"),
        )

    def details(
        self, slot: ShownSlot, *, errors: Mapping[str, str] | None = None, problem: str = "", more: bool = False
    ) -> ResponseReturnValue:
        """The form about the client, with ``more`` for one more person to come along."""
        typed = self.typed or typed_details.blank()
        response = make_response(
            self._page(
                "booking/details.html",
                HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
                **self._about(slot),
                typed=typed.with_room(self.service, more=more),
                errors=errors or {},
                problems=[(_field_id(field), sentence) for field, sentence in (errors or {}).items()],
                problem=problem,
                consent=TEXT_CONSENT.format(sender=self.choices.practice.sender_name),
            )
        )
        if self.typed is None:
            # The empty form may be kept by the browser: only then does Back bring back what was typed into it.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def review(self, slot: ShownSlot, *, problem: str = "") -> ResponseReturnValue:
        """Everything once more, before anything happens (WCAG 3.3.4). Raises InvalidInput."""
        wish, service = self.wish(slot), self.service
        status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
        return self._page(
            "booking/review.html",
            status,
            **self._about(slot),
            contact=wish.contact,
            others=wish.others,
            problem=problem,
            terms=terms.sentence(service.policy),
            answered_within=terms.span(service.approval_minutes),
            asks_first=service.approval == Approval.ALWAYS,
        )

    def is_offered(self, slot: ShownSlot) -> bool:
        """Whether it can be booked, as of the moment it was kept: typing never makes it too short notice."""
        return free_weeks.is_offered(
            self.choices, slot, now=self.hold.created_at if self.hold is not None else self.now
        )

    def with_new_key(self) -> BookingPage:
        """The same visit, whose form now asks for another appointment."""
        return replace(self, typed=self.typed and self.typed.renewed())

    def keeping(self, hold: Hold) -> BookingPage:
        """The same visit, for which a slot is kept now."""
        return replace(self, hold=hold, held=hold.public_id, choices=replace(self.choices, own_hold_id=hold.id))

    @property
    def service(self) -> Service:
        """What is booked. Raises NotFound while that is open."""
        if self.choices.service is None:
            raise NotFound
        return self.choices.service

    def hold_wish(self, slot: ShownSlot, *, anybody: bool) -> HoldWish:
        """The slot to be kept; with ``anybody`` whoever fits may give it, where nobody was named. Raises NotFound."""
        choices = self.choices
        if choices.mode is None:
            raise NotFound
        return HoldWish(
            service=self.service.public_id,
            starts_at=slot.starts_at,
            mode=choices.mode,
            therapist=None if anybody and choices.who and not self.service.is_group else slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            jurisdiction=choices.state,
            fit=choices.fit,
        )

    def wish(self, slot: ShownSlot) -> BookingWish:
        """What the client asks for. Raises InvalidInput, and NotFound while a question is open."""
        choices, typed = self.choices, self.typed
        if choices.mode is None or typed is None:
            raise NotFound
        contact, *others = typed.contacts(choices)
        return BookingWish(
            service=self.service.public_id,
            starts_at=slot.starts_at,
            mode=choices.mode,
            therapist=slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            contact=contact,
            others=tuple(others),
            idempotency_key=typed.key,
            hold=self.hold.public_id if self.hold is not None else None,
            fit=choices.fit,
        )

    def form_url(self, slot: ShownSlot) -> str:
        """Where the forms about a slot are sent. What keeps it travels in the address, as the slot itself does."""
        return self.choices.url(slot=slot, hold=self.held)

    def _about(self, slot: ShownSlot) -> dict[str, Any]:
        zone = self.choices.shown_zone
        return {
            "slot": slot,
            "time": self._time(slot),
            "form_url": self.form_url(slot),
            "kept": hold_cookie.say_kept(self.hold, self.held, zone, now=self.now),
            "now": self.now,
        }

    def _time(self, slot: ShownSlot) -> Any:
        return shown(slot.starts_at, self.choices.shown_zone, free_weeks.other_zone(self.choices, slot.therapist))

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
        practice = self.choices.practice
        common = {
            "practice": practice,
            "home_url": url_for("booking.practice", slug=practice.slug),
            "choices": self.choices,
            "question": self.choices.question(),
            "typed": self.typed,
            "state_name": JURISDICTIONS.get(self.choices.state or "", ""),
        }
        return render_template(template, **{**common, **context}), status


def _shows_both(week: ShownWeek) -> bool:
    """Whether some of the times carry the time on the other side."""
    return any(slot["shows_other"] for day in week.days for slot in day["slots"])


def _field_id(field: str) -> str:
    """The field on the page that a sentence is about; empty when it has none."""
    return field if field in FIELDS_ON_THE_PAGE or field.startswith("other-") else ""

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
from telehealth.services.appointments import Wish
from telehealth.web.booking import details as typing_in
from telehealth.web.booking import week as weeks
from telehealth.web.booking import zones
from telehealth.web.booking.choices import Choices, states_of
from telehealth.web.booking.details import Details
from telehealth.web.booking.week import Slot, Week
from telehealth.web.shown_times import shown

FIELD_IDS = {"name": "name", "email": "email", "phone": "phone"}


@dataclass(frozen=True, slots=True)
class Visit:
    """What was chosen, what was typed (None before the form), and the instant of the request."""

    choices: Choices
    now: datetime
    typed: Details | None = None

    def ask(self, *, problem: str = "") -> ResponseReturnValue:
        """The page of the next question. Somebody who went on without an answer is told so."""
        question = self.choices.question()
        asked_before = request.args.get("asked") == question.value
        return self._page(
            f"booking/{question.value}.html",
            problem=problem,
            unanswered=asked_before and not problem,
            states=sorted(JURISDICTIONS.items(), key=lambda item: item[1]),
            served=states_of(self.choices.giving, now=self.now),
        )

    def times(self, *, near: Slot | None = None, problem: str = "") -> ResponseReturnValue:
        """A week of free times. When something was typed already, the times are buttons that carry it along."""
        wanted = request.form.get("week") or request.args.get("week")
        if near is not None and "week" not in request.form:
            wanted = near.starts_at.astimezone(self.choices.shown_zone).date().isoformat()
        week = weeks.find(self.choices, wanted, linked=self.typed is None, now=self.now)
        return self._page(
            "booking/times.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            problem=problem,
            week=week,
            zone=zone_name(self.choices.shown_zone),
            zones=zones.options(self.choices.client_zone),
            shows_both=_shows_both(week),
        )

    def details(self, slot: Slot, *, errors: Mapping[str, str] | None = None, problem: str = "") -> ResponseReturnValue:
        """The form about the client."""
        response = make_response(
            self._page(
                "booking/details.html",
                HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
                slot=slot,
                time=self._time(slot),
                typed=self.typed or typing_in.blank(),
                errors=errors or {},
                problems=[(FIELD_IDS.get(field, ""), sentence) for field, sentence in (errors or {}).items()],
                problem=problem,
                consent=TEXT_CONSENT.format(sender=self.choices.practice.sender_name),
            )
        )
        if self.typed is None:
            # The empty form may be kept by the browser: only then does Back bring back what was typed into it.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def review(self, slot: Slot, *, problem: str = "") -> ResponseReturnValue:
        """Everything once more, before anything happens (WCAG 3.3.4). Raises InvalidInput."""
        contact = self.wish(slot).contact
        status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
        return self._page(
            "booking/review.html", status, slot=slot, time=self._time(slot), contact=contact, problem=problem
        )

    def with_new_key(self) -> Visit:
        """The same visit, whose form now asks for another appointment."""
        return replace(self, typed=self.typed and self.typed.renewed())

    def wish(self, slot: Slot) -> Wish:
        """What the client asks for. Raises InvalidInput, and NotFound while a question is open."""
        choices, typed = self.choices, self.typed
        if choices.service is None or choices.mode is None or typed is None:
            raise NotFound
        return Wish(
            service=choices.service.public_id,
            starts_at=slot.starts_at,
            mode=choices.mode,
            therapist=slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            contact=typed.contact(choices),
            idempotency_key=typed.key,
        )

    def _time(self, slot: Slot) -> Any:
        return shown(slot.starts_at, self.choices.shown_zone, weeks.other_zone(self.choices, slot.therapist))

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


def _shows_both(week: Week) -> bool:
    """Whether some of the times carry the time on the other side."""
    return any(slot["note"] and slot["note"] != slot["zone"] for day in week.days for slot in day["slots"])

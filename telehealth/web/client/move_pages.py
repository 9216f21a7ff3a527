"""The pages on the way to a move, and the choices in their address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import walltime
from telehealth.domain.hours.opening import ONE_DAY
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.words import Mode
from telehealth.models import Hold, Location
from telehealth.queries.practice.offers import find_offer
from telehealth.services.appointments.moving import Destination
from telehealth.web import terms
from telehealth.web.booking.choices import ANYONE, STATES, Choices, list_licensed, list_modes
from telehealth.web.booking.slot_page import SlotPage
from telehealth.web.booking.visitor_holds import find_visitor_hold
from telehealth.web.client.seats import Seat
from telehealth.web.form_reader import FormReader
from telehealth.web.free_times import ShownSlot


@dataclass(frozen=True, slots=True)
class MovePage(SlotPage):
    """One request on the way to a move."""

    seat: Seat
    token: str

    @property
    def has_choices(self) -> bool:
        """Whether there is another way to meet, another place or another person."""
        many_places = self.choices.in_person and len(self.choices.locations) > 1
        return len(self.choices.modes) > 1 or len(self.choices.giving) > 1 or many_places

    @property
    def asks_how(self) -> bool:
        """Whether to ask for that first. Whoever was asked to choose another time sees times at once."""
        is_asked = self.seat.appointment.is_asked_to_move and "how" not in request.args
        return self.has_choices and not is_asked and "mode" not in request.args

    @property
    def others_url(self) -> str:
        """The times of whoever may see them, for one who was asked to choose another time and sees their own
        therapist's; empty otherwise.
        """
        is_narrow = self.choices.therapist is not None and len(self.choices.therapists) > 1
        return self.choices.url(therapist=ANYONE) if self.seat.appointment.is_asked_to_move and is_narrow else ""

    @property
    def needs_number(self) -> bool:
        """Whether somebody is to be called who gave no number."""
        return self.choices.mode == Mode.PHONE and any(each.phone is None for each in self.seat.appointment.seats)

    def destination(self, slot: ShownSlot) -> Destination:
        """What is confirmed. Raises InvalidInput for the number to call, NotFound while a question is open."""
        state = self.choices.state
        return Destination(
            starts_at=slot.starts_at,
            mode=self.choices.known_mode,
            therapist=slot.therapist.public_id,
            location=self.choices.location.public_id if self.choices.location is not None else None,
            # Everybody of a couple is where they were, unless this one says otherwise.
            jurisdiction=state if state != self.seat.attendee.jurisdiction else None,
            phone=self._number(),
            hold=self.hold.public_id if self.hold is not None else None,
        )

    def show_question(self, *, answered: bool) -> ResponseReturnValue:
        """How, where and with whom."""
        return self._page("client/move_how.html", answered=answered, states=STATES)

    def show_times(self, *, near: ShownSlot | None = None, problem: str = "") -> ResponseReturnValue:
        """A week of times, also such as overlap the appointment itself."""
        wanted = self.find_day(near).isoformat() if near is not None else request.args.get("week")
        return self._page(
            "client/move_times.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            **self.show_week(wanted or self._day_of_the_appointment()),
            new_minutes=self.choices.kept_minutes,
            problem=problem,
        )

    def show_confirm(
        self, slot: ShownSlot, *, errors: Mapping[str, str] | None = None, problem: str = ""
    ) -> ResponseReturnValue:
        """Old and new, before anything happens."""
        return self._page(
            "client/move_confirm.html",
            HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK,
            slot=slot,
            new_time=self.show_time(slot),
            new_minutes=self.choices.kept_minutes,
            with_whom=self.say_givers(slot),
            asks_again=self.seat.appointment.needs_a_yes_to_move(),
            answered=terms.say_answer(self.choices.known_service, slot.starts_at, self.choices.zone, now=self.now),
            kept=self.say_kept(),
            form_url=self.slot_url(slot),
            times_url=self.choices.url(week=self.find_day(slot)),
            typed_phone=request.form.get("phone", ""),
            needs_number=self.needs_number,
            errors=errors or {},
            problem=problem,
        )

    def _number(self) -> str | None:
        typed = FormReader(request.form)
        number = typed.phone("phone", needed=True) if self.needs_number else None
        typed.refuse()
        return number

    def _day_of_the_appointment(self) -> str:
        return self.seat.appointment.starts_at.astimezone(self.choices.zone).date().isoformat()

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
        return self.seat.page(
            template,
            status,
            choices=self.choices,
            has_choices=self.has_choices,
            others_url=self.others_url,
            state_name=JURISDICTIONS.get(self.choices.state or "", ""),
            how_url=url_for("client.show_move", token=self.token, how=1),
            manage_url=url_for("client.show_appointment", token=self.token),
            **context,
        )


def read_move_page(seat: Seat, token: str) -> MovePage:
    """What the address says, and the appointment as it is for all that it does not."""
    held, hold = request.args.get("hold"), find_visitor_hold(seat.appointment.practice, now=seat.now)
    choices = _choices(seat, request.args, token, hold)
    kept = hold if hold is not None and hold.public_id == held else None
    return MovePage(choices, seat.now, kept, held, seat, token)


def _choices(seat: Seat, given: Mapping[str, str], token: str, hold: Hold | None) -> Choices:
    appointment = seat.appointment
    practice, service = appointment.practice, appointment.service
    offer = find_offer(practice.id, closed_since=seat.now.date() - ONE_DAY)
    modes = list_modes(service, has_places=bool(offer.locations))
    mode = next((each for each in modes if each == given.get("mode")), appointment.mode)
    places = offer.locations if mode == Mode.IN_PERSON else ()
    location = _place(places, given.get("location"), appointment.location_id)
    state = _state(seat, given.get("state")) if mode != Mode.IN_PERSON else None
    giving = offer.list_givers(service)
    where = location.jurisdiction if location is not None else state
    therapists = list_licensed(giving, where, now=seat.now)
    same = [each for each in therapists if each.id == appointment.therapist_id]
    anyone = given.get("therapist") == ANYONE or not same
    return Choices(
        practice=practice,
        offer=offer,
        services=[service],
        modes=modes,
        giving=giving,
        therapists=therapists,
        service=service,
        mode=mode,
        state=state,
        location=location,
        therapist=None if anyone else same[0],
        who=ANYONE if anyone else "",
        match={},
        timezone=walltime.zone(seat.attendee.timezone),
        path=url_for("client.show_move", token=token),
        own_hold_id=hold.id if hold is not None else None,
        co_therapist=None if anyone else appointment.co_therapist,
        own=appointment,
    )


def _place(locations: Any, wanted: str | None, current: int | None) -> Location | None:
    named = [each for each in locations if each.public_id == wanted]
    here = [each for each in locations if each.id == current]
    found: list[Location] = [*named, *here, *(locations if len(locations) == 1 else [])]
    return found[0] if found else None


def _state(seat: Seat, wanted: str | None) -> str | None:
    if wanted in JURISDICTIONS:
        return wanted
    return None if wanted == "" else seat.attendee.jurisdiction

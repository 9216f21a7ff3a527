"""Where an appointment could be moved: the choices in the address of the move, and the pages that ask for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from flask import request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import walltime
from telehealth.domain.appointments.matching import Fit
from telehealth.domain.contact import clean_phone
from telehealth.domain.errors import InvalidInput, NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.times import zone_name
from telehealth.domain.words import Mode
from telehealth.models import Hold, Location, Practice
from telehealth.queries.practice.practices import list_locations, list_therapists
from telehealth.services.appointments.holding import HoldWish
from telehealth.services.appointments.moving import Destination
from telehealth.web.booking import choosing, free_weeks, hold_cookie
from telehealth.web.booking.choosing import ANYONE, Choices
from telehealth.web.booking.free_weeks import ShownSlot
from telehealth.web.client.seats import Seat
from telehealth.web.shown_times import shown


@dataclass(frozen=True, slots=True)
class Trip:
    """One request on the way to a move. ``hold`` keeps the chosen time, if any; ``held`` is what the address says."""

    seat: Seat
    token: str
    choices: Choices
    hold: Hold | None
    held: str | None

    @property
    def practice(self) -> Practice:
        """Whose appointment it is."""
        return self.seat.appointment.practice

    @property
    def slot(self) -> ShownSlot | None:
        """The time of a button, or else of the address."""
        return free_weeks.read_slot(request.form.get("slot") or request.args.get("slot"), self.choices)

    @property
    def has_choices(self) -> bool:
        """Whether there is another way to meet, another place or another person."""
        many_places = self.choices.in_person and len(self.choices.locations) > 1
        return len(self.choices.modes) > 1 or len(self.choices.giving) > 1 or many_places

    @property
    def needs_number(self) -> bool:
        """Whether somebody is to be called who gave no number."""
        return self.choices.mode == Mode.PHONE and any(each.phone is None for each in self.seat.appointment.seats)

    def is_offered(self, slot: ShownSlot) -> bool:
        """Whether the appointment could be moved there, as of the moment the time was kept."""
        return free_weeks.is_offered(
            self.choices, slot, now=self.hold.created_at if self.hold is not None else self.seat.now
        )

    def keep(self, slot: ShownSlot) -> tuple[ShownSlot, str]:
        """Keep a time: the slot with whoever was kept, and the secret of its hold. Raises what ``keep_slot`` raises."""
        hold = hold_cookie.keep(self.practice, self._hold_wish(slot, anybody=True), now=self.seat.now)
        therapist = next(each for each in self.choices.eligible if each.id == hold.therapist_id)
        return ShownSlot(slot.starts_at, therapist), hold.public_id

    def keep_longer(self, slot: ShownSlot) -> str:
        """Keep it longer, or again. Raises as ``holding.keep_slot``."""
        wish = self._hold_wish(slot, anybody=False)
        return hold_cookie.keep_longer(self.practice, self.hold, wish, now=self.seat.now).public_id

    def destination(self, slot: ShownSlot) -> Destination:
        """What is confirmed. Raises InvalidInput for the number to call, NotFound while a question is open."""
        state = self.choices.state
        return Destination(
            starts_at=slot.starts_at,
            mode=self._mode,
            therapist=slot.therapist.public_id,
            location=self.choices.location.public_id if self.choices.location is not None else None,
            # Everybody of a couple is where they were, unless this one says otherwise.
            jurisdiction=state if state != self.seat.attendee.jurisdiction else None,
            phone=self._number(),
            attendee_id=self.seat.attendee.id,
            hold=self.hold.public_id if self.hold is not None else None,
        )

    def ask(self, *, answered: bool) -> ResponseReturnValue:
        """How, where and with whom."""
        return self._page("client/move_how.html", answered=answered, states=_states())

    def times(self, *, near: ShownSlot | None = None, problem: str = "") -> ResponseReturnValue:
        """A week of times, also such as overlap the appointment itself."""
        wanted = request.args.get("week")
        if near is not None:
            wanted = near.starts_at.astimezone(self.choices.shown_zone).date().isoformat()
        week = free_weeks.find_shown_week(self.choices, wanted or self._day_of_the_appointment(), now=self.seat.now)
        days = [
            {**day, "slots": [slot for slot in day["slots"] if not self._is_where_it_is(slot)]} for day in week.days
        ]
        return self._page(
            "client/move_times.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            week=week,
            days=[day for day in days if day["slots"]],
            zone_of_times=zone_name(self.choices.shown_zone),
            shows_both=any(slot["shows_other"] for day in days for slot in day["slots"]),
            problem=problem,
        )

    def confirm(
        self, slot: ShownSlot, *, errors: Mapping[str, str] | None = None, problem: str = ""
    ) -> ResponseReturnValue:
        """Old and new, before anything happens."""
        zone = self.choices.shown_zone
        return self._page(
            "client/move_confirm.html",
            HTTPStatus.UNPROCESSABLE_ENTITY if errors or problem else HTTPStatus.OK,
            slot=slot,
            new_time=shown(slot.starts_at, zone, free_weeks.other_zone(self.choices, slot.therapist)),
            kept=hold_cookie.say_kept(self.hold, self.held, zone, now=self.seat.now),
            form_url=self.choices.url(slot=slot, hold=self.held),
            times_url=self.choices.url(week=slot.starts_at.astimezone(zone).date()),
            typed_phone=request.form.get("phone", ""),
            needs_number=self.needs_number,
            errors=errors or {},
            problem=problem,
        )

    @property
    def _mode(self) -> Mode:
        if self.choices.mode is None:
            raise NotFound
        return self.choices.mode

    def _hold_wish(self, slot: ShownSlot, *, anybody: bool) -> HoldWish:
        choices = self.choices
        return HoldWish(
            service=self.seat.appointment.service.public_id,
            starts_at=slot.starts_at,
            mode=self._mode,
            therapist=None if anybody and choices.who else slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            jurisdiction=choices.state,
            fit=Fit(therapist_id=self.seat.appointment.therapist_id),
            appointment_id=self.seat.appointment.id,
        )

    def _number(self) -> str | None:
        if not self.needs_number:
            return None
        try:
            return clean_phone(request.form.get("phone", ""), needed=True)
        except ValueError as problem:
            raise InvalidInput({"phone": str(problem)}) from problem

    def _is_where_it_is(self, slot: Mapping[str, Any]) -> bool:
        """Whether the slot is exactly where the appointment is now."""
        appointment, choices = self.seat.appointment, self.choices
        there = (slot["at"], choices.mode, choices.location and choices.location.id, slot["value"].therapist.id)
        return there == (appointment.starts_at, appointment.mode, appointment.location_id, appointment.therapist_id)

    def _day_of_the_appointment(self) -> str:
        return self.seat.appointment.starts_at.astimezone(self.choices.shown_zone).date().isoformat()

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
        return self.seat.page(
            template,
            status,
            choices=self.choices,
            has_choices=self.has_choices,
            state_name=JURISDICTIONS.get(self.choices.state or "", ""),
            how_url=url_for("client.move", token=self.token),
            manage_url=url_for("client.manage", token=self.token),
            **context,
        )


def read_destination(seat: Seat, token: str) -> Trip:
    """What the address says, and the appointment as it is for all that it does not."""
    appointment = seat.appointment
    held = request.args.get("hold")
    kept = hold_cookie.last_hold(appointment.practice)
    hold = kept if kept is not None and kept.still_keeps(now=seat.now) else None
    choices = _choices(seat, request.args, token, hold)
    return Trip(seat, token, choices, hold if hold is not None and hold.public_id == held else None, held)


def _choices(seat: Seat, given: Mapping[str, str], token: str, hold: Hold | None) -> Choices:
    appointment = seat.appointment
    practice, service = appointment.practice, appointment.service
    locations = list_locations(practice.id)
    modes = choosing.modes_of(service, has_places=bool(locations))
    mode = next((each for each in modes if each == given.get("mode")), appointment.mode)
    location = _place(locations, given.get("location"), appointment.location_id) if mode == Mode.IN_PERSON else None
    state = _state(seat, given.get("state")) if mode != Mode.IN_PERSON else None
    giving = [each for each in list_therapists(practice.id) if service in each.services]
    where = location.jurisdiction if location is not None else state
    eligible = [each for each in giving if where is None or where in each.states(now=seat.now)]
    same = [each for each in eligible if each.id == appointment.therapist_id]
    anyone = given.get("therapist") == ANYONE or not same
    return Choices(
        practice=practice,
        services=[service],
        modes=modes,
        locations=locations,
        giving=giving,
        eligible=eligible,
        service=service,
        mode=mode,
        state=state,
        location=location,
        therapist=None if anyone else same[0],
        who=ANYONE if anyone else "",
        match={},
        timezone=walltime.zone(seat.attendee.timezone),
        path=url_for("client.move", token=token),
        own_hold_id=hold.id if hold is not None else None,
        own_appointment_id=appointment.id,
        client_ids=tuple(each.client_id for each in appointment.seats),
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


def _states() -> list[tuple[str, str]]:
    return sorted(JURISDICTIONS.items(), key=lambda item: item[1])

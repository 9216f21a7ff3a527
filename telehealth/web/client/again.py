"""Booking once more from the page of an appointment: nothing of themselves is asked.

The pages of booking are used, with another frame around them. What service it was last time they do not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import access, walltime
from telehealth.domain.addresses import LinkPurpose
from telehealth.domain.appointments.openness import LISTED, OpenTo, waits_for_yes
from telehealth.domain.audit_words import Via
from telehealth.domain.contact import say_phone
from telehealth.domain.errors import (
    GroupFull,
    IdempotencyMismatch,
    InvalidInput,
    LinkTooOld,
    NotAllowed,
    NotFound,
    PleaseCall,
    ServiceEnded,
    SlotNotOffered,
    SlotTaken,
    TelehealthError,
    TooManyHolds,
)
from telehealth.domain.words import Mode
from telehealth.queries.appointments.own_standing import OwnStanding, own_contact, read_standing
from telehealth.queries.messages.facts import link_to
from telehealth.services.appointments.booking import BookingWish, book_by_own_link
from telehealth.web import terms
from telehealth.web.acting import by_client
from telehealth.web.booking.choices import BookingQuestion, Choices, read_choices
from telehealth.web.booking.client_details import make_key, read_key
from telehealth.web.booking.pages import BookingPage
from telehealth.web.booking.visitor_holds import find_visitor_hold, forget_visitor_hold
from telehealth.web.client.frame import blueprint
from telehealth.web.client.seats import Seat, open_seat_for_all
from telehealth.web.free_times import ShownSlot
from telehealth.web.headers import limiter
from telehealth.web.link_pages import READS, WRITES, make_manage_url, read_manage_link, redirect_to_appointment

ANSWERS = ("service", "mode", "state", "location", "therapist")
REFUSED = (SlotTaken, SlotNotOffered, GroupFull)
TOO_OLD = "This link is from an appointment long ago, so we ask for your details once more. Nothing was booked."
USED_BEFORE = "An appointment was already booked with this page. Book again only if you want another one."


@dataclass(frozen=True, slots=True, kw_only=True)
class AgainPage(BookingPage):
    """One request on the way to another appointment of whoever holds the link to one."""

    seat: Seat
    token: str
    standing: OwnStanding

    def asks_first(self, slot: ShownSlot) -> bool:
        """Whether it is a request, as the service decides it."""
        service, about = self.service, self.standing
        if service.is_group:
            return False
        if (slot.therapist.id not in about.met and self._is_by_their_word(slot)) or self._is_unsure(slot):
            return True
        return waits_for_yes(service.open_to, service.approval, is_known=about.is_known, is_new=about.is_new)

    def wish(self, slot: ShownSlot) -> BookingWish:
        """What is confirmed. Raises NotFound while a question is open."""
        choices = self.choices
        return BookingWish(
            service=choices.service_word,
            starts_at=slot.starts_at,
            mode=choices.known_mode,
            therapist=slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            contact=own_contact(self.seat.attendee, jurisdiction=choices.state),
            idempotency_key=read_key(request.form),
            hold=self.hold.public_id if self.hold is not None else None,
            fit=choices.fit,
            has_met=choices.has_met,
        )

    def show_confirm(
        self, slot: ShownSlot, *, problem: str = "", status: HTTPStatus = HTTPStatus.CONFLICT, key: str = ""
    ) -> ResponseReturnValue:
        """All of it once more, before anything happens."""
        service = self.service
        return self._page(
            "client/again.html",
            status if problem else HTTPStatus.OK,
            **{**self._about(slot), "with_whom": self.say_givers(slot)},
            key=key or read_key(request.form),
            problem=problem,
            fee=terms.say_fee(service),
            terms=terms.say_terms_for(service.policy, slot.starts_at, now=self.now),
            answered=terms.say_answer(service, slot.starts_at, self.choices.zone, now=self.now),
            asks_first=self.asks_first(slot),
            times_url=self.choices.url(week=self.find_day(slot)),
        )

    def say_only_known(self) -> str:
        """Nothing of new clients to whom the therapist knows."""
        named = self.choices.therapist
        return "" if named is not None and named.id in self.standing.met else BookingPage.say_only_known(self)

    @property
    def wait_url(self) -> str:
        """Whoever waits says who they are: that is another page."""
        return ""

    @property
    def frame(self) -> dict[str, Any]:
        """That of the pages about a seat."""
        manage_url = url_for("client.show_appointment", token=self.token)
        own = {"home_url": manage_url, "manage_url": manage_url, "again": True, "is_same": self._is_same}
        return {**self.seat.context, **own, **({"for_whom": {}} if self.standing.is_known else {})}

    @property
    def _is_same(self) -> bool:
        """Whether it is the service of last time, which these pages do not name by themselves."""
        return self.choices.service is not None and self.choices.service.id == self.seat.appointment.service_id


@blueprint.get("/m/<token>/again")
@access.by_link
@limiter.limit(READS)
def show_again(token: str) -> ResponseReturnValue:
    """The times of the same as last time; then what would be booked. Raises NotAllowed for the link of somebody whom
    the practice does not know yet.
    """
    page = _read_page(token)
    if not isinstance(page, AgainPage):
        return page
    slot = page.slot
    if page.choices.question() != BookingQuestion.TIME:
        return page.show_question()
    if slot is None:
        return page.show_times(problem=SlotNotOffered.sentence if "slot" in request.args else "")
    if not page.is_offered(slot):
        return page.show_times(near=slot, problem=SlotTaken.sentence)
    return page.show_confirm(slot, key=make_key())


@blueprint.post("/m/<token>/again")
@access.by_link
@limiter.limit(WRITES)
def submit_again(token: str) -> ResponseReturnValue:
    """A chosen time is kept; a confirmed one is booked."""
    page = _read_page(token)
    if not isinstance(page, AgainPage):
        return page
    slot = page.slot
    if page.choices.question() != BookingQuestion.TIME:
        return page.show_question()
    if slot is None:
        return page.show_times(problem=SlotNotOffered.sentence)
    if "slot" in request.form or request.form.get("do") == "keep":
        return _choose(page, slot)
    return _confirm(page, slot)


def _choose(page: AgainPage, slot: ShownSlot) -> ResponseReturnValue:
    """Keep the time, or keep it longer. Where too many are kept, it is to be confirmed soon."""
    try:
        page, slot = (page.keep_longer(slot), slot) if "slot" not in request.form else page.keep(slot)
    except (*REFUSED, TooManyHolds) as refusal:
        page = page.without_hold()
        if not isinstance(refusal, TooManyHolds) or not page.is_offered(slot):
            return page.show_times(near=slot, problem=SlotTaken.sentence)
        flash(str(refusal), "warning")
    except (NotFound, ServiceEnded, InvalidInput):
        return redirect(url_for("client.show_again", token=page.token), HTTPStatus.SEE_OTHER)
    return redirect(page.slot_url(slot), HTTPStatus.SEE_OTHER)


def _confirm(page: AgainPage, slot: ShownSlot) -> ResponseReturnValue:
    link, by = read_manage_link(page.token), by_client(Via.LINK)
    try:
        made = book_by_own_link(link=link, wish=page.wish(slot), by=by, now=page.now)
    except REFUSED as refusal:
        return page.show_times(near=slot, problem=str(refusal))
    except IdempotencyMismatch:
        return page.show_confirm(slot, problem=USED_BEFORE, key=make_key())
    except (InvalidInput, PleaseCall) as refusal:
        return page.show_confirm(slot, problem=_say(refusal), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    except (NotFound, ServiceEnded):
        return redirect(url_for("client.show_again", token=page.token), HTTPStatus.SEE_OTHER)
    forget_visitor_hold()
    mine = [each for each in made.attendees if each.client_id == page.standing.client_id]
    return redirect(make_manage_url(link_to(mine[-1], page.seat.companion)), HTTPStatus.SEE_OTHER)


def _say(refusal: TelehealthError) -> str:
    fields = refusal.fields if isinstance(refusal, InvalidInput) else {}
    return next(iter(fields.values()), str(refusal))


def _read_page(token: str) -> AgainPage | ResponseReturnValue:
    """What the address says, and the appointment as it was for all that it does not; or where else to go."""
    seat = open_seat_for_all(LinkPurpose.MANAGE, token)
    if not seat.may_book_again:
        raise NotAllowed
    practice = seat.appointment.practice
    try:
        standing = read_standing(seat.attendee, companion=seat.companion, now=seat.now)
    except LinkTooOld:
        flash(TOO_OLD, "info")
        return redirect(url_for("booking.show_practice", slug=practice.slug), HTTPStatus.SEE_OTHER)
    if not standing.may_book:
        flash(str(PleaseCall(say_phone(practice.phone))), "warning")
        return redirect_to_appointment(token)
    held, hold = request.args.get("hold"), find_visitor_hold(practice, now=seat.now)
    kept = hold if hold is not None and hold.public_id == held else None
    choices = _read_choices(seat, standing, token)
    if hold is not None:
        choices = replace(choices, own_hold_id=hold.id)
    return AgainPage(choices, seat.now, kept, held, seat=seat, token=token, standing=standing)


def _read_choices(seat: Seat, standing: OwnStanding, token: str) -> Choices:
    practice, attendee = seat.appointment.practice, seat.attendee
    given = request.args.to_dict()
    if not any(name in given for name in ANSWERS):
        given = {**_last_time(seat), **given}
    found = read_choices(practice, {"tz": attendee.timezone, **given}, now=seat.now)
    modes = [each for each in found.modes if each != Mode.PHONE or attendee.phone]
    mode = found.mode if found.mode in modes else None
    return replace(
        found,
        modes=modes,
        mode=mode,
        met=standing.met,
        path=url_for("client.show_again", token=token),
        timezone=found.timezone or walltime.zone(attendee.timezone),
    )


def _last_time(seat: Seat) -> Mapping[str, str]:
    """The same as last time, as far as they may ask for it: what is on no list is named to nobody."""
    appointment = seat.appointment
    service, state = appointment.service, seat.attendee.jurisdiction
    is_listed = service.open_to in LISTED - {OpenTo.NEW_CLIENTS}
    given = {
        "service": service.asking_word if is_listed else None,
        "mode": appointment.mode.value,
        "state": state,
        "location": appointment.location.public_id if appointment.location is not None else None,
        "therapist": appointment.therapist.public_id,
    }
    return {name: value for name, value in given.items() if value}

"""The pages on the way to an appointment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from http import HTTPStatus
from typing import Any, Self, TypedDict

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from telehealth.domain import languages, walltime
from telehealth.domain.companions import CompanionFacts, Relationship
from telehealth.domain.consent.texting import countries_texted, say_untextable, why_not_textable
from telehealth.domain.contact import TEXT_CONSENT, Contact, say_phone
from telehealth.domain.errors import NotFound
from telehealth.domain.jurisdictions import JURISDICTIONS
from telehealth.domain.messages.number_codes import LASTS
from telehealth.domain.times import zone_name
from telehealth.domain.words import Approval
from telehealth.models import Service
from telehealth.queries.delivery.outbox import is_code_lost
from telehealth.queries.hours.busy_intervals import is_unsure
from telehealth.queries.practice.offers import Giver
from telehealth.services.appointments.booking import BookingWish
from telehealth.web import terms
from telehealth.web.booking import client_details, matches, zones
from telehealth.web.booking.choices import FOR_WHOM, STATES, BookingQuestion, list_states_of, say_away, say_new_clients
from telehealth.web.booking.client_details import Details
from telehealth.web.booking.slot_page import SlotPage
from telehealth.web.free_times import ShownSlot

FIELDS_ON_THE_PAGE = ("name", "email", "phone", "wants_texts", "born_on", "relationship", "messages_to")
FIELDS_OF_PEOPLE = ("other-", "client-")
RELATIONSHIPS = (
    (Relationship.PARENT, "Parent"),
    (Relationship.GUARDIAN, "Guardian"),
    (Relationship.PARTNER, "Partner"),
    (Relationship.CHILD, "Daughter or son, of age"),
    (Relationship.CASE_MANAGER, "Case manager, or counsellor at their school"),
    (Relationship.OTHER, "Somebody else"),
)


class ProofOf(TypedDict):
    """What names the codes of one form."""

    practice_id: int
    phone: str
    secret: str


@dataclass(frozen=True, slots=True)
class BookingPage(SlotPage):
    """One request on the way to an appointment. ``typed`` is None before the form."""

    typed: Details | None = None

    def show_question(self, *, problem: str = "", question: BookingQuestion | None = None) -> ResponseReturnValue:
        """The page of the next question, or of this one. Somebody who went on without an answer is told so."""
        question = question or self.choices.question()
        asked_before = request.args.get("asked") == question.value
        return self._page(
            f"booking/{question.value}.html",
            problem=problem,
            unanswered=asked_before and not problem,
            states=STATES,
            served=list_states_of(self.choices.giving, now=self.now),
            key_of=matches.make_key,
            say_away=partial(say_away, now=self.now),
            say_new_clients=partial(say_new_clients, now=self.now),
        )

    def show_times(self, *, near: ShownSlot | None = None, problem: str = "") -> ResponseReturnValue:
        """A week of free times. What was typed already is carried along."""
        wanted = request.form.get("week") or request.args.get("week")
        if near is not None and "week" not in request.form:
            wanted = self.find_day(near).isoformat()
        return self._page(
            "booking/times.html",
            HTTPStatus.CONFLICT if problem else HTTPStatus.OK,
            **self.show_week(wanted),
            problem=problem,
            zones=self._zones,
            only_known=self.say_only_known(),
            wait_url=self.wait_url,
        )

    @property
    def wait_url(self) -> str:
        """Where somebody asks for a time that is not free; empty where nobody does from here."""
        return self.choices.at("waitlist.show_wait")

    def say_only_known(self) -> str:
        """What a page of times says of a therapist who takes no new clients now; empty for all others."""
        named = self.choices.therapist
        return say_new_clients(named, now=self.now) if isinstance(named, Giver) else ""

    def show_details(
        self, slot: ShownSlot, *, errors: Mapping[str, str] | None = None, problem: str = "", more: bool = False
    ) -> ResponseReturnValue:
        """The form about the client, with ``more`` for one more person to come along."""
        typed = self.typed or client_details.make_blank_details()
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
                states=STATES,
                zones=self._zones,
                relationships=[(each.value, label) for each, label in RELATIONSHIPS],
            )
        )
        if self.typed is None:
            # The empty form may be kept by the browser: only then does Back bring back what was typed into it.
            response.headers["Cache-Control"] = "private, no-cache"
        return response

    def show_review(self, slot: ShownSlot, *, problem: str = "") -> ResponseReturnValue:
        """Everything once more, before anything happens (WCAG 3.3.4). Raises InvalidInput."""
        wish, service = self.wish(slot), self.service
        status = HTTPStatus.CONFLICT if problem else HTTPStatus.OK
        return self._page(
            "booking/review.html",
            status,
            **self._about(slot),
            contact=wish.booker or wish.contact,
            client=wish.contact if wish.booker is not None else None,
            born_on=f"{wish.born_on:%B %-d, %Y}" if wish.born_on is not None else "",
            reads=wish.booker.messages_to if wish.booker is not None else "",
            role=dict(RELATIONSHIPS)[wish.booker.relationship] if wish.booker is not None else "",
            not_texted=self._why_not_texted(wish.booker or wish.contact),
            others=[(each, self._say_where(each)) for each in wish.others],
            problem=problem,
            fee=terms.say_fee(service),
            terms=terms.say_terms_for(service.policy, slot.starts_at, now=self.now),
            answered=terms.say_answer(service, slot.starts_at, self.choices.zone, now=self.now),
            texts_code=not (wish.booker or wish.contact).email,
            asks_first=self._asks_first(slot),
        )

    def show_code(self, slot: ShownSlot, *, error: str = "", problem: str = "") -> ResponseReturnValue:
        """Where the code is typed that proves the number, with all that was typed before. Raises InvalidInput."""
        phone = self.phone(slot)
        status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.CONFLICT if problem else HTTPStatus.OK
        return self._page(
            "booking/code.html",
            status,
            **self._about(slot),
            phone=say_phone(phone),
            is_lost=self.is_code_lost(phone),
            minutes=int(LASTS.total_seconds() // 60),
            error=error,
            problem=problem,
            code=request.form.get("code", "") if error else "",
        )

    def phone(self, slot: ShownSlot) -> str:
        """The number of whoever books. Raises as ``wish``."""
        wish = self.wish(slot)
        return (wish.booker or wish.contact).phone or ""

    def code_of(self, phone: str) -> ProofOf:
        """Whose proof it is: the form has a secret of its own, so a code counts in the browser that asked for it."""
        return {"practice_id": self.practice.id, "phone": phone, "secret": self.typed.key if self.typed else ""}

    def is_code_lost(self, phone: str) -> bool:
        """Whether the last code did not arrive, and another one would not either."""
        return is_code_lost(**self.code_of(phone))

    def keep_while_proving(self, slot: ShownSlot) -> Self:
        """The page whose time is kept as long as a code lasts, as far as that can be. Raises as ``keep_longer``."""
        is_short = self.hold is not None and self.hold.expires_at < self.now + LASTS
        return self.keep_longer(slot) if is_short else self

    @property
    def locale(self) -> str:
        """The language of messages that was chosen."""
        return (self.typed.locale if self.typed is not None else "") or languages.ENGLISH

    def _asks_first(self, slot: ShownSlot) -> bool:
        """Whether it is a request, as the service decides it."""
        return self.service.needs_yes_of != Approval.NEVER or self._is_by_their_word(slot) or self._is_unsure(slot)

    def _is_by_their_word(self, slot: ShownSlot) -> bool:
        """Whether what they say of themselves makes it a request, as the service decides it."""
        day = slot.starts_at.astimezone(walltime.zone(slot.therapist.timezone))
        taken = not isinstance(slot.therapist, Giver) or slot.therapist.takes_newcomers(now=day)
        return slot.therapist.id in self.choices.known_to and not taken

    def _is_unsure(self, slot: ShownSlot) -> bool:
        """Whether a calendar that was not read for long makes it a request, as the service decides it."""
        return not self.service.is_group and is_unsure(self.choices.practice, [slot.therapist.id], now=self.now)

    @property
    def _zones(self) -> zones.ZoneList:
        return zones.list_zones(self.choices.client_zone, walltime.zone(self.choices.practice.timezone))

    def with_new_key(self) -> BookingPage:
        """The same visit, whose form now asks for another appointment."""
        return replace(self, typed=self.typed and self.typed.renewed())

    @property
    def service(self) -> Service:
        """What is booked. Raises NotFound while that is open."""
        return self.choices.known_service

    def wish(self, slot: ShownSlot) -> BookingWish:
        """What the client asks for. Raises InvalidInput, and NotFound while a question is open."""
        choices, typed = self.choices, self.typed
        if typed is None:
            raise NotFound
        booked = typed.people(choices, slot.therapist, at=slot.starts_at)
        reader = booked.booker or booked.contact
        return BookingWish(
            service=choices.service_word,
            starts_at=slot.starts_at,
            mode=choices.known_mode,
            therapist=slot.therapist.public_id,
            location=choices.location.public_id if choices.location is not None else None,
            contact=booked.contact,
            others=booked.others,
            booker=booked.booker,
            born_on=booked.born_on,
            idempotency_key=typed.key,
            secret=typed.key if not reader.email else None,
            hold=self.hold.public_id if self.hold is not None else None,
            fit=choices.fit,
            has_met=choices.has_met,
        )

    def _say_where(self, other: Contact) -> str:
        """Where somebody who comes along will be: "Utah, times in Mountain Time"; empty in person."""
        if other.jurisdiction is None:
            return ""
        return f"{JURISDICTIONS[other.jurisdiction]}, times in {zone_name(walltime.zone(other.timezone))}"

    def _why_not_texted(self, contact: Contact | CompanionFacts) -> str:
        """What whoever asked for texts reads when their number gets none; the form goes on all the same."""
        practice = self.practice
        countries = countries_texted(practice.phone, practice.text_countries)
        is_refused = contact.wants_texts and why_not_textable(contact.phone or "", countries) is not None
        return say_untextable(contact.phone or "", countries) if is_refused else ""

    def _about(self, slot: ShownSlot) -> dict[str, Any]:
        return {
            "slot": slot,
            "with_whom": self.say_givers(slot, credentials=True),
            "time": self.show_time(slot),
            "form_url": self.slot_url(slot),
            "kept": self.say_kept(),
            "now": self.now,
        }

    def _page(self, template: str, status: HTTPStatus = HTTPStatus.OK, **context: Any) -> ResponseReturnValue:
        practice = self.choices.practice
        common = {
            "practice": practice,
            "home_url": url_for("booking.show_practice", slug=practice.slug),
            "choices": self.choices,
            "question": self.choices.question(),
            "for_whom": FOR_WHOM,
            "say_fee": terms.say_fee,
            "typed": self.typed,
            "state_name": JURISDICTIONS.get(self.choices.state or "", ""),
        }
        return render_template(template, **{**common, **self.frame, **context}), status

    @property
    def frame(self) -> dict[str, Any]:
        """What stands around every page otherwise than usual."""
        return {}


def _field_id(field: str) -> str:
    """The field on the page that a sentence is about; empty when it has none."""
    return field if field in FIELDS_ON_THE_PAGE or field.startswith(FIELDS_OF_PEOPLE) else ""

"""What a verdict reads of a message, and of what it is about. The models have all of it, loaded."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from telehealth.domain.companions import GetsMessages, WrittenTo
from telehealth.domain.consent.contactability import ClientOnFile, TypedContact
from telehealth.domain.message_words import Channel, MessageKind, ReplyMeaning
from telehealth.domain.words import AppointmentStatus, Mode, OfferStatus


class SomewhereInTime(Protocol):
    """Whoever has a clock: the IANA name of its zone."""

    @property
    def timezone(self) -> str: ...


class TextingPractice(SomewhereInTime, Protocol):
    """When, and how often, a practice texts somebody: minutes since midnight, and texts in 24 hours."""

    @property
    def texts_from(self) -> int: ...
    @property
    def texts_until(self) -> int: ...
    @property
    def texts_a_day(self) -> int: ...
    @property
    def plan_version(self) -> int: ...


class PlaceToMeet(Protocol):
    """A location, and the state that it is in."""

    @property
    def jurisdiction(self) -> str: ...


class MeetingPoint(Protocol):
    """How and where people meet."""

    @property
    def mode(self) -> Mode: ...
    @property
    def location(self) -> PlaceToMeet | None: ...


class AppointmentTold(MeetingPoint, Protocol):
    """The appointment that a message is about."""

    @property
    def sequence(self) -> int: ...
    @property
    def plan_version(self) -> int: ...
    @property
    def practice(self) -> TextingPractice: ...


class ContactTold(TypedContact, SomewhereInTime, Protocol):
    """A client who reads a message, as typed for a seat or for a wait."""

    @property
    def client(self) -> ClientOnFile: ...
    @property
    def name(self) -> str: ...
    @property
    def jurisdiction(self) -> str | None: ...


class SeatTold(ContactTold, Protocol):
    """The seat of whoever reads it."""

    @property
    def status(self) -> AppointmentStatus: ...


class CompanionTold(WrittenTo, GetsMessages, Protocol):
    """Somebody who acts for a client, and reads it; they may have ended."""

    @property
    def ended_at(self) -> datetime | None: ...


class WaitTold(ContactTold, Protocol):
    """The wait of whoever reads it."""

    @property
    def practice(self) -> TextingPractice: ...


class OfferTold(Protocol):
    """An offer to somebody who waits."""

    @property
    def status(self) -> OfferStatus: ...
    @property
    def entry(self) -> WaitTold: ...


class TextAnswered(Protocol):
    """A text that we got, from ``sender``, and whose it is, if that is known."""

    @property
    def sender(self) -> str: ...
    @property
    def received_at(self) -> datetime: ...
    @property
    def meaning(self) -> ReplyMeaning: ...
    @property
    def practice(self) -> TextingPractice: ...
    @property
    def client(self) -> SomewhereInTime | None: ...


class LoginLetterTold(Protocol):
    """A letter about a login; its link may have ended."""

    @property
    def ended_at(self) -> datetime | None: ...


class AlertTold(Protocol):
    """What staff are told of: whether somebody has looked, and whether it still waits."""

    @property
    def seen_at(self) -> datetime | None: ...
    def waits(self, *, now: datetime) -> bool: ...


class MessageToSend(Protocol):
    """One message, and the one thing that it is about."""

    @property
    def kind(self) -> MessageKind: ...
    @property
    def channel(self) -> Channel: ...
    @property
    def minutes(self) -> int: ...
    @property
    def version(self) -> int: ...
    @property
    def not_after(self) -> datetime: ...
    @property
    def sent_to(self) -> str: ...
    @property
    def appointment(self) -> AppointmentTold | None: ...
    @property
    def attendee(self) -> SeatTold | None: ...
    @property
    def companion(self) -> CompanionTold | None: ...
    @property
    def offer(self) -> OfferTold | None: ...
    @property
    def inbound(self) -> TextAnswered | None: ...
    @property
    def login_letter(self) -> LoginLetterTold | None: ...
    @property
    def alert(self) -> AlertTold | None: ...

"""The sentences of every message, by what it is about and who reads it. ``wording`` fills them in.

Plain, warm and short, and discreet: see ``wording``. Texts keep to the letters of the GSM alphabet.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from telehealth.domain.words import MessageKind, Mode


class Ending(StrEnum):
    """How something ended for a reader, where it takes other words."""

    EXPIRED = "expired"  # Nobody answered the request in time.
    WITHDRAWN = "withdrawn"  # The client took the request back.
    LEFT = "left"  # One client is not coming, and the others are.
    HANDED_ON = "handed_on"  # Another therapist gives it.


@dataclass(frozen=True, slots=True)
class Phrase:
    """``subject`` and ``opening`` of an e-mail; ``text`` is all of a text, and empty where nobody is texted.

    {day} is the start in short, {when} the same with its zone, {until} the end of what is kept.
    """

    subject: str
    opening: str
    text: str = ""


HOW = {
    Mode.VIRTUAL: "By video",
    Mode.PHONE: "By phone: we call you",
    Mode.IN_PERSON: "In person",
}

HOW_IN_SHORT = {
    Mode.VIRTUAL: "by video",
    Mode.PHONE: "by phone",
    Mode.IN_PERSON: "in person",
}

_STOP = "Reply STOP to end texts."

TO_CLIENTS: Mapping[MessageKind, Phrase] = {
    MessageKind.CONFIRMATION: Phrase(
        "Confirmed: appointment on {day}",
        "Your appointment is confirmed.",
        "{sender}: your appointment is confirmed for {when}. See or change: {manage} " + _STOP,
    ),
    MessageKind.REMINDER: Phrase(
        "Reminder: appointment on {day}",
        "This is a reminder of your appointment.",
        "{sender}: reminder of your appointment on {when}. See or change: {manage} " + _STOP,
    ),
    MessageKind.JOIN_LINK: Phrase(
        "Your appointment is about to start",
        "Your appointment is about to start.",
        "{sender}: your appointment starts at {time}. Join here: {join}",
    ),
    MessageKind.MOVED: Phrase(
        "Changed: appointment on {day}",
        "Your appointment has changed. This is how it is now.",
        "{sender}: your appointment has changed. It is now on {when}, {how}. See or change: {manage} " + _STOP,
    ),
    MessageKind.CANCELLATION: Phrase(
        "Cancelled: appointment on {day}",
        "This appointment is cancelled.",
        "{sender}: your appointment on {when} is cancelled. Questions? Call {phone}.",
    ),
    MessageKind.REQUEST: Phrase(
        "We have your request for {day}",
        "Thank you, we have your request. We keep this time for you while we look at it, and answer by {until}.",
        "{sender}: we have your request for {when}. We keep the time for you and answer by {until}. "
        "See or change: {manage} " + _STOP,
    ),
    MessageKind.DECLINED: Phrase(
        "About your request for {day}",
        "We are sorry: we cannot offer you this time. We would be glad to find another one with you.",
        "{sender}: we are sorry, we cannot offer you {when}. Please call {phone} to find another time.",
    ),
    MessageKind.OFFER: Phrase(
        "A time is free: {day}",
        "A time has become free, and we keep it for you until {until}.",
        "{sender}: {when}, {how}, is free. We keep it for you until {until}. Take it or say no: {manage} " + _STOP,
    ),
}

TO_THERAPISTS: Mapping[MessageKind, Phrase] = {
    MessageKind.CONFIRMATION: Phrase("Confirmed: appointment on {day}", "Your appointment is confirmed."),
    MessageKind.MOVED: Phrase("Changed: appointment on {day}", "This appointment has changed. This is how it is now."),
    MessageKind.CANCELLATION: Phrase("Cancelled: appointment on {day}", "This appointment is cancelled."),
    MessageKind.REQUEST: Phrase(
        "Please answer: request for {day}",
        "Somebody asks for this time. It is kept until you answer; if nobody answers by {until}, it is free again.",
    ),
    MessageKind.DECLINED: Phrase("Declined: request for {day}", "This request was declined. The time is free again."),
}

ENDINGS_TO_CLIENTS: Mapping[Ending, Phrase] = {
    Ending.EXPIRED: Phrase(
        "About your request for {day}",
        "We are sorry: we could not answer your request in time, so this time is free again. "
        "We would be glad to find another one with you.",
        "{sender}: we are sorry, we could not answer your request for {when} in time. "
        "Please call {phone} to find another time.",
    ),
    Ending.WITHDRAWN: Phrase(
        "Taken back: request for {day}",
        "You took your request back. Nothing else needs to be done.",
        "{sender}: you took back your request for {when}. Questions? Call {phone}.",
    ),
    Ending.LEFT: Phrase(
        "Cancelled: appointment on {day}",
        "This appointment is cancelled for you.",
        TO_CLIENTS[MessageKind.CANCELLATION].text,
    ),
}

ENDINGS_TO_THERAPISTS: Mapping[Ending, Phrase] = {
    Ending.EXPIRED: Phrase(
        "Not answered: request for {day}", "Nobody answered this request in time. The time is free again."
    ),
    Ending.WITHDRAWN: Phrase(
        "Taken back: request for {day}", "The client took this request back. The time is free again."
    ),
    Ending.HANDED_ON: Phrase(
        "No longer yours: appointment on {day}",
        "You no longer have this appointment: a colleague has taken it over. Nothing else needs to be done.",
    ),
}


def phrase(kind: MessageKind, ending: Ending | None, *, for_therapist: bool) -> Phrase:
    """The sentences for one reader. Raises KeyError for what therapists are never told."""
    by_ending = ENDINGS_TO_THERAPISTS if for_therapist else ENDINGS_TO_CLIENTS
    if ending is not None and ending in by_ending:
        return by_ending[ending]
    return (TO_THERAPISTS if for_therapist else TO_CLIENTS)[kind]

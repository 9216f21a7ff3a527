"""The rules about messages in the words of the desk."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import time
from typing import Any

from telehealth.domain.message_words import Channel, MessageKind
from telehealth.domain.messages.discretion import Discretion
from telehealth.domain.messages.rules import AFTER, AT_ONCE, BEFORE, EVERY_MODE, ON_THE_DAY, Rule
from telehealth.queries.messages.rules import DecidedRules, RuleSource
from telehealth.web.desk import words

ABOUT = {
    MessageKind.CONFIRMATION: "When an appointment is booked. The e-mail brings it into the client's calendar.",
    MessageKind.MOVED: "When the time, the place or the way to meet changes. The e-mail changes the client's calendar.",
    MessageKind.CANCELLATION: "When it is off. The e-mail takes it out of the client's calendar.",
    MessageKind.REQUEST: "When somebody asks for a time that waits for your yes.",
    MessageKind.DECLINED: "When a request is not taken up, or nobody answered it in time.",
    MessageKind.CHOOSE_AGAIN: "When you ask somebody to choose another time. It has the link to your free times.",
    MessageKind.OFFER: "When a time became free for somebody on the waitlist.",
    MessageKind.REMINDER: "Counted backwards from the start. Who books later than that gets the confirmation only.",
    MessageKind.JOIN_LINK: "The link into the video room, counted backwards from the start.",
    MessageKind.FOLLOW_UP: "A kind line to somebody who did not come, counted from the end of the session.",
    MessageKind.AGENDA: "What a therapist's day holds, to the therapist, on days with at least one appointment.",
}
DECIDED_BY = {
    RuleSource.USUAL: "as usual",
    RuleSource.PRACTICE: "your practice's rule",
    RuleSource.SERVICE: "this service's own rule",
    RuleSource.CLIENT: "this client's own rule",
}
BY = {Channel.EMAIL: "by e-mail", Channel.TEXT: "by text"}
DISCRETION = {
    Discretion.BARE: ("As little as can be", "That there is an appointment, when, and a link. No place, no name."),
    Discretion.DISCREET: ("Discreet", "E-mails also name the place and the therapist; texts do not."),
    Discretion.NAMED: ("By name", "Texts, too, name the therapist and greet by first name."),
}


def said(rules: Sequence[Rule]) -> list[str]:
    """ "72 hours before, by e-mail and by text", "By text, for video": what differs only in the channel is one line."""
    alike: dict[tuple[Any, ...], list[Rule]] = {}
    for each in rules:
        alike.setdefault((each.kind, each.minutes, each.modes, each.template), []).append(each)
    return [_line(each) for each in alike.values()]


def _line(alike: Sequence[Rule]) -> str:
    first = alike[0]
    at, by = timing(first.kind, first.minutes), words.listed([BY[each.channel] for each in alike])
    ways = "" if set(first.modes) == set(EVERY_MODE) else f", for {words.ways(first.modes).lower()}"
    own = f", in your words “{first.template}”" if first.template else ""
    line = f"{at}, {by}" if at else by
    return f"{line[:1].upper()}{line[1:]}{ways}{own}"


def timing(kind: MessageKind, minutes: int) -> str:
    """ "72 hours before", "3 hours after", "at 7:00 AM"; empty for what is said at once."""
    if kind in BEFORE:
        return words.lead(minutes)
    if kind in AFTER:
        return f"{words.length(minutes)} after"
    return f"at {clock(minutes)}" if kind in ON_THE_DAY else ""


def clock(minutes: int) -> str:
    """ "8:00 AM" of minutes after midnight."""
    return words.clock_time(time(minutes // words.HOUR, minutes % words.HOUR))


def nothing(decided: DecidedRules) -> str:
    """What it means that a kind has no rules."""
    if decided.kind in AT_ONCE and decided.kind != MessageKind.OFFER:
        return "Nothing is sent. Clients learn of it from the page alone."
    return "Nothing is sent."

"""The words for ``Reason``: what staff read about why a message waits, ended, or went otherwise than usual."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Protocol

from telehealth.domain.message_words import Reason

WORDS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.EARLIER: "earlier than usual, because nobody is texted at night",
        Reason.LATER: "later than usual, because nobody is texted at night",
        Reason.NIGHT: "it is night where they are",
        Reason.EMAIL_AT_NIGHT: "by e-mail, because nobody is texted at night",
        Reason.INSTEAD_OF_TEXT: "instead of a text: {text}",
        Reason.RULES_CHANGED: "the rules changed; it is planned anew first",
        Reason.NOT_MADE: "its appointment is made later; shown as it would be",
        Reason.SWITCHED_OFF: "the practice does not send this",
        Reason.SAID_BEFORE: "the standing slot was confirmed before",
        Reason.SAID_IN_ONE: "it was said in one message with others",
        Reason.TOLD_OTHERWISE: (
            "it is told another way: the practice's rules say so, or the client has heard it already"
        ),
        Reason.UNREACHABLE: "there is no channel on which they may be written to",
        Reason.BY_A_PERSON: "they have no e-mail address and take no texts: somebody here tells them",
        Reason.MANY_TEXTS: "the number had {detail} texts in 24 hours already",
        Reason.TOO_LATE: "it would have come too late to be useful",
        Reason.QUIET_HOURS: "it would have come at night, or too late to be useful",
        Reason.NIGHT_UNTIL_TOO_LATE: "it would have come at night, and by the morning too late to be useful",
        Reason.HAS_BEGUN: "the appointment had begun before it could be sent",
        Reason.BOOKED_LATER: "it was booked after that time",
        Reason.APPOINTMENT_CHANGED: "the appointment changed",
        Reason.NOT_COMING: "the client is not coming",
        Reason.CAME_AFTER_ALL: "the client came after all",
        Reason.EMPTY_DAY: "nothing is booked on that day any more, or the practice does not send this",
        Reason.OFFER_ANSWERED: "the offer was answered",
        Reason.OFFER_ACCEPTED: "the offer was accepted",
        Reason.OFFER_DECLINED: "the offer was declined",
        Reason.OFFER_EXPIRED: "the offer was expired",
        Reason.LINK_ENDED: "its link was used already, or another one was asked for",
        Reason.LOOKED_AT: "somebody has looked at it meanwhile, or it is done",
        Reason.NOT_THEIRS: "they do not act for the client any more, or get no messages about them",
        Reason.NO_NUMBER: "There is no number to text.",
        Reason.NO_EMAIL: "There is no address to e-mail.",
        Reason.DID_NOT_AGREE: "They did not agree to texts.",
        Reason.TEXT_STOPPED: "They ended texts with STOP; only START from their phone begins again.",
        Reason.TEXT_BLOCKED: "The phone or its carrier blocks our texts.",
        Reason.TEXT_BAD_ADDRESS: "This number cannot receive texts.",
        Reason.TEXT_LEFT_ALONE: "The practice was asked not to text this number.",
        Reason.TEXT_PAUSED: "Texts are paused: they may want no more of them, and were asked.",
        Reason.TEXT_ABROAD: "The practice does not text numbers in this country.",
        Reason.TEXT_COSTLY: "This is a satellite or premium number, which nobody texts.",
        Reason.TEXT_REFUSED_APPOINTMENTS: "They said no to texts about appointments.",
        Reason.TEXT_REFUSED_OFFERS: "They said no to texts about times that became free.",
        Reason.TEXT_REFUSED_FOLLOW_UPS: "They said no to texts after a missed session.",
        Reason.EMAIL_STOPPED: "They asked for no more e-mail to this address.",
        Reason.EMAIL_BLOCKED: "Their mail server blocks our e-mail.",
        Reason.EMAIL_BAD_ADDRESS: "E-mail to this address came back.",
        Reason.EMAIL_LEFT_ALONE: "The practice was asked not to e-mail this address.",
        Reason.EMAIL_REFUSED_APPOINTMENTS: "They said no to e-mails about appointments.",
        Reason.EMAIL_REFUSED_OFFERS: "They said no to e-mails about times that became free.",
        Reason.EMAIL_REFUSED_FOLLOW_UPS: "They said no to e-mails after a missed session.",
        Reason.PROVIDER_BUSY: "the provider could not take it yet",
        Reason.OUT_OF_REACH: "the phone could not be reached",
        Reason.NO_ANSWER: "the provider did not answer",
        Reason.REFUSED: "the provider refused it",
        Reason.FILTERED: "the carrier took it for spam",
        Reason.RECIPIENT_STOPPED: "the recipient ended texts from this number",
        Reason.RECIPIENT_BLOCKS: "the recipient or the carrier blocks our texts",
        Reason.CANNOT_RECEIVE: "the number or address cannot receive messages",
        Reason.MAY_BE_NOBODYS: "the number or address may be nobody's",
        Reason.OUR_ACCOUNT: "the practice's account with the provider needs attention",
        Reason.NOBODY_KNOWS: "nobody knows whether it arrived",
        Reason.OUT_OF_TIME: "it could not be sent in time",
        Reason.UNWRITABLE: "it could not be written",
        Reason.RESTORED: "it may have gone before an earlier copy of the records was restored",
        Reason.OTHER: "{detail}",
    }
)


class Explained(Protocol):
    """What has a reason: a message, or a line of a rehearsal. ``text_reason`` is why a text did not go, and this goes
    instead. ``reason_detail`` is what a reason alone does not say.
    """

    @property
    def reason(self) -> Reason | None: ...
    @property
    def text_reason(self) -> Reason | None: ...
    @property
    def reason_detail(self) -> str: ...


def say_reason(reason: Reason | None, *, detail: str = "", text_reason: Reason | None = None) -> str:
    """A reason in words for staff; "" for none. ``detail`` is how many texts, or words of its own."""
    if reason is None:
        return ""
    return WORDS[reason].format(detail=detail, text=say_reason(text_reason, detail=detail))


def say_why(row: Explained) -> str:
    """Why a message waits, ended, or goes otherwise than usual, in words for staff; "" when nothing is to be said."""
    return say_reason(row.reason, detail=row.reason_detail, text_reason=row.text_reason)

"""Whether somebody may be written to on a channel, where, and if not, why not.

Three things have to agree. The contact typed for an appointment says yes to texts, or does not. What the client said
last about a purpose and a channel is not a no. And the practice does not leave the number or address alone altogether.
An e-mail about an appointment needs no yes: only staff can write down that somebody does not want one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Protocol

from telehealth.domain.words import Channel, MessageKind, Purpose, SuppressionReason


class TypedContact(Protocol):
    """The contact as typed for a seat or for a wait."""

    @property
    def client_id(self) -> int: ...
    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str | None: ...
    @property
    def text_consent_at(self) -> datetime | None: ...


class ClientOnFile(Protocol):
    """What is on file about where a client may safely be reached."""

    @property
    def safe_email(self) -> str | None: ...
    @property
    def safe_phone(self) -> str | None: ...


PURPOSE_OF: Mapping[MessageKind, Purpose] = MappingProxyType(
    {
        **dict.fromkeys(MessageKind, Purpose.APPOINTMENTS),
        MessageKind.OFFER: Purpose.OFFERS,
        MessageKind.FOLLOW_UP: Purpose.FOLLOW_UPS,
    }
)
"""What each kind of message is for."""

THEIRS_TO_REFUSE = frozenset({Purpose.OFFERS, Purpose.FOLLOW_UPS})
"""What whoever holds an e-mail may end with one click. What was agreed about an appointment has to reach people."""

WHY_SUPPRESSED: Mapping[tuple[Channel, SuppressionReason], str] = MappingProxyType(
    {
        (Channel.TEXT, SuppressionReason.STOP): "They ended texts with STOP; only START from their phone begins again.",
        (Channel.TEXT, SuppressionReason.BLOCKED): "The phone or its carrier blocks our texts.",
        (Channel.TEXT, SuppressionReason.BAD_ADDRESS): "This number cannot receive texts.",
        (Channel.TEXT, SuppressionReason.STAFF): "The practice was asked not to text this number.",
        (Channel.EMAIL, SuppressionReason.STOP): "They asked for no more e-mail to this address.",
        (Channel.EMAIL, SuppressionReason.BLOCKED): "Their mail server blocks our e-mail.",
        (Channel.EMAIL, SuppressionReason.BAD_ADDRESS): "E-mail to this address came back.",
        (Channel.EMAIL, SuppressionReason.STAFF): "The practice was asked not to e-mail this address.",
    }
)
PLURALS: Mapping[Channel, str] = MappingProxyType({Channel.TEXT: "texts", Channel.EMAIL: "e-mails"})
ABOUT_PURPOSE: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.APPOINTMENTS: "about appointments",
        Purpose.OFFERS: "about times that became free",
        Purpose.FOLLOW_UPS: "after a missed session",
    }
)
NO_ADDRESS: Mapping[Channel, str] = MappingProxyType(
    {Channel.TEXT: "There is no number to text.", Channel.EMAIL: "There is no address to e-mail."}
)
DID_NOT_AGREE = "They did not agree to texts."


@dataclass(frozen=True, slots=True)
class OptOuts:
    """What a practice has to leave alone: the noes that hold, by client id, channel and purpose, and the numbers and
    addresses that are not written to, by channel and ``folded`` address.
    """

    refused: frozenset[tuple[int, Channel, Purpose]] = frozenset()
    suppressed: Mapping[tuple[Channel, str], SuppressionReason] = field(default_factory=dict)

    def why_suppressed(self, channel: Channel, address: str) -> str:
        """Why a number or address is left alone, as a sentence for staff; "" when it is not."""
        reason = self.suppressed.get((channel, fold_address(channel, address)))
        return WHY_SUPPRESSED[channel, reason] if reason is not None else ""


NO_OPT_OUTS = OptOuts()


def fold_address(channel: Channel, address: str) -> str:
    """A number or address as it is compared: letters of an e-mail address count the same, large or small."""
    return address.strip().casefold() if channel == Channel.EMAIL else address.strip()


def reached_at(contact: TypedContact, client: ClientOnFile, channel: Channel) -> str | None:
    """Where they are reached: where the client said that it is safe, whatever was typed for the appointment."""
    if channel == Channel.EMAIL:
        return client.safe_email or contact.email or None
    return client.safe_phone or contact.phone or None


def why_not_contactable(
    contact: TypedContact, client: ClientOnFile, channel: Channel, purpose: Purpose, withheld: OptOuts
) -> str:
    """Why somebody may not be written to, as a sentence for staff; "" when they may."""
    where = reached_at(contact, client, channel)
    if where is None:
        return NO_ADDRESS[channel]
    if left_alone := withheld.why_suppressed(channel, where):
        return left_alone  # First, because it says who can end it: STOP is also kept as a no.
    if (contact.client_id, channel, purpose) in withheld.refused:
        return f"They said no to {PLURALS[channel]} {ABOUT_PURPOSE[purpose]}."
    if channel == Channel.TEXT and contact.text_consent_at is None:
        return DID_NOT_AGREE
    return ""


def contactable_channels(
    contact: TypedContact, client: ClientOnFile, purpose: Purpose, withheld: OptOuts
) -> frozenset[Channel]:
    """The channels on which somebody may be written to; it may be none."""
    return frozenset(each for each in Channel if not why_not_contactable(contact, client, each, purpose, withheld))

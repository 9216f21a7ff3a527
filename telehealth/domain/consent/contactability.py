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

from telehealth.domain.consent.texting import why_not_textable
from telehealth.domain.message_words import Channel, MessageKind, Purpose, Reason, SuppressionReason


class TypedAddresses(Protocol):
    """Where somebody says that they are reached."""

    @property
    def email(self) -> str: ...
    @property
    def phone(self) -> str | None: ...


class TypedContact(TypedAddresses, Protocol):
    """The contact as typed for a seat or for a wait."""

    @property
    def client_id(self) -> int: ...
    @property
    def text_consent_at(self) -> datetime | None: ...


class ClientOnFile(Protocol):
    """What is on file about where a client may safely be reached, and by whose id their noes are known."""

    @property
    def id(self) -> int: ...
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

WHY_SUPPRESSED: Mapping[tuple[Channel, SuppressionReason], Reason] = MappingProxyType(
    {
        (Channel.TEXT, SuppressionReason.STOP): Reason.TEXT_STOPPED,
        (Channel.TEXT, SuppressionReason.BLOCKED): Reason.TEXT_BLOCKED,
        (Channel.TEXT, SuppressionReason.BAD_ADDRESS): Reason.TEXT_BAD_ADDRESS,
        (Channel.TEXT, SuppressionReason.STAFF): Reason.TEXT_LEFT_ALONE,
        (Channel.TEXT, SuppressionReason.PAUSED): Reason.TEXT_PAUSED,
        (Channel.EMAIL, SuppressionReason.STOP): Reason.EMAIL_STOPPED,
        (Channel.EMAIL, SuppressionReason.BLOCKED): Reason.EMAIL_BLOCKED,
        (Channel.EMAIL, SuppressionReason.BAD_ADDRESS): Reason.EMAIL_BAD_ADDRESS,
        # Nobody pauses e-mail: it is what goes on.
        **dict.fromkeys(
            [(Channel.EMAIL, each) for each in (SuppressionReason.STAFF, SuppressionReason.PAUSED)],
            Reason.EMAIL_LEFT_ALONE,
        ),
    }
)
WHY_REFUSED: Mapping[tuple[Channel, Purpose], Reason] = MappingProxyType(
    {
        (Channel.TEXT, Purpose.APPOINTMENTS): Reason.TEXT_REFUSED_APPOINTMENTS,
        (Channel.TEXT, Purpose.OFFERS): Reason.TEXT_REFUSED_OFFERS,
        (Channel.TEXT, Purpose.FOLLOW_UPS): Reason.TEXT_REFUSED_FOLLOW_UPS,
        (Channel.EMAIL, Purpose.APPOINTMENTS): Reason.EMAIL_REFUSED_APPOINTMENTS,
        (Channel.EMAIL, Purpose.OFFERS): Reason.EMAIL_REFUSED_OFFERS,
        (Channel.EMAIL, Purpose.FOLLOW_UPS): Reason.EMAIL_REFUSED_FOLLOW_UPS,
    }
)
NO_ADDRESS: Mapping[Channel, Reason] = MappingProxyType(
    {Channel.TEXT: Reason.NO_NUMBER, Channel.EMAIL: Reason.NO_EMAIL}
)
PLURALS: Mapping[Channel, str] = MappingProxyType({Channel.TEXT: "texts", Channel.EMAIL: "e-mails"})
ABOUT_PURPOSE: Mapping[Purpose, str] = MappingProxyType(
    {
        Purpose.APPOINTMENTS: "about appointments",
        Purpose.OFFERS: "about times that became free",
        Purpose.FOLLOW_UPS: "after a missed session",
    }
)


@dataclass(frozen=True, slots=True)
class OptOuts:
    """What a practice has to leave alone: the noes that hold, by client id, channel and purpose, and the numbers and
    addresses that are not written to, by channel and ``folded`` address. ``countries`` are those whose numbers are
    texted; None where no number was asked about.
    """

    refused: frozenset[tuple[int, Channel, Purpose]] = frozenset()
    suppressed: Mapping[tuple[Channel, str], SuppressionReason] = field(default_factory=dict)
    countries: frozenset[str] | None = None

    def why_suppressed(self, channel: Channel, address: str) -> Reason | None:
        """Why a number or address is left alone; None when it is not."""
        reason = self.suppressed.get((channel, fold_address(channel, address)))
        return WHY_SUPPRESSED[channel, reason] if reason is not None else None

    def why_untextable(self, number: str) -> Reason | None:
        """Why nobody may be texted at a number, whatever its owner wants; None when they may."""
        return why_not_textable(number, self.countries) if self.countries is not None else None


NO_OPT_OUTS = OptOuts()


def fold_address(channel: Channel, address: str) -> str:
    """A number or address as it is compared: letters of an e-mail address count the same, large or small."""
    return address.strip().casefold() if channel == Channel.EMAIL else address.strip()


def reached_at(contact: TypedAddresses, client: ClientOnFile, channel: Channel) -> str | None:
    """Where they are reached: where the client said that it is safe, whatever was typed for the appointment."""
    if channel == Channel.EMAIL:
        return client.safe_email or contact.email or None
    return client.safe_phone or contact.phone or None


def why_not_contactable(
    contact: TypedContact, client: ClientOnFile, channel: Channel, purpose: Purpose, withheld: OptOuts
) -> Reason | None:
    """Why somebody may not be written to; None when they may."""
    where = reached_at(contact, client, channel)
    if where is None:
        return NO_ADDRESS[channel]
    if left_alone := withheld.why_suppressed(channel, where):
        return left_alone  # First, because it says who can end it: STOP is also kept as a no.
    if (client.id, channel, purpose) in withheld.refused:
        return WHY_REFUSED[channel, purpose]
    if channel == Channel.TEXT and contact.text_consent_at is None:
        return Reason.DID_NOT_AGREE
    return withheld.why_untextable(where) if channel == Channel.TEXT else None


def contactable_channels(
    contact: TypedContact, client: ClientOnFile, purpose: Purpose, withheld: OptOuts
) -> frozenset[Channel]:
    """The channels on which somebody may be written to; it may be none."""
    return frozenset(each for each in Channel if not why_not_contactable(contact, client, each, purpose, withheld))

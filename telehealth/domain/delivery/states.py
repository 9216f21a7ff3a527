"""The life of one message, as a table.

Status callbacks come late, twice and out of order (Twilio, "Outbound message status"), so the table only lets
a message move forward: a terminal status is never left by one, and a lower rank never replaces a higher one.
"""

from __future__ import annotations

from collections.abc import Mapping

from telehealth.domain.errors import ImpossibleStatus
from telehealth.domain.message_words import MessageStatus
from telehealth.domain.ports import DeliveryStatus

OPEN = (MessageStatus.PLANNED, MessageStatus.SENDING)
"""It is still to be sent, or is being sent at this moment."""

UNDER_WAY = (MessageStatus.ACCEPTED, MessageStatus.SENT)
"""The provider has it, and whether it got through is not known yet."""

UNTRIED = (MessageStatus.VOID, MessageStatus.EXPIRED)
"""It ended before anybody had it: nobody wanted it any more, or its time was over."""

_REPORTS = frozenset(
    {
        MessageStatus.ACCEPTED,
        MessageStatus.SENT,
        MessageStatus.DELIVERED,
        MessageStatus.UNDELIVERED,
        MessageStatus.FAILED,
    }
)
_NOTHING: frozenset[MessageStatus] = frozenset()

STEPS: Mapping[MessageStatus, frozenset[MessageStatus]] = {
    # A report may overtake us: the try looked lost and the message was planned again, and then the provider
    # tells us that it has it after all. Believing it is what keeps the message from being sent twice.
    MessageStatus.PLANNED: _REPORTS | {MessageStatus.SENDING, MessageStatus.VOID, MessageStatus.EXPIRED},
    # Back to PLANNED is a step backwards: a claim is given up, to be tried again later. SENDING again is a second
    # worker, who takes up the claim of one that died.
    MessageStatus.SENDING: _REPORTS
    | {MessageStatus.SENDING, MessageStatus.PLANNED, MessageStatus.VOID, MessageStatus.EXPIRED},
    MessageStatus.ACCEPTED: _REPORTS - {MessageStatus.ACCEPTED},
    MessageStatus.SENT: _REPORTS - {MessageStatus.ACCEPTED, MessageStatus.SENT},
    MessageStatus.DELIVERED: _NOTHING,
    MessageStatus.UNDELIVERED: _NOTHING,
    MessageStatus.FAILED: _NOTHING,
    # What was taken back before anybody had it can be wanted again: texts turned off and on. No report leads here.
    MessageStatus.VOID: frozenset({MessageStatus.PLANNED, MessageStatus.EXPIRED}),
    # What found no time outside the night finds one when the practice changes its hours, or is not wanted at all.
    MessageStatus.EXPIRED: frozenset({MessageStatus.PLANNED, MessageStatus.VOID}),
}

LOST = frozenset({MessageStatus.UNDELIVERED, MessageStatus.FAILED})
"""It was tried, and did not get through."""

REACHES = frozenset(OPEN) | _REPORTS - LOST
"""It got through, for all we know, or it still may."""

REPORTED: Mapping[DeliveryStatus, MessageStatus] = {
    DeliveryStatus.ACCEPTED: MessageStatus.ACCEPTED,
    DeliveryStatus.SENT: MessageStatus.SENT,
    DeliveryStatus.DELIVERED: MessageStatus.DELIVERED,
    DeliveryStatus.UNDELIVERED: MessageStatus.UNDELIVERED,
    DeliveryStatus.FAILED: MessageStatus.FAILED,
}


def may_become(current: MessageStatus, wanted: MessageStatus) -> bool:
    """Whether the table has the step."""
    return wanted in STEPS[current]


def require_step(current: MessageStatus, wanted: MessageStatus) -> MessageStatus:
    """``wanted``, when the table has the step. Raises ImpossibleStatus otherwise."""
    if not may_become(current, wanted):
        raise ImpossibleStatus(f"A message that is {current} cannot become {wanted}.")
    return wanted


def advance(current: MessageStatus, reported: DeliveryStatus) -> MessageStatus | None:
    """The status a message moves to when a provider reports ``reported``; None when the report changes
    nothing because it is old, repeated, or about a message that has ended.
    """
    wanted = REPORTED[reported]
    return wanted if may_become(current, wanted) else None

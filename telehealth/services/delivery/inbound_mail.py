"""Mail to the practice, whatever door it came by: each kind to whoever knows what follows from it."""

from __future__ import annotations

import logging
from datetime import datetime

from telehealth import observability
from telehealth.domain.inbox.inbound_mail import InboundMail, MailFate, MailKind
from telehealth.queries.inbox.invite_answers import find_mail_answered
from telehealth.services.delivery.bounces import record_bounces
from telehealth.services.inbox.invite_answers import record_invite_answer, record_letter

log = logging.getLogger(__name__)


def take_mail(*, mail: InboundMail, now: datetime) -> MailFate:
    """Take one mail, and say what became of it. The same one, delivered twice or by two ways, is taken once; nothing of
    its words is kept.
    """
    fate = _take(mail, now=now)
    observability.count_mail(mail.kind, fate)
    if fate == MailFate.UNPROVED:
        log.warning("an answer to an invite came, and nothing proves who wrote it")
    return fate


def _take(mail: InboundMail, *, now: datetime) -> MailFate:
    if mail.kind == MailKind.BOUNCE:
        return MailFate.DONE if record_bounces(bounces=mail.bounces, now=now) else MailFate.NOT_OURS
    if mail.kind == MailKind.ANSWER:
        return record_invite_answer(mail=mail, now=now)
    if mail.kind == MailKind.LETTER:
        return record_letter(mail=mail, now=now)
    return MailFate.DONE if find_mail_answered(mail.references, mail.sender) is not None else MailFate.NOT_OURS

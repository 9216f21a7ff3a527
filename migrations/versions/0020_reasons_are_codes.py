"""Why a message waits or ended is a code; the words are the doors'. What stands in no list keeps its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"

SENTENCES: Mapping[str, str] = {
    "earlier": "earlier than usual, because nobody is texted at night",
    "later": "later than usual, because nobody is texted at night",
    "night": "it is night where they are",
    "email_at_night": "by e-mail, because nobody is texted at night",
    "rules_changed": "the rules changed; it is planned anew first",
    "not_made": "its appointment is made later; shown as it would be",
    "switched_off": "the practice does not send this",
    "said_before": "the standing slot was confirmed before",
    "said_in_one": "it was said in one message with others",
    "told_otherwise": "it is told another way: the practice's rules say so, or the client has heard it already",
    "unreachable": "there is no channel on which they may be written to",
    "too_late": "it would have come too late to be useful",
    "quiet_hours": "it would have come at night, or too late to be useful",
    "night_until_too_late": "it would have come at night, and by the morning too late to be useful",
    "has_begun": "the appointment had begun before it could be sent",
    "booked_later": "it was booked after that time",
    "appointment_changed": "the appointment changed",
    "not_coming": "the client is not coming",
    "came_after_all": "the client came after all",
    "empty_day": "nothing is booked on that day any more, or the practice does not send this",
    "offer_answered": "the offer was answered",
    "offer_accepted": "the offer was accepted",
    "offer_declined": "the offer was declined",
    "offer_expired": "the offer was expired",
    "no_number": "There is no number to text.",
    "no_email": "There is no address to e-mail.",
    "did_not_agree": "They did not agree to texts.",
    "text_stopped": "They ended texts with STOP; only START from their phone begins again.",
    "text_blocked": "The phone or its carrier blocks our texts.",
    "text_bad_address": "This number cannot receive texts.",
    "text_left_alone": "The practice was asked not to text this number.",
    "text_refused_appointments": "They said no to texts about appointments.",
    "text_refused_offers": "They said no to texts about times that became free.",
    "text_refused_follow_ups": "They said no to texts after a missed session.",
    "email_stopped": "They asked for no more e-mail to this address.",
    "email_blocked": "Their mail server blocks our e-mail.",
    "email_bad_address": "E-mail to this address came back.",
    "email_left_alone": "The practice was asked not to e-mail this address.",
    "email_refused_appointments": "They said no to e-mails about appointments.",
    "email_refused_offers": "They said no to e-mails about times that became free.",
    "email_refused_follow_ups": "They said no to e-mails after a missed session.",
    "provider_busy": "the provider could not take it yet",
    "out_of_reach": "the phone could not be reached",
    "no_answer": "the provider did not answer",
    "refused": "the provider refused it",
    "filtered": "the carrier took it for spam",
    "recipient_stopped": "the recipient ended texts from this number",
    "recipient_blocks": "the recipient or the carrier blocks our texts",
    "cannot_receive": "the number or address cannot receive messages",
    "may_be_nobodys": "the number or address may be nobody's",
    "our_account": "the practice's account with the provider needs attention",
    "nobody_knows": "nobody knows whether it arrived",
    "out_of_time": "it could not be sent in time",
    "unwritable": "it could not be written",
}
"""As they were written into rows until now, by the code that says the same."""
CODES = {sentence: code for code, sentence in SENTENCES.items()}
INSTEAD = "instead of a text: "
MANY = ("the number had ", " texts in 24 hours already")
LONGEST = 200

message = sa.table("message", *(sa.column(name) for name in ("reason", "text_reason", "reason_detail")))


class Kept(NamedTuple):
    """What the new columns hold."""

    reason: str
    text_reason: str | None
    reason_detail: str


def read_sentence(sentence: str) -> Kept:
    """What a sentence says."""
    if sentence.startswith(INSTEAD):
        of_text = read_sentence(sentence.removeprefix(INSTEAD))
        return Kept("instead_of_text", of_text.reason, of_text.reason_detail)
    if sentence in CODES:
        return Kept(CODES[sentence], None, "")
    begins, ends = MANY
    many = sentence.removeprefix(begins).removesuffix(ends)
    if sentence == f"{begins}{many}{ends}" and many.isdecimal():
        return Kept("many_texts", None, many)
    return Kept("other", None, sentence)


def write_sentence(kept: Kept) -> str:
    """The other way round."""
    if kept.reason == "instead_of_text":
        return (INSTEAD + write_sentence(Kept(kept.text_reason or "other", None, kept.reason_detail)))[:LONGEST]
    if kept.reason == "many_texts":
        return kept.reason_detail.join(MANY)
    return SENTENCES.get(kept.reason, kept.reason_detail)


def upgrade() -> None:
    """Make it so: only rows that have a sentence are written. One that stands in no list is kept as it is."""
    op.execute("ALTER TABLE message RENAME COLUMN reason TO reason_detail")
    op.add_column("message", sa.Column("reason", sa.String(length=40), nullable=True))
    op.add_column("message", sa.Column("text_reason", sa.String(length=40), nullable=True))
    said = message.c.reason_detail
    found = op.get_bind().scalars(sa.select(said).where(said != "").distinct()).all()
    for sentence in found:
        op.execute(sa.update(message).where(said == sentence).values(read_sentence(sentence)._asdict()))


def downgrade() -> None:
    """Take it back."""
    columns = (message.c.reason, message.c.text_reason, message.c.reason_detail)
    found = op.get_bind().execute(sa.select(*columns).where(message.c.reason.is_not(None)).distinct()).all()
    for row in found:
        these = (column.is_not_distinct_from(value) for column, value in zip(columns, row, strict=True))
        op.execute(sa.update(message).where(*these).values(reason_detail=write_sentence(Kept(*row))))
    op.execute(sa.update(message).where(message.c.reason.is_(None)).values(reason_detail=""))
    for name in ("text_reason", "reason"):
        op.execute(f"ALTER TABLE message DROP COLUMN {name}")
    op.execute("ALTER TABLE message RENAME COLUMN reason_detail TO reason")

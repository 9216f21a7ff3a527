"""Mails as clients' programs send them (tests/data/mail), about an invite and a mail of a test's own."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain.message_words import Channel, MessageStatus
from telehealth.models import Appointment, Message
from tests.moments import NOW

SAMPLES = Path(__file__).resolve().parent / "data" / "mail"
MAILS = sorted(path.stem for path in SAMPLES.glob("*.eml"))


class Mailed(NamedTuple):
    """The invite and the mail of ours that the samples answer."""

    uid: str
    message: str


MAILED = Mailed("00000000-0000-4000-8000-00000000a11d", "5f0c2b9e-4a64-4c0e-9a57-2f5f1c7d8e01")


def read_sample(name: str, *changes: tuple[str, str]) -> bytes:
    """One of them, with these changes to its text."""
    raw = (SAMPLES / f"{name}.eml").read_bytes()
    for before, after in changes:
        assert before.encode() in raw or name != "plain_accepted"
        raw = raw.replace(before.encode(), after.encode())
    return raw


def answer_to(
    appointment: Appointment,
    answer: str = "ACCEPTED",
    *,
    sequence: int | None = None,
    stamp: str = "20260302T160000Z",
    address: str = "jane@example.com",
    found: str = "mx.riverside.example; dmarc=pass header.from=example.com",
    proposes: str = "",
) -> bytes:
    """An answer to an appointment's invite, proved unless one says otherwise; with a start in UTC it proposes that."""
    changes = [
        ("PARTSTAT=ACCEPTED", f"PARTSTAT={answer}"),
        ("SEQUENCE:0", f"SEQUENCE:{appointment.sequence if sequence is None else sequence}"),
        ("20260303T120000Z", stamp),
        (MAILED.uid, appointment.uid),
        ("jane@example.com", address),
        ("{found}", found),
    ]
    if proposes:
        changes += [("METHOD:REPLY", "METHOD:COUNTER"), ("DTSTART:20260310T150000Z", f"DTSTART:{proposes}")]
        changes += [("DTEND:20260310T155000Z\r\n", "")]
    return read_sample("plain_accepted", *changes)


def sent(appointment: Appointment) -> Message:
    """The confirmation, as it went out by e-mail: what the samples answer."""
    with transaction() as session:
        ours = select(Message).where(Message.appointment_id == appointment.id, Message.attendee_id.is_not(None))
        found = session.scalars(ours.where(Message.channel == Channel.EMAIL)).first()
        assert found is not None
        found.status, found.sent_at, found.sent_to = MessageStatus.SENT, NOW, "jane@example.com"
        found.public_id = MAILED.message
        return found

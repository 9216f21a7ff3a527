"""Mail that comes back: delivery status notifications (RFC 3464), and what old Exim sends instead of one.

Only what failed for good is of interest. Anybody can write such a mail, so nothing in it is believed by itself: a
bounce names a mail of ours by its Message-ID, which nobody can guess, and ``services.delivery.bounces`` compares the
address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, message_from_string
from email.header import decode_header, make_header
from email.message import Message

from telehealth.domain.consent.bounces import Bounce, bounce_status

LARGEST = 10 * 1024 * 1024
"""Bytes of a mail that are looked at."""
LONGEST_SAID = 2000
MOST_IN_ANOTHER = 20
"""Kinds of several parts that a mail may name. A report has one, and three more stand in the mail that comes back with
it; the library takes as long as their number times that of the lines.
"""
FAILED = "failed"
_MESSAGE_ID = re.compile(r"<([A-Za-z0-9_-]{1,64})@[^<>\s@]{1,255}>")
_ID_LINE = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,320}>)", re.IGNORECASE | re.MULTILINE)
_ADDRESS = re.compile(r"[^\s<>;,@]{1,64}@[^\s<>;,@]{1,255}")
_RETURNED = {"message/rfc822", "message/rfc822-headers", "text/rfc822-headers", "message/global-headers"}
_STATUS = {"message/delivery-status", "message/global-delivery-status"}


def read_bounces(raw: bytes) -> list[Bounce]:
    """The failures that a mail reports; none for a delay, for a receipt, and for anything that is no report."""
    try:
        if raw[:LARGEST].lower().count(b"multipart/") > MOST_IN_ANOTHER:
            return []
        mail = message_from_bytes(raw[:LARGEST])
        return list(_report(mail) if mail.get_content_type() == "multipart/report" else _of_old_exim(mail))
    except Exception:  # noqa: BLE001 -- strangers write this, and the library trips over some of it
        return []


def list_references(mail: Message) -> tuple[str, ...]:
    """The ids of ours that a mail answers: what it answers itself, and the thread that it is in."""
    return _ids(_text(mail, "In-Reply-To")[:LONGEST_SAID], _text(mail, "References")[-4 * LONGEST_SAID :])


def decode_words(said: str) -> str:
    """A header in the letters that it stands for; as it is where that cannot be read."""
    try:
        return str(make_header(decode_header(said)))
    except (ValueError, LookupError):
        return said


def _report(mail: Message) -> Iterator[Bounce]:
    parts = [part for part in mail.get_payload() if isinstance(part, Message)] if mail.is_multipart() else []
    references = _of_returned(parts) or _of_answered(mail)
    for part in parts:
        if part.get_content_type() in _STATUS:
            yield from _failures(_groups(part), references)


def _failures(groups: Sequence[Message], references: tuple[str, ...]) -> Iterator[Bounce]:
    """One for each recipient; the first group is about the whole mail (RFC 3464 section 2.1)."""
    for group in groups:
        if _text(group, "Action").strip().lower() != FAILED:
            continue
        found = _addresses(_text(group, "Original-Recipient"), _text(group, "Final-Recipient"))
        said = _text(group, "Diagnostic-Code")[:LONGEST_SAID]
        yield Bounce(references, found, bounce_status(_text(group, "Status"), said))


def _of_old_exim(mail: Message) -> Iterator[Bounce]:
    """Before 4.87, and wherever it is set so: the addresses in a header, and the mail as plain text."""
    failed = _addresses(_text(mail, "X-Failed-Recipients"))
    if not failed or mail.is_multipart():
        return
    body = mail.get_payload(decode=True)
    said = body.decode("utf-8", "replace") if isinstance(body, bytes) else ""
    before, _, returned = said.partition("------ This is a copy of")
    references, status = _ids(*_ID_LINE.findall(returned)), bounce_status("", before[:LONGEST_SAID])
    for address in failed:
        yield Bounce(references, (address,), status)


def _groups(part: Message) -> list[Message]:
    payload = part.get_payload()
    if isinstance(payload, list):
        return [each for each in payload if isinstance(each, Message)]
    # A part that was encoded is not taken apart by the library.
    decoded = part.get_payload(decode=True)
    text = decoded.decode("utf-8", "replace") if isinstance(decoded, bytes) else str(payload)
    return [message_from_string(block) for block in re.split(r"\r?\n\r?\n", text) if block.strip()]


def _of_returned(parts: Sequence[Message]) -> tuple[str, ...]:
    """The id of the mail that came back with the report, whole or as its headers."""
    for part in parts:
        if part.get_content_type() not in _RETURNED:
            continue
        payload = part.get_payload()
        if isinstance(payload, list):
            heads = [each for each in payload if isinstance(each, Message)]
        else:
            decoded = part.get_payload(decode=True)
            heads = [message_from_string(decoded.decode("utf-8", "replace"))] if isinstance(decoded, bytes) else []
        found = _ids(*(_text(head, "Message-ID") for head in heads))
        if found:
            return found
    return ()


def _of_answered(mail: Message) -> tuple[str, ...]:
    """The id of the mail that the report answers: References name the first one of its thread before it."""
    return _ids(_text(mail, "In-Reply-To")) or _ids(_text(mail, "References"))[-1:]


def _text(part: Message, name: str) -> str:
    return str(part.get(name, ""))


def _ids(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for value in values for each in _MESSAGE_ID.findall(value)))


def _addresses(*values: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(each for value in values for each in _ADDRESS.findall(value)))

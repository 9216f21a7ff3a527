"""Reading the mail that comes to a practice: answers to invites (RFC 6047), mail that came back, what machines write,
and letters.

Strangers write all of it. Nothing in a mail is believed by itself: who wrote it is what the mail server that took it in
found (RFC 8601), and which of our mails it answers is an id that nobody can guess.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.utils import getaddresses
from typing import TYPE_CHECKING, Any

from telehealth.adapters import dsn
from telehealth.domain.calendar_words import CalendarAnswer
from telehealth.domain.inbox.inbound_mail import InboundMail, InviteReply, MailKind
from telehealth.late import Library

if TYPE_CHECKING:
    import icalendar as library
else:
    library = Library("icalendar")

LARGEST_CALENDAR = 128 * 1024
"""Bytes of a calendar part. An answer has one event, and some programs put our own description into it."""
LONGEST_HEADER, MOST_HEADERS = 4000, 20
"""Letters of a header, and how many of one name, that are looked at."""
MOST_PARTS = 50
LATEST_SEQUENCE = 2**31 - 1

ANSWERS = {
    "ACCEPTED": CalendarAnswer.ACCEPTED,
    "TENTATIVE": CalendarAnswer.TENTATIVE,
    "DECLINED": CalendarAnswer.DECLINED,
}
REPLY, COUNTER = "REPLY", "COUNTER"
CALENDARS = frozenset({"text/calendar", "application/ics"})

# RFC 3834 section 5, and what programs wrote before it, or write beside it.
SAYS_SO = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Mail-Autoreply", "X-Auto-Reply-From")
NOT_BY_HAND = frozenset({"auto_reply", "bulk", "junk", "list"})
_AWAY = re.compile(
    r"\s*(auto(matic|mated)?[ -]?(reply|response)|autoreply|auto\s*:|out of (the )?office|ooo\s*:|abwesend|"
    r"abwesenheit|automatische antwort|respuesta autom[aá]tica|fuera de la oficina|r[eé]ponse automatique|"
    r"absence du bureau)",
    re.IGNORECASE,
)
_VERDICT = re.compile(r"\b(dmarc|dkim)\s*=\s*([a-z]+)([^;]*)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_DOMAIN_OF = {
    "dmarc": re.compile(r"header\.from\s*=\s*\"?([a-z0-9._-]+)", re.IGNORECASE),
    "dkim": re.compile(r"header\.(?:d|i)\s*=\s*\"?(?:[^@\s;\"]*@)?([a-z0-9._-]+)", re.IGNORECASE),
}


def read_mail(raw: bytes, *, trusted: str = "", signed_by: Collection[str] = ()) -> InboundMail:
    """What a mail is. ``trusted`` is the name under which our own mail server writes what it found about senders
    (authserv-id, RFC 8601 section 2.5); empty means that none does. ``signed_by`` are the domains whose signatures
    whoever handed the mail in has checked.
    """
    bounces = dsn.read_bounces(raw)
    if bounces:
        return InboundMail(MailKind.BOUNCE, bounces=bounces)
    try:
        if raw[: dsn.LARGEST].lower().count(b"multipart/") > dsn.MOST_IN_ANOTHER:
            return InboundMail(MailKind.LETTER)
        mail = message_from_bytes(raw[: dsn.LARGEST])
        return _read(mail, trusted, signed_by)
    except Exception:  # noqa: BLE001 -- strangers write this, and the libraries trip over some of it
        return InboundMail(MailKind.LETTER)


def _read(mail: Message, trusted: str, signed_by: Collection[str]) -> InboundMail:
    sender, reply = _sender(mail), _reply(mail)
    is_automatic = reply is None and _is_automatic(mail)
    kind = MailKind.ANSWER if reply is not None else MailKind.AUTOMATIC if is_automatic else MailKind.LETTER
    return InboundMail(
        kind,
        sender=sender,
        is_proved=bool(sender) and _is_proved(mail, sender, trusted, signed_by),
        references=dsn.list_references(mail),
        reply=reply,
    )


def _sender(mail: Message) -> str:
    """The one address that it says it is from: of two, nobody knows which one was checked."""
    said = _all(mail, "From")
    found = [address for _, address in getaddresses(said) if address]
    return found[0] if len(said) == len(found) == 1 and found[0].count("@") == 1 else ""


def _all(mail: Message, name: str) -> list[str]:
    return [str(each)[:LONGEST_HEADER] for each in mail.get_all(name, [])[:MOST_HEADERS]]


def _is_automatic(mail: Message) -> bool:
    submitted = str(mail.get("Auto-Submitted", "no")).split(";")[0].strip().lower()
    suppressed = str(mail.get("X-Auto-Response-Suppress", "")).lower()
    return (
        mail.get_content_type() == "multipart/report"
        or submitted not in {"no", ""}
        or any(name in mail for name in SAYS_SO)
        or str(mail.get("Precedence", "")).strip().lower() in NOT_BY_HAND
        or "all" in re.split(r"[,\s]+", suppressed)  # Exchange, on what it writes itself.
        or str(mail.get("Return-Path", "")).strip() == "<>"
        or _AWAY.match(dsn.decode_words(str(mail.get("Subject", ""))[:LONGEST_HEADER])) is not None
    )


def _is_proved(mail: Message, sender: str, trusted: str, signed_by: Collection[str]) -> bool:
    """Whether whoever took the mail in found that the domain of its sender stands behind it: by DMARC, or by a
    signature of the domain, or of one above it (RFC 7489 section 3.1.1).

    Of several findings of our own server the topmost counts: whatever a stranger put in stands below. Servers take out
    what claims to be theirs (RFC 8601 section 5).
    """
    domain = sender.rpartition("@")[2].lower()
    if any(_stands_behind(each.lower(), domain) for each in signed_by):
        return True
    found: dict[str, bool] = {}
    for said in _all(mail, "Authentication-Results") if trusted else []:
        server, _, results = _COMMENT.sub(" ", said).partition(";")
        if server.split()[:1] == [trusted]:
            for method, passes in _findings(results, domain):
                found.setdefault(method, passes)
    return found.get("dmarc", found.get("dkim", False))


def _findings(results: str, domain: str) -> Iterator[tuple[str, bool]]:
    """What one header found by each method. Of several signatures any good one will do."""
    found: dict[str, bool] = {}
    for name, result, said in _VERDICT.findall(results):
        method = name.lower()
        about = _DOMAIN_OF[method].search(said)
        passes = result.lower() == "pass" and about is not None and _stands_behind(about[1].lower(), domain)
        found[method] = found.get(method, False) or passes
    return iter(found.items())


def _stands_behind(signer: str, domain: str) -> bool:
    return "." in signer and (domain == signer or domain.endswith(f".{signer}"))


def _reply(mail: Message) -> InviteReply | None:
    """The answer to an invite in it, inline or attached. What Outlook packs as winmail.dat (TNEF) nobody else reads."""
    for part in _calendar_parts(mail):
        found = _read_reply(part)
        if found is not None:
            return found
    return None


def _calendar_parts(mail: Message) -> Iterator[bytes]:
    """Its calendars; not those of a mail that is forwarded within it."""
    waiting = [mail]
    for _ in range(MOST_PARTS):
        if not waiting:
            return
        part = waiting.pop(0)
        payload = part.get_payload()
        if part.get_content_maintype() == "multipart" and isinstance(payload, list):
            waiting[:0] = [each for each in payload if isinstance(each, Message)]
        elif part.get_content_type() in CALENDARS or str(part.get_filename() or "").lower().endswith(".ics"):
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and len(content) <= LARGEST_CALENDAR:
                yield content


def _read_reply(content: bytes) -> InviteReply | None:
    calendar = library.Calendar.from_ical(content.decode("utf-8-sig", "replace").replace("\0", ""))
    method = str(calendar.get("METHOD", "")).upper()
    events = calendar.walk("VEVENT")
    if method not in {REPLY, COUNTER} or len(events) != 1 or "RECURRENCE-ID" in events[0]:
        return None
    event, said = events[0], _attendee(events[0])
    answer = CalendarAnswer.COUNTERED if method == COUNTER else ANSWERS.get(_partstat(said))
    stamped = _instant(event, "DTSTAMP")
    uid, attendee = str(event.get("UID", "")).strip(), _address(said)
    if answer is None or stamped is None or not uid or not attendee:
        return None
    is_counter = method == COUNTER
    return InviteReply(
        answer=answer,
        uid=uid[:200],
        attendee=attendee,
        sequence=min(max(int(event.get("SEQUENCE", 0)), 0), LATEST_SEQUENCE),
        stamped_at=stamped,
        proposed_start=_instant(event, "DTSTART") if is_counter else None,
        proposed_end=_instant(event, "DTEND") if is_counter else None,
    )


def _attendee(event: library.Component) -> Any:  # A calendar address of the library's, or nothing.
    said = event.get("ATTENDEE")
    return None if isinstance(said, list) else said


def _partstat(said: Any) -> str:  # The same.
    return str(said.params.get("PARTSTAT", "")).upper() if said is not None else ""


def _address(said: Any) -> str:  # The same.
    address = re.sub(r"^mailto:", "", str(said or "").strip(), flags=re.IGNORECASE).strip()
    return address[:320] if address.count("@") == 1 and not re.search(r"\s", address) else ""


def _instant(event: library.Component, name: str) -> datetime | None:
    """An instant of an event; None for a day, and for a time of no zone."""
    said = getattr(event.get(name), "dt", None)
    if not isinstance(said, datetime) or said.tzinfo is None or said.utcoffset() is None:
        return None
    return said.astimezone(UTC)

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
# RFC 8601 section 2.2. A stranger chooses the envelope's sender, and what a signature says of itself: words of theirs
# may look like findings, so only a method at the start of a part is one.
_PIECES = re.compile(r'"(?:[^"\\]|\\.)*"|\\.?|[();]|[^"\\();]+|"', re.DOTALL)
_VALUE = r'"(?:[^"\\]|\\.)*"(?:@[^\s"]*)?|[^\s"]*'
_PROPERTY = re.compile(rf'([\w.-]+)\s*=\s*({_VALUE})|[^\s"]+')
_FINDING = re.compile(
    rf'\s*([\w-]+)(?:\s*/\s*\d+)?\s*=\s*([\w-]+)((?>\s+(?>[\w.-]+\s*=\s*(?>{_VALUE})|[^\s"]+))*+)\s*', re.DOTALL
)
NOTHING_FOUND = frozenset({"", "none"})
ABOUT = {"dmarc": ("header.from",), "dkim": ("header.d", "header.i")}
"""Where each method says which domain it is about; of a signature, its domain before whom it was made for."""


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

    Of several headers of our own server only the topmost counts: whatever a stranger put in stands below. Servers take
    out what claims to be theirs (RFC 8601 section 5).
    """
    domain = sender.rpartition("@")[2].lower()
    if any(_stands_behind(each.lower(), domain) for each in signed_by):
        return True
    headers = map(_parts, _all(mail, "Authentication-Results") if trusted else [])
    results = next((each[1:] for each in headers if each and each[0].split()[:1] == [trusted]), [])
    return _prove(results, domain)


def _parts(said: str) -> list[str]:
    """What stands between the semicolons of a header, without comments: first the server's name. Nothing of one whose
    quotes or comments do not end, or that was too long to be looked at whole.
    """
    parts, depth = [""], 0
    for piece in _PIECES.findall(said) if len(said) < LONGEST_HEADER else ['"']:
        depth += (piece == "(") - (piece == ")")
        if piece == '"' or depth < 0:
            return []
        if depth == 0 and piece == ";":
            parts.append("")
        elif depth == 0:
            parts[-1] += " " if piece == ")" else piece
    return parts if depth == 0 else []


def _prove(results: list[str], domain: str) -> bool:
    """Whether what one header found proves a domain: DMARC when it was asked, and of two such findings a bad one wins;
    else any good signature. A header with a part that is no finding proves nothing.
    """
    found: dict[str, list[bool]] = {}
    for each in results:
        finding = _FINDING.fullmatch(each)
        if finding is not None:
            method = finding[1].lower()
            passes = finding[2].lower() == "pass" and _is_about(method, finding[3], domain)
            found.setdefault(method, []).append(passes)
        elif each.strip().lower() not in NOTHING_FOUND:
            return False
    return all(found["dmarc"]) if "dmarc" in found else any(found.get("dkim", []))


def _is_about(method: str, said: str, domain: str) -> bool:
    properties = [(name.lower(), value) for name, value in _PROPERTY.findall(said)]
    for name in ABOUT.get(method, ()):
        signers = [value.strip('"').rpartition("@")[2].lower() for said_of, value in properties if said_of == name]
        if signers:
            return all(_stands_behind(each, domain) for each in signers)
    return False


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

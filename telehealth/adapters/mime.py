"""An Email as a MIME message, the same for the mail server and for the local outbox.

With an invite the shape is mixed{ alternative{ plain, html, calendar }, invite.ics }: some mail programs look
only at the alternative part and some only at the attachment, so both carry the calendar object. Without one
it is the alternative.

The headers are written here, letter by letter: the standard library takes the names in them apart again, decodes what
looks encoded ("=?utf-8?q?=0d=0aBcc:…?=") and, before Python 3.13, writes what it found. Nothing that it writes holds
words of people, except the bodies, which are encoded whole.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.message import EmailMessage, Message
from email.utils import format_datetime
from typing import Final

from telehealth.adapters.letters import html, plain_text
from telehealth.domain.icalendar import clean_party_name
from telehealth.domain.ports import DeliveryFailed, Email, Invite, Remedy

# Seven bits, so that a server without 8BITMIME takes the mail too. RFC 5321 line ends.
POLICY: Final = policy.SMTP.clone(cte_type="7bit")

_LONGEST_SUBJECT = 150
_LONGEST_LINE = 76
_OCTETS_IN_A_WORD = 42  # 56 letters of base64: with what stands around them 68, and RFC 2047 allows 75.

# Control characters other than a tab and a line break, and lone surrogates: no mail can carry them.
_NOT_IN_A_BODY = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PRINTABLE = re.compile(r"[ -~]*")
# What needs no quotes as a name (RFC 5322 section 3.2.3), with the spaces between its words.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]*")

# What people have for addresses, and nothing that could end a header or an SMTP command: no quoted local
# parts, and no letters outside ASCII before the @, which few servers take (RFC 6531). Nor the beginning of an encoded
# word, which some programs decode wherever it stands.
_LOCAL_PART = re.compile(r"(?!.*=\?)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_HOST = re.compile(r"[A-Za-z0-9.-]{1,253}")
_WAY_OUT = re.compile(r"https?://[A-Za-z0-9.:/_-]{1,900}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mime:
    """A mail ready to be handed over: ``content`` are its bytes, ``recipient`` the bare address it goes to."""

    recipient: str = field(repr=False)
    message_id: str
    content: bytes = field(repr=False)


def build_mime(email: Email, *, sender_address: str, sent_at: datetime) -> Mime:
    """The mail as it leaves. The same e-mail at the same instant gives the same bytes.

    ``sent_at`` is an aware instant. Raises DeliveryFailed with BAD_ADDRESS when the recipient's address
    cannot be one, and with ALERT when one of ours cannot.
    """
    recipient = _clean_address(email.to, Remedy.BAD_ADDRESS)
    headers = _headers(email, recipient, sender_address=sender_address, sent_at=sent_at)
    written = "".join(_write_header(name, value) for name, value in headers)
    content = written.encode("ascii") + _body(email).as_bytes()
    return Mime(recipient=recipient, message_id=message_id(email.reference, sender_address), content=content)


def message_id(reference: str, sender_address: str) -> str:
    """The Message-ID of an e-mail: always the same for the same reference, so that a second copy is seen as
    one.
    """
    # A reference of ours is already plain; the digest keeps a strange one from breaking the header.
    is_plain = reference.isascii() and reference.replace("-", "").replace("_", "").isalnum()
    name = reference if is_plain else hashlib.sha256(reference.encode()).hexdigest()[:32]
    host = _ascii(sender_address.rpartition("@")[2])
    return f"<{name}@{host}>"


def _headers(email: Email, recipient: str, *, sender_address: str, sent_at: datetime) -> Iterator[tuple[str, str]]:
    yield "From", _mailbox(email.sender_name, _clean_address(sender_address, Remedy.ALERT))
    yield "To", _mailbox(email.to_name, recipient)
    if email.reply_to:
        yield "Reply-To", _mailbox(email.sender_name, _clean_address(email.reply_to, Remedy.ALERT))
    yield "Subject", _encode_words(clean_party_name(email.letter.subject, longest=_LONGEST_SUBJECT))
    yield "Date", format_datetime(sent_at)
    yield "Message-ID", message_id(email.reference, sender_address)
    if email.follows and email.follows != email.reference:
        # RFC 5322 section 3.6.4: mail programs show what belongs together in one place.
        first = message_id(email.follows, sender_address)
        yield "In-Reply-To", first
        yield "References", first
    # RFC 3834: out-of-office programs do not answer to this.
    yield "Auto-Submitted", "auto-generated"
    if email.unsubscribe_url:
        # RFC 2369, and RFC 8058 for one click. Whoever signs the mail (DKIM) has to sign both, too.
        yield "List-Unsubscribe", f"<{_clean_way_out(email.unsubscribe_url)}>"
        yield "List-Unsubscribe-Post", "List-Unsubscribe=One-Click"


def _write_header(name: str, value: str) -> str:
    """One header, folded between its words only (RFC 5322 section 2.2.3). Nothing but printable ASCII passes, whoever
    made the value: what cannot hold a line break cannot begin another header.
    """
    if not _PRINTABLE.fullmatch(value):
        raise DeliveryFailed("unsafe header", Remedy.ALERT)
    first, *others = value.split(" ")
    lines = [f"{name}: {first}"]
    for word in others:
        if len(lines[-1]) + len(word) < _LONGEST_LINE:
            lines[-1] += f" {word}"
        else:
            lines.append(f" {word}")
    return "".join(f"{line}\r\n" for line in lines)


def _mailbox(name: str, address: str) -> str:
    """ "Ana Souza <ana@example.org>" (RFC 5322 section 3.4)."""
    shown = clean_party_name(name)
    if shown and _PRINTABLE.fullmatch(shown) and not _PLAIN_NAME.fullmatch(shown):
        # A name cannot hold a double quote any more; a backslash would make the next letter a quoted one.
        shown = '"' + shown.replace("\\", "\\\\") + '"'
    return f"{_encode_words(shown)} <{address}>" if shown else address


def _encode_words(words: str) -> str:
    """Words as a header may hold them: as they are in ASCII, and otherwise as encoded words (RFC 2047 section 2), of
    which none ends inside a letter.
    """
    if _PRINTABLE.fullmatch(words):
        return words
    pieces = [b""]
    for letter in words:
        octets = letter.encode()
        if len(pieces[-1]) + len(octets) > _OCTETS_IN_A_WORD:
            pieces.append(b"")
        pieces[-1] += octets
    return " ".join(f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces)


def _body(email: Email) -> EmailMessage:
    plain = _clean_body(plain_text(email.letter))
    page = _clean_body(html(email.letter, sender_name=clean_party_name(email.sender_name)))
    message = EmailMessage(policy=POLICY)
    message.set_content(plain)
    message.add_alternative(page, subtype="html")
    if email.invite is not None:
        _add_invite(message, email.invite)
    _fix_boundaries(message, f"{email.reference}/{plain}/{page}")
    return message


def _add_invite(message: EmailMessage, invite: Invite) -> None:
    # Bytes, because ``add_alternative`` would turn the CRLF of a str into LF. METHOD must match the one
    # inside.
    message.add_alternative(
        invite.content,
        maintype="text",
        subtype="calendar",
        params={"method": invite.method, "charset": "UTF-8"},
        cte="base64",
    )
    message.add_attachment(invite.content, maintype="application", subtype="ics", filename="invite.ics")


def _clean_address(address: str, remedy: Remedy) -> str:
    local, at, domain = address.rpartition("@")
    host = _ascii(domain)
    if not (at and host and _LOCAL_PART.fullmatch(local)):
        raise DeliveryFailed("malformed address", remedy)
    return f"{local}@{host}"


def _clean_way_out(url: str) -> str:
    if not _WAY_OUT.fullmatch(url):
        raise DeliveryFailed("malformed address", Remedy.ALERT)
    return url


def _ascii(domain: str) -> str:
    """A domain as servers know it, or nothing when it cannot be one."""
    try:
        host = domain.encode("idna").decode("ascii")
    except UnicodeError:
        return ""
    return host if _HOST.fullmatch(host) else ""


def _clean_body(text: str) -> str:
    """The text with a question mark for each character that no mail can carry."""
    return _NOT_IN_A_BODY.sub("?", text)


def _fix_boundaries(message: Message, seed: str) -> None:
    """Made from all the words, so that no words can hold them."""
    multiparts: Iterable[Message] = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        digest = hashlib.sha256(f"{number}/{seed}".encode()).hexdigest()
        part.set_boundary(f"=_{digest[:32]}")

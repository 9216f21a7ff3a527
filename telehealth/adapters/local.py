"""The twin of the text and mail gateways that needs no account and no server: everything lands in a folder.

A text is one JSON file and an e-mail one .eml file, named ``<time>-<reference>``. Files are written beside
their place and then renamed, so a reader never sees half of one. The folder holds whole messages in clear:
development only.
"""

from __future__ import annotations

import email
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path
from typing import Final

from telehealth.adapters import mime
from telehealth.domain.message_words import Channel
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Receipt, Remedy, Text

_TIME_FORMAT: Final = "%Y%m%dT%H%M%S.%fZ"
_SUFFIXES: Final = frozenset({".json", ".eml"})

_LINK = re.compile(r"https?://[^\s<>\"']+")
_SAFE_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutboxEntry:
    """One message in the folder. ``name`` tells it from the others, ``when`` is an aware UTC instant; a text has no
    subject and no ``html``. Of one that ``is_unreadable`` nothing else is known.
    """

    name: str
    when: datetime
    channel: Channel
    is_unreadable: bool = False
    to: str = field(default="", repr=False)
    subject: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    html: str = field(default="", repr=False)
    has_invite: bool = False
    invite: bytes = field(default=b"", repr=False)
    links: tuple[str, ...] = field(default=(), repr=False)


class LocalOutbox:
    """A TextGateway and an EmailGateway in one. Everything it takes counts as delivered."""

    def __init__(
        self,
        folder: Path,
        *,
        now: Callable[[], datetime],
        sender_address: str = "appointments@localhost.invalid",
    ) -> None:
        self._folder = folder
        self._now = now
        self._sender_address = sender_address

    def send(self, message: Text | Email, /) -> Receipt:
        """Write one message, an e-mail as the very MIME message a mail server would get. The same reference
        again replaces the first copy. Raises DeliveryFailed for an e-mail address that cannot be one, and for a
        text that has expired.
        """
        when = self._now()
        if isinstance(message, Text):
            content, suffix = _text_file(message, when), ".json"
        else:
            mail = mime.build_mime(message, sender_address=self._sender_address, sent_at=when)
            content, suffix = mail.content, ".eml"
        return _put(self._folder, content, when=when, reference=message.reference, suffix=suffix)

    def find(self, text: Text, /, *, since: datetime) -> Receipt | None:
        """The receipt of a text with this reference, written at ``since`` or later."""
        found = (path for path in _copies(self._folder, text.reference, ".json") if _when(path) >= since)
        return next((_receipt(path) for path in found), None)

    def look_up(self, provider_id: str, /) -> Receipt | None:
        """The receipt of a text under this id, while it is in the folder."""
        found = (path for path in _messages(self._folder) if path.name == provider_id)
        return next((_receipt(path) for path in found), None)

    def read(self, limit: int) -> list[OutboxEntry]:
        """The newest messages, newest first, at most ``limit``. A folder that does not exist yet is empty,
        and a file that cannot be read says so.
        """
        paths = sorted(_messages(self._folder), key=lambda path: path.name, reverse=True)
        entries = (_read(path) for path in paths)
        return list(islice((entry for entry in entries if entry), limit))


def _text_file(text: Text, when: datetime) -> bytes:
    if text.expires_at <= when:
        raise DeliveryFailed("expired", Remedy.GIVE_UP)
    content = {
        "reference": text.reference,
        "from": text.sender,
        "to": text.to,
        "body": text.body,
        "expires_at": text.expires_at.isoformat(),
    }
    return json.dumps(content, ensure_ascii=False, indent=2).encode("utf-8", "replace")


def _put(folder: Path, content: bytes, *, when: datetime, reference: str, suffix: str) -> Receipt:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    earlier = list(_copies(folder, reference, suffix))
    path = folder / f"{when.astimezone(UTC).strftime(_TIME_FORMAT)}-{_name(reference)}{suffix}"
    _write_whole(path, content)
    for copy in earlier:
        if copy != path:
            copy.unlink(missing_ok=True)
    return _receipt(path)


def _write_whole(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".tmp")
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
    Path(name).replace(path)


def _copies(folder: Path, reference: str, suffix: str) -> Iterator[Path]:
    """The files of one reference. Times have no hyphen in them, so the name after the first one is the
    reference.
    """
    wanted = _name(reference) + suffix
    return (path for path in _messages(folder) if path.name.partition("-")[2] == wanted)


def _messages(folder: Path) -> Iterator[Path]:
    found = folder.iterdir() if folder.is_dir() else ()
    return (path for path in found if path.suffix in _SUFFIXES and _is_ours(path))


def _is_ours(path: Path) -> bool:
    try:
        _when(path)
    except ValueError:
        return False
    return True


def _when(path: Path) -> datetime:
    return datetime.strptime(path.name.partition("-")[0], _TIME_FORMAT).replace(tzinfo=UTC)


def _name(reference: str) -> str:
    """The reference as part of a file name; one that could leave the folder, or not fit, becomes a digest."""
    if _SAFE_NAME.fullmatch(reference):
        return reference
    return hashlib.sha256(reference.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _receipt(path: Path) -> Receipt:
    return Receipt(path.name, DeliveryStatus.DELIVERED)


def _read_text(path: Path) -> OutboxEntry:
    content = json.loads(path.read_bytes())
    body = str(content["body"])
    return OutboxEntry(
        name=path.stem,
        when=_when(path),
        channel=Channel.TEXT,
        to=str(content["to"]),
        text=body,
        links=_links(body),
    )


def _read_email(path: Path) -> OutboxEntry:
    message = email.message_from_bytes(path.read_bytes(), _class=EmailMessage, policy=mime.POLICY)
    text = _part(message, "plain")
    invite = _invite(message)
    return OutboxEntry(
        name=path.stem,
        when=_when(path),
        channel=Channel.EMAIL,
        to=str(message["To"]),
        subject=str(message["Subject"]),
        text=text,
        html=_part(message, "html"),
        has_invite=invite is not None,
        invite=invite or b"",
        links=_links(text),
    )


def _read(path: Path) -> OutboxEntry | None:
    try:
        return _read_text(path) if path.suffix == ".json" else _read_email(path)
    except FileNotFoundError:
        # Replaced or removed since the folder was listed.
        return None
    except Exception:  # noqa: BLE001 -- the library trips over strange mail in many ways; the others are still shown
        channel = Channel.TEXT if path.suffix == ".json" else Channel.EMAIL
        return OutboxEntry(name=path.stem, when=_when(path), channel=channel, is_unreadable=True)


def _part(message: EmailMessage, subtype: str) -> str:
    part = message.get_body((subtype,))
    return str(part.get_content()) if isinstance(part, EmailMessage) else ""


def _invite(message: EmailMessage) -> bytes | None:
    """The calendar part of an e-mail."""
    found = (part for part in message.walk() if part.get_content_type() == "text/calendar")
    part = next(found, None)
    content = part.get_payload(decode=True) if part is not None else None
    return content if isinstance(content, bytes) else None


def _links(text: str) -> tuple[str, ...]:
    """Every link once, in the order of the text, without the punctuation of the sentence around it."""
    return tuple(dict.fromkeys(link.rstrip(".,;:!?)") for link in _LINK.findall(text)))

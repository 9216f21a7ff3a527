"""Reading a mailbox (IMAP4rev1, RFC 3501; UID commands throughout, so that nothing depends on what others delete)."""

from __future__ import annotations

import imaplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final, Literal, TypeVar

from telehealth.adapters import dsn
from telehealth.domain.ports import MailboxFailed
from telehealth.late import Library

if TYPE_CHECKING:
    import imap_tools as library
else:
    library = Library("imap_tools")

_Result = TypeVar("_Result")

Security = Literal["none", "starttls", "tls"]
MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxServer:
    """Where a mailbox is, and whose. ``folder`` is read, and ``done_folder`` gets what nobody needs to look at; it is
    made when it is first needed. ``timeout`` is in seconds, for each step. ``trust`` replaces the system's certificate
    authorities.
    """

    host: str
    username: str
    password: str = field(repr=False)
    port: int = 993
    security: Security = "tls"
    folder: str = "INBOX"
    done_folder: str = "Handled"
    timeout: float = 20.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)


class ImapMailbox:
    """A Mailbox over IMAP."""

    def __init__(self, server: MailboxServer) -> None:
        self._server = server

    @property
    def name(self) -> str:
        """Whose mailbox, where, and which folder."""
        return f"{self._server.username}@{self._server.host}/{self._server.folder}"[:200]

    @contextmanager
    def open(self) -> Iterator[ImapFolder]:
        """Connect and sign in. Raises MailboxFailed."""
        box = _try(self._connect)
        try:
            _try(lambda: box.login(self._server.username, self._server.password, self._server.folder))
            yield ImapFolder(box, self._server)
        finally:
            with suppress(library.ImapToolsError, imaplib.IMAP4.error, OSError):
                box.logout()

    def _connect(self) -> library.BaseMailBox:
        server = self._server
        trust = server.trust or ssl.create_default_context()
        if server.security == "tls":
            return library.MailBox(server.host, server.port, timeout=server.timeout, ssl_context=trust)
        if server.security == "starttls":
            return library.MailBoxStartTls(server.host, server.port, timeout=server.timeout, ssl_context=trust)
        return library.MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)


class ImapFolder:
    """An OpenMailbox over one connection."""

    def __init__(self, box: library.BaseMailBox, server: MailboxServer) -> None:
        self._box, self._server = box, server
        self.validity: int = _try(lambda: box.folder.status(server.folder, ["UIDVALIDITY"])["UIDVALIDITY"])

    def list_numbers(self, *, after: int, since: date) -> Sequence[int]:
        """See OpenMailbox. A range up to the last mail always holds that one, however low its number is."""
        day = f"{since.day}-{MONTHS[since.month - 1]}-{since.year}"
        found = _try(lambda: self._box.uids(f"UID {after + 1}:* SINCE {day}"))
        return sorted(number for number in map(int, found) if number > after)

    def read(self, number: int, /) -> bytes | None:
        """See OpenMailbox."""
        kind, found = _try(lambda: self._box.client.uid("FETCH", str(number), f"(BODY.PEEK[]<0.{dsn.LARGEST}>)"))
        if kind != "OK":
            raise MailboxFailed("not given")
        return next((bytes(part[1]) for part in found if isinstance(part, tuple)), None)

    def put_away(self, number: int, /) -> None:
        """See OpenMailbox."""
        folder = self._server.done_folder

        def move() -> None:
            if not self._box.folder.exists(folder):
                self._box.folder.create(folder)
            self._box.move(str(number), folder)

        _try(move)


def _try(step: Callable[[], _Result]) -> _Result:
    """Do a step. Raises MailboxFailed with fixed words: what a server says may hold addresses."""
    try:
        return step()
    except ssl.SSLCertVerificationError:
        code = "certificate not trusted"
    except library.MailboxLoginError:
        code = "sign-in refused"
    except (library.ImapToolsError, imaplib.IMAP4.error):
        code = "refused"
    except OSError:
        code = "unreachable"
    raise MailboxFailed(code)

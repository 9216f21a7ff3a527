"""E-mails through a mail server (RFC 5321).

The one question that matters is whether the server may have taken the mail before something went wrong. Up to
the answer to DATA it has not, so trying again is safe; from there until its last answer nobody knows.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Literal, TypeVar

from telehealth.adapters import mime
from telehealth.domain.ports import DeliveryFailed, DeliveryStatus, Email, Receipt, Remedy

_Result = TypeVar("_Result")

Security = Literal["none", "starttls", "tls"]

_POSITIVE: Final = range(200, 300)
_START_INPUT: Final = 354
_PERMANENT: Final = 500
_AUTHENTICATION_NEEDED: Final = 530

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
# Enhanced status 5.7.x (RFC 3463): the server does not want *us* to send. The recipient's address is not to
# blame.
_POLICY_REFUSAL = re.compile(rb"\s*5\.7\.\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and as whom.

    ``security`` is "starttls" (port 587), "tls" (port 465) or "none" for a server on this machine.
    ``timeout`` is in seconds, for each step. ``trust`` replaces the system's certificate authorities.
    """

    host: str
    sender_address: str
    port: int = 587
    username: str = ""
    password: str = field(default="", repr=False)
    security: Security = "starttls"
    timeout: float = 10.0
    trust: ssl.SSLContext | None = field(default=None, repr=False)


class SmtpEmails:
    """An EmailGateway over one mail server. Each mail takes its own connection, so threads may share it."""

    def __init__(self, server: MailServer, *, now: Callable[[], datetime]) -> None:
        self._server = server
        self._now = now

    def send(self, email: Email, /) -> Receipt:
        """Hand one e-mail over. Raises DeliveryFailed.

        The receipt says SENT, because no mail server reports anything later. After a time-out or a lost
        connection with the remedy ASK nobody can be asked: whoever sends again relies on the Message-ID,
        which stays the same.
        """
        mail = mime.build_mime(email, sender_address=self._server.sender_address, sent_at=self._now())
        smtp = _before_taking(self._connect)
        try:
            _before_taking(lambda: self._sign_in(smtp))
            _before_taking(lambda: _open_envelope(smtp, self._server.sender_address, mail.recipient))
            _hand_over(smtp, mail.content)
        finally:
            _say_goodbye(smtp)
        return Receipt(mail.message_id, DeliveryStatus.SENT)

    def _connect(self) -> smtplib.SMTP:
        server = self._server
        if server.security == "tls":
            return smtplib.SMTP_SSL(server.host, server.port, timeout=server.timeout, context=self._trust())
        return smtplib.SMTP(server.host, server.port, timeout=server.timeout)

    def _sign_in(self, smtp: smtplib.SMTP) -> None:
        if self._server.security == "starttls":
            smtp.starttls(context=self._trust())
        if self._server.username:
            smtp.login(self._server.username, self._server.password)
        smtp.ehlo_or_helo_if_needed()

    def _trust(self) -> ssl.SSLContext:
        return self._server.trust or ssl.create_default_context()


def _before_taking(step: Callable[[], _Result]) -> _Result:
    """Do a step during which the server cannot have taken the mail. Raises DeliveryFailed."""
    try:
        return step()
    except (smtplib.SMTPException, OSError, UnicodeError) as error:
        failure = _not_taken(error)
    # Raised out here so that the server's words, which quote addresses, are not chained to it.
    raise failure


def _not_taken(error: Exception) -> DeliveryFailed:
    match error:
        case smtplib.SMTPAuthenticationError(smtp_code=code) if code >= _PERMANENT:
            return DeliveryFailed("sign-in refused", Remedy.ALERT)
        case smtplib.SMTPResponseException(smtp_code=code):
            return _refused(code, permanent=Remedy.ALERT)
        case smtplib.SMTPServerDisconnected():
            return DeliveryFailed("connection lost", Remedy.RETRY)
        case ssl.SSLCertVerificationError():
            return DeliveryFailed("certificate not trusted", Remedy.ALERT)
        # TimeoutError is an OSError, and so is smtplib.SMTPException, which must not be taken for one.
        case smtplib.SMTPException() | UnicodeError():
            return DeliveryFailed("sign-in or encryption not offered", Remedy.ALERT)
        case _:
            return DeliveryFailed("unreachable", Remedy.RETRY)


def _open_envelope(smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
    code, answer = smtp.mail(sender)
    if code not in _POSITIVE:
        raise _refused(code, permanent=Remedy.ALERT)
    code, answer = smtp.rcpt(recipient)
    if code not in _POSITIVE:
        is_about_us = code == _AUTHENTICATION_NEEDED or _POLICY_REFUSAL.match(answer)
        raise _refused(code, permanent=Remedy.ALERT if is_about_us else Remedy.BAD_ADDRESS)
    code, answer = smtp.docmd("DATA")
    if code != _START_INPUT:
        raise _refused(code, permanent=Remedy.GIVE_UP)


def _hand_over(smtp: smtplib.SMTP, content: bytes) -> None:
    # RFC 5321 section 4.5.2: a line that starts with a dot gets a second one, and a lone dot ends the mail.
    # ``smtplib.SMTP.data`` does this too, but it cannot tell a connection lost before from one lost after.
    try:
        smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        code, _ = smtp.getreply()
    except (smtplib.SMTPException, OSError):
        code = None
    if code is None:
        raise DeliveryFailed("connection lost after the mail", Remedy.ASK)
    if code not in _POSITIVE:
        raise _refused(code, permanent=Remedy.GIVE_UP)


def _say_goodbye(smtp: smtplib.SMTP) -> None:
    # The mail's fate is settled by now; a server that cannot say goodbye changes nothing about it.
    with contextlib.suppress(smtplib.SMTPException, OSError):
        smtp.quit()
    smtp.close()


def _refused(code: int, *, permanent: Remedy) -> DeliveryFailed:
    """RFC 5321 section 4.2.1: answers from 400 to 499 ask to try again, answers from 500 on do not."""
    return DeliveryFailed(f"smtp {code}", permanent if code >= _PERMANENT else Remedy.RETRY)

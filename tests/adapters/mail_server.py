"""Mail servers on loopback: a real one (aiosmtpd), and one that reads its answers from a script."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator, Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

HOST = "127.0.0.1"
USERNAME = "practice"

HANG = object()  # In a script: never answer.
CLOSE = object()  # In a script: drop the connection.


class Mailbox:
    """What the server took, and what it says to whom. ``rcpt`` and ``data`` replace its usual answers."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.recipients: list[str] = []
        self.was_encrypted = False
        self.was_signed_in = False
        self.rcpt = ""
        self.data = ""

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:  # noqa: N802
        if not self.rcpt:
            envelope.rcpt_tos.append(address)
        return self.rcpt or "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.data:
            return self.data
        content = envelope.content
        assert isinstance(content, bytes)
        self.raw.append(content)
        self.messages.append(message_from_bytes(content, _class=EmailMessage, policy=policy.SMTP))
        self.recipients += envelope.rcpt_tos
        self.was_encrypted = session.ssl is not None
        self.was_signed_in = bool(session.authenticated)
        return "250 OK"

    def authenticate(self, *args: Any) -> AuthResult:
        given = args[-1]
        assert isinstance(given, LoginPassword)
        is_right = (given.login, given.password) == (USERNAME.encode(), b"secret")
        return AuthResult(success=is_right, handled=False)  # Not handled: the server itself answers.


@contextlib.contextmanager
def running(mailbox: Mailbox, **settings: Any) -> Iterator[int]:
    """aiosmtpd with these settings; gives its port."""
    controller = Controller(
        mailbox, hostname=HOST, port=free_port(), authenticator=mailbox.authenticate, auth_require_tls=False, **settings
    )
    controller.start()
    try:
        yield controller.port
    finally:
        controller.stop()


@contextlib.contextmanager
def scripted(answers: Sequence[object]) -> Iterator[int]:
    """A server that greets with the first answer and gives one more for each command, or for each whole mail."""
    done = threading.Event()
    with socket.create_server((HOST, 0)) as listener:
        thread = threading.Thread(target=_play, args=(listener, answers, done))
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join(20)


def _play(listener: socket.socket, answers: Sequence[object], done: threading.Event) -> None:
    connection, _ = listener.accept()
    with connection, connection.makefile("rb") as lines, contextlib.suppress(OSError):
        for answer in answers:
            if answer is CLOSE:
                return
            if answer is HANG:
                done.wait(timeout=30)
                return
            connection.sendall(f"{answer}\r\n".encode())
            _read(lines, whole_mail=str(answer).startswith("354"))


def _read(lines: Any, *, whole_mail: bool) -> None:
    while (line := lines.readline()) and whole_mail and line != b".\r\n":
        pass


def free_port() -> int:
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for loopback that signed itself, and its key, by the openssl command."""
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    names = ["-addext", f"subjectAltName=IP:{HOST}", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names], check=True, capture_output=True)  # noqa: S603 - nothing in it comes from outside.
    return certificate, key


def server_tls(certificate: Path, key: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context

"""A real mailbox: Dovecot's own program for one reader who has signed in, behind a door that asks for a password.

Dovecot's door needs Dovecot installed; its program for the reader needs only its files (``make .make/imap``).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock, Thread
from typing import IO

from tests.moments import NOW

FETCHED = Path(__file__).resolve().parents[1] / ".make" / "imap.d" / "usr"
NOBODY = 65534
"""Dovecot opens no mailbox for root."""
PASSWORD = "a-password-of-tests"

CONFIG = """
base_dir = {home}/run
state_dir = {home}/run
libexec_dir = {fetched}/lib/dovecot
mail_plugin_dir = {fetched}/lib/dovecot/modules
log_path = /dev/null
ssl = no
mail_location = maildir:{home}/mail
mail_uid = {owner}
mail_gid = {group}
first_valid_uid = 1
first_valid_gid = 0
stats_writer_socket_path =
"""


@dataclass
class ImapServer:
    """One mailbox, its files in ``home``; how often somebody went in, and whether nobody is let in."""

    home: Path
    listener: socket.socket
    refuses: bool = False
    entered: int = 0
    _lock: Lock = field(default_factory=Lock)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                Thread(target=self._let_in, args=(connection,), daemon=True).start()

    def _let_in(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.sendall(b"* OK [CAPABILITY IMAP4rev1] Ready.\r\n")
            while line := _line(connection):
                tag, command, *rest = line.split(maxsplit=2)
                if command.upper() == b"CAPABILITY":
                    connection.sendall(b"* CAPABILITY IMAP4rev1\r\n" + tag + b" OK Done.\r\n")
                elif command.upper() == b"LOGIN" and PASSWORD.encode() in rest[0] and not self.refuses:
                    with self._lock:
                        self.entered += 1
                    connection.sendall(tag + b" OK [CAPABILITY IMAP4rev1 MOVE UIDPLUS] Logged in\r\n")
                    self._serve_reader(connection)
                    return
                else:
                    connection.sendall(tag + b" NO [AUTHENTICATIONFAILED] Not with that.\r\n")

    def _serve_reader(self, connection: socket.socket) -> None:
        library = FETCHED / "lib"
        paths = [library / "dovecot", library / "x86_64-linux-gnu", library / "aarch64-linux-gnu"]
        given = {"LD_LIBRARY_PATH": ":".join(map(str, paths)), "USER": "desk", "HOME": str(self.home)}
        reader = ["-f", "service=imap", "-c", str(self.home / "dovecot.conf"), "-m", "imap", "-e"]
        command = [str(FETCHED / "bin" / "doveconf"), *reader, str(library / "dovecot" / "imap")]
        # It refuses to speak with a socket itself.
        piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
        with subprocess.Popen(command, env=given, **piped) as program:  # type: ignore[call-overload]  # noqa: S603
            Thread(target=_pass_in, args=(connection, program.stdin), daemon=True).start()
            while said := os.read(program.stdout.fileno(), 65536):
                connection.sendall(said)

    def deliver(self, *mails: bytes) -> None:
        """Let mails come, in this order."""
        new = self.home / "mail" / "new"
        for mail in mails:
            count = len(list(self.home.glob("mail/*/*"))) + self.entered * 1000
            path = new / f"{1_700_000_000 + count}.{count}_{os.urandom(3).hex()}.here"
            path.write_bytes(mail)
            os.utime(path, (NOW.timestamp(), NOW.timestamp()))  # When it came.
            _give(path)

    def left(self) -> list[bytes]:
        """What is in the inbox, and whether anybody saw it: the name of such a file ends in S."""
        return [path.read_bytes() for path in self._files("mail")]

    def put_away(self, folder: str = "Handled") -> list[bytes]:
        return [path.read_bytes() for path in self._files(f"mail/.{folder}")]

    def seen(self) -> int:
        return sum("S" in path.name.rpartition(",")[2] for path in self._files("mail") if ":2," in path.name)

    def _files(self, folder: str) -> list[Path]:
        return sorted([*self.home.glob(f"{folder}/new/*"), *self.home.glob(f"{folder}/cur/*")])

    def renumber(self) -> None:
        """Let the same numbers mean other mails, as a mailbox that was restored does."""
        path = self.home / "mail" / "dovecot-uidlist"
        path.write_text(re.sub(r"\bV(\d+)", lambda found: f"V{int(found[1]) + 1000}", path.read_text(), count=1))
        for index in self.home.glob("mail/dovecot.index*"):
            index.unlink()


@contextmanager
def imap_server() -> Iterator[ImapServer]:
    """One that listens on this machine."""
    assert FETCHED.exists(), "dovecot is needed to test reading mailboxes: make .make/imap"
    home = Path(tempfile.mkdtemp(prefix="mailbox"))
    home.chmod(0o755)
    for folder in ("run", "mail/new", "mail/cur", "mail/tmp"):
        (home / folder).mkdir(parents=True, exist_ok=True)
    owner, group = (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
    (home / "dovecot.conf").write_text(CONFIG.format(home=home, fetched=FETCHED, owner=owner, group=group))
    for path in home.rglob("*"):
        _give(path)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = ImapServer(home, listener)
        Thread(target=server.serve, daemon=True).start()
        yield server
    shutil.rmtree(home, ignore_errors=True)


def _give(path: Path) -> None:
    if os.getuid() == 0:
        os.chown(path, NOBODY, NOBODY)


def _pass_in(source: socket.socket, sink: IO[bytes]) -> None:
    """All that comes, until it ends; and that it has ended."""
    with suppress(OSError, ValueError), sink:
        while said := source.recv(65536):
            os.write(sink.fileno(), said)


def _line(connection: socket.socket) -> bytes:
    """One line, and nothing after it: the rest is for whoever serves the reader."""
    said = b""
    while not said.endswith(b"\n"):
        letter = connection.recv(1)
        if not letter:
            return b""
        said += letter
    return said.strip()

"""A real coturn on this machine, with the example that we give people: who handed what on, and to whom.

It needs only its files (``make .make/turn``). The example lets it hand nothing on to this machine, so tests of whole
calls say that it may.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

ROOT = Path(__file__).resolve().parents[1]
FETCHED = ROOT / ".make" / "turn.d" / "usr"
EXAMPLE = ROOT / "docs" / "turn" / "turnserver.conf"
SECRET = "of-a-server-that-ends-with-the-test"
HERE = "127.0.0.1"
ONLY_THERE = ("tls-listening-port", "cert", "pkey", "log-file", "no-stdout-log", "listening-port", "static-auth-secret")
PATIENCE = 20


@dataclass(frozen=True, slots=True)
class TurnServer:
    """One that listens at ``port``."""

    port: int

    @property
    def url(self) -> str:
        return f"turn:{HERE}:{self.port}"

    def ask_for(self, peer: str, *, username: str, credential: str) -> str:
        """What coturn's own client is told when it wants something handed on to an address."""
        command = [
            str(FETCHED / "bin" / "turnutils_uclient"), "-u", username, "-w", credential,
            "-p", str(self.port), "-e", peer, "-r", "9", "-n", "1", HERE,
        ]  # fmt: skip
        told = subprocess.run(command, env=_libraries(), capture_output=True, text=True, check=False, timeout=PATIENCE)  # noqa: S603
        return told.stdout + told.stderr


@contextmanager
def turn_server(home: Path, *, allows: str = "") -> Iterator[TurnServer]:
    """With the example as it is, but for certificates, ports and the secret. ``allows`` is an address of ours."""
    assert FETCHED.exists(), "coturn is needed to test calls through firewalls: make .make/turn"
    port = _free_port()
    settings = home / "turnserver.conf"
    settings.write_text("\n".join([*_example(), *_own(port, home, allows)]) + "\n")
    command = [str(FETCHED / "bin" / "turnserver"), "-c", str(settings)]
    with subprocess.Popen(command, env=_libraries(), stdout=subprocess.PIPE, text=True) as program:  # noqa: S603
        try:
            _wait_for(program)
            yield TurnServer(port)
        finally:
            program.kill()
            program.wait(PATIENCE)


def _example() -> list[str]:
    lines = EXAMPLE.read_text().splitlines()
    return [line for line in lines if line.partition("=")[0] not in ONLY_THERE]


def _own(port: int, home: Path, allows: str) -> list[str]:
    own = [
        f"listening-port={port}", f"listening-ip={HERE}", f"relay-ip={HERE}", f"static-auth-secret={SECRET}",
        "no-tls", "no-dtls", f"pidfile={home / 'pid'}", f"userdb={home / 'users'}", "log-file=stdout", "verbose",
    ]  # fmt: skip
    return [*own, "allow-loopback-peers", f"allowed-peer-ip={allows}"] if allows else own


def _libraries() -> dict[str, str]:
    library = FETCHED / "lib"
    return {"LD_LIBRARY_PATH": ":".join(str(library / f"{kind}-linux-gnu") for kind in ("x86_64", "aarch64"))}


def _free_port() -> int:
    with socket.create_server((HERE, 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _wait_for(program: subprocess.Popen[str]) -> None:
    """Until it says that it listens; what it says afterwards is read by nobody, and must not fill the pipe."""
    assert program.stdout is not None
    for line in program.stdout:
        if "UDP listener opened" in line:
            Thread(target=program.stdout.read, daemon=True).start()
            return
    raise AssertionError("coturn did not start")

"""Web and jobs together, as `make run` starts them: real processes, a real port, a clean end."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil
import pytest
from sqlalchemy import update

from telehealth.database import transaction
from telehealth.models import Practice
from tests import databases

ROOT = Path(__file__).parents[2]
PATIENCE = 60


def eventually(look: Callable[[], Any], *, what: str) -> Any:
    """The first true answer of ``look``. Asking again is the waiting: a slow machine only asks more often."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if found := look():
            return found
    pytest.fail(f"{what} did not happen within {PATIENCE} s")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Service:
    """`flask serve` on a database of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.folder = folder
        self.environment = {
            **os.environ,
            "TELEHEALTH_ENV": "development",
            "DATA_DIR": str(folder),
            "DATABASE_URL": f"sqlite:///{folder}/telehealth.db",
            "PORT": str(self.port),
            "PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "JOBS_POLL_SECONDS": "1",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, *command: str) -> None:
        command = command or (sys.executable, "-m", "flask", "serve")
        self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, start_new_session=True)  # noqa: S603
        eventually(lambda: self.get("/health"), what="the service's start")

    def get(self, path: str) -> Any:
        return self.ask(Request(f"http://127.0.0.1:{self.port}{path}"))

    def post(self, path: str, body: dict[str, Any]) -> Any:
        data, headers = json.dumps(body).encode(), {"Content-Type": "application/json"}
        return self.ask(Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers))

    def ask(self, request: Request) -> Any:
        try:
            with urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return json.load(answer)
        except (URLError, ConnectionError):
            return None

    def stop(self, how: signal.Signals) -> int:
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(timeout=PATIENCE)


@pytest.fixture
def service(tmp_path: Path, migrated: Path) -> Iterator[Service]:
    service = Service(tmp_path)
    furnish(shutil.copy(migrated, tmp_path / "telehealth.db"))
    yield service
    if service.process is not None and service.process.poll() is None:  # A failed test leaves nothing running.
        everything = psutil.Process(service.process.pid).children(recursive=True)
        os.killpg(service.process.pid, signal.SIGKILL)
        for each in everything:
            with suppress(psutil.NoSuchProcess):
                each.kill()
        service.process.wait(20)


def furnish(path: Path) -> None:
    """An empty practice, furnished with the commands of the README; not in processes of their own, which take long."""
    app = databases.make_app(databases.sqlite(path), folder=path.parent)

    def flask(*arguments: str) -> None:
        answer = app.test_cli_runner().invoke(args=arguments)
        assert answer.exit_code == 0, answer.output

    flask(
        "create-practice", "--slug=elm", "--name=Elm", "--phone=303-555-0100", "--email=hello@elm.example",
        "--timezone=America/Denver", "--owner-name=Ana", "--owner-email=ana@elm.example", "--password=correct-horse",
        "--grace-minutes=0",
    )  # fmt: skip
    flask("add-service", "--practice=elm", "--kind=individual", "--name=A talk", "--minutes=50")
    flask(
        "add-therapist", "--practice=elm", "--name=Bo Li", "--credential=LPC", "--email=bo@elm.example",
        "--timezone=America/Denver", "--licence=CO:2024-01-01", "--password=correct-horse",
    )  # fmt: skip
    with app.app_context(), transaction() as session:  # The clock is the real one, and it may be night in Denver.
        session.execute(update(Practice).values(texts_from=0, texts_until=24 * 60))
    databases.close(app)


def test_a_booking_is_confirmed_by_the_jobs_process_and_nothing_is_lost_over_a_restart(service: Service) -> None:
    service.start()
    assert service.process is not None
    children = psutil.Process(service.process.pid).children(recursive=True)
    assert len(children) >= 2

    offer = service.get("/api/v1/practices/elm/services")
    wanted = offer["services"][0]["id"]
    since = (datetime.now(UTC) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    slots = service.get(f"/api/v1/practices/elm/slots?service={wanted}&mode=virtual&jurisdiction=CO&since={since}")
    client = {
        "name": "Jo Doe",
        "email": "jo@client.example",
        "phone": "(303) 555-0123",
        "timezone": "America/Denver",
        "text_consent": True,
        "jurisdiction": "CO",
    }
    body = {"service": wanted, "start": slots["slots"][0]["start"], "mode": "virtual", "client": client}
    assert service.post("/api/v1/practices/elm/appointments", body) is not None

    outbox = service.folder / "outbox"
    eventually(lambda: len(list(outbox.glob("*.eml"))) == 2, what="the e-mail to the client and to the therapist")
    eventually(lambda: len(list(outbox.glob("*.json"))) == 1, what="the text to the client")
    mails = [message_from_bytes(path.read_bytes()) for path in outbox.glob("*.eml")]
    methods = [part.get_param("method") for mail in mails for part in mail.walk() if part.get_param("method")]
    assert set(methods) == {"REQUEST"}

    assert service.stop(signal.SIGINT) == 0
    _, alive = psutil.wait_procs(children, timeout=PATIENCE)
    assert alive == []

    service.start()
    assert service.get("/api/v1/practices/elm")["name"] == "Elm", "what was entered is still there"
    assert service.stop(signal.SIGTERM) == 0


def test_several_workers_share_what_they_have_loaded(tmp_path: Path, service: Service, worker_id: str) -> None:
    url = databases.new_url("postgresql", folder=tmp_path, name=f"workers_{worker_id}")
    with databases.migrated_app(url, folder=tmp_path):
        pass
    service.environment |= {"DATABASE_URL": url, "WEB_CONCURRENCY": "2"}
    gunicorn = (sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn")
    service.start(*gunicorn, "--bind", f"127.0.0.1:{service.port}", "wsgi:app")
    assert service.process is not None
    workers = psutil.Process(service.process.pid).children()
    assert len(workers) == 2
    for memory in (each.memory_full_info() for each in workers):
        assert memory.uss < memory.rss / 2, "what a worker alone holds, against all that it sees"
    assert service.stop(signal.SIGTERM) == 0

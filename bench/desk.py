"""The pages of the desk in a practice with years behind it, beside the same pages of one that begins."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from flask_security import hash_password
from sqlalchemy import insert, select, update

from bench import databases, workload
from bench.measure import Figure, milliseconds
from bench.options import sized
from telehealth.database import db, transaction
from telehealth.domain.message_words import Channel, MessageKind, MessageStatus
from telehealth.domain.words import AppointmentStatus, Role
from telehealth.models import Appointment, Attendee, Message
from telehealth.services.audit import COMMAND
from telehealth.services.practice.accounts import NewLogin, add_login

THERAPISTS = sized(34, quick=8)
"""Each with 30 clients and 90 appointments ahead."""
PAST = sized(17_000, quick=4_000)
EACH = 3
"""Messages about one appointment."""
CALLS = sized(5, quick=2)
OWNER, PASSWORD = "owner@elm.example", "six quiet herons by the water"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CLIENT = re.compile(r'href="/desk(/clients/[0-9a-f]{8}-[^"]+)"')
PAGES = (
    "",
    "/week",
    "/schedule",
    "/schedule?view=week&set=1",
    "/schedule?view=month&set=1",
    "/requests",
    "/tasks",
    "/clients",
    "/clients?q=person",
    "/messages",
    "/messages/outgoing",
    "/messages/report",
    "/messages/rehearsal",
    "/messages/rehearsal?days=7",
    "/messages/rehearsal?days=31",
    "/settings",
    "/report",
    "/series/new",
    "/waitlist",
    "/changes",
    "/therapists",
    "/hours",
    "/people",
    "/clock-changes",
    "/book",
    "/why-not?service=service-1&mode=virtual&state=CO&who=any&ask=1",
)


def desk(folder: Path) -> Generator[Figure, None, None]:
    """Each page as its owner sees it, in process, on SQLite."""
    now = datetime.now(UTC)
    big, small = (
        _owner(folder, name, therapists, past, now)
        for name, therapists, past in (("big", THERAPISTS, PAST), ("small", 1, 0))
    )
    for page in PAGES:
        value, other = milliseconds(partial(_read, big, page), partial(_read, small, page), calls=CALLS)
        yield Figure(name=f"d  desk{page or ', today'}", value=value, unit="ms", yardstick=other, aim="<= 300 ms")
    pages = (partial(_read, each, _find_client(each)) for each in (big, small))
    value, other = milliseconds(*pages, calls=CALLS)
    yield Figure(name="d  desk, one client's page", value=value, unit="ms", yardstick=other, aim="<= 300 ms")


def _find_client(browser: FlaskClient) -> str:
    """The page of the first client of the list."""
    found = CLIENT.search(browser.get("/desk/clients").text)
    assert found is not None
    return found[1]


def _owner(folder: Path, name: str, therapists: int, past: int, now: datetime) -> FlaskClient:
    """Somebody signed in at a practice with so much in it."""
    url = databases.sqlite(folder, f"desk_{name}")
    app = databases.make(url, folder)
    with app.app_context():
        weeks = workload.Weeks.after(now)
        workload.fill(therapists, [*workload.half_full(therapists, weeks), *_behind(therapists, past, now)], now=now)
        _write_messages(now)
        login = NewLogin("Robin Reed", OWNER, hash_password(PASSWORD))
        add_login(practice_id=1, login=login, role=Role.OWNER, by=COMMAND, now=now)
    browser = app.test_client()
    found = TOKEN.search(browser.get("/sign-in").text)
    assert found is not None
    answer = browser.post("/sign-in", data={"csrf_token": found[1], "email": OWNER, "password": PASSWORD})
    assert answer.status_code == HTTPStatus.FOUND, answer.text
    return browser


def _behind(therapists: int, past: int, now: datetime) -> Iterator[workload.Booked]:
    """Appointments of working hours that are over, the same number for each therapist."""
    start = now.replace(minute=0, second=0, microsecond=0) - timedelta(days=1)
    for number in range(past):
        turn, therapist = divmod(number, therapists)
        yield therapist + 1, start - timedelta(days=turn // 6, hours=turn % 6)


def _write_messages(now: datetime) -> None:
    """Everything that is over was kept and reminded of; the rest waits to be sent."""
    over = Appointment.starts_at < now
    with transaction() as session:
        kept = {"status": AppointmentStatus.FULFILLED}
        session.execute(update(Appointment).where(over).values(**kept))
        of_those = select(Appointment.id).where(over)
        session.execute(update(Attendee).where(Attendee.appointment_id.in_(of_those)).values(**kept))
        seats = session.execute(
            select(Attendee.id, Attendee.appointment_id, Appointment.starts_at).join(Attendee.appointment)
        )
        rows = [_message(row, each, now) for row in seats for each in range(EACH)]
        session.connection().execute(insert(Message), rows)
    db.session.remove()


def _message(row: Any, turn: int, now: datetime) -> dict[str, Any]:
    due = row.starts_at - timedelta(hours=24 * (turn + 1))
    is_sent = due < now
    return {
        "public_id": f"message-{row.id}-{turn}",
        "practice_id": 1,
        "appointment_id": row.appointment_id,
        "attendee_id": row.id,
        "recipient": f"seat-{row.id}",
        "kind": MessageKind.REMINDER,
        "channel": Channel.EMAIL,
        "minutes": 24 * 60 * (turn + 1),
        "version": 1,
        "status": MessageStatus.DELIVERED if is_sent else MessageStatus.PLANNED,
        "due_at": due,
        "planned_for": due,
        "not_after": row.starts_at,
        "sent_at": due if is_sent else None,
        "created_at": due - timedelta(days=1),
        "changed_at": due,
        "body": "See you soon." if is_sent else "",
    }


def _read(browser: FlaskClient, page: str) -> None:
    answer = browser.get(f"/desk{page}")
    assert answer.status_code == HTTPStatus.OK, (page, answer.status)

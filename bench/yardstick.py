"""The yardstick: the same questions and the same rows with nothing but the driver, integers and json.

Written for workload W alone: weekly hours and appointments, no time off, no places, no rights, no second opinion. It
shows what the database and Python cost in any case, and it must give the same answers as the service.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import sqlite3
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import psycopg

from telehealth.domain import walltime

Period = tuple[int, int]

MICROSECONDS = 1_000_000
STEP, LASTS, NEEDS = 900, 3000, 3600  # A start every quarter hour; 50 minutes, and with the buffer an hour.
USEFUL_FOR = 24 * 3600


class Database:
    """One connection, and what differs between the two databases: the mark of a parameter and what an instant is."""

    def __init__(self, url: str) -> None:
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.connection: Any = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=15)
            for pragma in ("foreign_keys=ON", "synchronous=FULL"):
                self.connection.execute(f"PRAGMA {pragma}")
        else:
            self.connection = psycopg.connect(url, autocommit=True)

    def run(self, statement: str, *values: Any) -> Any:
        """Execute one statement; the cursor has its rows."""
        return self.connection.execute(self._marked(statement), values)

    def run_many(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        """Execute one statement for many rows."""
        self.connection.cursor().executemany(self._marked(statement), rows)

    def _marked(self, statement: str) -> str:
        return statement if self.is_sqlite else statement.replace("?", "%s")

    def seconds(self, column: str) -> str:
        """SQL for an instant column in epoch seconds."""
        return f"{column} / 1000000" if self.is_sqlite else f"CAST(EXTRACT(EPOCH FROM {column}) AS BIGINT)"

    def instant(self, seconds: int) -> Any:
        """An instant as the database takes it."""
        return seconds * MICROSECONDS if self.is_sqlite else datetime.fromtimestamp(seconds, UTC)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing."""
        self.run("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")
        try:
            yield
            self.run("COMMIT")
        except BaseException:
            self.run("ROLLBACK")
            raise


def free_starts(database: Database, therapist: int, since: int, until: int) -> list[int]:
    """When one therapist can start; all in epoch seconds."""
    resource, zone = database.run("SELECT resource_id, timezone FROM therapist WHERE id = ?", therapist).fetchone()
    hours = database.run("SELECT weekday, starts, ends FROM weekly_hours WHERE therapist_id = ?", therapist).fetchall()
    taken = database.run(
        f"SELECT {database.seconds('starts_at')}, {database.seconds('ends_at')} FROM occupancy "  # noqa: S608
        "WHERE resource_id = ? AND ends_at > ? AND starts_at < ? ORDER BY starts_at",
        resource,
        database.instant(since),
        database.instant(until + NEEDS),
    ).fetchall()
    return list(_free(_grid(hours, walltime.zone(zone), since, until), taken))


def first_available(database: Database, practice: int, since: int, until: int) -> dict[int, int]:
    """Every start that somebody has free, and the least busy therapist who has."""
    therapists = database.run("SELECT id, timezone FROM therapist WHERE practice_id = ?", practice).fetchall()
    hours, taken = _hours_of_all(database, practice), _taken_by_all(database, practice, since, until)
    found: dict[int, int] = {}
    grids: dict[Any, list[int]] = {}
    for therapist, zone in sorted(therapists, key=lambda row: (len(taken[row[0]]), row[0])):
        key = (zone, *hours[therapist])
        if key not in grids:
            grids[key] = _grid(hours[therapist], walltime.zone(zone), since, until)
        open_to_us = [start for start in grids[key] if start not in found]
        found.update(dict.fromkeys(_free(open_to_us, taken[therapist]), therapist))
    return dict(sorted(found.items()))


def _hours_of_all(database: Database, practice: int) -> dict[int, list[Any]]:
    hours: dict[int, list[Any]] = defaultdict(list)
    statement = "SELECT therapist_id, weekday, starts, ends FROM weekly_hours WHERE practice_id = ?"
    for therapist, *window in database.run(statement, practice):
        hours[therapist].append(tuple(window))
    return hours


def _taken_by_all(database: Database, practice: int, since: int, until: int) -> dict[int, list[Period]]:
    taken: dict[int, list[Period]] = defaultdict(list)
    statement = f"""
        SELECT therapist.id, {database.seconds("starts_at")}, {database.seconds("ends_at")}
        FROM therapist JOIN occupancy ON occupancy.resource_id = therapist.resource_id
        WHERE therapist.practice_id = ? AND ends_at > ? AND starts_at < ?
        ORDER BY therapist.id, occupancy.starts_at
    """  # noqa: S608
    for therapist, starts, ends in database.run(
        statement, practice, database.instant(since), database.instant(until + NEEDS)
    ):
        taken[therapist].append((starts, ends))
    return taken


def _grid(hours: Iterable[Any], zone: ZoneInfo, since: int, until: int) -> list[int]:
    """Every quarter hour in [since, until) at which an appointment fits into the hours."""
    by_weekday: dict[int, list[Period]] = defaultdict(list)
    for weekday, starts, ends in hours:
        by_weekday[weekday].append((_seconds(str(starts)), _seconds(str(ends))))
    day = datetime.fromtimestamp(since, zone).replace(hour=0, minute=0)
    last = datetime.fromtimestamp(until, zone)
    grid: list[int] = []
    while day < last:
        midnight = int(day.timestamp())
        for starts, ends in by_weekday[day.weekday()]:
            grid += range(midnight + starts, midnight + ends - LASTS + 1, STEP)
        day += timedelta(days=1)
    return [start for start in grid if since <= start < until]


def _seconds(wall: str) -> int:
    return int(wall[:2]) * 3600 + int(wall[3:5]) * 60


def _free(grid: Iterable[int], taken: Sequence[Period]) -> Iterator[int]:
    seen = 0
    for start in grid:
        while seen < len(taken) and taken[seen][1] <= start:
            seen += 1
        if seen == len(taken) or taken[seen][0] >= start + NEEDS:
            yield start


def book(database: Database, practice: int, wish: dict[str, Any]) -> str:
    """Book one appointment with every row that the service writes; its public id."""
    start, now = int(datetime.fromisoformat(wish["start"]).timestamp()), int(time.time())
    with database.transaction():
        service, therapist, resource = database.run(
            "SELECT service.id, therapist.id, therapist.resource_id FROM service, therapist "
            "WHERE service.practice_id = ? AND service.public_id = ? AND therapist.public_id = ?",
            practice,
            wish["service"],
            wish["therapist"],
        ).fetchone()
        if free_starts(database, therapist, start, start + 1) != [start]:
            raise LookupError("taken")
        client, client_resource = _client(database, practice, wish["client"], now)
        public_id = str(uuid.uuid4())
        appointment = _insert_appointment(database, practice, service, therapist, start, now, public_id)
        seat = secrets.token_urlsafe(9)
        attendee = _insert_attendee(database, practice, appointment, client, seat, wish["client"], now)
        _take(database, practice, appointment, resource, start, start + NEEDS)
        _take(database, practice, appointment, client_resource, start, start + LASTS)
        _insert(
            database,
            "appointment_event",
            practice_id=practice,
            appointment_id=appointment,
            at=database.instant(now),
            action="booked",
            actor="client",
            details='{"sequence": 0}',
        )
        _plan(database, practice, appointment, attendee, seat, start, now)
    return public_id


def _insert(database: Database, table: str, **values: Any) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    statement = f"INSERT INTO {table} ({names}) VALUES ({marks}) ON CONFLICT DO NOTHING RETURNING id"  # noqa: S608
    row = database.run(statement, *values.values()).fetchone()
    if row is None:
        raise LookupError("taken")
    made: int = row[0]
    return made


def _client(database: Database, practice: int, contact: dict[str, Any], now: int) -> tuple[int, int]:
    typed = f"{contact['email'].casefold()}\n{contact['name'].casefold()}"
    match_key = hashlib.sha256(typed.encode()).hexdigest()
    known: tuple[int, int] | None = database.run(
        "SELECT id, resource_id FROM client WHERE practice_id = ? AND match_key = ?", practice, match_key
    ).fetchone()
    if known is not None:
        return known
    resource = _insert(database, "resource", practice_id=practice, kind="client")
    client = _insert(
        database,
        "client",
        public_id=str(uuid.uuid4()),
        practice_id=practice,
        resource_id=resource,
        match_key=match_key,
        name=contact["name"],
        email=contact["email"],
        phone=contact["phone"],
        timezone=contact["timezone"],
        created_at=database.instant(now),
    )
    return client, resource


def _insert_appointment(
    database: Database, practice: int, service: int, therapist: int, start: int, now: int, public_id: str
) -> int:
    zone = walltime.zone("America/Denver")
    return _insert(
        database,
        "appointment",
        public_id=public_id,
        practice_id=practice,
        service_id=service,
        therapist_id=therapist,
        mode="virtual",
        status="booked",
        starts_at=database.instant(start),
        ends_at=database.instant(start + LASTS),
        timezone=zone.key,
        local_start=datetime.fromtimestamp(start, zone).strftime("%Y-%m-%d %H:%M:%S"),
        uid=str(uuid.uuid4()),
        sequence=0,
        organizer_email="hello@practice.example",
        video_name=secrets.token_hex(16),
        cancel_reason="",
        created_at=database.instant(now),
        changed_at=database.instant(now),
    )


def _insert_attendee(
    database: Database, practice: int, appointment: int, client: int, seat: str, contact: dict[str, Any], now: int
) -> int:
    return _insert(
        database,
        "attendee",
        public_id=seat,
        practice_id=practice,
        appointment_id=appointment,
        client_id=client,
        name=contact["name"],
        email=contact["email"],
        phone=contact["phone"],
        timezone=contact["timezone"],
        jurisdiction=contact["jurisdiction"],
        text_consent_at=database.instant(now),
        text_consent_wording="Send me texts about my appointments.",
        cancel_message="",
    )


def _take(database: Database, practice: int, appointment: int, resource: int, starts: int, ends: int) -> None:
    _insert(
        database,
        "occupancy",
        practice_id=practice,
        appointment_id=appointment,
        resource_id=resource,
        starts_at=database.instant(starts),
        ends_at=database.instant(ends),
        overlap_allowed=False,
    )


def move(database: Database, practice: int, wish: dict[str, Any]) -> bool:
    """Move one appointment with every row that the service writes; False when the new time is taken."""
    start, now = int(datetime.fromisoformat(wish["start"]).timestamp()), int(time.time())
    with database.transaction():
        appointment, therapist, resource, seat, attendee, client_resource = database.run(
            "SELECT appointment.id, therapist.id, therapist.resource_id, attendee.public_id, attendee.id, "
            "client.resource_id FROM attendee JOIN appointment ON appointment.id = attendee.appointment_id "
            "JOIN therapist ON therapist.id = appointment.therapist_id JOIN client ON client.id = attendee.client_id "
            "WHERE attendee.public_id = ?",
            wish["seat"],
        ).fetchone()
        if free_starts(database, therapist, start, start + 1) != [start]:
            return False
        database.run("DELETE FROM occupancy WHERE appointment_id = ?", appointment)
        _take(database, practice, appointment, resource, start, start + NEEDS)
        _take(database, practice, appointment, client_resource, start, start + LASTS)
        database.run(
            "UPDATE appointment SET starts_at = ?, ends_at = ?, sequence = sequence + 1 WHERE id = ?",
            database.instant(start),
            database.instant(start + LASTS),
            appointment,
        )
        database.run("UPDATE message SET status = 'void' WHERE appointment_id = ?", appointment)
        _plan(database, practice, appointment, attendee, seat, start, now)
    return True


MESSAGE = """
INSERT INTO message (
    public_id, practice_id, appointment_id, attendee_id, recipient, kind, channel, minutes, version, status,
    reason_detail, told_before, planned_for, due_at, not_after, attempts, unsure, subject, body, created_at, changed_at
) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, 'planned', '', '', ?, ?, ?, 0, ?, '', '', ?, ?)
"""


def _plan(database: Database, practice: int, appointment: int, attendee: int, seat: str, start: int, now: int) -> None:
    rules = database.run("SELECT kind, channel, minutes FROM message_rule WHERE practice_id = ?", practice)
    at_once: list[tuple[Any, ...]] = [("therapist", None, "confirmation", "email", 0, now)]
    at_once += [(f"attendee:{seat}", attendee, "confirmation", channel, 0, now) for channel in ("email", "text")]
    later = [(f"attendee:{seat}", attendee, *rule, start - rule[2] * 60) for rule in rules.fetchall()]
    written = database.instant(now)
    rows = [
        (
            str(uuid.uuid4()),
            practice,
            appointment,
            told,
            recipient,
            kind,
            channel,
            minutes,
            database.instant(due),
            database.instant(due),
            database.instant(due + USEFUL_FOR),
            False,
            written,
            written,
        )
        for recipient, told, kind, channel, minutes, due in at_once + later
        if due >= now
    ]
    database.run_many(MESSAGE, rows)


def feed(database: Database, therapist: int, since: int, until: int) -> bytes:
    """Every appointment of a therapist as one calendar."""
    rows = database.run(
        f"SELECT uid, sequence, {database.seconds('starts_at')}, {database.seconds('ends_at')}, "  # noqa: S608
        f"{database.seconds('changed_at')}, attendee.name FROM appointment "
        "JOIN attendee ON attendee.appointment_id = appointment.id "
        "WHERE therapist_id = ? AND starts_at >= ? AND starts_at < ? ORDER BY starts_at",
        therapist,
        database.instant(since),
        database.instant(until),
    )
    events = "".join(
        f"BEGIN:VEVENT\r\nUID:{uid}\r\nSEQUENCE:{sequence}\r\nDTSTAMP:{_stamp(changed)}\r\nDTSTART:{_stamp(starts)}\r\n"
        f"DTEND:{_stamp(ends)}\r\nSUMMARY:{name[0]}.\r\nSTATUS:CONFIRMED\r\nTRANSP:OPAQUE\r\nCLASS:PRIVATE\r\nEND:VEVENT\r\n"
        for uid, sequence, starts, ends, changed, name in rows
    )
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//yardstick//EN\r\n{events}END:VCALENDAR\r\n".encode()


def _stamp(seconds: int) -> str:
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(seconds))


Answer = tuple[str, bytes]
_database: Database | None = None


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """A bare WSGI application: four addresses and no framework."""
    global _database  # noqa: PLW0603 -- one connection a worker
    _database = _database or Database(os.environ["DATABASE_URL"])
    status, body = _ADDRESSES[environ["PATH_INFO"]](_database, environ)
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]


def _answer_slots(database: Database, environ: dict[str, Any]) -> Answer:
    given = {name: values[0] for name, values in parse_qs(environ["QUERY_STRING"]).items()}
    since, until = (int(datetime.fromisoformat(given[name]).timestamp()) for name in ("since", "until"))
    if "therapist" in given:
        query = "SELECT id FROM therapist WHERE public_id = ?"
        therapist = database.run(query, given["therapist"]).fetchone()[0]
        found = dict.fromkeys(free_starts(database, therapist, since, until), therapist)
    else:
        found = first_available(database, 1, since, until)
    names = dict(database.run("SELECT id, public_id FROM therapist WHERE practice_id = 1").fetchall())
    zone = walltime.zone("America/Denver")
    slots = [
        {
            "start": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start)),
            "local": datetime.fromtimestamp(start, zone).isoformat(),
            "therapist": names[therapist],
        }
        for start, therapist in found.items()
    ]
    return "200 OK", json.dumps({"slots": slots}).encode()


def _answer_book(database: Database, environ: dict[str, Any]) -> Answer:
    wish = json.loads(environ["wsgi.input"].read())
    try:
        made = book(database, 1, wish)
    except (LookupError, psycopg.IntegrityError):
        return "409 Conflict", b"{}"
    return "201 Created", json.dumps({"id": made, "start": wish["start"]}).encode()


def _answer_move(database: Database, environ: dict[str, Any]) -> Answer:
    try:
        moved = move(database, 1, json.loads(environ["wsgi.input"].read()))
    except (LookupError, psycopg.IntegrityError):
        moved = False
    return ("200 OK", b"{}") if moved else ("409 Conflict", b"{}")


def _answer_feed(database: Database, _environ: dict[str, Any]) -> Answer:
    now = int(time.time())
    return "200 OK", feed(database, 1, now - 30 * 86_400, now + 180 * 86_400)


_ADDRESSES: dict[str, Callable[[Database, dict[str, Any]], Answer]] = {
    "/slots": _answer_slots,
    "/appointments": _answer_book,
    "/moves": _answer_move,
    "/feed.ics": _answer_feed,
}

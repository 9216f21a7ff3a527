"""How the service is: what a monitor is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from telehealth.database import quick_session, transaction
from telehealth.models import Heartbeat
from telehealth.queries.delivery.outbox import oldest_lateness
from telehealth.queries.schema import find_version, newest_version
from telehealth.services.inserting import insert_unless_taken

JOBS, WRITING = "jobs", "writing"
LATE = timedelta(minutes=5)
"""Providers have their moments; messages that wait for longer need somebody to look at ``flask jobs``."""


class Problem(StrEnum):
    """What is wrong, for programs."""

    CANNOT_READ = "cannot_read"
    CANNOT_WRITE = "cannot_write"
    OTHER_SCHEMA = "other_schema"
    DISK_NEARLY_FULL = "disk_nearly_full"
    JOBS_SILENT = "jobs_silent"
    MESSAGES_LATE = "messages_late"


CANNOT_SERVE = frozenset({Problem.CANNOT_READ, Problem.CANNOT_WRITE, Problem.OTHER_SCHEMA})
IS_LATE = frozenset({Problem.JOBS_SILENT, Problem.MESSAGES_LATE})


@dataclass
class Examination:
    """What was found. ``jobs_beat_at`` is when jobs last said that they live; None when nobody knows."""

    problems: list[Problem] = field(default_factory=list)
    schema: str | None = None
    jobs_beat_at: datetime | None = None
    late_by: timedelta = timedelta(0)


def leave_heartbeat(*, name: str = JOBS, now: datetime) -> None:
    """Say that a part of the service lives."""
    with transaction() as session:
        _beat(session, name, now)


def examine_database(*, jobs_silent_after: timedelta, now: datetime) -> Examination:
    """Read and write, within a few seconds whatever the database does, and say what is wrong. Jobs whose last beat lies
    ahead are silent, too: their clock stepped back, or ours did.
    """
    found = Examination()
    with _noting(found, Problem.CANNOT_READ), quick_session() as session:
        found.schema = find_version(session.connection())
        if found.schema != newest_version():
            found.problems.append(Problem.OTHER_SCHEMA)
            return found
        found.jobs_beat_at = session.scalar(select(Heartbeat.beat_at).where(Heartbeat.name == JOBS))
        found.late_by = oldest_lateness(now=now, session=session)
    if found.problems:
        return found
    with _noting(found, Problem.CANNOT_WRITE), quick_session() as session, transaction(session):
        _beat(session, WRITING, now)
    if found.jobs_beat_at is None or abs(now - found.jobs_beat_at) > jobs_silent_after:
        found.problems.append(Problem.JOBS_SILENT)
    if found.late_by > LATE:
        found.problems.append(Problem.MESSAGES_LATE)
    return found


@contextmanager
def _noting(found: Examination, problem: Problem) -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError:
        found.problems.append(problem)


def _beat(session: Session, name: str, now: datetime) -> None:
    known = update(Heartbeat).where(Heartbeat.name == name).values(beat_at=now).returning(Heartbeat.id)
    if session.connection().execute(known).first() is None:
        insert_unless_taken(session, Heartbeat, {"name": name, "beat_at": now})

"""Telling the front desk that the rules of a zone's clocks have changed under what is booked already."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from telehealth.database import transaction
from telehealth.domain import walltime
from telehealth.domain.message_words import TaskKind
from telehealth.models import Practice
from telehealth.queries.appointments.clock_changes import list_out_of_step
from telehealth.queries.series.clock_changes import list_shifted_series
from telehealth.services.task_opening import open_task

NOTE = (
    "The rules of a time zone's clocks have changed, and some of what is booked is not at the time that was agreed "
    "(appointments: {appointments}, standing slots: {series})."
)


def look_for_clock_changes(*, now: datetime) -> int:
    """Look through what every practice has booked, once for each release of the zone data, and open a task where an
    instant no longer is at its wall time; how many practices were looked at.
    """
    release = walltime.zone_data_version()
    with transaction() as session:
        unseen = session.scalars(select(Practice.id).where(Practice.zone_data != release).order_by(Practice.id)).all()
    for practice_id in unseen:
        _look(practice_id, release, now=now)
    return len(unseen)


def _look(practice_id: int, release: str, *, now: datetime) -> None:
    with transaction() as session:
        practice = session.get_one(Practice, practice_id, with_for_update=True, populate_existing=True)
        if practice.zone_data == release:  # Another worker was faster.
            return
        practice.zone_data = release
        appointments, series = list_out_of_step(practice_id, now=now), list_shifted_series(practice_id, now=now)
        if appointments or series:
            note = NOTE.format(appointments=len(appointments), series=len(series))
            open_task(session, practice_id=practice_id, kind=TaskKind.CLOCKS, note=note, now=now)

"""What the figures about messages are measured against."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from bench.messages import DUE, write_jobs_down


class Scheduler:
    """Keeps when each job is due, and how often it was emptied."""

    def __init__(self) -> None:
        self.due: list[datetime] = []
        self.emptied = 0

    def add_job(self, _function: Any, _trigger: str, *, run_date: datetime, args: tuple[str]) -> None:
        self.due.append(run_date)

    def remove_all_jobs(self) -> None:
        self.due.clear()
        self.emptied += 1


def test_jobs_that_are_written_too_late_are_written_again() -> None:
    scheduler, begun = Scheduler(), datetime.now(UTC)
    soon = write_jobs_down(scheduler, lead=timedelta(0))
    assert scheduler.emptied >= 1
    assert scheduler.due == [soon] * DUE
    assert soon > begun

"""Appointments as people ask for them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

DAY_OF_A_PRACTICE = "SELECT id FROM appointment WHERE practice_id = 1 AND starts_at >= {0} AND starts_at < {1}"


def test_a_day_of_a_practice_does_not_read_its_whole_history(database: Session) -> None:
    explain, moments = "EXPLAIN QUERY PLAN", ("1", "2")
    if database.get_bind().dialect.name == "postgresql":
        database.execute(text("SET LOCAL enable_seqscan = off"))  # It would read a table this small as a whole.
        explain, moments = "EXPLAIN", ("'2026-03-02Z'", "'2026-03-03Z'")
    plan = str(database.execute(text(f"{explain} {DAY_OF_A_PRACTICE.format(*moments)}")).all())
    assert "ix_appointment_practice_id_starts_at" in plan

"""Appointments as people ask for them."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.factories import book, make_office
from tests.moments import at

DAY_OF_A_PRACTICE = "SELECT id FROM appointment WHERE practice_id = {2} AND starts_at >= {0} AND starts_at < {1}"
HISTORY = """
INSERT INTO appointment
SELECT (jsonb_populate_record(appointment, jsonb_build_object(
    'id', -n, 'public_id', n, 'uid', n, 'video_name', n,
    'starts_at', starts_at - n * interval '1 hour', 'ends_at', ends_at - n * interval '1 hour'
))).*
FROM appointment, generate_series(1, 5000) AS n
"""


def test_a_day_of_a_practice_does_not_read_its_whole_history(database: Session) -> None:
    explain, given = "EXPLAIN QUERY PLAN", ("1", "2", "1")
    if database.get_bind().dialect.name == "postgresql":
        made = book(make_office(), at(10))
        database.execute(text(HISTORY))  # It goes by costs: which index serves a small table best is a matter of luck.
        database.execute(text("ANALYZE appointment"))
        explain, given = "EXPLAIN", ("'2026-11-16Z'", "'2026-11-17Z'", str(made.practice_id))
    plan = str(database.execute(text(f"{explain} {DAY_OF_A_PRACTICE.format(*given)}")).all())
    assert "ix_appointment_practice_id_starts_at" in plan

"""What reaches the log."""

from __future__ import annotations

import json
import logging

from telehealth.observability import JsonLines

REFUSAL = """(psycopg.errors.CheckViolation) new row for relation "client" violates check constraint "ck_client_name"
DETAIL:  Failing row contains (1, Jane
Doe, jane@example.com).
[SQL: INSERT INTO client (name) VALUES (%(name)s)]"""


def test_a_trace_does_not_quote_the_row_that_the_database_refused() -> None:
    refusal = ValueError(REFUSAL)
    record = logging.LogRecord("telehealth", logging.ERROR, "", 0, "unexpected", (), (ValueError, refusal, None))
    trace = json.loads(JsonLines().format(record))["trace"]
    assert "ck_client_name" in trace
    assert "INSERT INTO client" in trace
    assert "Doe" not in trace
    assert "jane@" not in trace

"""The practice in figures, for programs."""

from __future__ import annotations

from datetime import timedelta

from tests.api.caller import Caller, path_of
from tests.factories import Office, book
from tests.fakes import FakeClock
from tests.moments import at


def test_owners_read_what_became_of_the_sessions(api: Caller, office: Office, owner: str, clock: FakeClock) -> None:
    book(office, at(10, days=1))
    clock.advance(timedelta(days=3))
    query = {"since": "2026-11-01", "until": "2026-12-01"}
    found = api.get(path_of(office, "/report"), token=owner, query_string=query)
    assert found["total"] == {"unmarked": 1}
    assert found["by_month"] == {"2026-11": {"unmarked": 1}}
    assert found["hours"][0]["given_minutes"] == office.service.duration_minutes
    assert found["new_clients"] == {"2026-11": 1}


def test_the_period_is_a_year_at_most(api: Caller, office: Office, owner: str) -> None:
    query = {"since": "2026-11-01", "until": "2026-11-01"}
    path = path_of(office, "/report")
    problem = api.refused("invalid_input", "GET", path, token=owner, query_string=query)
    assert "until" in str(problem["errors"])

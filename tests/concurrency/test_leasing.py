"""Several workers, the same due rows: each row is in one worker's hands."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from telehealth.database import retry_on_conflict, transaction
from telehealth.models import CalendarConnection
from telehealth.services.leasing import LEASE, claim_due
from tests.concurrency.conftest import Race
from tests.factories import make_office
from tests.factories.connections import make_connection
from tests.moments import NOW

pytestmark = pytest.mark.concurrency


@retry_on_conflict
def claim(worker: str, *, after: timedelta = timedelta(0)) -> list[int]:
    with transaction() as session:
        return claim_due(session, CalendarConnection, worker=worker, limit=7, now=NOW + after)


def claim_all(worker: str, *, after: timedelta = timedelta(0)) -> list[int]:
    taken: list[int] = []
    while claimed := claim(worker, after=after):
        taken += claimed
    return taken


def test_each_row_is_claimed_once_and_what_was_left_behind_once_more(race: Race) -> None:
    therapist = make_office(with_rules=False).therapist
    ids = [make_connection(therapist).id for _ in range(40)]
    for after in (timedelta(0), LEASE):
        outcomes = race([partial(claim_all, f"w{number}", after=after) for number in range(4)])
        assert [each.error for each in outcomes] == [""] * 4, outcomes
        assert sorted(each for outcome in outcomes for each in outcome.value) == ids

"""Which changes of services and limits can make times bookable."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import inspect

from telehealth.domain.waitlist.loosening import LESS_OPENS, MORE_OPENS, OTHER_OPENS, opens_time
from telehealth.models import Service, Therapist


@pytest.mark.parametrize(
    ("field", "before", "after", "opened"),
    [
        ("duration_minutes", 50, 30, True),
        ("duration_minutes", 30, 50, False),
        ("note_minutes", 10, 0, True),
        ("daily_cap", 4, 5, True),
        ("daily_cap", 5, 4, False),
        ("weekly_cap", 20, None, True),
        ("weekly_cap", None, 20, False),
        ("longest_run", None, None, False),
        ("horizon_days", 60, 90, True),
        ("modes", ["virtual"], ["virtual", "phone"], True),
        ("modes", ["virtual"], ["virtual"], False),
        ("name", "Individual", "One to one", False),
    ],
)
def test_what_opens_time(field: str, before: Any, after: Any, opened: bool) -> None:
    assert opens_time({field: before}, {field: after}) is opened


def test_one_field_of_many_is_enough() -> None:
    before = {"duration_minutes": 30, "notice_minutes": 60}
    assert opens_time(before, {"duration_minutes": 50, "notice_minutes": 30})
    assert not opens_time(before, {"duration_minutes": 50, "notice_minutes": 60})


def test_they_are_fields_that_exist() -> None:
    known = {column.key for model in (Service, Therapist) for column in inspect(model).columns}
    assert known >= LESS_OPENS | MORE_OPENS | OTHER_OPENS
